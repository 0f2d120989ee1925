/** Who gets the money that L1 pays to an owner: the owner, or whom the owner itself names. */

import { RollupError } from '@quittance/protocol';
import type { Connection } from '../connection.ts';
import { parseOwner } from '../receiver.ts';
import type { PayOptions } from '../types.ts';

/** Whom L1 pays. */
export interface Payee {
  readonly owner: bigint;
  /** Undefined for the owner. */
  readonly to: string | undefined;
}

/**
 * The payee of some options.
 *
 * @throws RollupError INVALID_ADDRESS or ZERO_OWNER; CONFIG_INVALID when money of somebody else should go elsewhere, which L1
 * refuses.
 */
export function payeeOf({ owner: own }: Pick<Connection['own'], 'owner'>, { owner, to }: PayOptions): Payee {
  const payee = { owner: owner === undefined ? own : parseOwner(owner), to };
  if (to === undefined) return payee;
  parseOwner(to);
  if (payee.owner === own) return payee;
  const message = '`to` sends one’s own money elsewhere; that of another owner goes to that owner only';
  throw new RollupError('CONFIG_INVALID', message, { name: 'to' });
}

/** A call of the rollup that pays, in the form that names a receiver if there is one. */
export function paying(
  name: string,
  args: readonly unknown[],
  { to }: Payee,
): readonly [name: string, args: readonly unknown[], value: bigint] {
  return to === undefined ? [name, args, 0n] : [`${name}To`, [...args, to], 0n];
}

/** Who gets the money that L1 pays to an owner: the owner, or whom the owner itself names. */

import * as parse from '../config/parse.ts';
import { named, optional } from '../config/setting.ts';
import { UsageError } from '../process/errors.ts';

/** The setting `--to` of commands that pay an owner: `--to` of a transfer names an account of the rollup instead. */
export const to = named(
  'payee',
  optional(
    '<address>',
    parse.address,
    'L1 address to pay in your place, if you cannot take the money yourself; not with the --owner of somebody else',
  ),
);

/** @throws UsageError when money of somebody else should go elsewhere, which L1 refuses. */
export function requireOwn(own: bigint, owner: bigint, receiver: string | undefined): void {
  if (receiver === undefined || own === owner) return;
  throw new UsageError('--to sends your own money elsewhere; that of another --owner goes to that owner only');
}

/** A call of the rollup that pays, in the form that names a receiver if there is one. */
export function paying(
  name: string,
  args: readonly unknown[],
  receiver: string | undefined,
): readonly [name: string, args: readonly unknown[]] {
  return receiver === undefined ? [name, args] : [`${name}To`, [...args, receiver]];
}

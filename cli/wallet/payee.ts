/** Who gets the money that L1 pays to an owner: the owner, or whom the owner itself names. */

import { isSameAddress } from '@quittance/protocol';
import type { PayOptions, Wallet } from '@quittance/sdk';
import * as parse from '../config/parse.ts';
import { named, optional } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
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
export function payOptions(
  { signal }: Pick<Context, 'signal'>,
  { address }: Pick<Wallet, 'address'>,
  values: { readonly owner: string | undefined; readonly to: string | undefined },
): PayOptions {
  const { owner = address, to: receiver } = values;
  if (receiver !== undefined && !isSameAddress(owner, address)) {
    throw new UsageError('--to sends your own money elsewhere; that of another --owner goes to that owner only');
  }
  return { signal, owner, ...(receiver === undefined ? {} : { to: receiver }) };
}

/** What a wallet has: by the word of the sequencer, or from L1 alone. */

import type { AccountJson } from '@quittance/rpc';
import { accountsOfOwner, isOwn } from './accounts.ts';
import type { Connection } from './connection.ts';
import type { Balance, CallOptions, TokenInfo } from './types.ts';

/** What the wallet's own key holds of a token: more than one account of it can be open. */
function sumOf(accounts: readonly AccountJson[], { own }: Connection, { tokenId }: TokenInfo): bigint {
  return accounts
    .filter((account) => isOwn(account, own, tokenId))
    .reduce((sum, { balance }) => sum + BigInt(balance), 0n);
}

/** All accounts of the owner; without a sequencer as they are final on L1, without those that the exodus paid out. */
export async function accountsOf(
  connection: Connection,
  { signal }: CallOptions = {},
): Promise<readonly AccountJson[]> {
  const { client, own } = connection;
  if (client !== undefined) return accountsOfOwner(client, own.owner);
  const l1 = connection.requireL1('reading accounts');
  const { accountsOnL1 } = await import('./l1/rebuild.ts');
  return accountsOnL1(l1, own.owner, signal === undefined ? {} : { signal });
}

/** Soft, posted and final, each as it is known. @throws as the client's `call`, or as a rebuild from L1. */
export async function balanceOf(connection: Connection, token: TokenInfo, options?: CallOptions): Promise<Balance> {
  const { client, own } = connection;
  if (client === undefined) {
    const final = sumOf(await accountsOf(connection, options), connection, token);
    return { token, soft: final, posted: final, final };
  }
  const [soft, posted, final] = await Promise.all(
    (['latest', 'safe', 'finalized'] as const).map(async (tag) =>
      sumOf(await accountsOfOwner(client, own.owner, tag), connection, token),
    ),
  );
  return { token, soft: soft!, posted: posted!, final: final! };
}

/** Asks L1 to pay out an account in full. */

import { pickAccount } from '../accounts.ts';
import { accountsOf } from '../balance.ts';
import type { Connection } from '../connection.ts';
import type { PriorityHandle, TokenInfo, Wallet } from '../types.ts';
import type { L1 } from './open.ts';
import { requestedBy } from './requested.ts';
import type { L1Sender } from './send.ts';

type Request = NonNullable<Parameters<Wallet['forceExit']>[0]>;

/** Requests the exit of an account by its index. @throws RollupError as `L1Sender.send`. */
export async function requestExit(
  connection: Connection,
  l1: L1,
  sender: L1Sender,
  account: { readonly index: number; readonly tokenId: number },
  signal?: AbortSignal,
): Promise<PriorityHandle> {
  const fee = await l1.view<bigint>('priorityFee');
  const receipt = await sender.transact('requestExit', [account.index, account.tokenId], fee, signal);
  return requestedBy(connection, l1, receipt);
}

/** The exit of the wallet's account in a token, or of an account by its index. @throws RollupError NOT_FOUND, or as above. */
export async function forceExit(
  connection: Connection,
  l1: L1,
  sender: L1Sender,
  { tokenId }: TokenInfo,
  { account, signal }: Request,
): Promise<PriorityHandle> {
  const own = async () =>
    pickAccount(await accountsOf(connection, signal && { signal }), connection.own, tokenId).index;
  const index = account ?? (await own());
  return requestExit(connection, l1, sender, { index, tokenId }, signal);
}

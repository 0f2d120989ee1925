/** Accounts of an owner, by the word of the sequencer. */

import { addressText, RollupError, TREE_CAPACITY } from '@quittance/protocol';
import { type AccountJson, MAX_ACCOUNTS, type RpcMethods } from '@quittance/rpc';
import type { SequencerClient } from '../client.ts';
import { formatReceiver, type ReceiverKey } from './receiver.ts';

/** How sure a state is. */
export type StateTag = NonNullable<RpcMethods['rollup_getAccounts']['params']['tag']>;

/**
 * All accounts of an L1 address, by ascending index.
 *
 * @throws RollupError RPC_ANSWER_INVALID when there are more than the tree has, or as the client's `call`.
 */
export async function accountsOfOwner(
  client: Pick<SequencerClient, 'call'>,
  owner: bigint,
  tag: StateTag = 'latest',
): Promise<AccountJson[]> {
  const found: AccountJson[] = [];
  for (let after: number | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const page = await client.call('rollup_getAccounts', { owner: addressText(owner), tag, ...from });
    found.push(...page);
    const last = page.at(-1)?.index;
    // An index that does not grow would loop forever.
    if (page.length < MAX_ACCOUNTS || last === undefined || (after !== undefined && last <= after)) return found;
    after = last;
    if (found.length > TREE_CAPACITY) {
      throw new RollupError('RPC_ANSWER_INVALID', `the sequencer names more than ${TREE_CAPACITY} accounts`);
    }
  }
}

/** An account by whose key and in which token. */
export function isOwn(account: AccountJson, { keyY }: Pick<ReceiverKey, 'keyY'>, tokenId: number): boolean {
  return account.tokenId === tokenId && BigInt(account.keyY) === keyY;
}

/**
 * The account of a key in a token, or of an index.
 *
 * @throws RollupError NOT_FOUND, which says when the owner has accounts of another key.
 */
export function pickAccount(
  accounts: readonly AccountJson[],
  wallet: ReceiverKey,
  tokenId: number,
  index?: number,
): AccountJson {
  const found = accounts.find((account) =>
    index === undefined ? isOwn(account, wallet, tokenId) : account.index === index && account.tokenId === tokenId,
  );
  if (found !== undefined) return found;
  const others = accounts.some((account) => account.tokenId === tokenId);
  const why = others
    ? 'its owner has accounts of another key there: open the wallet with the key that they were made with'
    : 'deposit first, and wait until the deposit is in a batch';
  const at = index === undefined ? '' : ` at index ${index}`;
  const message = `${formatReceiver(wallet)} has no account in token ${tokenId}${at} (yet): ${why}`;
  throw new RollupError('NOT_FOUND', message, { tokenId, ...(index === undefined ? {} : { index }) });
}

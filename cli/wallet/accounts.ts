/** Accounts of an owner: from the sequencer if one is named, else from L1 alone. */

import { addressText, RollupError, TREE_CAPACITY } from '@quittance/protocol';
import { MAX_ACCOUNTS } from '@quittance/rpc';
import type { SequencerClient } from '@quittance/sdk';
import type { Values } from '../config/setting.ts';
import { type REPLAY_SETTINGS, replay } from '../rebuild/replay.ts';
import { type AccountView, accountsOf } from '../rebuild/view.ts';
import { receiverText } from './receiver.ts';
import { connectSequencer, type Session } from './session.ts';

/** All accounts that the sequencer knows of an owner. */
export async function accountsFromSequencer(client: SequencerClient, owner: bigint): Promise<AccountView[]> {
  const found: AccountView[] = [];
  for (let after: number | undefined; ; ) {
    const page = await client.call('rollup_getAccounts', {
      owner: addressText(owner),
      ...(after === undefined ? {} : { after }),
    });
    found.push(...page.map((account) => ({ ...account, balance: BigInt(account.balance) })));
    const last = page.at(-1)?.index;
    // An index that does not grow would loop forever.
    if (page.length < MAX_ACCOUNTS || last === undefined || (after !== undefined && last <= after)) return found;
    after = last;
    if (found.length > TREE_CAPACITY) {
      throw new RollupError('RPC_ANSWER_INVALID', `the sequencer names more than ${TREE_CAPACITY} accounts`);
    }
  }
}

export interface AccountSource extends Values<typeof REPLAY_SETTINGS> {
  readonly rpcUrl: string | undefined;
}

/** Accounts of the wallet's owner. */
export async function ownAccounts(session: Session, source: AccountSource): Promise<AccountView[]> {
  const { rpcUrl } = source;
  if (rpcUrl !== undefined) return accountsFromSequencer(await connectSequencer(session, rpcUrl), session.owner);
  session.context.output.say('no --rpc-url given: reading everything from L1');
  return accountsOf(await replay(session.context, session.reader, source, 'none'), session.owner);
}

/** The wallet's account in a token: of its own key, or of this index. @throws RollupError NOT_FOUND. */
export function pickAccount(
  { owner, keyPair }: Session,
  accounts: readonly AccountView[],
  tokenId: number,
  index?: number,
): AccountView {
  const keyY = keyPair.publicKey.y;
  const found = accounts.filter(
    (account) =>
      account.tokenId === tokenId && (index === undefined ? BigInt(account.keyY) === keyY : account.index === index),
  );
  if (found.length > 0) return found[0]!;
  throw new RollupError(
    'NOT_FOUND',
    `${receiverText({ owner, keyY })} has no account in token ${tokenId}${index === undefined ? '' : ` at index ${index}`} ` +
      '(yet): deposit first, and wait until the deposit is in a batch',
    { tokenId, ...(index === undefined ? {} : { index }) },
  );
}

/** The operator's account that rewards are paid from, and what the log says of payments. */

import { float40, type Hasher, type KeyPair } from '@quittance/protocol';
import { accountKey, referenceKey, type Storage, type TransferEntry } from '../../../storage/index.ts';
import type { TransferRequest } from '../../mempool/request.ts';
import type { Queries } from '../../queries.ts';
import type { Acknowledgement, TransferStatus } from '../../types.ts';
import type { Payee } from '../types.ts';
import { isRewardReference, type RewardTransfer, rewardReference, type SignedReward, signReward } from './transfer.ts';

/** The account, at this moment. */
export interface PurseAccount {
  readonly index: number;
  readonly nonce: number;
  readonly balance: bigint;
}

/** Pays. */
export interface Purse {
  /** Undefined when the operator has none in this token. */
  account(tokenId: number): PurseAccount | undefined;
  /** What a transfer costs now. */
  fee(tokenId: number): bigint;
  /** Index of the payee's account in a token. */
  indexOf(payee: Payee, tokenId: number): number | undefined;
  sign(reward: RewardTransfer): SignedReward;
  /** @throws RollupError why it is refused. */
  send(request: TransferRequest): Promise<Acknowledgement>;
  /** What became of a transfer; undefined when it is not in the log. */
  statusOf(id: bigint): TransferStatus | undefined;
  /**
   * The id of a transfer that paid this payee as much for a batch, undefined for none. Whoever signed it: nodes may have accounts
   * of their own, and who pays in another's place has paid.
   */
  findPaid(owed: {
    readonly batch: number;
    readonly payee: Payee;
    readonly tokenId: number;
    readonly amount: bigint;
  }): bigint | undefined;
  /**
   * The transfer that used a nonce of an account, undefined where the log does not have it: what was proven has no id
   * in a log that was made anew from L1.
   */
  takerOf(account: number, nonce: number): { readonly id: bigint; readonly amount: bigint } | undefined;
  /** Whether all that a batch holds are rewards that were paid. */
  isOwnWork(batch: number): boolean;
  /** Last batch that is final. */
  finalBatch(): number;
}

export interface PurseOptions {
  readonly keyPair: KeyPair;
  /** L1 address of the operator. */
  readonly owner: bigint;
  readonly domain: bigint;
  readonly hasher: Hasher;
  readonly storage: Storage;
  readonly queries: Pick<Queries, 'account' | 'accountsOf' | 'transfer' | 'lastBatch'>;
  readonly suggestedFee: (tokenId: number) => bigint;
  readonly submit: (request: TransferRequest) => Promise<Acknowledgement>;
}

/** Accounts of one owner that are looked through. */
const MAX_ACCOUNTS = 1_000;
/** Payments of one batch that are looked through: more than it has payees. */
const MAX_PAYMENTS = 1_000;
/** Entries of one account that are looked through for a nonce, the newest first. */
const PAGE = 1_000;
const MAX_PAGES = 20;

/** The purse of an operator. */
export function createPurse(options: PurseOptions): Purse {
  const { keyPair, owner, domain, hasher, storage, queries } = options;
  const indexOf = (payee: Payee, tokenId: number): number | undefined =>
    queries
      .accountsOf(payee.owner, 'latest', MAX_ACCOUNTS, -1)
      .find(({ account }) => account.tokenId === tokenId && account.keyY === payee.keyY)?.index;
  const own: Payee = { keyY: keyPair.publicKey.y, owner };
  /** Any of the operator's accounts may have paid: the token of rewards can be changed. */
  const isReward = ({ operation, reference }: TransferEntry): boolean => {
    const account = queries.account(operation.fields.from, 'latest');
    const isOwn = account?.keyY === own.keyY && account.owner === own.owner;
    return isOwn && reference !== undefined && isRewardReference(reference.bytes);
  };
  return {
    account(tokenId) {
      const index = indexOf(own, tokenId);
      const account = index === undefined ? undefined : queries.account(index, 'latest');
      return account === undefined ? undefined : { index: index!, nonce: account.nonce, balance: account.balance };
    },
    fee: options.suggestedFee,
    indexOf,
    sign: (reward) => signReward(keyPair, domain, reward, hasher),
    send: options.submit,
    statusOf: (id) => queries.transfer(id)?.status,
    findPaid({ batch, payee, tokenId, amount }) {
      const reference = rewardReference(batch);
      const sequences = storage.lookups.before(referenceKey(reference), Number.MAX_SAFE_INTEGER, MAX_PAYMENTS);
      const entries = sequences.map((sequence) => storage.log.get(sequence)!.entry);
      return entries.find((entry): entry is TransferEntry => {
        if (entry.type !== 'transfer' || !Buffer.from(entry.reference?.bytes ?? []).equals(reference)) return false;
        const { to, amountFloat } = entry.operation.fields;
        const receiver = queries.account(to, 'latest');
        const isTheirs =
          receiver?.keyY === payee.keyY && receiver.owner === payee.owner && receiver.tokenId === tokenId;
        return isTheirs && float40.decode(amountFloat) >= amount && queries.transfer(entry.id)?.status !== 'dropped';
      })?.id;
    },
    takerOf(account, nonce) {
      let before = Number.MAX_SAFE_INTEGER;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const sequences = storage.lookups.before(accountKey(account), before, PAGE);
        for (const sequence of sequences) {
          const { entry } = storage.log.get(sequence)!;
          if (entry.type !== 'transfer' || entry.operation.fields.from !== account || entry.nonce > nonce) continue;
          if (queries.transfer(entry.id)?.status === 'dropped') continue;
          if (entry.nonce !== nonce) return undefined;
          return { id: entry.id, amount: float40.decode(entry.operation.fields.amountFloat) };
        }
        if (sequences.length < PAGE) return undefined;
        before = sequences.at(-1)!;
      }
      return undefined;
    },
    isOwnWork(batch) {
      if ((storage.batches.get(batch)?.priorityCount ?? 1) > 0) return false;
      return storage.outcomes.transferIdsOf(batch).every((id) => {
        const entry = storage.log.findTransfer(id)?.entry;
        return entry?.type === 'transfer' && isReward(entry);
      });
    },
    finalBatch: () => queries.lastBatch('finalized'),
  };
}

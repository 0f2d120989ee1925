/** Values that the examples share: one payment of 0.25 ETH among two accounts of a devnet, its batch, and a withdrawal. */

import type {
  AccountJson,
  BatchSummaryJson,
  HeaderJson,
  HistoryEntryJson,
  TransactionJson,
  TransferJson,
} from '@quittance/rpc';

export const ALICE = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8';
const BOB = '0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc';
const ALICE_KEY = '9384261970223867021830117394871234559129830214759201984710938471092387410923';
const BOB_KEY = '1128374619283746192837461928374619283746192837461928374619283746192837461234';
export const ID = '14532857932457938457293847529384752938475293847529384752938475293847529384';
/** `order 4711` in UTF-8. */
export const REFERENCE = '0x6f726465722034373131';
export const CONTRACT = '0xa51c1fc2f0d1a1b8494ed1fe312d7c3a78ed91c0';
export const DOMAIN = '8204823904823904823904823904823904823904823904823904823904823904823904823';
export const L1_TRANSACTION = '0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060';

const hash = (digit: string): string => `0x${digit.repeat(64)}`;

export const ACCOUNT: AccountJson = {
  index: 6,
  keyY: ALICE_KEY,
  owner: ALICE,
  tokenId: 0,
  nonce: 3,
  balance: '9750000000000000000',
};

export const SIGNATURE: TransferJson['signature'] = {
  r8x: '15383486972088797283337779941324724402501462225528836549661220478783371668959',
  r8y: '11473610159120862103103520474239098207263441423190426013943022044163122206110',
  s: '1672775540645840396591609181675628451599263765380031905495115170613215233181',
  keyX: '13277427435165878497778222415993513565335242147425444199013288855685581939618',
};

export const HEADER: HeaderJson = {
  number: 42,
  time: 1_790_000_000,
  parentHash: hash('4'),
  stateRoot: '7423237065226347324353380772367382631490014989348495481811164164159255474657',
  chunksHash: hash('7'),
  withdrawalsRoot: hash('9'),
  withdrawalCount: 1,
  priorityCount: 12,
  transferToNewCount: 5,
};

export const SUMMARY: BatchSummaryJson = {
  number: HEADER.number,
  headerHash: hash('a'),
  stateRoot: HEADER.stateRoot,
  state: 'final',
  form: 'calldata',
  transferCount: 27,
  priorityCount: 1,
  withdrawalCount: HEADER.withdrawalCount,
  chunkCount: 2,
  provenCount: 2,
  sealedMs: 1_790_000_000_412,
  postedMs: 1_790_000_013_050,
  finalMs: 1_790_000_014_121,
  l1Transaction: L1_TRANSACTION,
  l1BlockNumber: 812,
  l1GasUsed: '412345',
};

export const TRANSACTION: TransactionJson = {
  id: ID,
  sequence: 1_027,
  status: 'final',
  receivedMs: 1_789_999_998_120,
  kind: 'transfer',
  from: ACCOUNT.index,
  to: 9,
  tokenId: ACCOUNT.tokenId,
  fromOwner: ALICE,
  toOwner: BOB,
  move: null,
  amount: '250000000000000000',
  fee: '1000000000000',
  nonce: 2,
  validUntil: 0,
  batch: HEADER.number,
  chunk: 0,
  slot: 3,
  withdrawal: null,
  l1Transaction: L1_TRANSACTION,
  reference: REFERENCE,
  drop: null,
};

export const HISTORY_ENTRY: HistoryEntryJson = {
  sequence: TRANSACTION.sequence,
  kind: 'transfer',
  id: ID,
  operationId: null,
  status: 'final',
  receivedMs: TRANSACTION.receivedMs,
  from: { index: ACCOUNT.index, owner: ALICE, keyY: ALICE_KEY },
  to: { index: 9, owner: BOB, keyY: BOB_KEY },
  destination: null,
  tokenId: 0,
  amount: TRANSACTION.amount,
  fee: TRANSACTION.fee,
  batch: HEADER.number,
  withdrawal: null,
  reference: REFERENCE,
  reason: null,
};

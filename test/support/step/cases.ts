/** One record for each rule and each kind that the rule applies to, on the scene's accounts. */

import { type Account, FIELD_MODULUS, type Operation, type RecordErrorCode, xCandidates } from '@quittance/protocol';
import {
  accountOf,
  BATCH_TIME,
  type Circumstances,
  CONTEXT,
  collectFee,
  createState,
  deposit,
  EMPTY_INDEX,
  forcedExit,
  INDEX,
  move,
  ownerAndToken,
  SIGNED_KINDS,
  transfer,
  transferToNew,
  unsigned,
  withdraw,
} from '../rollup/scene.ts';

export interface StepCase {
  readonly title: string;
  readonly code: RecordErrorCode | 'valid';
  readonly operation: Operation;
  readonly circumstances: Circumstances;
}

const LAST_NONCE = 2 ** 32 - 1;
const MAX_BALANCE = 2n ** 128n - 1n;
const BEYOND = 4 ** 12;
const NO_FEE_TOKENS = { ...CONTEXT, feeTokens: [2n, 3n, 4n, 5n] };

const cases: StepCase[] = [];
/** The words of a move to a key. */
const toKey = (keyY: bigint) => ({ words: [keyY, ownerAndToken('alice'), 100n] });
const add = (title: string, code: StepCase['code'], operation: Operation, circumstances: Circumstances = {}): number =>
  cases.push({ title, code, operation, circumstances });

/** The kinds that a rule applies to (docs/protocol.md, Rules); a rule that shape makes unreachable for a kind is left out. */
export const RULE_KINDS: Readonly<Record<RecordErrorCode, readonly number[]>> = {
  RESERVED_KIND: [8, 9, 10, 11, 12, 13, 14, 15],
  NONZERO_FIELD: [0, 3, 4, 5, 6],
  WORD_COUNT: [0, 1, 2, 3, 4, 5, 6, 7],
  INDEX_RANGE: [1, 2, 3, 4, 5, 6, 7], // kind 0 has no index
  WORD_RANGE: [2, 3, 4, 5, 7],
  SENDER_EMPTY: [1, 2, 3, 7],
  SELF_TRANSFER: [1, 2],
  RECEIVER_EMPTY: [1, 6],
  RECEIVER_EXISTS: [2],
  TOKEN_MISMATCH: [1],
  NOT_FEE_TOKEN: [1, 2, 3, 6, 7],
  EXPIRED: [1, 2, 3, 7],
  NONCE_EXHAUSTED: [1, 2, 3, 7],
  BAD_SIGNATURE: [1, 2, 3, 7],
  INSUFFICIENT_BALANCE: [1, 2, 3, 7],
  WITHDRAWAL_MISMATCH: [3, 7],
  DEPOSIT_MISMATCH: [4],
  EXIT_MISMATCH: [5],
  BALANCE_OVERFLOW: [1, 4, 6],
};

// Valid records at the edges of rules.
add('a noop', 'valid', unsigned(0));
add('a transfer with a fee', 'valid', transfer({ feeFloat: 3 }));
add('a transfer of nothing to the last leaf', 'valid', transfer({ amountFloat: 0n }, 'dave'), {
  state: createState({ dave: { tokenId: 0 } }),
});
add('a transfer of everything', 'valid', transfer({ amountFloat: 997n, feeFloat: 3 }));
add('a transfer at its expiry', 'valid', transfer({ validUntil: BATCH_TIME }));
add('a transfer that expires at the end of time', 'valid', transfer({ validUntil: 2 ** 40 - 1 }));
add('a transfer with the last nonce', 'valid', transfer({ nonce: LAST_NONCE - 1 }), {
  state: createState({ alice: { nonce: LAST_NONCE - 1 } }),
});
add('a transfer that fills the receiver', 'valid', transfer(), {
  state: createState({ bob: { balance: MAX_BALANCE - 100n } }),
});
add(
  'a transfer whose amount and fee are zeros with exponents',
  'valid',
  transfer({ amountFloat: 31n << 35n, feeFloat: 31 << 11 }),
  {
    context: NO_FEE_TOKENS,
  },
);
add('a transferToNew with a fee on top of fees', 'valid', transferToNew({ feeFloat: 5 }), { fees: [7n, 8n, 0n, 0n] });
add('a transferToNew next to the sender', 'valid', transferToNew({ to: 3 }));
add('a transferToNew across the tree', 'valid', transferToNew({ to: BEYOND - 2 }));
add('a withdraw', 'valid', withdraw({ feeFloat: 1 }));
add('a withdraw of 0', 'valid', withdraw({ amountFloat: 0n, words: [0n, ownerAndToken('alice'), 0n] }));
add('a move with a fee', 'valid', move({ feeFloat: 1 }));
add('a move of 0 to the first destination', 'valid', move({ to: 0, amountFloat: 0n }));
add(
  'a move to the last destination, for a key that is no point',
  'valid',
  move({ to: BEYOND - 1, ...toKey(FIELD_MODULUS - 2n) }),
);
add('a move to a destination with the number of its own account', 'valid', move({ to: INDEX.alice }));
add('a move to a destination with the number of an account', 'valid', move({ to: INDEX.bob }));
add('a deposit to an account', 'valid', deposit());
add(
  'a deposit to an empty leaf, with a key that is no point',
  'valid',
  deposit({ to: EMPTY_INDEX }, [FIELD_MODULUS - 2n, 2n ** 192n - 1n, MAX_BALANCE]),
);
add('a deposit of 0 for key 0 and owner 0', 'valid', deposit({ to: EMPTY_INDEX }, [0n, 0n, 0n]));
add('a forced exit', 'valid', forcedExit());
add('a forced exit of a balance of 0', 'valid', forcedExit({}, [0n, ownerAndToken('alice'), 0n]), {
  state: createState({ alice: { balance: 0n } }),
});
add('a forced exit from an empty leaf', 'valid', forcedExit({ from: EMPTY_INDEX }, [0n, ownerAndToken('alice'), 0n]));
add('a forced exit of somebody else', 'valid', forcedExit({}, [0n, ownerAndToken('bob'), 0n]));
add('a forced exit of no owner that could be', 'valid', forcedExit({}, [0n, FIELD_MODULUS - 1n, 0n]));
add('a collectFee', 'valid', collectFee(), { fees: [50n, 60n, 0n, 0n] });
add('a collectFee of nothing', 'valid', collectFee());
add('a collectFee of the second token', 'valid', collectFee({ to: INDEX.carol }), { fees: [50n, 60n, 0n, 0n] });

// Rules that need no state.
for (const kind of RULE_KINDS.RESERVED_KIND) {
  add(`kind ${kind} with everything else wrong`, 'RESERVED_KIND', unsigned(kind, { from: BEYOND, to: BEYOND }, [1n]));
}
for (const field of ['from', 'to', 'amountFloat', 'feeFloat'] as const) {
  const one = field === 'amountFloat' ? { amountFloat: 1n } : { [field]: 1 };
  add(`a noop with ${field}`, 'NONZERO_FIELD', unsigned(0, one));
  if (field === 'to') add('a withdraw with to', 'NONZERO_FIELD', withdraw({ to: 1 }));
  if (field !== 'to') add(`a deposit with ${field}`, 'NONZERO_FIELD', deposit(one));
  if (field !== 'from') add(`a forced exit with ${field}`, 'NONZERO_FIELD', forcedExit(one));
  if (field !== 'to') add(`a collectFee with ${field}`, 'NONZERO_FIELD', collectFee(one));
}
for (const operation of [
  unsigned(0),
  transfer(),
  transferToNew(),
  withdraw(),
  deposit(),
  forcedExit(),
  collectFee(),
  move(),
]) {
  const { kind } = operation.fields;
  add(`kind ${kind} with a word too many`, 'WORD_COUNT', { ...operation, words: [...operation.words, 0n] });
  if (operation.words.length > 0) add(`kind ${kind} without words`, 'WORD_COUNT', { ...operation, words: [] });
}
for (const index of [BEYOND, 2 ** 32 - 1]) {
  add(`a transfer from ${index}`, 'INDEX_RANGE', transfer({ from: index }));
  add(`a transfer to ${index}`, 'INDEX_RANGE', transfer({ to: index }));
  add(`a transferToNew from ${index}`, 'INDEX_RANGE', transferToNew({ from: index }));
  add(`a transferToNew to ${index}`, 'INDEX_RANGE', transferToNew({ to: index }));
  add(`a withdraw from ${index}`, 'INDEX_RANGE', withdraw({ from: index }));
  add(`a move from ${index}`, 'INDEX_RANGE', move({ from: index }));
  add(`a move to ${index}`, 'INDEX_RANGE', move({ to: index }));
  add(`a deposit to ${index}`, 'INDEX_RANGE', deposit({ to: index }));
  add(`a forced exit from ${index}`, 'INDEX_RANGE', forcedExit({ from: index }));
  add(`a collectFee to ${index}`, 'INDEX_RANGE', collectFee({ to: index }));
}
const withWord = (operation: Operation, position: number, word: bigint): Operation => ({
  ...operation,
  words: operation.words.with(position, word),
});
for (const operation of [transferToNew(), withdraw(), deposit(), forcedExit(), move()]) {
  for (const position of [0, 1, 2]) {
    add(
      `kind ${operation.fields.kind}, word ${position} = r`,
      'WORD_RANGE',
      withWord(operation, position, FIELD_MODULUS),
    );
  }
}
add('a transferToNew with an owner of 161 bits', 'WORD_RANGE', withWord(transferToNew(), 1, 2n ** 160n));
add('a transferToNew with a third word', 'WORD_RANGE', withWord(transferToNew(), 2, 1n));
add('a withdraw with a first word', 'WORD_RANGE', withWord(withdraw(), 0, 1n));
add('a deposit with a token of 33 bits', 'WORD_RANGE', withWord(deposit(), 1, 2n ** 192n));
add('a deposit of 2^128', 'WORD_RANGE', withWord(deposit(), 2, 2n ** 128n));
add('a forced exit with a first word', 'WORD_RANGE', withWord(forcedExit(), 0, 1n));

// Rules of signed records.
for (const [name, signed] of Object.entries(SIGNED_KINDS)) {
  add(`a ${name} from an empty leaf`, 'SENDER_EMPTY', signed({ from: EMPTY_INDEX + 1 }));
  add(`a ${name} with a fee in another token`, 'NOT_FEE_TOKEN', signed({ feeFloat: 1 }), { context: NO_FEE_TOKENS });
  add(`a ${name} a second late`, 'EXPIRED', signed({ validUntil: BATCH_TIME - 1 }));
  const unreadable = { ...signed({ validUntil: BATCH_TIME - 1 }) };
  add(`a ${name} that is late and of another signer`, 'EXPIRED', {
    ...unreadable,
    authorization: { ...unreadable.authorization!, s: 1n },
  });
  const exhausted = { state: createState({ alice: { nonce: LAST_NONCE } }) };
  add(`a ${name} after the last nonce`, 'NONCE_EXHAUSTED', signed({ nonce: LAST_NONCE }), exhausted);
  add(`a ${name} with a nonce that was used`, 'BAD_SIGNATURE', signed({ nonce: 4 }));
  add(`a ${name} with a nonce to come`, 'BAD_SIGNATURE', signed({ nonce: 6 }));
  add(`a ${name} for another domain`, 'BAD_SIGNATURE', signed({ domain: 78n }));
  add(
    `a ${name} of another signer`,
    'BAD_SIGNATURE',
    signed({ signer: 'bob', from: INDEX.alice, to: signed({}).fields.to, words: signed({}).words }),
  );
  const { authorization: _nobody, ...unsignedRecord } = signed({});
  add(`a ${name} that nobody signed`, 'BAD_SIGNATURE', unsignedRecord);
  for (const [what, keyY] of Object.entries(badKeys())) {
    add(`a ${name} whose sender's key is ${what}`, 'BAD_SIGNATURE', signed({}), {
      state: createState({ alice: { keyY } }),
    });
  }
  add(`a ${name} of one more than all`, 'INSUFFICIENT_BALANCE', signed({ amountFloat: 998n, feeFloat: 3 }));
  add(
    `a ${name} of more than there can be`,
    'INSUFFICIENT_BALANCE',
    signed({ amountFloat: 2n ** 40n - 1n, feeFloat: 2 ** 16 - 1 }),
    {
      state: createState({ alice: { balance: MAX_BALANCE } }),
    },
  );
}
add('a transfer with the receiver changed', 'BAD_SIGNATURE', transfer({ receiver: accountOf('carol') }));

/** Keys under which nothing verifies: no point, low order. */
function badKeys(): Record<string, bigint> {
  let none = 2n;
  while (xCandidates(none).length > 0) none += 1n;
  return { 'no point': none, 'the identity': 1n, 'of order 2': FIELD_MODULUS - 1n, 'of order 4': 0n };
}

// Rules of single kinds.
add('a transfer to oneself', 'SELF_TRANSFER', transfer({ to: INDEX.alice }));
add('a transferToNew to oneself', 'SELF_TRANSFER', transferToNew({ to: INDEX.alice }));
add('a transfer from an empty leaf to itself', 'SENDER_EMPTY', transfer({ from: EMPTY_INDEX, to: EMPTY_INDEX }));
add('a transfer to an empty leaf', 'RECEIVER_EMPTY', transfer({ to: EMPTY_INDEX }));
add('a collectFee to an empty leaf', 'RECEIVER_EMPTY', collectFee({ to: EMPTY_INDEX }));
add('a transferToNew to an account', 'RECEIVER_EXISTS', transferToNew({ to: INDEX.bob }));
add('a transfer to another token', 'TOKEN_MISMATCH', transfer({}, 'carol'));
add('a collectFee in a token without fees', 'NOT_FEE_TOKEN', collectFee({ to: INDEX.dave }));
add('a withdraw to another owner', 'WITHDRAWAL_MISMATCH', withWord(withdraw(), 1, ownerAndToken('alice') + 1n));
add('a withdraw of another token', 'WITHDRAWAL_MISMATCH', withWord(withdraw(), 1, ownerAndToken('alice') + 2n ** 160n));
add('a withdraw of another amount', 'WITHDRAWAL_MISMATCH', withWord(withdraw(), 2, 101n));
add('a move for another owner', 'WITHDRAWAL_MISMATCH', move({ words: [1n, ownerAndToken('alice') + 1n, 100n] }));
add('a move of another token', 'WITHDRAWAL_MISMATCH', move({ words: [1n, ownerAndToken('alice') + 2n ** 160n, 100n] }));
add('a move of another amount', 'WITHDRAWAL_MISMATCH', move({ words: [1n, ownerAndToken('alice'), 101n] }));
add('a move to a key that was not signed', 'BAD_SIGNATURE', withWord(move(), 0, 1n));
add('a move to a destination that was not signed', 'BAD_SIGNATURE', {
  ...move(),
  fields: { ...move().fields, to: 4 },
});
const bobs: readonly (keyof Account)[] = ['keyY', 'owner', 'tokenId'];
for (const field of bobs) {
  const changed = { [field]: field === 'tokenId' ? 1 : 1n };
  add(`a deposit to an account with another ${field}`, 'DEPOSIT_MISMATCH', deposit(), {
    state: createState({ bob: changed }),
  });
}
add('a forced exit of one less', 'EXIT_MISMATCH', forcedExit({}, [0n, ownerAndToken('alice'), 999n]));
add('a forced exit of 0', 'EXIT_MISMATCH', forcedExit({}, [0n, ownerAndToken('alice'), 0n]));
add('a forced exit from an empty leaf that pays', 'EXIT_MISMATCH', forcedExit({ from: EMPTY_INDEX }));
add('a forced exit of somebody else that pays', 'EXIT_MISMATCH', forcedExit({}, [0n, ownerAndToken('bob'), 1_000n]));
const fullBob = { state: createState({ bob: { balance: MAX_BALANCE } }) };
add('a transfer to a full account', 'BALANCE_OVERFLOW', transfer(), fullBob);
add('a deposit to a full account', 'BALANCE_OVERFLOW', deposit(), fullBob);
add('a collectFee to a full account', 'BALANCE_OVERFLOW', collectFee(), { ...fullBob, fees: [1n, 0n, 0n, 0n] });

/** All cases, valid ones first. */
export const STEP_CASES: readonly StepCase[] = cases;

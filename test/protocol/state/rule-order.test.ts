import { FIELD_MODULUS, type Operation, type RecordErrorCode, type RollupState } from '@quittance/protocol';
import {
  accountOf,
  assertInvalid,
  assertValid,
  BATCH_TIME,
  CONTEXT,
  collectFee,
  createState,
  deposit,
  EMPTY_INDEX,
  INDEX,
  move,
  ownerAndToken,
  transfer,
  transferToNew,
  unsigned,
  withdraw,
} from '../../support/rollup/scene.ts';

/** One rule that a record breaks, with all earlier rules repaired and all later ones that can be still broken. */
type Stage = readonly [RecordErrorCode | 'valid', Operation, RollupState?];

function assertStages(stages: readonly Stage[], context = CONTEXT): void {
  for (const [code, operation, state] of stages) {
    const circumstances = { context, ...(state === undefined ? {} : { state }) };
    if (code === 'valid') assertValid(operation, circumstances);
    else assertInvalid(operation, code, circumstances);
  }
}

// A record that breaks many rules at once is repaired one rule at a time, in the order of docs/protocol.md.
describe('the first broken rule names the outcome', () => {
  const noFeeTokens = { ...CONTEXT, feeTokens: [2n, 3n, 4n, 5n] };
  const expired = BATCH_TIME - 1;
  const last = 2 ** 32 - 1;
  const huge = (1n << 35n) - 1n;

  it('of a transfer', () => {
    const exhausted = createState({ alice: { nonce: last } });
    const full = createState({ alice: { nonce: last }, bob: { balance: 2n ** 128n - 1n } });
    const base = { feeFloat: 1, validUntil: expired, amountFloat: huge, nonce: 1 };
    assertStages(
      [
        ['WORD_COUNT', { ...transfer({ ...base, from: 2 ** 31, to: 2 ** 31 }), words: [1n] }],
        ['INDEX_RANGE', transfer({ ...base, from: 2 ** 31, to: 2 ** 31 })],
        ['SENDER_EMPTY', transfer({ ...base, from: EMPTY_INDEX, to: EMPTY_INDEX })],
        ['SELF_TRANSFER', transfer({ ...base, to: INDEX.alice }), exhausted],
        ['RECEIVER_EMPTY', transfer({ ...base, to: EMPTY_INDEX }), exhausted],
        ['TOKEN_MISMATCH', transfer(base, 'carol'), exhausted],
        ['NOT_FEE_TOKEN', transfer(base), full],
        ['EXPIRED', transfer({ ...base, feeFloat: 0 }), full],
        ['NONCE_EXHAUSTED', transfer({ ...base, feeFloat: 0, validUntil: 0 }), full],
        ['BAD_SIGNATURE', transfer({ ...base, feeFloat: 0, validUntil: 0 })],
        ['INSUFFICIENT_BALANCE', transfer({ amountFloat: huge }), createState({ bob: { balance: 2n ** 128n - 1n } })],
        ['BALANCE_OVERFLOW', transfer(), createState({ bob: { balance: 2n ** 128n - 1n } })],
        ['valid', transfer()],
      ],
      noFeeTokens,
    );
  });

  it('of a transferToNew', () => {
    const exhausted = createState({ alice: { nonce: last } });
    const base = { feeFloat: 1, validUntil: expired, amountFloat: huge, nonce: 1 };
    const { words } = transferToNew();
    assertStages(
      [
        ['WORD_COUNT', { ...transferToNew({ ...base, from: 2 ** 31 }), words: words.slice(1) }],
        ['INDEX_RANGE', { ...transferToNew({ ...base, from: 2 ** 31 }), words: [...words.slice(0, 2), 1n] }],
        ['WORD_RANGE', { ...transferToNew({ ...base, from: EMPTY_INDEX }), words: [...words.slice(0, 2), 1n] }],
        ['SENDER_EMPTY', transferToNew({ ...base, from: EMPTY_INDEX })],
        ['SELF_TRANSFER', transferToNew({ ...base, to: INDEX.alice }), exhausted],
        ['RECEIVER_EXISTS', transferToNew({ ...base, to: INDEX.carol }), exhausted],
        ['NOT_FEE_TOKEN', transferToNew(base), exhausted],
        ['EXPIRED', transferToNew({ ...base, feeFloat: 0 }), exhausted],
        ['NONCE_EXHAUSTED', transferToNew({ ...base, feeFloat: 0, validUntil: 0 }), exhausted],
        ['BAD_SIGNATURE', transferToNew({ ...base, feeFloat: 0, validUntil: 0 })],
        ['INSUFFICIENT_BALANCE', transferToNew({ amountFloat: huge })],
        ['valid', transferToNew()],
      ],
      noFeeTokens,
    );
  });

  it('of a withdraw', () => {
    const exhausted = createState({ alice: { nonce: last } });
    const base = { feeFloat: 1, validUntil: expired, amountFloat: huge, nonce: 1, words: [0n, 1n, 2n] };
    assertStages(
      [
        ['NONZERO_FIELD', { ...withdraw({ ...base, to: 2 ** 31, from: 2 ** 31 }), words: [] }],
        ['WORD_COUNT', { ...withdraw({ ...base, from: 2 ** 31 }), words: [1n] }],
        ['INDEX_RANGE', withdraw({ ...base, from: 2 ** 31, words: [1n, 1n, 2n] })],
        ['WORD_RANGE', withdraw({ ...base, from: EMPTY_INDEX, words: [1n, 1n, 2n] })],
        ['SENDER_EMPTY', withdraw({ ...base, from: EMPTY_INDEX })],
        ['NOT_FEE_TOKEN', withdraw(base), exhausted],
        ['EXPIRED', withdraw({ ...base, feeFloat: 0 }), exhausted],
        ['NONCE_EXHAUSTED', withdraw({ ...base, feeFloat: 0, validUntil: 0 }), exhausted],
        ['BAD_SIGNATURE', withdraw({ ...base, feeFloat: 0, validUntil: 0 })],
        ['INSUFFICIENT_BALANCE', withdraw({ amountFloat: huge, words: [0n, 1n, 2n] })],
        ['WITHDRAWAL_MISMATCH', withdraw({ words: [0n, 1n, 2n] })],
        ['valid', withdraw()],
      ],
      noFeeTokens,
    );
  });

  it('of a move', () => {
    const exhausted = createState({ alice: { nonce: last } });
    const base = { feeFloat: 1, validUntil: expired, amountFloat: huge, nonce: 1, words: [3n, 1n, 2n] };
    const beyond = [FIELD_MODULUS, 1n, 2n];
    assertStages(
      [
        ['WORD_COUNT', { ...move({ ...base, to: 2 ** 31, from: 2 ** 31 }), words: [1n] }],
        ['INDEX_RANGE', { ...move({ ...base, to: 2 ** 31, from: 2 ** 31 }), words: beyond }],
        ['INDEX_RANGE', { ...move({ ...base, to: 2 ** 31 }), words: beyond }],
        ['WORD_RANGE', { ...move({ ...base, from: EMPTY_INDEX }), words: beyond }],
        ['SENDER_EMPTY', move({ ...base, from: EMPTY_INDEX })],
        ['NOT_FEE_TOKEN', move(base), exhausted],
        ['EXPIRED', move({ ...base, feeFloat: 0 }), exhausted],
        ['NONCE_EXHAUSTED', move({ ...base, feeFloat: 0, validUntil: 0 }), exhausted],
        ['BAD_SIGNATURE', move({ ...base, feeFloat: 0, validUntil: 0 })],
        ['INSUFFICIENT_BALANCE', move({ amountFloat: huge, words: [3n, 1n, 2n] })],
        ['WITHDRAWAL_MISMATCH', move({ words: [3n, 1n, 2n] })],
        ['valid', move()],
      ],
      noFeeTokens,
    );
  });

  it('of a deposit', () => {
    const full = createState({ bob: { balance: 2n ** 128n - 1n } });
    const good = [accountOf('bob').keyY, ownerAndToken('bob'), 100n];
    assertStages([
      ['NONZERO_FIELD', deposit({ from: 1, to: 2 ** 31 }, [])],
      ['WORD_COUNT', deposit({ to: 2 ** 31 }, [])],
      ['INDEX_RANGE', deposit({ to: 2 ** 31 }, [0n, 0n, 2n ** 128n])],
      ['WORD_RANGE', deposit({}, [0n, 0n, 2n ** 128n]), full],
      ['DEPOSIT_MISMATCH', deposit({}, [0n, 0n, 100n]), full],
      ['BALANCE_OVERFLOW', deposit({}, good), full],
      ['valid', deposit({}, good)],
    ]);
  });

  it('of a forced exit', () => {
    const record = (from: number, to: number, words: bigint[]) => unsigned(5, { from, to }, words);
    assertStages([
      ['NONZERO_FIELD', record(2 ** 31, 1, [])],
      ['WORD_COUNT', record(2 ** 31, 0, [])],
      ['INDEX_RANGE', record(2 ** 31, 0, [1n, 0n, 5n])],
      ['WORD_RANGE', record(INDEX.alice, 0, [1n, 0n, 5n])],
      ['EXIT_MISMATCH', record(INDEX.alice, 0, [0n, 0n, 5n])],
      ['valid', record(INDEX.alice, 0, [0n, 0n, 0n])],
    ]);
  });

  it('of a collectFee', () => {
    assertStages([
      ['NONZERO_FIELD', { ...collectFee({ from: 1, to: 2 ** 31 }), words: [1n] }],
      ['WORD_COUNT', { ...collectFee({ to: 2 ** 31 }), words: [1n] }],
      ['INDEX_RANGE', collectFee({ to: 2 ** 31 })],
      ['RECEIVER_EMPTY', collectFee({ to: EMPTY_INDEX })],
      ['NOT_FEE_TOKEN', collectFee({ to: INDEX.dave })],
      ['valid', collectFee()],
    ]);
  });
});

import assert from 'node:assert/strict';
import { FEE_TOKEN_FILLER } from '@quittance/protocol';
import {
  assertInvalid,
  assertValid,
  BATCH_TIME,
  CONTEXT,
  createState,
  DESTINATION,
  EMPTY_INDEX,
  INDEX,
  move,
  NO_FEES,
  ownerAndToken,
  SIGNED_KINDS,
  transfer,
  transferToNew,
  withdraw,
} from '../../support/rollup/scene.ts';

/** The first word of the kinds whose words name what is paid out; undefined for the others. */
const PAYOUT_KEY: Readonly<Record<string, bigint>> = { withdraw: 0n, move: DESTINATION.keyY };

// Every rule that kinds 1, 2, 3 and 7 share, for each of them.
for (const [name, operation] of Object.entries(SIGNED_KINDS)) {
  /** The words of a payout of `amount`, by the kinds that have them. */
  const payout = (amount: bigint, ownerAndToken = 0xaaaa0001n) => {
    const keyY = PAYOUT_KEY[name];
    return keyY === undefined ? {} : { words: [keyY, ownerAndToken, amount] };
  };

  describe(`${name} as a payment`, () => {
    it('rejects an empty sender: SENDER_EMPTY', () => {
      assertInvalid(operation({ from: EMPTY_INDEX + 1 }), 'SENDER_EMPTY');
    });

    it('rejects a fee in a token that is no fee token, and takes none or a fee token: NOT_FEE_TOKEN', () => {
      const noFeeTokens = { ...CONTEXT, feeTokens: Array<bigint>(4).fill(FEE_TOKEN_FILLER) };
      assertInvalid(operation({ feeFloat: 1 }), 'NOT_FEE_TOKEN', { context: noFeeTokens });
      assertValid(operation({ feeFloat: 0 }), { context: noFeeTokens });
      assertValid(operation({ feeFloat: 1 }));
      // An encoding of 0 with an exponent is 0.
      assertValid(operation({ feeFloat: 5 << 11 }), { context: noFeeTokens });
    });

    it('takes the fee of any of the four positions', () => {
      for (const position of [0, 1, 2, 3]) {
        const feeTokens = [3n, 4n, 5n, 6n];
        feeTokens[position] = BigInt(position + 3);
        const state = createState({ alice: { tokenId: position + 3 }, bob: { tokenId: position + 3 } });
        const words = payout(100n, 0xaaaa0001n + 2n ** 160n * BigInt(position + 3));
        const effects = assertValid(operation({ feeFloat: 7, ...words }), {
          state,
          context: { ...CONTEXT, feeTokens },
        });
        assert.deepEqual(
          effects.fees,
          NO_FEES.map((_, index) => (index === position ? 7n : 0n)),
        );
      }
    });

    it('is accepted up to its expiry and rejected a second later: EXPIRED', () => {
      assertValid(operation({ validUntil: 0 }));
      assertValid(operation({ validUntil: BATCH_TIME }));
      assertValid(operation({ validUntil: BATCH_TIME + 1 }));
      assertValid(operation({ validUntil: 2 ** 40 - 1 }));
      assertInvalid(operation({ validUntil: BATCH_TIME - 1 }), 'EXPIRED');
      assertInvalid(operation({ validUntil: 1 }), 'EXPIRED');
    });

    it('is accepted with nonce 2^32 − 2, the last one, and rejected after it: NONCE_EXHAUSTED', () => {
      const last = 2 ** 32 - 2;
      const effects = assertValid(operation({ nonce: last }), { state: createState({ alice: { nonce: last } }) });
      assert.equal(effects.changes[0]!.after!.nonce, last + 1);
      assertInvalid(operation({ nonce: last + 1 }), 'NONCE_EXHAUSTED', {
        state: createState({ alice: { nonce: last + 1 } }),
      });
    });

    it('rejects a nonce that was used and one that is to come: BAD_SIGNATURE', () => {
      assertInvalid(operation({ nonce: 4 }), 'BAD_SIGNATURE');
      assertInvalid(operation({ nonce: 6 }), 'BAD_SIGNATURE');
    });

    it('rejects another signer, another domain and no signature at all: BAD_SIGNATURE', () => {
      assertInvalid(operation({ signer: 'bob', from: INDEX.alice, words: operation().words }), 'BAD_SIGNATURE');
      assertInvalid(operation({ domain: CONTEXT.domain + 1n }), 'BAD_SIGNATURE');
      const { fields, words } = operation();
      assertInvalid({ fields, words }, 'BAD_SIGNATURE');
    });

    it('rejects every part of the authorization with one bit flipped: BAD_SIGNATURE', () => {
      const valid = operation({ validUntil: BATCH_TIME + 8 });
      assertValid(valid);
      const { validUntil, keyX, r8, s } = valid.authorization!;
      for (const authorization of [
        { validUntil: validUntil ^ 1, keyX, r8, s },
        { validUntil, keyX: keyX ^ 1n, r8, s },
        { validUntil, keyX, r8: { ...r8, x: r8.x ^ 1n }, s },
        { validUntil, keyX, r8: { ...r8, y: r8.y ^ 1n }, s },
        { validUntil, keyX, r8, s: s ^ 1n },
      ]) {
        assertInvalid({ ...valid, authorization }, 'BAD_SIGNATURE');
      }
    });

    it('rejects amount and fee with another encoding of the same value: BAD_SIGNATURE', () => {
      // 100 = 100·10^0 = 10·10^1 = 1·10^2.
      const valid = operation({ amountFloat: 100n });
      const other = { ...valid, fields: { ...valid.fields, amountFloat: (2n << 35n) | 1n } };
      assertInvalid(other, 'BAD_SIGNATURE');
      // Signed in that encoding, it is as good as the canonical one.
      assertValid(operation({ amountFloat: (2n << 35n) | 1n, ...payout(100n) }));
    });

    it('spends the whole balance and not one unit more: INSUFFICIENT_BALANCE', () => {
      const all = assertValid(operation({ amountFloat: 990n, feeFloat: 10, ...payout(990n) }));
      assert.equal(all.changes[0]!.after!.balance, 0n);
      assertInvalid(operation({ amountFloat: 990n, feeFloat: 11, ...payout(990n) }), 'INSUFFICIENT_BALANCE');
      assertInvalid(operation({ amountFloat: 991n, feeFloat: 10, ...payout(991n) }), 'INSUFFICIENT_BALANCE');
      assertInvalid(operation({ amountFloat: 1_001n, ...payout(1_001n) }), 'INSUFFICIENT_BALANCE');
      const largest = (1n << 40n) - 1n;
      assertInvalid(
        operation({ amountFloat: largest, feeFloat: 2 ** 16 - 1, ...payout((2n ** 35n - 1n) * 10n ** 31n) }),
        'INSUFFICIENT_BALANCE',
        { state: createState({ alice: { balance: 2n ** 128n - 1n } }) },
      );
    });

    it('takes an amount of 0 and raises the nonce all the same', () => {
      const effects = assertValid(operation({ amountFloat: 0n, ...payout(0n) }));
      assert.equal(effects.changes[0]!.after!.nonce, 6);
      assert.equal(effects.withdrawal, undefined);
    });
  });
}

describe('what a signature covers', () => {
  const rewrite = (
    operation: ReturnType<typeof transfer>,
    fields: Partial<typeof operation.fields>,
    words = operation.words,
  ) => ({ ...operation, fields: { ...operation.fields, ...fields }, words });

  it('rejects a transfer with receiver, amount or fee changed by the producer', () => {
    assertInvalid(rewrite(transfer(), { amountFloat: 101n }), 'BAD_SIGNATURE');
    assertInvalid(rewrite(transfer(), { feeFloat: 1 }), 'BAD_SIGNATURE');
    const state = createState({ carol: { tokenId: 0 } });
    assertInvalid(rewrite(transfer(), { to: INDEX.carol }), 'BAD_SIGNATURE', { state });
  });

  it('rejects a transfer when the receiver’s index has another key or owner than was signed', () => {
    assertInvalid(transfer(), 'BAD_SIGNATURE', { state: createState({ bob: { keyY: 123n } }) });
    assertInvalid(transfer(), 'BAD_SIGNATURE', { state: createState({ bob: { owner: 123n } }) });
  });

  it('accepts a transferToNew at any empty index, and rejects another key, owner or amount', () => {
    const operation = transferToNew();
    for (const to of [0, 3, EMPTY_INDEX + 1]) assertValid(rewrite(operation, { to }));
    const [keyY, owner] = operation.words as [bigint, bigint];
    assertInvalid(rewrite(operation, {}, [keyY + 1n, owner, 0n]), 'BAD_SIGNATURE');
    assertInvalid(rewrite(operation, {}, [keyY, owner + 1n, 0n]), 'BAD_SIGNATURE');
    assertInvalid(rewrite(operation, { amountFloat: 101n }), 'BAD_SIGNATURE');
  });

  it('rejects a move with destination, key or amount changed by the producer', () => {
    const operation = move();
    const [keyY, ...rest] = operation.words as [bigint, bigint, bigint];
    for (let bit = 0; bit < 24; bit += 1) {
      assertInvalid(rewrite(operation, { to: DESTINATION.number ^ (1 << bit) }), 'BAD_SIGNATURE');
    }
    assertInvalid(rewrite(operation, {}, [keyY + 1n, ...rest]), 'BAD_SIGNATURE');
    assertInvalid(rewrite(operation, {}, [0n, ...rest]), 'BAD_SIGNATURE');
    assertInvalid(rewrite(operation, { amountFloat: 101n }, [keyY, rest[0]!, 101n]), 'BAD_SIGNATURE');
    // Owner, token and amount are the leaf's and the record's, so the signature need not cover their words.
    assertInvalid(rewrite(operation, {}, [keyY, rest[0]! + 1n, rest[1]!]), 'WITHDRAWAL_MISMATCH');
    assertInvalid(rewrite(operation, {}, [keyY, ownerAndToken('bob'), rest[1]!]), 'WITHDRAWAL_MISMATCH');
    assertInvalid(rewrite(operation, {}, [keyY, rest[0]!, 101n]), 'WITHDRAWAL_MISMATCH');
  });

  it('rejects one kind passed off as another', () => {
    const paid = transfer();
    assertInvalid(rewrite(paid, { kind: 3, to: 0 }, withdraw().words), 'BAD_SIGNATURE');
    assertInvalid(rewrite(withdraw(), { kind: 1, to: INDEX.bob }, []), 'BAD_SIGNATURE');
    const { keyY, owner } = { keyY: 7n, owner: 8n };
    assertInvalid(rewrite(paid, { kind: 2, to: EMPTY_INDEX }, [keyY, owner, 0n]), 'BAD_SIGNATURE');
    assertInvalid(rewrite(withdraw(), { kind: 7 }), 'BAD_SIGNATURE');
    assertInvalid(rewrite(move({ to: 0 }), { kind: 3 }, withdraw().words), 'BAD_SIGNATURE');
    assertInvalid(rewrite(paid, { kind: 7 }, move().words), 'BAD_SIGNATURE');
    // Key 0 and destination 0 make a move's message differ from a withdrawal's by the kind alone.
    const nowhere = [0n, ownerAndToken('alice'), 100n];
    assertInvalid(rewrite(move({ to: 0, words: nowhere }), { kind: 3 }), 'BAD_SIGNATURE');
    assertValid(move({ to: 0, words: nowhere }));
  });

  it('rejects the same transfer a second time', () => {
    assertInvalid(transfer(), 'BAD_SIGNATURE', { state: createState({ alice: { nonce: 6 } }) });
  });

  it('ignores an authorization on kinds that have none', () => {
    const { authorization } = transfer();
    assertValid({
      fields: { kind: 0, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 },
      words: [],
      ...(authorization && { authorization }),
    });
  });
});

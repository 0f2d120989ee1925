import assert from 'node:assert/strict';
import {
  type Hasher,
  MESSAGE_BYTES,
  packOperation,
  RecordKind,
  readWord,
  transactionMessage,
  viewOf,
  WORDS_PER_RECORD,
  wordCountOf,
  writeMessage,
} from '@quittance/protocol';
import fc from 'fast-check';
import { property } from '../../support/property/property.ts';

const unsigned = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n });
const small = (bits: number) => unsigned(bits).map(Number);
const words = fc.array(unsigned(250), { minLength: WORDS_PER_RECORD, maxLength: WORDS_PER_RECORD });
const SIGNED = [RecordKind.transfer, RecordKind.transferToNew, RecordKind.withdraw, RecordKind.move];

const content = fc.record({
  kind: fc.constantFrom(...SIGNED),
  from: small(32),
  to: small(32),
  amountFloat: unsigned(40),
  feeFloat: small(16),
  nonce: small(32),
  validUntil: small(40),
  domain: unsigned(250),
  receiverKeyY: unsigned(250),
  receiverOwner: unsigned(160),
});

/** What `transactionMessage` hashes. */
function inputsOf(content: Parameters<typeof transactionMessage>[1]): readonly bigint[] {
  let seen: readonly bigint[] = [];
  const hasher: Hasher = {
    hash(inputs) {
      seen = inputs;
      return 0n;
    },
  };
  transactionMessage(hasher, content);
  return seen;
}

describe('the message of a packed operation', () => {
  property('has the inputs that the id is the hash of', [content, words], (value, three) => {
    const { kind, from, to, amountFloat, feeFloat, validUntil, ...context } = value;
    const fields = { kind, from, to, amountFloat, feeFloat };
    const authorization = { validUntil, keyX: 1n, r8: { x: 2n, y: 3n }, s: 4n };
    const packed = packOperation({ fields, words: wordCountOf(kind) === 0 ? [] : three, authorization });
    const bytes = new Uint8Array(MESSAGE_BYTES + 64).fill(0xff);
    writeMessage(viewOf(bytes), 32, viewOf(packed), context);
    const inputs = Array.from({ length: 4 }, (_, position) => readWord(viewOf(bytes), 32 + 32 * position));
    assert.deepEqual(inputs, inputsOf({ ...context, fields, validUntil }));
    assert.deepEqual([bytes[31], bytes[32 + MESSAGE_BYTES]], [0xff, 0xff]);
  });

  it('refuses a nonce that is wider than its place', () => {
    const operation = { fields: { kind: 1, from: 1, to: 2, amountFloat: 3n, feeFloat: 4 }, words: [] };
    const context = { domain: 1n, nonce: 2 ** 32, receiverKeyY: 0n, receiverOwner: 0n };
    const target = new DataView(new ArrayBuffer(MESSAGE_BYTES));
    assert.throws(() => writeMessage(target, 0, viewOf(packOperation(operation)), context), { code: 'OUT_OF_RANGE' });
  });
});

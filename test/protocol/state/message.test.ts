import assert from 'node:assert/strict';
import { encodeRecord, portableHasher, type SignedContent, transactionMessage } from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';
import { loadOracle } from '../../support/crypto/oracle.ts';

const CONTENT: SignedContent = {
  domain: 3n,
  fields: { kind: 1, from: 4, to: 5, amountFloat: 6n, feeFloat: 7 },
  nonce: 8,
  validUntil: 9,
  receiverKeyY: 10n,
  receiverOwner: 11n,
};

const message = (changes: Partial<SignedContent> = {}) =>
  transactionMessage(portableHasher, { ...CONTENT, ...changes });
const withFields = (fields: Partial<SignedContent['fields']>) => message({ fields: { ...CONTENT.fields, ...fields } });

describe('signed message', () => {
  it('is Poseidon(domain, record + 2^124·nonce + 2^156·validUntil, a, b)', async () => {
    const oracle = await loadOracle();
    const packed = encodeRecord(CONTENT.fields) + 2n ** 124n * 8n + 2n ** 156n * 9n;
    assert.equal(message(), oracle.hash([3n, packed, 10n, 11n]));
  });

  it('fills 196 bits at most, so no two contents pack alike', async () => {
    const oracle = await loadOracle();
    const fields = { kind: 15, from: 2 ** 32 - 1, to: 2 ** 32 - 1, amountFloat: 2n ** 40n - 1n, feeFloat: 2 ** 16 - 1 };
    const full = message({ fields, nonce: 2 ** 32 - 1, validUntil: 2 ** 40 - 1 });
    assert.equal(full, oracle.hash([3n, 2n ** 196n - 1n, 10n, 11n]));
  });

  it('changes with one bit of any part', () => {
    const messages = [
      message(),
      message({ domain: 2n }),
      message({ nonce: 9 }),
      message({ validUntil: 8 }),
      message({ receiverKeyY: 11n }),
      message({ receiverOwner: 10n }),
      withFields({ kind: 3 }),
      withFields({ kind: 7 }),
      withFields({ from: 5 }),
      withFields({ to: 4 }),
      withFields({ amountFloat: 7n }),
      withFields({ feeFloat: 6 }),
    ];
    assert.equal(new Set(messages).size, messages.length);
  });

  it('has 0 for the index of a transferToNew, which the producer picks', () => {
    assert.equal(withFields({ kind: 2, to: 5 }), withFields({ kind: 2, to: 0 }));
    assert.notEqual(withFields({ kind: 1, to: 5 }), withFields({ kind: 1, to: 0 }));
    assert.notEqual(withFields({ kind: 3, to: 5 }), withFields({ kind: 3, to: 0 }));
    assert.notEqual(withFields({ kind: 7, to: 5 }), withFields({ kind: 7, to: 0 }));
  });

  it('refuses parts out of range', () => {
    assertCode(() => message({ nonce: 2 ** 32 }), 'OUT_OF_RANGE');
    assertCode(() => message({ nonce: -1 }), 'OUT_OF_RANGE');
    assertCode(() => message({ validUntil: 2 ** 40 }), 'OUT_OF_RANGE');
    assertCode(() => message({ domain: -1n }), 'OUT_OF_RANGE');
    assertCode(() => withFields({ feeFloat: 2 ** 16 }), 'OUT_OF_RANGE');
  });
});

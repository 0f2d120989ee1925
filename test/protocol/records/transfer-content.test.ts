import assert from 'node:assert/strict';
import {
  FIELD_MODULUS,
  isPriorityKind,
  isSignedKind,
  isVisibleKind,
  packOwnerAndToken,
  RecordKind,
  type TransferContent,
  transferRecord,
} from '@quittance/protocol';
import { assertCode } from '../../support/assertions.ts';

const KINDS = Array.from({ length: 16 }, (_, kind) => kind);
const AMOUNTS = { from: 3, amount: 12_300n, fee: 2_000n };
const FLOATS = { amountFloat: (2n << 35n) | 123n, feeFloat: (3 << 11) | 2 };
const RECEIVER = { keyY: 5n, owner: 6n };
const TO_NEW = { kind: 'transferToNew', receiver: RECEIVER, ...AMOUNTS } as const;
const withReceiver = (changes: Partial<typeof RECEIVER>): TransferContent => ({
  ...TO_NEW,
  receiver: { ...RECEIVER, ...changes },
});

describe('kinds of records', () => {
  it('are signed with 1 to 3 and 7, come from the queue with 4 and 5, and are visible with 2 to 5 and 7', () => {
    assert.deepEqual(KINDS.filter(isSignedKind), [1, 2, 3, 7]);
    assert.deepEqual(KINDS.filter(isPriorityKind), [4, 5]);
    assert.deepEqual(KINDS.filter(isVisibleKind), [2, 3, 4, 5, 7]);
  });
});

describe('the record of a transfer', () => {
  it('has canonical floats and the words of its kind', () => {
    assert.deepEqual(transferRecord({ kind: 'transfer', to: 4, ...AMOUNTS }), {
      fields: { kind: RecordKind.transfer, from: 3, to: 4, ...FLOATS },
      words: [],
    });
    assert.deepEqual(transferRecord(TO_NEW), {
      fields: { kind: RecordKind.transferToNew, from: 3, to: 0, ...FLOATS },
      words: [5n, 6n, 0n],
    });
    const account = { owner: 7n, tokenId: 8 };
    assert.deepEqual(transferRecord({ kind: 'withdraw', account, ...AMOUNTS }), {
      fields: { kind: RecordKind.withdraw, from: 3, to: 0, ...FLOATS },
      words: [0n, packOwnerAndToken(7n, 8), 12_300n],
    });
    assert.deepEqual(transferRecord({ kind: 'move', account, destination: 9, keyY: 5n, ...AMOUNTS }), {
      fields: { kind: RecordKind.move, from: 3, to: 9, ...FLOATS },
      words: [5n, packOwnerAndToken(7n, 8), 12_300n],
    });
  });

  it('names the new account of a transferToNew only', () => {
    assert.equal(transferRecord(TO_NEW, 9).fields.to, 9);
    assert.equal(transferRecord({ kind: 'transfer', to: 4, ...AMOUNTS }, 9).fields.to, 4);
    const account = { owner: 7n, tokenId: 8 };
    assert.equal(transferRecord({ kind: 'withdraw', account, ...AMOUNTS }, 9).fields.to, 0);
    assert.equal(transferRecord({ kind: 'move', account, destination: 4, keyY: 5n, ...AMOUNTS }, 9).fields.to, 4);
  });

  it('takes the largest key and owner, and refuses what is one beyond them or owner 0', () => {
    transferRecord(withReceiver({ keyY: FIELD_MODULUS - 1n, owner: 2n ** 160n - 1n }));
    transferRecord(withReceiver({ keyY: 0n, owner: 1n }));
    for (const receiver of [{ keyY: FIELD_MODULUS }, { owner: 2n ** 160n }]) {
      assertCode(() => transferRecord(withReceiver(receiver)), 'OUT_OF_RANGE');
    }
    assertCode(() => transferRecord(withReceiver({ owner: 0n })), 'ZERO_OWNER');
  });

  it('takes any key of a move, and refuses one of r or more', () => {
    const move = { kind: 'move', account: { owner: 7n, tokenId: 8 }, destination: 4, ...AMOUNTS } as const;
    for (const keyY of [0n, FIELD_MODULUS - 1n]) assert.equal(transferRecord({ ...move, keyY }).words[0], keyY);
    for (const keyY of [-1n, FIELD_MODULUS]) assertCode(() => transferRecord({ ...move, keyY }), 'OUT_OF_RANGE');
  });

  it('refuses an amount or a fee without an exact encoding', () => {
    assertCode(() => transferRecord({ ...TO_NEW, amount: 2n ** 35n + 1n }), 'NOT_REPRESENTABLE');
    assertCode(() => transferRecord({ ...TO_NEW, fee: 2n ** 11n + 1n }), 'NOT_REPRESENTABLE');
  });
});

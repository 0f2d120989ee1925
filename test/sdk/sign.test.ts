import assert from 'node:assert/strict';
import { type ErrorCode, FIELD_MODULUS, type Hasher, portableHasher, TREE_CAPACITY } from '@quittance/protocol';
import {
  createKeyPair,
  type Intent,
  type MoveIntent,
  operationOf,
  signIntent,
  type TransferIntent,
  type TransferToNewIntent,
  type WithdrawIntent,
} from '@quittance/sdk';
import { assertCode } from '../support/assertions.ts';
import { loadOracle } from '../support/crypto/oracle.ts';
import {
  accountOf,
  assertValid,
  BATCH_TIME,
  DOMAIN,
  EMPTY_INDEX,
  INDEX,
  KEYS,
  NEWCOMER,
  ownerAndToken,
} from '../support/rollup/scene.ts';

const COMMON = { from: INDEX.alice, amount: 100n, fee: 3n, nonce: 5, validUntil: BATCH_TIME + 60 };
const { keyY, owner, tokenId } = accountOf('bob');

const TRANSFER: TransferIntent = { ...COMMON, kind: 'transfer', to: INDEX.bob, receiver: { keyY, owner } };
const TO_NEW: TransferToNewIntent = { ...COMMON, kind: 'transferToNew', receiver: NEWCOMER };
const WITHDRAW: WithdrawIntent = {
  ...COMMON,
  kind: 'withdraw',
  account: { owner: accountOf('alice').owner, tokenId },
};
const MOVE: MoveIntent = { ...WITHDRAW, kind: 'move', destination: 3, keyY: NEWCOMER.keyY };
const INTENTS: readonly Intent[] = [TRANSFER, TO_NEW, WITHDRAW, MOVE];

const sign = (intent: Intent) => signIntent(KEYS.alice, DOMAIN, intent);

describe('signing an intent', () => {
  for (const intent of INTENTS) {
    it(`makes a ${intent.kind} that the rules accept, whose id is the message that was signed`, () => {
      const signed = sign(intent);
      const effects = assertValid(operationOf(signed, EMPTY_INDEX));
      assert.equal(effects.transactionId, signed.id);
      assert.deepEqual(effects.fees, [3n, 0n, 0n, 0n]);
      assert.equal(signed.authorization.keyX, KEYS.alice.publicKey.x);
      assert.equal(signed.authorization.validUntil, intent.validUntil);
    });

    it(`makes a ${intent.kind} that circomlibjs verifies`, async () => {
      const oracle = await loadOracle();
      const { id, authorization } = sign(intent);
      assert.equal(oracle.verify(id, authorization, KEYS.alice.publicKey), true);
    });

    it(`gives a ${intent.kind} the same id each time, and another when any part differs`, () => {
      const changed: Intent[] = [
        { ...intent, from: intent.from + 10 },
        { ...intent, amount: 101n },
        { ...intent, fee: 4n },
        { ...intent, nonce: 6 },
        { ...intent, validUntil: 0 },
      ];
      const ids = [intent, ...changed].map((each) => sign(each).id);
      assert.equal(sign(intent).id, ids[0]);
      assert.notEqual(signIntent(KEYS.alice, DOMAIN + 1n, intent).id, ids[0]);
      assert.equal(new Set(ids).size, ids.length);
    });
  }

  it('names receiver, key and owner in the id', () => {
    const ids = [
      sign(TRANSFER).id,
      sign({ ...TRANSFER, to: INDEX.carol }).id,
      sign({ ...TRANSFER, receiver: { keyY: keyY + 1n, owner } }).id,
      sign({ ...TRANSFER, receiver: { keyY, owner: owner + 1n } }).id,
      sign(TO_NEW).id,
      sign({ ...TO_NEW, receiver: { ...NEWCOMER, owner: NEWCOMER.owner + 1n } }).id,
      sign(WITHDRAW).id,
      sign(MOVE).id,
      sign({ ...MOVE, destination: 4 }).id,
      sign({ ...MOVE, keyY }).id,
    ];
    assert.equal(new Set(ids).size, ids.length);
  });

  it('uses the hash that it is given', () => {
    let calls = 0;
    const counting: Hasher = {
      hash(inputs) {
        calls += 1;
        return portableHasher.hash(inputs);
      },
    };
    assert.deepEqual(signIntent(KEYS.alice, DOMAIN, TRANSFER, counting), sign(TRANSFER));
    assert.equal(calls, 2);
  });
});

describe('the operation of a signed intent', () => {
  it('encodes amount and fee canonically', () => {
    const { fields } = operationOf(sign({ ...TRANSFER, amount: 12_300n, fee: 2_000n }));
    assert.deepEqual(fields, {
      kind: 1,
      from: INDEX.alice,
      to: INDEX.bob,
      amountFloat: (2n << 35n) | 123n,
      feeFloat: (3 << 11) | 2,
    });
  });

  it('has the words of its kind', () => {
    assert.deepEqual(operationOf(sign(TRANSFER)).words, []);
    assert.deepEqual(operationOf(sign(TO_NEW)).words, [NEWCOMER.keyY, NEWCOMER.owner, 0n]);
    assert.deepEqual(operationOf(sign(WITHDRAW)).words, [0n, ownerAndToken('alice'), 100n]);
    assert.deepEqual(operationOf(sign(MOVE)).words, [NEWCOMER.keyY, ownerAndToken('alice'), 100n]);
  });

  it('puts a new account where the producer says, and ignores the index otherwise', () => {
    assert.equal(operationOf(sign(TO_NEW), 77).fields.to, 77);
    assert.equal(operationOf(sign(TRANSFER), 77).fields.to, INDEX.bob);
    assert.equal(operationOf(sign(WITHDRAW), 77).fields.to, 0);
    assert.equal(operationOf(sign(MOVE), 77).fields.to, 3);
  });
});

describe('signing refuses', () => {
  const cases: readonly (readonly [string, ErrorCode, Intent])[] = [
    ['an amount without an exact encoding', 'NOT_REPRESENTABLE', { ...TRANSFER, amount: 2n ** 35n + 1n }],
    ['a fee without an exact encoding', 'NOT_REPRESENTABLE', { ...TRANSFER, fee: 2_049n }],
    ['a negative amount', 'NOT_REPRESENTABLE', { ...TRANSFER, amount: -1n }],
    ['a negative fee', 'NOT_REPRESENTABLE', { ...WITHDRAW, fee: -10n }],
    ['a fee that was forgotten', 'OUT_OF_RANGE', { ...TRANSFER, fee: undefined as unknown as bigint }],
    ['an amount as a number', 'OUT_OF_RANGE', { ...TRANSFER, amount: 5 as unknown as bigint }],
    ['a transfer to oneself', 'SELF_TRANSFER', { ...TRANSFER, to: INDEX.alice }],
    ['a sender beyond the tree', 'OUT_OF_RANGE', { ...WITHDRAW, from: TREE_CAPACITY }],
    ['a receiver beyond the tree', 'OUT_OF_RANGE', { ...TRANSFER, to: TREE_CAPACITY }],
    ['an index that is no integer', 'OUT_OF_RANGE', { ...TRANSFER, to: Number.NaN }],
    ['a nonce of more than 32 bits', 'OUT_OF_RANGE', { ...TRANSFER, nonce: 2 ** 32 }],
    ['a negative nonce', 'OUT_OF_RANGE', { ...TRANSFER, nonce: -1 }],
    ['an expiry of more than 40 bits', 'OUT_OF_RANGE', { ...TRANSFER, validUntil: 2 ** 40 }],
    ['an expiry in fractions', 'OUT_OF_RANGE', { ...TRANSFER, validUntil: 0.5 }],
    ['a key of r or more', 'OUT_OF_RANGE', { ...TRANSFER, receiver: { keyY: keyY + FIELD_MODULUS, owner } }],
    [
      'a receiver’s owner of more than 160 bits',
      'OUT_OF_RANGE',
      { ...TRANSFER, receiver: { keyY, owner: 2n ** 160n } },
    ],
    ['a new account of address 0', 'ZERO_OWNER', { ...TO_NEW, receiver: { ...NEWCOMER, owner: 0n } }],
    [
      'an owner of more than 160 bits to withdraw to',
      'OUT_OF_RANGE',
      { ...WITHDRAW, account: { owner: 2n ** 160n, tokenId } },
    ],
    ['a negative owner to withdraw to', 'OUT_OF_RANGE', { ...WITHDRAW, account: { owner: -1n, tokenId } }],
    ['a token of more than 32 bits', 'OUT_OF_RANGE', { ...WITHDRAW, account: { owner, tokenId: 2 ** 32 } }],
    ['a destination beyond those that there can be', 'OUT_OF_RANGE', { ...MOVE, destination: TREE_CAPACITY }],
    ['a key elsewhere of r or more', 'OUT_OF_RANGE', { ...MOVE, keyY: keyY + FIELD_MODULUS }],
    ['a key elsewhere that nobody could spend from', 'INVALID_KEY', { ...MOVE, keyY: 1n }],
    ['an owner of more than 160 bits to move to', 'OUT_OF_RANGE', { ...MOVE, account: { owner: 2n ** 160n, tokenId } }],
    ['a new account of the identity’s key', 'INVALID_KEY', { ...TO_NEW, receiver: { keyY: 1n, owner } }],
    ['a new account of a key of order 2', 'INVALID_KEY', { ...TO_NEW, receiver: { keyY: FIELD_MODULUS - 1n, owner } }],
    ['a new account of a key of order 4', 'INVALID_KEY', { ...TO_NEW, receiver: { keyY: 0n, owner } }],
  ];
  for (const [title, code, intent] of cases) {
    it(title, () => {
      assertCode(() => sign(intent), code);
    });
  }

  it('a domain that is no field element', () => {
    assertCode(() => signIntent(KEYS.alice, FIELD_MODULUS, TRANSFER), 'OUT_OF_RANGE');
  });

  it('a secret of another length', () => {
    const broken = { ...createKeyPair(new Uint8Array(32)), secret: new Uint8Array(31) };
    assertCode(() => signIntent(broken, DOMAIN, TRANSFER), 'INVALID_KEY');
  });
});

import assert from 'node:assert/strict';
import {
  createPortableVerifier,
  domainOf,
  float16,
  float40,
  hashLeaf,
  headerHash,
  portableHasher,
  RecordKind,
  referenceMessage,
  rootFromPath,
  transactionMessage,
  withdrawalsRoot,
} from '@quittance/protocol';
import type { AccountJson } from '@quittance/rpc';
import * as values from '../../sequencer/api/description/example-values.ts';

const { ACCOUNT, BATCH, HISTORY_ENTRY, PROOF, SUMMARY, TRANSACTION, TRANSFER, WITHDRAWAL } = values;
const verifier = createPortableVerifier(portableHasher);
const key = { x: BigInt(TRANSFER.signature.keyX), y: BigInt(ACCOUNT.keyY) };

function leafOf({ keyY, owner, tokenId, nonce, balance }: AccountJson): bigint {
  const account = { keyY: BigInt(keyY), owner: BigInt(owner), tokenId, nonce, balance: BigInt(balance) };
  return hashLeaf(portableHasher, account);
}

describe('the values of the examples', () => {
  it('have the domain of their deployment', () => {
    const { CHAIN_ID, CONTRACT, DOMAIN } = values;
    assert.equal(domainOf({ chainId: BigInt(CHAIN_ID), contract: CONTRACT }), BigInt(DOMAIN));
    assert.equal(TRANSFER.domain, DOMAIN);
  });

  it('have a transfer whose id is the message that its payer signed', () => {
    assert.ok(TRANSFER.kind === 'transfer' && HISTORY_ENTRY.to !== null);
    const { from, to, nonce, validUntil, signature } = TRANSFER;
    const message = transactionMessage(portableHasher, {
      domain: BigInt(values.DOMAIN),
      fields: {
        ...{ kind: RecordKind.transfer, from, to },
        amountFloat: float40.encode(BigInt(TRANSFER.amount)),
        feeFloat: Number(float16.encode(BigInt(TRANSFER.fee))),
      },
      ...{ nonce, validUntil },
      receiverKeyY: BigInt(HISTORY_ENTRY.to.keyY),
      receiverOwner: BigInt(HISTORY_ENTRY.to.owner),
    });
    assert.equal(String(message), TRANSACTION.id);
    assert.equal(values.ACKNOWLEDGED.id, TRANSACTION.id);
    const r8 = { x: BigInt(signature.r8x), y: BigInt(signature.r8y) };
    assert.ok(verifier.verify({ key, signature: { r8, s: BigInt(signature.s) }, message }));
  });

  it('have a payment reference that its payer signed', () => {
    const { bytes, r8x, r8y, s } = TRANSFER.reference!;
    const text = Buffer.from(bytes.slice(2), 'hex');
    assert.equal(text.toString(), 'order 4711');
    const message = referenceMessage(portableHasher, BigInt(TRANSACTION.id), text);
    const r8 = { x: BigInt(r8x), y: BigInt(r8y) };
    assert.ok(verifier.verify({ key, signature: { r8, s: BigInt(s) }, message }));
    assert.deepEqual([TRANSACTION.reference, HISTORY_ENTRY.reference, values.REFERENCE], [bytes, bytes, bytes]);
  });

  it('have an account that is in the state of the final batch', () => {
    assert.deepEqual(PROOF.account, ACCOUNT);
    const path = PROOF.path.map((level) => level.map(BigInt));
    assert.equal(rootFromPath(portableHasher, PROOF.index, leafOf(ACCOUNT), path), BigInt(PROOF.stateRoot));
    assert.deepEqual([PROOF.batch, PROOF.stateRoot], [BATCH.header.number, BATCH.header.stateRoot]);
  });

  it('have a batch with the hash of its header, and the withdrawal that a claim proves', () => {
    const { stateRoot, ...header } = BATCH.header;
    assert.equal(headerHash({ ...header, stateRoot: BigInt(stateRoot) }), BATCH.headerHash);
    assert.deepEqual([SUMMARY.headerHash, SUMMARY.stateRoot], [BATCH.headerHash, stateRoot]);
    assert.ok(BATCH.transfers.includes(TRANSACTION.id));
    const withdrawal = { ownerAndToken: BigInt(WITHDRAWAL.ownerAndToken), amount: BigInt(WITHDRAWAL.amount) };
    assert.equal(withdrawalsRoot([withdrawal]), header.withdrawalsRoot);
    assert.deepEqual(WITHDRAWAL.header, BATCH.header);
  });

  it('add up', () => {
    const paid = [TRANSACTION.amount, TRANSACTION.fee, WITHDRAWAL.amount, TRANSACTION.fee].map(BigInt);
    const spent = paid.reduce((sum, amount) => sum + amount, 0n);
    assert.equal(BigInt(values.DEPOSIT.amount!) - spent, BigInt(ACCOUNT.balance));
  });
});

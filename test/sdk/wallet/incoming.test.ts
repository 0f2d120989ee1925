import assert from 'node:assert/strict';
import type { HistoryEntryJson } from '@quittance/rpc';
import { createIncoming } from '../../../packages/sdk/wallet/incoming.ts';

const OWN = 3;
const ownerOf = (index: number) => `0x${'0'.repeat(39)}${index}`;
const party = (index: number) => ({ index, owner: ownerOf(index), keyY: '5' });

/** A payment to the own account, unless it is told otherwise. */
const entry = (sequence: number, status: HistoryEntryJson['status'], more: Partial<HistoryEntryJson> = {}) =>
  ({
    ...{ sequence, status, kind: 'transfer', id: String(sequence), operationId: null, receivedMs: 0 },
    ...{ from: party(9), to: party(OWN), destination: null, tokenId: 0, amount: '5', fee: '0' },
    ...{ batch: null, withdrawal: null, reference: null, reason: null },
    ...more,
  }) as HistoryEntryJson;

/** Tells of all that can be told of. */
const told = (incoming: ReturnType<typeof createIncoming>, through = incoming.last) =>
  incoming.decided(through).flatMap(({ entry: { sequence }, isPayment }) => {
    incoming.settle(sequence);
    return isPayment ? [sequence] : [];
  });

describe('payments that come in', () => {
  const watching = (stage: Parameters<typeof createIncoming>[1], from = 1) =>
    createIncoming(from, stage, { owner: BigInt(ownerOf(OWN)), keyY: 5n });

  it('are told once they have reached the stage, each once', () => {
    const incoming = watching('final');
    incoming.take(entry(4, 'pending'));
    assert.deepEqual(told(incoming), []);
    incoming.take(entry(4, 'posted'));
    assert.equal(incoming.isReady, false);
    incoming.take(entry(4, 'final'));
    assert.equal(incoming.isReady, true);
    assert.deepEqual(told(incoming), [4]);
    incoming.take(entry(4, 'final'));
    assert.deepEqual(told(incoming), []);
  });

  it('keep the order of the log, so that who goes on behind one has missed none', () => {
    const incoming = watching('final');
    incoming.take(entry(7, 'final'));
    incoming.take(entry(5, 'sealed'));
    assert.deepEqual(told(incoming), []);
    assert.deepEqual([incoming.cursor, incoming.last], [0, 7]);
    incoming.take(entry(5, 'final'));
    assert.deepEqual(told(incoming), [5, 7]);
    assert.deepEqual([incoming.cursor, incoming.last], [7, 7]);
  });

  it('leave out what was dropped, which keeps nobody waiting', () => {
    const incoming = watching('sealed');
    incoming.take(entry(1, 'pending'));
    incoming.take(entry(2, 'sealed'));
    incoming.take(entry(1, 'dropped'));
    assert.deepEqual(told(incoming), [2]);
  });

  it('are no payments of one’s own, no withdrawals, nothing that did nothing', () => {
    const incoming = watching('accepted');
    incoming.take(entry(1, 'final', { to: party(8), from: party(OWN) }));
    incoming.take(entry(2, 'final', { kind: 'withdraw', to: null, from: party(OWN) }));
    incoming.take(entry(3, 'final', { kind: 'deposit', reason: 'the tree was full' }));
    incoming.take(entry(4, 'final', { kind: 'forcedExit', amount: null }));
    incoming.take(entry(5, 'pending', { kind: 'deposit', id: null, from: null }));
    assert.deepEqual(told(incoming), [5]);
  });

  it('begin where they are asked to', () => {
    const incoming = watching('accepted', 10);
    incoming.take(entry(9, 'final'));
    incoming.take(entry(10, 'final'));
    assert.deepEqual(told(incoming), [10]);
  });

  it('wait when L1 removed their batch', () => {
    const incoming = watching('posted');
    incoming.take(entry(1, 'reverted'));
    assert.deepEqual(told(incoming), []);
    incoming.take(entry(1, 'disputed'));
    assert.deepEqual(told(incoming), [1]);
  });

  it('are told up to where all is known, and stay until they are settled', () => {
    const incoming = watching('accepted');
    incoming.take(entry(7, 'pending'));
    assert.deepEqual(told(incoming, 6), []);
    assert.deepEqual([incoming.isReady, incoming.cursor], [true, 0]);
    incoming.take(entry(5, 'pending'));
    for (const _ of [1, 2]) assert.deepEqual(incoming.decided(7).length, 2);
    assert.deepEqual(told(incoming, 7), [5, 7]);
    assert.equal(incoming.isReady, false);
  });

  it('are those of one’s own key, not of whoever has the index of an account that was dropped', () => {
    const incoming = watching('accepted');
    incoming.take(entry(1, 'pending', { to: { ...party(OWN), owner: ownerOf(8) } }));
    incoming.take(entry(2, 'pending', { to: { ...party(OWN), keyY: '6' } }));
    incoming.take(entry(3, 'pending', { to: { ...party(OWN), index: 9 } }));
    assert.deepEqual(told(incoming), [3]);
  });

  it('are not set back by an answer that was on its way when something newer came', () => {
    const incoming = watching('final');
    incoming.take(entry(1, 'pending'));
    const { takenCount } = incoming;
    assert.equal(incoming.take(entry(1, 'final')), true);
    assert.equal(incoming.take(entry(1, 'pending'), takenCount), false);
    assert.equal(incoming.take(entry(1, 'final'), incoming.takenCount), false);
    assert.deepEqual(told(incoming), [1]);
  });
});

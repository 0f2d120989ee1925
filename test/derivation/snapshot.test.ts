import assert from 'node:assert/strict';
import {
  encodeSnapshot,
  movesOf,
  openSnapshot,
  readClaimableBatches,
  rebuildRollup,
  withdrawalsOf,
} from '@quittance/derivation';
import { headerHash, RollupState, type StoredHeader } from '@quittance/protocol';
import { testKzg } from '../support/blobs/kzg.ts';
import { type BlobChain, createBlobChain } from '../support/derivation/blob-chain.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { moveOf, transferOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice, bob } = HOLDERS;

describe('a snapshot of the state', () => {
  let chain: BlobChain;
  let file: Uint8Array;

  before(async function () {
    this.timeout(60_000);
    chain = await createBlobChain(await testKzg());
    await chain.post('coefficients', [{ slots: [transferOf(alice, bob.index, 100n), withdrawOf(bob, 7n)] }]);
    await chain.post('evaluations', [{ slots: [withdrawOf(alice, 20n), moveOf(bob, 9, 40n)] }]);
    file = encodeSnapshot(chain.tip);
  });

  const open = (bytes: Uint8Array, reader = chain.reader) => openSnapshot(reader, portableCrypto, bytes);

  it('is the state and the header once it is written and read', async () => {
    const { state, header } = await open(file);
    assert.deepEqual(header, chain.tip.header);
    assert.equal(state.root, chain.tip.state.root);
    assert.deepEqual([...state.accounts()].sort(), [...chain.tip.state.accounts()].sort());
  });

  it('spares a rebuild all older blobs, and hides no claim', async () => {
    const { reader } = chain;
    const options = { reader, crypto: portableCrypto, fromBlock: 0 };
    await assert.rejects(rebuildRollup(options), { code: 'BLOB_UNAVAILABLE' });
    const rebuilt = await rebuildRollup({ ...options, snapshot: await open(file) });
    assert.equal(rebuilt.state.root, chain.tip.state.root);
    assert.deepEqual(rebuilt.header, chain.tip.header);
    const amounts = (owner: bigint) => withdrawalsOf(rebuilt, owner).map(({ amount }) => amount);
    assert.deepEqual([amounts(alice.owner), amounts(bob.owner)], [[20n], [7n]]);
    assert.deepEqual(
      movesOf(rebuilt, bob.owner).map(({ amount }) => amount),
      [40n],
    );
  });

  it('is not needed for claims: they need no blob at all', async () => {
    const { reader } = chain;
    const final = await readClaimableBatches({ reader, fromBlock: 0 });
    const rebuilt = await rebuildRollup({ reader, crypto: portableCrypto, fromBlock: 0, snapshot: await open(file) });
    for (const { owner } of [alice, bob]) {
      assert.deepEqual(withdrawalsOf(final, owner), withdrawalsOf(rebuilt, owner));
      assert.deepEqual(movesOf(final, owner), movesOf(rebuilt, owner));
    }
    assert.equal(withdrawalsOf(final, alice.owner).length, 1);
  });

  it('is no state of a rollup whose batch L1 took back since it was opened', async () => {
    await chain.post('calldata', [{ slots: [transferOf(alice, bob.index, 1n)] }]);
    const snapshot = await open(encodeSnapshot(chain.tip));
    chain.revert(1);
    await assert.rejects(rebuildRollup({ reader: chain.reader, crypto: portableCrypto, fromBlock: 0, snapshot }), {
      code: 'L1_INCONSISTENT',
    });
  });

  it('is gone on from', async () => {
    const options = { reader: chain.reader, crypto: portableCrypto, fromBlock: 0, snapshot: await open(file) };
    await chain.post('calldata', [{ slots: [transferOf(alice, bob.index, 1n)] }]);
    try {
      assert.equal((await rebuildRollup(options)).state.root, chain.tip.state.root);
    } finally {
      chain.revert(1);
    }
  });

  it('is refused when it was cut, made longer, or is something else', async () => {
    const damaged = [
      new Uint8Array(),
      new TextEncoder().encode('{}'),
      file.slice(0, 30),
      file.slice(0, -1),
      file.slice(1),
      Uint8Array.from([...file, 0]),
    ];
    for (const bytes of damaged) await assert.rejects(open(bytes), { code: 'SNAPSHOT_DAMAGED' });
  });

  const headerEnd = () => file.indexOf(10, 21) + 1;
  const withHeader = (change: (header: Record<string, unknown>) => unknown) => {
    const text = new TextDecoder().decode(file.subarray(21, headerEnd()));
    const header = JSON.parse(text) as Record<string, unknown>;
    const changed = `quittance-snapshot-1\n${JSON.stringify(change(header))}\n`;
    return Uint8Array.from([...new TextEncoder().encode(changed), ...file.subarray(headerEnd())]);
  };

  it('is refused when its header has no header’s fields', async () => {
    const changes: ((header: Record<string, unknown>) => unknown)[] = [
      () => null,
      ({ number: _, ...header }) => header,
      (header) => ({ ...header, number: -1 }),
      (header) => ({ ...header, time: '7' }),
      (header) => ({ ...header, stateRoot: 7 }),
      (header) => ({ ...header, stateRoot: 'x' }),
      (header) => ({ ...header, chunksHash: '0x12' }),
    ];
    for (const change of changes) await assert.rejects(open(withHeader(change)), { code: 'SNAPSHOT_DAMAGED' });
    assert.equal((await open(withHeader((header) => ({ ...header, more: 1 })))).state.root, chain.tip.state.root);
  });

  it('is refused when L1 has another header there, or none', async () => {
    for (const change of [{ number: 2 }, { number: 99 }, { time: 1 }, { priorityCount: 0 }, { stateRoot: '7' }]) {
      await assert.rejects(open(withHeader((header) => ({ ...header, ...change }))), { code: 'SNAPSHOT_FOREIGN' });
    }
  });

  it('is refused with one bit of any account changed', async () => {
    const start = headerEnd();
    for (let offset = start; offset < file.length; offset += 13) {
      const bytes = Uint8Array.from(file);
      bytes[offset]! ^= 1;
      await assert.rejects(open(bytes), ({ code }: { code: string }) => /^SNAPSHOT_(DAMAGED|FOREIGN)$/.test(code));
    }
    const [first, second] = [file.slice(start, start + 80), file.slice(start + 80, start + 160)];
    const swapped = Uint8Array.from([...file.subarray(0, start), ...second, ...first]);
    await assert.rejects(open(swapped), { code: 'SNAPSHOT_DAMAGED' });
    const twice = Uint8Array.from([...file, ...second]);
    await assert.rejects(open(twice), { code: 'SNAPSHOT_DAMAGED' });
  });

  it('is refused with an account left out', async () => {
    await assert.rejects(open(file.slice(0, -80)), { code: 'SNAPSHOT_FOREIGN' });
  });

  it('of the empty state has no accounts', async () => {
    const header: StoredHeader = {
      ...chain.tip.header,
      number: 0,
      stateRoot: new RollupState(portableCrypto.hasher).root,
    };
    const state = new RollupState(portableCrypto.hasher);
    const bytes = encodeSnapshot({ state, header });
    const reader = { ...chain.reader, headerHash: async () => headerHash(header) };
    assert.equal((await open(bytes, reader)).state.accountCount, 0);
  });
});

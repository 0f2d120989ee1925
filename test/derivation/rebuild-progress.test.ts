import assert from 'node:assert/strict';
import type { RollupReader } from '@quittance/chain';
import {
  encodeSnapshot,
  openSnapshot,
  type RebuildOptions,
  rebuildRollup,
  type StateAt,
  withdrawalsOf,
} from '@quittance/derivation';
import { type Bytes32, RollupError } from '@quittance/protocol';
import { readingAhead } from '../../packages/derivation/read-ahead.ts';
import { isKeepDue } from '../../packages/derivation/rebuild.ts';
import { type BlobChain, createBlobChain } from '../support/derivation/blob-chain.ts';
import { NO_KZG } from '../support/derivation/no-kzg.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { transferOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice, bob } = HOLDERS;
/** Batches after the one that all have in common. */
const BATCHES = 5;

describe('a rebuild that keeps the state', () => {
  let chain: BlobChain;

  before(async () => {
    chain = await createBlobChain(NO_KZG as never);
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const slots = [transferOf(alice, bob.index, 1n), ...(batch === 1 ? [withdrawOf(bob, 7n)] : [])];
      await chain.post('calldata', [{ slots }]);
    }
  });

  /** A rebuild whose kept states are written down as files are. */
  async function run(options: Partial<RebuildOptions> = {}) {
    const kept: Uint8Array[] = [];
    const keep = async (at: StateAt) => void kept.push(encodeSnapshot(at));
    const { reader } = chain;
    const result = await rebuildRollup({ reader, crypto: portableCrypto, fromBlock: 0, keep, ...options }).catch(
      (error: unknown) => error as Error,
    );
    return { result, kept };
  }
  const open = (bytes: Uint8Array) => openSnapshot(chain.reader, portableCrypto, bytes);
  /** A reader that notes which batches’ data it was asked for, and fails for the one of this number. */
  function watched(failing?: number): { reader: RollupReader; asked: number[] } {
    const asked: number[] = [];
    const numberOf = async (hash: Bytes32) => (await chain.reader.batchData(hash)).number;
    return {
      asked,
      reader: {
        ...chain.reader,
        async batchData(hash) {
          const number = await numberOf(hash);
          asked.push(number);
          if (number === failing) throw new RollupError('L1_UNREACHABLE', 'no answer');
          return chain.reader.batchData(hash);
        },
      },
    };
  }

  it('has at its end kept the state of the last batch, once', async () => {
    const { result, kept } = await run();
    assert.ok(!(result instanceof Error));
    assert.equal(result.replayedCount, BATCHES + 1);
    assert.equal(kept.length, 1);
    const { state, header } = await open(kept[0]!);
    assert.deepEqual([state.root, header], [chain.tip.state.root, chain.tip.header]);
  });

  it('keeps what it has when a node fails, and goes on there', async () => {
    const failing = watched(4);
    const first = await run({ reader: failing.reader });
    assert.equal((first.result as RollupError).code, 'L1_UNREACHABLE');
    assert.equal(first.kept.length, 1);
    const snapshot = await open(first.kept[0]!);
    assert.equal(snapshot.header.number, 3);

    const { reader, asked } = watched();
    const second = await run({ reader, snapshot, claims: 'none' });
    assert.ok(!(second.result instanceof Error));
    assert.deepEqual(asked.toSorted(), [4, 5, 6]);
    assert.equal(second.result.replayedCount, 3);
    assert.equal(second.result.state.root, chain.tip.state.root);
  });

  it('keeps what it has when it is aborted, and throws the reason', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const { result, kept } = await run({
      signal: abort.signal,
      onProgress: (done) => done === 4 && abort.abort(reason),
    });
    assert.equal(result, reason);
    assert.equal((await open(kept[0]!)).header.number, 4);
    // Aborted at its very start, it has nothing to keep.
    const none = await run({ signal: AbortSignal.abort(reason) });
    assert.deepEqual([none.result, none.kept], [reason, []]);
  });

  it('fails when the state cannot be kept', async () => {
    const full = new RollupError('DISK_FULL', 'full', { file: 'state' });
    const { result } = await run({ keep: () => Promise.reject(full) });
    assert.equal(result, full);
  });

  it('says why it ended, also when the state cannot be kept then', async () => {
    const full = new RollupError('DISK_FULL', 'full', { file: 'state' });
    const { result } = await run({ reader: watched(4).reader, keep: () => Promise.reject(full) });
    assert.equal((result as RollupError).code, 'L1_UNREACHABLE');
  });

  it('has nothing to keep when it begins at the last batch', async () => {
    const { kept } = await run();
    const again = await run({ snapshot: await open(kept[0]!) });
    assert.ok(!(again.result instanceof Error));
    assert.deepEqual([again.result.replayedCount, again.kept], [0, []]);
  });

  it('keeps claims of all, of one owner, or of nobody, wherever it begins', async () => {
    const { kept } = await run({ reader: watched(5).reader });
    for (const snapshot of [undefined, await open(kept[0]!)]) {
      const copy = snapshot && { ...snapshot, state: portableCrypto.engine.createState(snapshot.state.accounts()) };
      const claims = async (whose: RebuildOptions['claims']) => {
        const fresh = copy && { ...copy, state: portableCrypto.engine.createState(copy.state.accounts()) };
        const { result } = await run({ snapshot: fresh, ...(whose === undefined ? {} : { claims: whose }) });
        assert.ok(!(result instanceof Error));
        const amounts = withdrawalsOf(result, bob.owner).map(({ amount }) => amount);
        return { held: result.batches.filter((batch) => batch !== undefined).length, amounts };
      };
      assert.deepEqual(await claims(undefined), { held: BATCHES + 1, amounts: [7n] });
      assert.deepEqual(await claims(bob.owner), { held: 1, amounts: [7n] });
      assert.deepEqual(await claims(alice.owner), { held: 0, amounts: [] });
      assert.deepEqual(await claims('none'), { held: 0, amounts: [] });
    }
  });

  it('keeps the state seldomer the more accounts there are', () => {
    assert.deepEqual(
      [63, 64, 65].map((batches) => isKeepDue(batches, 10)),
      [false, true, true],
    );
    assert.deepEqual(
      [64, 640_000].map((accounts) => isKeepDue(64, accounts)),
      [true, true],
    );
    assert.deepEqual(
      [isKeepDue(64, 640_001), isKeepDue(99, 1_000_000), isKeepDue(100, 1_000_000)],
      [false, false, true],
    );
  });
});

describe('reading ahead', () => {
  const COUNT = 20;
  const batches = Array.from({ length: COUNT }, (_, number) => ({
    transactionHash: `0x${number}`,
    headerHash: `h${number}`,
  }));
  const asserted = new Map([['h3', { transactionHash: '0xa3' }]]);

  function open(failing?: string) {
    const asked: string[] = [];
    const batchData = async (hash: string) => {
      asked.push(hash);
      if (hash === failing) throw new RollupError('L1_UNREACHABLE', hash);
      return { hash };
    };
    const reader = readingAhead({ batchData } as never, batches as never, { asserted } as never);
    return { asked, data: async (hash: string) => (await reader.batchData(hash)) as unknown as { hash: string } };
  }

  it('asks for the next few, each once, where their data is', async () => {
    const { asked, data } = open();
    assert.equal((await data('0x0')).hash, '0x0');
    assert.deepEqual(asked, ['0x0', '0x1', '0x2', '0xa3', '0x4', '0x5', '0x6', '0x7', '0x8']);
    for (let number = 1; number < COUNT; number += 1) await data(number === 3 ? '0xa3' : `0x${number}`);
    assert.equal(asked.length, COUNT);
  });

  it('asks again for what was given, and passes on what it does not know', async () => {
    const { asked, data } = open();
    await data('0x0');
    await data('0x0');
    assert.equal((await data('0xff')).hash, '0xff');
    assert.deepEqual(
      asked.filter((hash) => hash === '0x0' || hash === '0xff'),
      ['0x0', '0x0', '0xff'],
    );
  });

  it('fails where its turn has come, and can be asked again', async () => {
    const { data } = open('0x2');
    await data('0x0');
    await data('0x1');
    await assert.rejects(data('0x2'), { code: 'L1_UNREACHABLE' });
    await assert.rejects(data('0x2'), { code: 'L1_UNREACHABLE' });
  });
});

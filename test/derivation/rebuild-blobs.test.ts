import assert from 'node:assert/strict';
import type { BlobSource, RollupReader } from '@quittance/chain';
import { movesOf, readClaimableBatches, rebuildRollup, withdrawalsOf } from '@quittance/derivation';
import {
  genesisHeader,
  headerOf,
  packOwnerAndToken,
  RecordKind,
  RollupState,
  withdrawalProof,
} from '@quittance/protocol';
import { record } from '../support/contracts/batch.ts';
import { SLOTS } from '../support/derivation/claims.ts';
import { provenInBlob, provenInCalldata } from '../support/derivation/proven-batch.ts';
import { createBlobShelf } from '../support/l1/blob-shelf.ts';
import { type PostedBatch, readerOf, timeOfBlock } from '../support/l1/posted-chain.ts';
import { type BuiltAssertion, buildAssertion, readAs, type Tip } from '../support/optimistic/asserted-batch.ts';
import type { ChunkScript } from '../support/optimistic/claimed-chunk.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { moveOf, priorityOf, transferOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto, TEST_DEPLOYMENT } from '../support/rollup/world.ts';

const { alice, bob } = HOLDERS;
const SHAPE = { deployment: TEST_DEPLOYMENT, slotsPerChunk: SLOTS };

/** Deposits, then a batch of each form: calldata, coefficients, evaluations. */
function createChain() {
  const empty = new RollupState(portableCrypto.hasher);
  const genesis = genesisHeader(empty.root, timeOfBlock(0));
  const shelf = createBlobShelf();
  const posted: PostedBatch[] = [];
  let tip: Tip = { header: genesis, state: empty };

  function post(chunks: readonly ChunkScript[], how: 'calldata' | 'coefficients' | 'evaluations'): BuiltAssertion {
    const form = how === 'coefficients' ? 'calldata' : how;
    const asserted = buildAssertion(SHAPE, tip, { time: timeOfBlock(posted.length + 1), chunks, form });
    const submission = {
      calldata: provenInCalldata,
      coefficients: provenInBlob,
      evaluations: readAs,
    }[how](asserted);
    shelf.put(submission.blobHashes, submission.blobs);
    const { blobs: _, ...read } = submission;
    const built = { ...asserted, header: headerOf(tip.header, read) };
    posted.push({ header: built.header, submission: read });
    tip = built;
    return built;
  }

  const deposits = [alice, bob].map(({ keyPair, owner, index }) =>
    priorityOf(record(RecordKind.deposit, [keyPair.publicKey.y, packOwnerAndToken(owner, 0), 1_000n]), index),
  );
  post([{ slots: deposits }], 'calldata');
  post(
    [{ slots: [transferOf(alice, bob.index, 100n), moveOf(alice, 5, 30n)] }, { slots: [withdrawOf(bob, 7n)] }],
    'coefficients',
  );
  const last = post([{ slots: [withdrawOf(alice, 20n), moveOf(bob, 9, 40n)] }], 'evaluations');
  const reader = readerOf(genesis, posted, SLOTS);
  return { reader, posted, shelf, last };
}

describe('rebuilding a rollup with batches in blobs', () => {
  const { reader, posted, shelf, last } = createChain();
  const rebuild = (blobs: BlobSource = shelf, from = reader) =>
    rebuildRollup({ reader: from, crypto: portableCrypto, blobs, fromBlock: 0 });
  afterEach(() => {
    shelf.isOpen = true;
  });

  it('replays each form, and asks for blobs with the block and the time of their transaction', async () => {
    const before = shelf.requests.length;
    const { state, header, batches } = await rebuild();
    assert.equal(state.root, last.state.root);
    assert.deepEqual(header, last.header);
    assert.deepEqual(
      batches.slice(1).map((batch) => batch!.header),
      posted.map((batch) => batch.header),
    );
    assert.deepEqual(
      shelf.requests.slice(before),
      [2, 3].map((blockNumber) => ({
        versionedHashes: posted[blockNumber - 1]!.submission.blobHashes,
        blockNumber,
        timestamp: timeOfBlock(blockNumber),
      })),
    );
  });

  it('gives moves and withdrawals apart, each with the proof of its leaf', async () => {
    const rebuilt = await rebuild();
    const [, , second, third] = rebuilt.batches;
    assert.deepEqual(
      movesOf(rebuilt, alice.owner).map(({ header, destination, keyY, amount, index, siblings }) => ({
        ...{ number: header.number, destination, keyY, amount, index, siblings },
      })),
      [
        {
          ...{ number: 2, destination: 5, keyY: alice.keyPair.publicKey.y, amount: 30n, index: 0 },
          siblings: withdrawalProof(second!.withdrawals, 0),
        },
      ],
    );
    const [move] = movesOf(rebuilt, bob.owner);
    assert.deepEqual([move!.destination, move!.amount, move!.index], [9, 40n, 1]);
    assert.deepEqual(move!.siblings, withdrawalProof(third!.withdrawals, 1));
    const amounts = (owner: bigint) => withdrawalsOf(rebuilt, owner).map(({ amount }) => amount);
    assert.deepEqual([amounts(alice.owner), amounts(bob.owner)], [[20n], [7n]]);
  });

  it('is BLOB_UNAVAILABLE, which passes, as long as no source has a blob', async () => {
    const [hash] = posted[1]!.submission.blobHashes;
    await assert.rejects(rebuildRollup({ reader, crypto: portableCrypto, fromBlock: 0 }), {
      code: 'BLOB_UNAVAILABLE',
      data: { hash, blockNumber: 2 },
    });
    shelf.isOpen = false;
    await assert.rejects(rebuild(), { code: 'BLOB_UNAVAILABLE' });
    shelf.isOpen = true;
    assert.equal((await rebuild()).state.root, last.state.root);
  });

  for (const [what, change] of [
    ['another time', ({ time }: PostedBatch['submission']) => ({ time: time + 1 })],
    ['no roots', () => ({ roots: [] })],
    ['another root at the end', ({ roots }: PostedBatch['submission']) => ({ roots: [...roots.slice(0, -1), 7n] })],
    ['another blob', () => ({ blobHashes: [`0x01${'00'.repeat(31)}`] })],
    [
      'a list that is cut',
      ({ visible }: PostedBatch['submission']) => ({ visible: visible.map((list) => list.slice(1)) }),
    ],
  ] as const) {
    it(`takes calldata with ${what}, which L1 has not, for the node's fault, and asks for no blob`, async () => {
      const wrong: RollupReader = {
        ...reader,
        async batchData(hash) {
          const data = await reader.batchData(hash);
          return data.number === 2 ? { ...data, ...change(data) } : data;
        },
      };
      const asked = shelf.requests.length;
      await assert.rejects(rebuild(shelf, wrong), { code: 'L1_INCONSISTENT', message: /header hash/ });
      await assert.rejects(readClaimableBatches({ reader: wrong, fromBlock: 0 }), { code: 'L1_INCONSISTENT' });
      assert.equal(shelf.requests.length, asked);
    });
  }

  it('says that L1 holds a lie when the rollup begins otherwise than the rules do', async () => {
    const other = { ...genesisHeader(7n, timeOfBlock(0)) };
    const begun = readerOf(other, [], SLOTS);
    await assert.rejects(rebuild(shelf, begun), { code: 'LIE_FINAL', message: /the rollup begins with/ });
  });

  it('takes a transaction in a block that L1 does not have for a passing state of the node', async () => {
    const gone = { ...reader, block: async () => undefined };
    await assert.rejects(rebuild(shelf, gone), { code: 'L1_INCONSISTENT' });
  });
});

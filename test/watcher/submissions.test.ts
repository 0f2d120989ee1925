import { strict as assert } from 'node:assert';
import { type AssertionReader, type AssertionStatus, NO_BLOB_SOURCE, type RollupReader } from '@quittance/chain';
import { foldEvents } from '../../watcher/follow/model.ts';
import { createSubmissions, type Submission } from '../../watcher/replay/submissions.ts';
import { build, buildInBlobs, HONEST, SLOTS, submissionOf } from '../support/derivation/claims.ts';
import { provenInCalldata } from '../support/derivation/proven-batch.ts';
import { createBlobShelf } from '../support/l1/blob-shelf.ts';
import { readAs } from '../support/optimistic/asserted-batch.ts';
import { TEST_DEPLOYMENT } from '../support/rollup/world.ts';

const PLACE = { transactionHash: '0x01', blockNumber: 1, blockHash: '0x02' };

describe('Watcher: the data of batches', () => {
  const built = build(HONEST);
  const { header, headerHash, contentHash, parent } = built;
  const asserted = { ...submissionOf(built), parent };
  const assertion = { ...PLACE, assertionId: 1n, header, headerHash, asserter: '0x03', isProven: false };

  /** What is read from a node that gives this calldata. */
  function readFrom(given: Submission) {
    const submissions = createSubmissions({
      blobs: NO_BLOB_SOURCE,
      reader: { submission: async () => given } as unknown as RollupReader,
      assertions: { submission: async () => given } as unknown as AssertionReader,
      deployment: TEST_DEPLOYMENT,
      slotsPerChunk: SLOTS,
    });
    const status = { contentHash } as AssertionStatus;
    return {
      final: () => submissions.ofFinal({ ...PLACE, header, headerHash }, foldEvents([]), parent),
      waiting: () => submissions.ofAssertion(assertion, status, parent),
    };
  }

  it('is what the contract holds the hash of', async () => {
    const read = readFrom(asserted);
    assert.deepEqual(await read.final(), asserted);
    assert.deepEqual(await read.waiting(), asserted);
  });

  const unreadable = built.chunks.map((data) => data.subarray(0, 5));
  const otherBytes = built.chunks.map((data) => data.map((byte, position) => (position === 3 ? byte ^ 1 : byte)));
  for (const [what, chunks] of [
    ['of another batch', otherBytes],
    ['that no contract takes', unreadable],
  ] as const) {
    it(`is the node's fault, which may pass, when it is data ${what}`, async () => {
      const read = readFrom({ ...asserted, chunks });
      await assert.rejects(read.final(), { code: 'L1_INCONSISTENT' });
      await assert.rejects(read.waiting(), { code: 'L1_INCONSISTENT' });
    });
  }

  it('is read from blobs, and only once the transaction is known to be the one that L1 took', async () => {
    const inBlobs = buildInBlobs(HONEST);
    const { blobs, ...posted } = readAs(inBlobs);
    const shelf = createBlobShelf();
    shelf.put(inBlobs.blobHashes, blobs);
    const reader = { submission: async () => posted, block: async () => ({ number: 1, timestamp: 77 }) };
    const read = (given: typeof posted) =>
      createSubmissions({
        blobs: shelf,
        reader: { ...reader, submission: async () => given } as unknown as RollupReader,
        assertions: { submission: async () => given } as unknown as AssertionReader,
        deployment: TEST_DEPLOYMENT,
        slotsPerChunk: SLOTS,
      });
    const meant = { ...PLACE, header: inBlobs.header, headerHash: inBlobs.headerHash };
    const claim = { ...meant, assertionId: 1n, asserter: '0x03', isProven: false };
    const status = { contentHash: inBlobs.contentHash } as AssertionStatus;
    const final = () => read(posted).ofFinal(meant, foldEvents([]), inBlobs.parent);
    assert.deepEqual(await final(), { ...posted, blobs });
    assert.deepEqual(await read(posted).ofAssertion(claim, status, inBlobs.parent), { ...posted, blobs });
    const asked = { versionedHashes: inBlobs.blobHashes, blockNumber: 1, timestamp: 77 };
    assert.deepEqual(shelf.requests, [asked, asked]);

    const others = { ...posted, blobHashes: posted.blobHashes.map((hash) => hash.replace(/.$/, '0')) };
    assert.notDeepEqual(others, posted);
    await assert.rejects(read(others).ofFinal(meant, foldEvents([]), inBlobs.parent), { code: 'L1_INCONSISTENT' });
    await assert.rejects(read(others).ofAssertion(claim, status, inBlobs.parent), { code: 'L1_INCONSISTENT' });
    assert.equal(shelf.requests.length, 2);
    shelf.isOpen = false;
    await assert.rejects(final(), { code: 'BLOB_UNAVAILABLE' });
  });

  it('stays in memory, of eight batches, for those that were used last or are kept for a dispute', async () => {
    const given = provenInCalldata(built);
    let asked = 0;
    const submission = async () => {
      asked += 1;
      return given;
    };
    const submissions = createSubmissions({
      ...{ blobs: NO_BLOB_SOURCE, deployment: TEST_DEPLOYMENT, slotsPerChunk: SLOTS, reader: {} as RollupReader },
      assertions: { submission } as unknown as AssertionReader,
    });
    const statusOf = (index: number) => ({ contentHash: `0x0${index}` }) as AssertionStatus;
    /** Whether the node was asked for it. */
    const isRead = async (index: number) => {
      const before = asked;
      await submissions.ofAssertion(assertion, statusOf(index), parent);
      return asked > before;
    };
    for (let index = 1; index <= 8; index += 1) assert.equal(await isRead(index), true);
    assert.equal(await isRead(1), false);
    submissions.keep(assertion, statusOf(2));
    submissions.keep(assertion, statusOf(9));
    assert.equal(await isRead(9), true);
    assert.deepEqual([await isRead(1), await isRead(2), await isRead(3)], [false, false, true]);
  });

  it("is the node's fault, which may pass, when authorizations are left out", async () => {
    await assert.rejects(readFrom({ ...asserted, authorizations: [] }).waiting(), { code: 'L1_INCONSISTENT' });
  });
});

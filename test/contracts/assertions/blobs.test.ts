import { encodeBlob, formNumber, MAX_BLOBS, VISIBLE_ENTRY_BYTES } from '@quittance/protocol';
import { expect } from 'chai';
import { testKzg } from '../../support/blobs/kzg.ts';
import { proveBlob, sendWithBlobs } from '../../support/blobs/send.ts';
import { blobOf, buildBlobBatch, submitArguments, transfer } from '../../support/contracts/batch.ts';
import { latestTime } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { assertBatch, assertionsBy, at, buildOn, finalize, sendAssertion } from '../../support/optimistic/calls.ts';
import type { ChunkScript } from '../../support/optimistic/claimed-chunk.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { buildInBlobsOn, sendInBlobs } from '../../support/optimistic/in-blobs.ts';
import { chunkOf, HONEST } from '../../support/optimistic/lie-chunks.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { moveOf, withdrawOf } from '../../support/optimistic/slot-scripts.ts';
import { evmContent } from '../../support/optimistic/step-proof.ts';

const { alice } = HOLDERS;
const MAX_CHUNK_BYTES = 32_768;
const PAYING = chunkOf(withdrawOf(alice, 50n), moveOf(alice, 7, 20n));

describe('Assertions.assertBatch with blobs', () => {
  const fixture = assertionsFixture();
  const build = (...chunks: ChunkScript[]) => buildInBlobsOn(fixture.world, fixture.prepared.tip, chunks);
  const stranger = () => proveBlob(encodeBlob(Array<bigint>(4_096).fill(7n)));

  it('keeps what TypeScript computes: header, content and as many chunks as there are visible lists', async () => {
    const { world } = fixture;
    const built = await build(HONEST, PAYING);
    expect(built.content.form).to.equal('evaluations');
    expect(built.content.dataHashes).to.deep.equal(built.proven.map(({ versionedHash }) => versionedHash));
    expect(built.content.authorizationHashes).to.deep.equal([]);
    for (const row of built.content.inputs) expect(row.slice(3, 7)).to.deep.equal([0n, 0n, 0n, 0n]);
    await sendInBlobs(world, built);
    const kept = await world.assertions.assertion(1n);
    expect([kept.headerHash, kept.contentHash]).to.deep.equal([built.headerHash, built.contentHash]);
    expect(kept.chunkCount).to.equal(2n);
    expect(built.header.withdrawalCount).to.equal(2);
  });

  it('makes it final when nobody disputes it, and pays what its lists say', async () => {
    const { world } = fixture;
    const built = await build(PAYING);
    await sendInBlobs(world, built);
    await at(world, (await latestTime(world)) + world.optimistic.challengePeriod + 1);
    await finalize(world, built);
    expect(await world.rollup.headerHash(2)).to.equal(built.headerHash);
  });

  it('lets batches by calldata and by blobs follow one another', async () => {
    const { world } = fixture;
    const first = await build(HONEST);
    await sendInBlobs(world, first);
    const second = await buildOn(world, first, [HONEST]);
    await assertBatch(world, second);
    const third = await buildInBlobsOn(world, second, [HONEST]);
    await sendInBlobs(world, third);
    expect(await world.assertions.pendingRange()).to.deep.equal([1n, 4n]);
  });

  it('refuses to prove it: it has no inputs that a proof could be of', async () => {
    const { world } = fixture;
    const built = await build(HONEST);
    await sendInBlobs(world, built);
    const sent = world.assertions.submitProofs(1n, evmContent(built.content), 0, []);
    await refuses(world, sent, 'NotProvable', 1);
    // Nor under the form that could be.
    const content = { ...evmContent(built.content), form: formNumber('calldata') };
    await expect(world.assertions.submitProofs(1n, content, 0, [])).to.be.revertedWithCustomError(
      world.assertions,
      'WrongContent',
    );
  });

  it('refuses any number of blobs but that of the batch', async () => {
    const { world } = fixture;
    const built = await build(HONEST);
    await refuses(world, sendAssertion(world, built), 'WrongBlobCount', 1, 0);
    const two = [...built.proven, await stranger()];
    await refuses(world, sendInBlobs(world, built, {}, two), 'WrongBlobCount', 1, 2);
    await sendInBlobs(world, built);
  });

  it('refuses a blob next to calldata', async () => {
    const { world, prepared } = fixture;
    const built = await buildOn(world, prepared.tip, [HONEST]);
    const sent = sendInBlobs(world, { ...built, proven: [] }, {}, [await stranger()]);
    await refuses(world, sent, 'WrongBlobCount', 0, 1);
  });

  it('refuses chunks or authorizations next to blobs', async () => {
    const { world } = fixture;
    const built = await build(HONEST);
    const signed = { ...built, authorizations: [new Uint8Array(69)] };
    await refuses(world, sendInBlobs(world, signed), 'WrongListLength', 'authorizations', 0, 1);
    const chunks = [new Uint8Array(62)];
    await refuses(world, sendInBlobs(world, { ...built, chunks }), 'WrongBlobCount', 0, 1);
  });

  it('keeps another content for another blob', async () => {
    const { world } = fixture;
    const built = await build(HONEST);
    const other = await stranger();
    await sendInBlobs(world, built, {}, [other]);
    const kept = await world.assertions.assertion(1n);
    expect(kept.contentHash).not.to.equal(built.contentHash);
    expect(kept.headerHash).not.to.equal(built.headerHash);
  });

  it('refuses a batch that would need more than six blobs', async () => {
    const { world, prepared } = large;
    const { header } = prepared.tip;
    // What it says of its records is not looked at before.
    const batchOf = (count: number) => {
      const list = Array<bigint>(count).fill(1n);
      const built = { number: header.number + 1, time: header.time, commitments: list, feeTokens: list };
      const data = { chunks: [], authorizations: [], visible: list.map(() => new Uint8Array()) };
      return [header, { ...built, roots: [header.stateRoot, ...list] }, data] as const;
    };
    const { assertionBond: value } = world.optimistic;
    const by = assertionsBy(world, world.producer);
    await refuses(world, by.assertBatch(...batchOf(8), { value }), 'TooManyBlobs', MAX_BLOBS, MAX_BLOBS + 1);
    await refuses(world, by.assertBatch(...batchOf(7), { value }), 'WrongBlobCount', MAX_BLOBS, 0);
  });
  const large = assertionsFixture({ slotsPerChunk: 1_024, maxChunks: 8 });

  it('has no limits of bytes', async () => {
    const { world, prepared } = wide;
    // A list that no record makes: wrong, but taken.
    const many = Math.ceil(MAX_CHUNK_BYTES / VISIBLE_ENTRY_BYTES) + 1;
    const visible = (list: Uint8Array) =>
      Uint8Array.from(
        Array<Uint8Array>(many)
          .fill(list)
          .flatMap((entry) => [...entry]),
      );
    const chunk = { ...chunkOf(withdrawOf(alice, 5n)), visible };
    const inCalldata = await buildOn(world, prepared.tip, [chunk]);
    expect(inCalldata.visible[0]!.length).to.be.greaterThan(MAX_CHUNK_BYTES);
    await expect(sendAssertion(world, inCalldata)).to.be.revertedWithCustomError(world.assertions, 'TooMuchData');
    const inBlobs = await buildInBlobsOn(world, prepared.tip, [chunk]);
    await sendInBlobs(world, inBlobs);
    expect((await world.assertions.assertion(1n)).contentHash).to.equal(inBlobs.contentHash);
  });
  const wide = assertionsFixture({ slotsPerChunk: 400 });

  describe('where the deployment takes calldata only', () => {
    const closed = assertionsFixture({ blobsAllowed: false });

    it('refuses blobs, and takes calldata', async () => {
      const { world, prepared } = closed;
      const built = await buildInBlobsOn(world, prepared.tip, [HONEST]);
      await refuses(world, sendInBlobs(world, built), 'BlobsNotAllowed');
      await assertBatch(world, await buildOn(world, prepared.tip, [HONEST]));
    });
  });
});

describe('Assertions.submitBatch with a blob', () => {
  const fixture = assertionsFixture();

  /** A proven batch with its data in a blob, on a waiting one. */
  const proven = async () => {
    const { world, prepared } = fixture;
    const first = await buildOn(world, prepared.tip, [HONEST]);
    await assertBatch(world, first);
    const content = {
      parent: first.header,
      time: await latestTime(world),
      chunks: [[transfer(1, 2)], [transfer(2, 1)]],
    };
    const blob = await proveBlob(blobOf(world, content));
    const { built, challenge } = buildBlobBatch(world, content, blob.versionedHash);
    const { y, proof } = await (await testKzg()).open(blob.blob, challenge);
    return { built: { ...built, opening: Uint8Array.from([...blob.commitment, ...proof]) }, blob, y };
  };
  const send = async (built: Parameters<typeof submitArguments>[0], blobs: Parameters<typeof sendWithBlobs>[3]) => {
    const { l1, assertions, producer } = fixture.world;
    const data = assertions.interface.encodeFunctionData('submitBatch', submitArguments(built));
    return sendWithBlobs(l1, producer, { to: await assertions.getAddress(), data }, blobs);
  };

  it('takes it on a waiting parent, opened at its challenge', async () => {
    const { world } = fixture;
    const { built, blob } = await proven();
    await send(built, [blob]);
    const kept = await world.assertions.assertion(2n);
    expect([kept.isReleased, kept.provenChunks]).to.deep.equal([true, 3n]);
    expect(await world.assertions.pendingRange()).to.deep.equal([1n, 3n]);
  });

  it('refuses another opening, an evaluation that does not fit it, and another number of blobs', async () => {
    const { world } = fixture;
    const { built, blob } = await proven();
    const { assertions } = world;
    const wrong = { ...built, opening: built.opening.with(60, built.opening[60]! ^ 1) };
    await expect(send(wrong, [blob])).to.be.revertedWithCustomError(world.rollup, 'WrongOpening');
    const evaluations = built.evaluations.with(0, built.evaluations[0]! ^ 1n);
    await expect(send({ ...built, evaluations }, [blob])).to.be.revertedWithCustomError(world.rollup, 'WrongOpening');
    await refuses(world, send(built, [blob, blob]), 'WrongBlobCount', 1, 2);
    expect(await assertions.pendingRange()).to.deep.equal([1n, 2n]);
  });
});

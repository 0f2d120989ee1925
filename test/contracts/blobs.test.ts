import { BLOB_FIELD_MODULUS, batchEvaluation, headerHash, RecordKind } from '@quittance/protocol';
import { expect } from 'chai';
import { testKzg } from '../support/blobs/kzg.ts';
import type { ProvenBlob } from '../support/blobs/send.ts';
import {
  type BatchArguments,
  type BatchContent,
  blobOf,
  buildBatch,
  buildBlobBatch,
  record,
  submit,
  submitArguments,
  transfer,
} from '../support/contracts/batch.ts';
import { buildOpenedBatch, provenBlob, submitWithBlobs } from '../support/contracts/blob-batch.ts';
import { type DeployedRollup, deployContract, readHeader, rollupFixture } from '../support/contracts/deployment.ts';
import { evmProof } from '../support/contracts/evm-proof.ts';
import { refuses } from '../support/contracts/refusal.ts';

const withdrawal = record(RecordKind.withdraw, [0n, 1n, 2n], 9);
const CHUNKS = [[transfer(1, 2), withdrawal, transfer(2, 3)], [transfer(4, 5)], []];
const contentOf = (world: DeployedRollup, chunks: BatchContent['chunks'] = CHUNKS): BatchContent => ({
  parent: world.genesis,
  time: world.genesis.time,
  chunks,
});

/** A batch with its data in a blob, opened where it should be. */
async function inBlob(world: DeployedRollup, chunks?: BatchContent['chunks']) {
  const opened = await buildOpenedBatch(world, contentOf(world, chunks));
  const { built, challenge, y } = opened;
  expect(y).to.equal(batchEvaluation(built.evaluations, challenge, world.parameters.slotsPerChunk));
  return opened;
}

describe('batches in a blob', () => {
  const fixture = rollupFixture();

  const send = (built: BatchArguments, blobs: readonly ProvenBlob[]) => submitWithBlobs(fixture.world, built, blobs);

  it('become final with the header that TypeScript computes, under the key that takes the same batch in calldata', async () => {
    const { world } = fixture;
    const { built, blob } = await inBlob(world);
    const snapshot = await world.l1.networkHelpers.takeSnapshot();
    await send(built, [blob]);
    expect(await readHeader(world.rollup, 1)).to.deep.equal(built.header);
    expect(await world.rollup.headerHash(1)).to.equal(headerHash(built.header));
    await snapshot.restore();
    const inCalldata = buildBatch(world, contentOf(world));
    await submit(world, inCalldata);
    expect(inCalldata.header.stateRoot).to.equal(built.header.stateRoot);
    expect(inCalldata.header.withdrawalsRoot).to.equal(built.header.withdrawalsRoot);
    expect(inCalldata.header.chunksHash).not.to.equal(built.header.chunksHash);
  });

  describe('are refused', () => {
    it('without a blob, or with one more', async () => {
      const { world } = fixture;
      const { built, blob } = await inBlob(world);
      await refuses(world, submit(world, built), 'WrongBlobCount', 1, 0);
      const other = await provenBlob(new Uint8Array(blob.blob.length));
      await refuses(world, send(built, [blob, other]), 'WrongBlobCount', 1, 2);
      await refuses(world, send(built, [blob, blob]), 'WrongBlobCount', 1, 2);
    });

    it('with another blob than the one that was opened', async () => {
      const { world } = fixture;
      const { built } = await inBlob(world);
      const other = await provenBlob(blobOf(world, contentOf(world, [[transfer(1, 3)], [], []])));
      const { challenge } = buildBlobBatch(world, contentOf(world), other.versionedHash);
      const y = batchEvaluation(built.evaluations, challenge, world.parameters.slotsPerChunk);
      await refuses(world, send(built, [other]), 'WrongOpening', other.versionedHash, challenge, y);
    });

    it('with a blob of other records, though it is opened where it should be', async () => {
      const { world } = fixture;
      const other = await provenBlob(blobOf(world, contentOf(world, [[transfer(1, 3)], [], []])));
      const { built, challenge } = buildBlobBatch(world, contentOf(world), other.versionedHash);
      const { y: actual, proof } = await (await testKzg()).open(other.blob, challenge);
      const y = batchEvaluation(built.evaluations, challenge, world.parameters.slotsPerChunk);
      expect(y).not.to.equal(actual);
      const opened = { ...built, opening: Buffer.concat([other.commitment, proof]) };
      await refuses(world, send(opened, [other]), 'WrongOpening', other.versionedHash, challenge, y);
    });

    it('with another value of any chunk', async () => {
      const { world } = fixture;
      const { built, blob, challenge } = await inBlob(world);
      for (const [chunk, value] of built.evaluations.entries()) {
        const evaluations = built.evaluations.with(chunk, (value + 1n) % BLOB_FIELD_MODULUS);
        const y = batchEvaluation(evaluations, challenge, world.parameters.slotsPerChunk);
        await refuses(world, send({ ...built, evaluations }, [blob]), 'WrongOpening', blob.versionedHash, challenge, y);
      }
    });

    it('with values that are wrong and make the right one together', async () => {
      const { world } = fixture;
      const { built, blob, challenge } = await inBlob(world);
      const step = challenge ** BigInt(world.parameters.slotsPerChunk / 2) % BLOB_FIELD_MODULUS;
      const [first, second, third] = built.evaluations as [bigint, bigint, bigint];
      const evaluations = [
        (first + step) % BLOB_FIELD_MODULUS,
        (second + BLOB_FIELD_MODULUS - 1n) % BLOB_FIELD_MODULUS,
        third,
      ];
      await refuses(world, send({ ...built, evaluations }, [blob]), 'InvalidProof');
    });

    it('with a value that is not below q, though it is right modulo q', async () => {
      const { world } = fixture;
      const { built, blob } = await inBlob(world);
      for (const [chunk, value] of built.evaluations.entries()) {
        const evaluations = built.evaluations.with(chunk, value + BLOB_FIELD_MODULUS);
        const sent = send({ ...built, evaluations }, [blob]);
        await refuses(world, sent, 'EvaluationNotInField', chunk, value + BLOB_FIELD_MODULUS);
      }
    });

    it('with a bit flipped in the commitment or the proof', async () => {
      const { world } = fixture;
      const { built, blob, challenge, y } = await inBlob(world);
      for (const position of [0, 47, 48, 95]) {
        const opening = Uint8Array.from(built.opening);
        opening[position]! ^= 1;
        const sent = send({ ...built, opening }, [blob]);
        await refuses(world, sent, 'WrongOpening', blob.versionedHash, challenge, y);
      }
    });

    it('with an opening of another length, or not as many values as chunks', async () => {
      const { world } = fixture;
      const { built, blob } = await inBlob(world);
      for (const length of [0, 48, 95, 97]) {
        const opening = new Uint8Array(length);
        await refuses(world, send({ ...built, opening }, [blob]), 'WrongListLength', 'opening', 96, length);
      }
      for (const evaluations of [[], built.evaluations.slice(1), [...built.evaluations, 0n]]) {
        const sent = send({ ...built, evaluations }, [blob]);
        await refuses(world, sent, 'WrongListLength', 'evaluations', 3, evaluations.length);
      }
    });

    it('with another visible list: z is another, and so is the point that was opened', async () => {
      const { world } = fixture;
      const { built, blob } = await inBlob(world);
      const sent = send({ ...built, visible: built.visible.with(0, new Uint8Array()) }, [blob]);
      await expect(sent).to.be.revertedWithCustomError(world.rollup, 'WrongOpening');
    });

    it('with a proof for another value of the chunk', async () => {
      const { world } = fixture;
      const { built, blob } = await inBlob(world);
      for (const input of [3, 4, 5, 6]) {
        const row = built.inputs[0]!.with(input, built.inputs[0]![input]! + 1n);
        const proofs = built.proofs.with(0, evmProof(world.simulator.prove(row)));
        await refuses(world, send({ ...built, proofs }, [blob]), 'InvalidProof');
      }
    });
  });

  describe('leave no way for data in calldata', () => {
    it('to come with a blob that nobody reads', async () => {
      const { world } = fixture;
      const { blob } = await inBlob(world);
      await refuses(world, send(buildBatch(world, contentOf(world)), [blob]), 'WrongBlobCount', 0, 1);
    });

    it('to come with values or an opening', async () => {
      const { world } = fixture;
      const built = buildBatch(world, contentOf(world));
      await refuses(
        world,
        submit(world, { ...built, evaluations: [0n, 0n, 0n] }),
        'WrongListLength',
        'evaluations',
        0,
        3,
      );
      const opening = new Uint8Array(96);
      await refuses(world, submit(world, { ...built, opening }), 'WrongListLength', 'opening', 0, 96);
    });

    it('to be of fewer or more chunks than the batch', async () => {
      const { world } = fixture;
      const built = buildBatch(world, contentOf(world));
      for (const chunks of [built.chunks.slice(1), [...built.chunks, built.chunks[0]!]]) {
        await refuses(world, submit(world, { ...built, chunks }), 'WrongListLength', 'chunks', 3, chunks.length);
      }
    });
  });
});

describe('a deployment without blobs', () => {
  const fixture = rollupFixture({ blobsAllowed: false });

  it('refuses a batch in a blob, and takes it in calldata', async () => {
    const { world } = fixture;
    expect(await world.rollup.blobsAllowed()).to.equal(false);
    const { built, blob } = await inBlob(world);
    await refuses(world, submitWithBlobs(world, built, [blob]), 'BlobsNotAllowed');
    await refuses(world, submit(world, built), 'BlobsNotAllowed');
    await submit(world, buildBatch(world, contentOf(world)));
  });
});

describe('a deployment with blobs', () => {
  // 8,192 records: as many as a blob of coefficients takes.
  const fixture = rollupFixture({ slotsPerChunk: 4096, maxChunks: 2 });

  it('is refused when its largest batch does not fit a blob', async () => {
    const { world } = fixture;
    const deployWith = (changes: object) =>
      deployContract(world.ethers, 'Rollup', [{ ...world.parameters, ...changes }]);
    await refuses(world, deployWith({ maxChunks: 3 }), 'InvalidParameter', 'maxChunks', 3);
    await deployWith({ maxChunks: 3, blobsAllowed: false });
    await refuses(world, deployWith({ slotsPerChunk: 4098 }), 'InvalidParameter', 'maxChunks', 2);
  });

  it('reads no batch of more evaluations than six blobs hold, and knows no further form', async () => {
    const { world } = fixture;
    const built = buildBatch(world, contentOf(world, [[], []]));
    const read = (form: number, chunks = built.chunks) => {
      const [parent, batch, data] = submitArguments({ ...built, chunks });
      return world.rollup.readBatch.staticCall(parent, batch, form, data);
    };
    await refuses(world, read(2, []), 'TooManyBlobs', 6, 7);
    await refuses(world, read(2), 'WrongListLength', 'chunks', 0, 2);
    await refuses(world, read(3), 'UnknownForm', 3);
  });
});

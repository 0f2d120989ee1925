import {
  BLOB_ELEMENTS,
  BLOB_FIELD_MODULUS,
  decodeBlob,
  encodeBlob,
  RECORDS_PER_BLOB,
  stepResultOf,
} from '@quittance/protocol';
import { expect } from 'chai';
import { proveBlob } from '../../support/blobs/send.ts';
import type { DeployedOptimistic } from '../../support/contracts/deployment.ts';
import { declaring, refuses } from '../../support/contracts/refusal.ts';
import type { Tip } from '../../support/optimistic/asserted-batch.ts';
import { assertionsBy, dispute, sendAnswer, sendStepProof } from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import {
  type BlobAssertion,
  buildInBlobsOn,
  claimedStep,
  commitmentOf,
  findFault,
  sendInBlobs,
  stepProofOf,
} from '../../support/optimistic/in-blobs.ts';
import { chunkOf, HONEST, lyingChunk } from '../../support/optimistic/lie-chunks.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { LIES } from '../../support/optimistic/lies.ts';
import { collectOf, moveOf, noop, transferOf, withdrawOf } from '../../support/optimistic/slot-scripts.ts';
import type { EvmStepProof } from '../../support/optimistic/step-proof.ts';

const { alice, bob } = HOLDERS;
const POINT = 48;
const VALUE = 32;
/** Where an opening stands: behind the commitment, a value and a proof each. */
const valueAt = (opening: number) => POINT + opening * (VALUE + POINT);
const proofAt = (opening: number) => valueAt(opening) + VALUE;
const bytesOf = (value: bigint) => Buffer.from(value.toString(16).padStart(2 * VALUE, '0'), 'hex');
const spliced = (bytes: Uint8Array, at: number, part: Uint8Array) => {
  const changed = Uint8Array.from(bytes);
  changed.set(part, at);
  return changed;
};

/** Asserts a batch, disputes its chunks and answers as its producer claims. */
async function assertAndAnswer(world: DeployedOptimistic, built: BlobAssertion): Promise<void> {
  await sendInBlobs(world, built);
  for (const chunk of built.claims.keys()) {
    await dispute(world, 1n, built, chunk);
    await sendAnswer(world, 1n, built, chunk);
  }
}

/** Proves the first wrong step that a challenger finds, and tells the result that L1 gave. */
async function overturn(world: DeployedOptimistic, tip: Tip, built: BlobAssertion, chunk: number) {
  const fault = findFault(world, tip, built, chunk)!;
  const proof = await stepProofOf(world, built, 1n, fault);
  await assertionsBy(world, world.bob).commitStep(commitmentOf(proof, world.bob.address, fault.outcome));
  const result = stepResultOf(fault.outcome);
  await expect(sendStepProof(world, proof))
    .to.emit(world.assertions, 'StepProven')
    .withArgs(1, chunk, fault.slot, result);
  expect(await world.assertions.isPending(1n)).to.equal(false);
  expect(await world.assertions.creditOf(world.bob.address)).to.equal(world.optimistic.assertionBond / 2n);
  return fault;
}

describe('a step of a batch in blobs', () => {
  /** Chunk 0 has every kind of opening; chunk 1 lies in slot 1. */
  const fixture = assertionsFixture({}, async (world, tip) => {
    const built = await buildInBlobsOn(world, tip, [
      chunkOf(
        transferOf(alice, bob.index, 5n, { fee: 3n }),
        withdrawOf(alice, 7n),
        moveOf(bob, 9, 2n),
        collectOf(bob.index),
      ),
      lyingChunk('a signature by another key'),
    ]);
    await assertAndAnswer(world, built);
    return { built };
  });
  const proofOf = (chunk: number, slot: number): Promise<EvmStepProof> => {
    const { built } = fixture.prepared;
    return stepProofOf(fixture.world, built, 1n, claimedStep(built, { chunk, slot }));
  };

  it('is no fraud where the batch is right, and is where it is not', async () => {
    const { world, prepared } = fixture;
    const { claims } = prepared.built;
    const lie = { chunk: 1, slot: 1 };
    for (const [chunk, { slots }] of claims.entries()) {
      for (const [slot, { truth }] of slots.entries()) {
        if (chunk === lie.chunk && slot >= lie.slot) continue;
        const proof = await proofOf(chunk, slot);
        await assertionsBy(world, world.bob).commitStep(commitmentOf(proof, world.bob.address, truth));
        await refuses(world, sendStepProof(world, proof), 'NoFraud', 1, chunk, slot);
      }
    }
    const fault = await overturn(world, prepared.tip, prepared.built, 1);
    expect([fault.slot, fault.result]).to.deep.equal([1, 'BAD_SIGNATURE']);
  });

  describe('refuses', () => {
    const refusesOpenings = async (
      change: (openings: Uint8Array, proof: EvmStepProof) => Uint8Array,
      error: string,
      slot = 0,
    ) => {
      const proof = await proofOf(0, slot);
      const sent = sendStepProof(fixture.world, { ...proof, openings: change(proof.openings, proof) });
      await expect(sent).to.be.revertedWithCustomError(declaring(fixture.world, error), error);
    };

    it('openings that are cut, longer, none, or of too few or too many elements', async () => {
      const signed = valueAt(3);
      for (const length of [0, 47, 48, valueAt(1) - 1, valueAt(1), valueAt(2), signed - 1]) {
        const proof = await proofOf(0, 0);
        const sent = sendStepProof(fixture.world, { ...proof, openings: proof.openings.slice(0, length) });
        const expected = length < valueAt(1) ? valueAt(1) : signed;
        await refuses(fixture.world, sent, 'WrongOpeningsLength', expected, length);
      }
      await refusesOpenings((openings) => Uint8Array.from([...openings, 0]), 'WrongOpeningsLength');
      // A collectFee is not signed: its second element says nothing, so it is not opened.
      const unsigned = await proofOf(0, 3);
      expect(unsigned.openings.length).to.equal(valueAt(1));
      const more = Uint8Array.from([...unsigned.openings, ...unsigned.openings.slice(valueAt(0))]);
      const sent = sendStepProof(fixture.world, { ...unsigned, openings: more });
      await refuses(fixture.world, sent, 'WrongOpeningsLength', valueAt(1), valueAt(2));
    });

    it('a value, commitment or proof with a bit flipped', async () => {
      for (const opening of [0, 1, 2]) {
        for (const at of [valueAt(opening) + 31, proofAt(opening) + 20]) {
          await refusesOpenings((openings) => openings.with(at, openings[at]! ^ 1), 'WrongElement');
        }
      }
      await refusesOpenings((openings) => openings.with(20, openings[20]! ^ 1), 'WrongElement');
    });

    it('a value that is one plus q', async () => {
      await refusesOpenings((openings) => {
        const value = BigInt(`0x${Buffer.from(openings.slice(valueAt(0), proofAt(0))).toString('hex')}`);
        return spliced(openings, valueAt(0), bytesOf(value + BLOB_FIELD_MODULUS));
      }, 'WrongElement');
    });

    it('the elements of another slot, or those of this one in another order', async () => {
      const other = await proofOf(0, 1);
      await refusesOpenings(() => other.openings, 'WrongElement');
      await refusesOpenings((openings) => {
        const [second, third] = [openings.slice(valueAt(1), valueAt(2)), openings.slice(valueAt(2))];
        return spliced(spliced(openings, valueAt(1), third), valueAt(2), second);
      }, 'WrongElement');
    });

    it('the same elements of another blob', async () => {
      const elements = decodeBlob(fixture.prepared.built.blobs[0]!);
      elements[BLOB_ELEMENTS - 1] = 1n;
      const other = await proveBlob(encodeBlob(elements));
      const honest = fixture.prepared.built.proven[0]!;
      await refusesOpenings((openings) => spliced(openings, 0, other.commitment), 'WrongElement');
      // Opened as they are in the other blob.
      const { built } = fixture.prepared;
      const forged = { ...built, blobs: [other.blob] };
      const proof = await stepProofOf(fixture.world, forged, 1n, claimedStep(built, { chunk: 0, slot: 0 }));
      expect(proof.openings.slice(0, POINT)).not.to.deep.equal(honest.commitment);
      await refuses(
        fixture.world,
        sendStepProof(fixture.world, proof),
        'WrongElement',
        honest.versionedHash,
        0,
        (value: bigint) => value === elements[0],
      );
    });

    it('data or authorizations, of which a batch in blobs has none', async () => {
      const proof = await proofOf(0, 0);
      const [data, authorizations] = [new Uint8Array(62), new Uint8Array(69)];
      for (const [change, error] of [
        [{ data }, 'WrongChunkData'],
        [{ authorizations }, 'WrongAuthorizations'],
      ] as const) {
        const sent = sendStepProof(fixture.world, { ...proof, ...change });
        await expect(sent).to.be.revertedWithCustomError(fixture.world.assertions, error);
      }
    });

    it('content of form 0 or 1', async () => {
      const proof = await proofOf(0, 0);
      for (const form of [0, 1]) {
        const sent = sendStepProof(fixture.world, { ...proof, content: { ...proof.content, form } });
        await expect(sent).to.be.revertedWithCustomError(fixture.world.assertions, 'WrongContent');
      }
    });
  });
});

describe('what stands in a blob is always an outcome', () => {
  const fixture = assertionsFixture();
  const TOP = 2n ** 248n;
  /** The greatest element that a blob can have. */
  const LAST = BLOB_FIELD_MODULUS - 1n;

  for (const [what, change, result] of [
    ['a first element of 2^248', (e: bigint[]) => (e[0]! += TOP), 'RESERVED_KIND'],
    ['a first element of q − 1', (e: bigint[]) => (e[0] = LAST), 'RESERVED_KIND'],
    ['the lowest of the record’s upper 4 bits', (e: bigint[]) => (e[0]! += 1n << 244n), 'RESERVED_KIND'],
    ['the highest of them', (e: bigint[]) => (e[0]! += 1n << 247n), 'RESERVED_KIND'],
    ['a second element of 2^248', (e: bigint[]) => (e[1]! += TOP), 'BAD_SIGNATURE'],
    ['a third element of 2^248', (e: bigint[]) => (e[2]! += TOP), 'BAD_SIGNATURE'],
    ['a second and a third of q − 1', (e: bigint[]) => e.fill(LAST, 1, 3), 'BAD_SIGNATURE'],
    ['another bit of the signature', (e: bigint[]) => (e[2]! ^= 1n << 64n), 'BAD_SIGNATURE'],
    ['another expiry', (e: bigint[]) => (e[0]! ^= 1n << 80n), 'EXPIRED'],
    ['another record', (e: bigint[]) => (e[0]! ^= 1n << 136n), 'BAD_SIGNATURE'],
    ['nothing at all', (e: bigint[]) => e.fill(0n), undefined],
  ] as const) {
    it(`${result ?? 'a noop'} for ${what}`, async () => {
      const { world, prepared } = fixture;
      const built = await buildInBlobsOn(world, prepared.tip, [HONEST], change);
      await assertAndAnswer(world, built);
      const fault = await overturn(world, prepared.tip, built, 0);
      // A noop is right in itself, and leaves the state that the asserter says has changed.
      expect([fault.slot, fault.result]).to.deep.equal([0, result ?? 'WRONG_STATE']);
    });
  }

  it('but says nothing in the last 8 bytes, for the signatures of unsigned records and behind the last slot', async () => {
    const { world, prepared } = fixture;
    const built = await buildInBlobsOn(world, prepared.tip, [HONEST], (elements) => {
      elements[2]! |= 2n ** 64n - 1n;
      for (const element of [4, 5, 7, 8, 10, 11]) elements[element]! = LAST;
      elements.fill(LAST, 12);
    });
    await assertAndAnswer(world, built);
    expect(findFault(world, prepared.tip, built, 0)).to.equal(undefined);
    for (const [slot, { truth }] of built.claims[0]!.slots.entries()) {
      const proof = await stepProofOf(world, built, 1n, claimedStep(built, { chunk: 0, slot }));
      await assertionsBy(world, world.bob).commitStep(commitmentOf(proof, world.bob.address, truth));
      await refuses(world, sendStepProof(world, proof), 'NoFraud', 1, 0, slot);
    }
  });

  it('for each lie about a record as by calldata', async () => {
    const { world, prepared } = fixture;
    for (const { name, finding, script } of LIES.filter((_, position) => position % 5 === 0)) {
      const snapshot = await world.l1.networkHelpers.takeSnapshot();
      const built = await buildInBlobsOn(world, prepared.tip, [chunkOf(noop, script)]);
      await assertAndAnswer(world, built);
      const fault = await overturn(world, prepared.tip, built, 0);
      expect([fault.slot, fault.outcome.valid ? 'valid' : fault.outcome.code], name).to.deep.equal([1, finding]);
      await snapshot.restore();
    }
  });
});

describe('a batch of two blobs', () => {
  /** The least M of two chunks whose records do not fit one blob. */
  const SLOTS = Math.ceil((RECORDS_PER_BLOB + 1) / 4) * 2;
  /** The first slot of chunk 1 that stands in the second blob. */
  const BORDER = RECORDS_PER_BLOB - SLOTS;
  const fixture = assertionsFixture({ slotsPerChunk: SLOTS, maxChunks: 2 }, async (world, tip) => {
    const slots = [...Array(BORDER - 1).fill(noop), transferOf(alice, bob.index, 5n), transferOf(bob, alice.index, 3n)];
    const built = await buildInBlobsOn(world, tip, [chunkOf(), chunkOf(...slots)]);
    await assertAndAnswer(world, built);
    return { built };
  });

  it('has the last record of the first and the first of the second where they stand', async () => {
    const { world, prepared } = fixture;
    const { built } = prepared;
    expect(built.proven.length).to.equal(2);
    for (const slot of [BORDER - 1, BORDER]) {
      const { truth } = built.claims[1]!.slots[slot]!;
      const proof = await stepProofOf(world, built, 1n, claimedStep(built, { chunk: 1, slot }));
      expect(proof.openings.length).to.equal(valueAt(3));
      const blob = built.proven[slot < BORDER ? 0 : 1]!;
      expect(proof.openings.slice(0, POINT)).to.deep.equal(blob.commitment);
      await assertionsBy(world, world.bob).commitStep(commitmentOf(proof, world.bob.address, truth));
      await refuses(world, sendStepProof(world, proof), 'NoFraud', 1, 1, slot);
      const other = built.proven[slot < BORDER ? 1 : 0]!;
      const forged = { ...proof, openings: spliced(proof.openings, 0, other.commitment) };
      await expect(sendStepProof(world, forged)).to.be.revertedWithCustomError(world.assertions, 'WrongElement');
    }
  });

  it('is refused with one blob or three, or with its blobs in the other order taken for another batch', async () => {
    const { world, prepared } = fixture;
    const { built } = prepared;
    const [first, second] = built.proven as [(typeof built.proven)[number], (typeof built.proven)[number]];
    const next = await buildInBlobsOn(world, built, [chunkOf(), chunkOf()]);
    await refuses(world, sendInBlobs(world, next, {}, [first]), 'WrongBlobCount', 2, 1);
    await refuses(world, sendInBlobs(world, next, {}, [first, second, first]), 'WrongBlobCount', 2, 3);
    const one = await buildInBlobsOn(world, built, [chunkOf()]);
    await refuses(world, sendInBlobs(world, one, {}, [first, second]), 'WrongBlobCount', 1, 2);
    await sendInBlobs(world, next, {}, [second, first]);
    expect((await world.assertions.assertion(2n)).contentHash).not.to.equal(next.contentHash);
  });
});

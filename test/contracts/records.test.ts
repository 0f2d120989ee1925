import { BLOCK_BYTES, FIELD_MODULUS, packOwnerAndToken, type RecordData, RecordKind } from '@quittance/protocol';
import { expect } from 'chai';
import { type BatchContent, buildBatch, record, submit, transfer } from '../support/contracts/batch.ts';
import { latestTime, readHeader, rollupFixture } from '../support/contracts/deployment.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';

const SLOTS = 34;
const DATA_BYTES = (SLOTS / 2) * BLOCK_BYTES;
const OWNER_AND_TOKEN = packOwnerAndToken(0xabcdn, 3);
const withdrawal = (amount: bigint) => record(RecordKind.withdraw, [0n, OWNER_AND_TOKEN, amount], 9);
const transferToNew = (index: number) => record(RecordKind.transferToNew, [77n, 0xbeefn, 0n], 1, index);
const move = (destination: number, amount: bigint) =>
  record(RecordKind.move, [99n, OWNER_AND_TOKEN, amount], 9, destination);
const collectFee = () => record(RecordKind.collectFee, [], 0, 5);

describe('records that L1 reads', () => {
  const fixture = rollupFixture({ slotsPerChunk: SLOTS });

  const build = async (chunks: BatchContent['chunks']) =>
    buildBatch(fixture.world, { parent: fixture.world.genesis, time: await latestTime(fixture.world), chunks });

  /** Any change of the data or a list changes z, y or sumV, so an accepted batch shows that both sides read it alike. */
  const accepts = async (chunks: BatchContent['chunks']) => {
    const built = await build(chunks);
    await submit(fixture.world, built);
    expect(await readHeader(fixture.world.rollup, 1)).to.deep.equal(built.header);
  };

  it('gives the sums, counts and withdrawals root of TypeScript for every kind in every position of a block', async () => {
    const kinds = [
      transfer(1, 2),
      transferToNew(7),
      withdrawal(5n),
      move(3, 6n),
      collectFee(),
      record(RecordKind.noop, []),
    ];
    await accepts([
      kinds
        .flatMap((even) => kinds.map((odd) => [even, odd]))
        .flat()
        .slice(0, SLOTS),
      [],
      kinds,
    ]);
  });

  it('gives them for groups of eight blocks with one other record at each place', async () => {
    const transfers = Array.from({ length: SLOTS }, (_, slot) => transfer(slot, slot + 1, BigInt(slot)));
    for (const [place, other] of [withdrawal(3n), collectFee(), move(4, 1n)].entries()) {
      await fixture.world.l1.networkHelpers.mine();
      const snapshot = await fixture.world.l1.networkHelpers.takeSnapshot();
      for (const slot of [0, 1, 2, 15, 16, 17, 31, 32, 33].filter((slot) => (slot + place) % 2 === 0)) {
        await accepts([transfers, transfers.with(slot, other)]);
        await snapshot.restore();
      }
    }
  });

  it('gives them for random records of all kinds that need no queue', async () => {
    const random = createRandom(propertySeed());
    for (let round = 0; round < 5; round += 1) {
      const snapshot = await fixture.world.l1.networkHelpers.takeSnapshot();
      const chunk = () =>
        Array.from({ length: random.below(SLOTS + 1) }, () => {
          const kind = random.pick([0, 1, 1, 1, 1, 2, 3, 6, 7]);
          const fields = {
            kind,
            from: Number(random.bits(32)),
            to: Number(random.bits(32)),
            amountFloat: random.bits(40),
            feeFloat: Number(random.bits(16)),
          };
          const words = [2, 3, 7].includes(kind) ? [0, 1, 2].map(() => random.fieldElement()) : [];
          return { fields, words };
        });
      await accepts([chunk(), chunk(), chunk()]);
      await snapshot.restore();
    }
  });

  it('takes the smallest and the greatest record and word', async () => {
    const greatest = FIELD_MODULUS - 1n;
    const full = { kind: 3, from: 2 ** 32 - 1, to: 2 ** 32 - 1, amountFloat: 2n ** 40n - 1n, feeFloat: 2 ** 16 - 1 };
    await accepts([[{ fields: full, words: [greatest, greatest, greatest] }], [withdrawal(0n)]]);
  });

  it('gives the value of the greatest block in every place, and of chunks that end in a group or in single blocks', async () => {
    // Of no kind that a circuit takes; L1 reads none of its bits.
    const greatest: RecordData = {
      fields: { kind: 15, from: 2 ** 32 - 1, to: 2 ** 32 - 1, amountFloat: 2n ** 40n - 1n, feeFloat: 2 ** 16 - 1 },
      words: [],
    };
    const full = Array.from({ length: SLOTS }, () => greatest);
    await accepts([full, full.slice(0, SLOTS - 1), []]);
  });

  it('refuses one flipped bit anywhere in the data', async () => {
    const built = await build([[transfer(1, 2), withdrawal(5n), transfer(3, 4)]]);
    const data = built.chunks[0]!;
    // Every byte of the first two blocks, and some of the noops; L1 reads no record here, and takes no kind apart.
    for (let position = 0; position < data.length; position += position < 2 * BLOCK_BYTES ? 3 : 40) {
      const flipped = Uint8Array.from(data);
      flipped[position]! ^= 1;
      const sent = submit(fixture.world, { ...built, chunks: [flipped] });
      await expect(sent, `byte ${position}`)
        .to.be.revertedWithCustomError(fixture.world.verifier, 'InvalidProof')
        .withArgs();
    }
  });

  it('refuses data that is not as long as its blocks', async () => {
    const { world } = fixture;
    const built = await build([[], [withdrawal(5n)]]);
    for (const length of [0, BLOCK_BYTES, DATA_BYTES - 1, DATA_BYTES + 1, DATA_BYTES + BLOCK_BYTES, 2 * DATA_BYTES]) {
      const other = new Uint8Array(length);
      other.set(built.chunks[1]!.slice(0, length));
      await expect(submit(world, { ...built, chunks: [built.chunks[0]!, other] }), `length ${length}`)
        .to.be.revertedWithCustomError(world.rollup, 'WrongDataLength')
        .withArgs(1, DATA_BYTES, length);
    }
  });
});

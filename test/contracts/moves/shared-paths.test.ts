/** Moves of one call share what their proofs have in common. */

import { L1_DEFAULTS, type StoredHeader, type Withdrawal, ZERO_BYTES32 } from '@quittance/protocol';
import { expect } from 'chai';
import fc from 'fast-check';
import { fixtureOf } from '../../support/contracts/deployment.ts';
import { deployTwo, finalizeWith, moveProof, moveProofs, moveTo } from '../../support/contracts/moves.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { property } from '../../support/property/property.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const COUNT = 37;

describe('moves of one call', () => {
  const fixture = fixtureOf(
    () => deployTwo({ slotsPerChunk: 40, maxChunks: 1 }),
    async (world) => {
      await world.rollup.deposit(0, 10_000n, 1n, world.owner.address, { value: 10_000n + FEE });
      const withdrawals = Array.from({ length: COUNT }, (_, index) =>
        // Two that are the same, and stand beside each other.
        moveTo(world.destination, world.alice.address, BigInt(index < 2 ? 1 : index)),
      );
      return { withdrawals, header: await finalizeWith(world, world.genesis, withdrawals) };
    },
  );

  type Proof = ReturnType<typeof moveProof>;
  const whole = (index: number): Proof => moveProof(fixture.prepared.withdrawals, index);
  const shared = (indices: readonly number[]): Proof[] => moveProofs(fixture.prepared.withdrawals, indices);
  const execute = (moves: readonly Proof[], header: StoredHeader = fixture.prepared.header) =>
    fixture.world.rollup.executeMoves(header, fixture.world.destination, moves, { value: BigInt(moves.length) * FEE });
  const sum = (withdrawals: readonly Withdrawal[]) => withdrawals.reduce((total, { amount }) => total + amount, 0n);

  it('are proven by what their paths do not share: for all in order less than one sibling each is left', async () => {
    const { there } = fixture.world;
    const all = shared(Array.from({ length: COUNT }, (_, index) => index));
    expect(all.flatMap(({ siblings }) => siblings).length).to.be.below(COUNT + 6);
    await execute(all);
    expect(await there.trackedTotal(0)).to.equal(sum(fixture.prepared.withdrawals));
  });

  const indices = fc.uniqueArray(fc.integer({ min: 0, max: COUNT - 1 }), { minLength: 1, maxLength: COUNT });
  property<[number[], boolean[]]>(
    'are proven in any order, each by its whole path or behind the one before it',
    [indices, fc.array(fc.boolean(), { minLength: COUNT, maxLength: COUNT })],
    async (chosen, wholes) => {
      const { world, prepared } = fixture;
      const snapshot = await world.l1.networkHelpers.takeSnapshot();
      try {
        const moves = shared(chosen).map((proof, position) => (wholes[position] ? whole(proof.index) : proof));
        await execute(moves);
        const moved = chosen.map((index) => prepared.withdrawals[index]!);
        expect(await world.there.trackedTotal(0)).to.equal(sum(moved));
        for (const index of chosen) expect(await world.rollup.isClaimed(1, index)).to.equal(true);
      } finally {
        await snapshot.restore();
      }
    },
    { runs: 12 },
  );

  property<[number[], number, number]>(
    'are refused with anything in any of them changed',
    [indices, fc.nat(), fc.nat()],
    async (chosen, which, how) => {
      const { rollup } = fixture.world;
      const moves = shared(chosen);
      const position = which % moves.length;
      const move = moves[position]!;
      const changes: Partial<Proof>[] = [
        { amount: move.amount + 1n },
        { keyY: move.keyY + 1n },
        { ownerAndToken: move.ownerAndToken + 1n },
        ...move.siblings.map((_, level) => ({ siblings: move.siblings.with(level, ZERO_BYTES32) })),
      ];
      // The last leaf's siblings are 0 on the right.
      const change = changes[how % changes.length]!;
      if (JSON.stringify(change.siblings) === JSON.stringify(move.siblings)) return;
      const sent = execute(moves.with(position, { ...move, ...change }));
      await expect(sent).to.be.revertedWithCustomError(rollup, 'WrongWithdrawalsRoot');
    },
    { runs: 24 },
  );

  it('are refused when the first leaves something out, or another leaves out more or less than it shares', async () => {
    const { rollup } = fixture.world;
    for (const [index, given] of [
      [4, 0],
      [4, 5],
      [36, 3],
    ] as const) {
      const proof = whole(index);
      const first = execute([{ ...proof, siblings: proof.siblings.slice(0, given) }]);
      await refuses(rollup, first, 'WrongProofLength', 6, given);
    }
    for (const [previous, index, right] of [
      [4, 5, 0],
      [4, 6, 1],
      [4, 0, 2],
      [36, 4, 5],
    ] as const) {
      const proof = whole(index);
      for (const given of [0, 1, 2, 3, 4, 5].filter((count) => count !== right)) {
        const moves = [whole(previous), { ...proof, siblings: proof.siblings.slice(0, given) }];
        await refuses(rollup, execute(moves), 'WrongProofLength', 6, given);
      }
      const tooMany = [whole(previous), { ...proof, siblings: [...proof.siblings, ZERO_BYTES32] }];
      await refuses(rollup, execute(tooMany), 'WrongProofLength', 6, 7);
    }
  });

  it('are refused twice, though one stands beside another that is the same', async () => {
    const { rollup } = fixture.world;
    const [zero, one] = shared([0, 1]) as [Proof, Proof];
    await refuses(rollup, execute([zero, { ...zero, siblings: [] }]), 'AlreadyClaimed', 1, 0);
    await refuses(rollup, execute([zero, one, one]), 'AlreadyClaimed', 1, 1);
    await refuses(rollup, execute([zero, { ...one, index: 64 }]), 'WithdrawalIndexTooLarge', COUNT, 64);
    await refuses(rollup, execute([zero, { ...zero, index: 64 }]), 'WithdrawalIndexTooLarge', COUNT, 64);
    await execute([zero, one]);
  });

  it('that are claimed have whole proofs', async () => {
    const { rollup, alice, destination } = fixture.world;
    const { header } = fixture.prepared;
    const asAlice = rollup.connect(alice) as typeof rollup;
    await refuses(rollup, asAlice.claimMoves(header, destination, shared([4, 5])), 'WrongProofLength', 6, 0);
    await asAlice.claimMoves(header, destination, [whole(4), whole(5)]);
  });
});

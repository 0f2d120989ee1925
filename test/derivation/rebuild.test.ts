import assert from 'node:assert/strict';
import { createRollupReader, type RollupReader } from '@quittance/chain';
import { rebuildRollup, withdrawalsOf } from '@quittance/derivation';
import {
  AUTHORIZATION_BYTES,
  headerHash,
  headerOf,
  L1_DEFAULTS,
  packOwnerAndToken,
  RecordKind,
  RollupState,
  unpackOwnerAndToken,
} from '@quittance/protocol';
import { toBeHex } from 'ethers';
import { record } from '../support/contracts/batch.ts';
import type { DeployedOptimistic } from '../support/contracts/deployment.ts';
import { connectedTo } from '../support/contracts/types.ts';
import { submissionOf } from '../support/derivation/claims.ts';
import type { BuiltAssertion, Tip } from '../support/optimistic/asserted-batch.ts';
import { assertBatch, buildOn, finalize, submitFinal, submitProven } from '../support/optimistic/calls.ts';
import { deploymentFixture } from '../support/optimistic/fixture.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { pretending, priorityOf, transferOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice, bob } = HOLDERS;
const AMOUNT = 1_000n;

/** Alice and Bob have deposited, and a proven batch has executed it. */
async function prepare(world: DeployedOptimistic): Promise<Tip> {
  const { rollup, genesis } = world;
  for (const { keyPair, owner } of [alice, bob]) {
    const value = AMOUNT + L1_DEFAULTS.priorityFeeWei;
    await rollup.deposit(0, AMOUNT, keyPair.publicKey.y, toBeHex(owner, 20), { value });
  }
  const slots = [alice, bob].map(({ keyPair, owner, index }) =>
    priorityOf(record(RecordKind.deposit, [keyPair.publicKey.y, packOwnerAndToken(owner, 0), AMOUNT]), index),
  );
  const tip = { header: genesis, state: new RollupState(portableCrypto.hasher) };
  const first = await buildOn(world, tip, [{ slots }]);
  await submitFinal(world, first);
  return first;
}

/** The same batch with a commitment c that no proof has. */
function withoutProof(built: BuiltAssertion): BuiltAssertion {
  const batch = { ...built.batch, commitments: built.batch.commitments.map(() => 7n) };
  const submission = submissionOf({ ...built, batch });
  const header = headerOf(built.parent, submission);
  return { ...built, batch, header, headerHash: headerHash(header) };
}

describe('rebuilding a rollup whose batches were asserted', () => {
  const fixture = deploymentFixture({}, async (world) => ({ first: await prepare(world) }));

  const readerOf = ({ ethers, deployment }: DeployedOptimistic): RollupReader =>
    createRollupReader({ ...deployment, provider: ethers.provider as never });
  const rebuild = (world: DeployedOptimistic) =>
    rebuildRollup({ reader: readerOf(world), crypto: portableCrypto, fromBlock: 0 });
  const pass = ({ l1, optimistic }: DeployedOptimistic) =>
    l1.networkHelpers.time.increase(optimistic.challengePeriod + 1);

  it('finds the data of asserted, proven and later proven batches alike', async () => {
    const { world, prepared } = fixture;
    const second = await buildOn(world, prepared.first, [
      { slots: [transferOf(alice, bob.index, 100n)] },
      { slots: [withdrawOf(bob, 300n)] },
    ]);
    await assertBatch(world, second);
    const third = await buildOn(world, second, [{ slots: [withdrawOf(alice, 50n)] }]);
    await submitProven(world, third);
    await pass(world);
    await finalize(world, second, third);
    const fourth = await buildOn(world, third, [{ slots: [transferOf(bob, alice.index, 9n)] }]);
    await assertBatch(world, fourth);
    await submitFinal(world, fourth);

    const { state, header, batches } = await rebuild(world);
    assert.equal(state.root, fourth.state.root);
    assert.deepEqual(header, fourth.header);
    assert.deepEqual(
      batches.map((batch) => batch?.hash),
      [undefined, headerHash(prepared.first.header), second.headerHash, third.headerHash, fourth.headerHash],
    );
  });

  it('gives claims that the contract pays', async () => {
    const { world, prepared } = fixture;
    const slots = [withdrawOf(bob, 300n), withdrawOf(alice, 20n), withdrawOf(bob, 1n)];
    const second = await buildOn(world, prepared.first, [{ slots }]);
    await assertBatch(world, second);
    await pass(world);
    await finalize(world, second);

    const claims = withdrawalsOf(await rebuild(world), bob.owner);
    assert.deepEqual(
      claims.map(({ amount, index }) => [amount, index]),
      [
        [300n, 0],
        [1n, 2],
      ],
    );
    const { owner } = unpackOwnerAndToken(claims[0]!.ownerAndToken);
    const address = toBeHex(owner, 20);
    await connectedTo(world.rollup, world.alice).claimWithdrawals(second.header, claims);
    assert.equal(await world.ethers.provider.getBalance(address), 301n);
  });

  it('asks for no signatures and no commitments of what L1 let become final', async () => {
    const { world, prepared } = fixture;
    const script = {
      slots: [transferOf(alice, bob.index, 100n)],
      authorizations: () => new Uint8Array(AUTHORIZATION_BYTES),
    };
    const second = withoutProof(await buildOn(world, prepared.first, [script]));
    await assertBatch(world, second);
    await pass(world);
    await finalize(world, second);
    const { state, header } = await rebuild(world);
    assert.equal(state.root, second.state.root);
    assert.equal(headerHash(header), second.headerHash);
  });

  it('takes the batch that became final, not the one that was asserted under its number', async () => {
    const { world, prepared } = fixture;
    await assertBatch(world, await buildOn(world, prepared.first, [{ slots: [transferOf(alice, bob.index, 1n)] }]));
    const second = await buildOn(world, prepared.first, [{ slots: [transferOf(alice, bob.index, 2n)] }]);
    await submitFinal(world, second);
    const { state } = await rebuild(world);
    assert.equal(state.root, second.state.root);
  });

  it('stops at a wrong batch that nobody disputed, and says so', async () => {
    const { world, prepared } = fixture;
    const theft = pretending(transferOf(alice, bob.index, 2n), () => ({ changes: [] }));
    const second = await buildOn(world, prepared.first, [{ slots: [theft] }]);
    await assertBatch(world, second);
    await pass(world);
    await finalize(world, second);
    await assert.rejects(rebuild(world), { code: 'LIE_FINAL', message: /batch 2 became final by assertion/ });
  });

  describe('from a node that leaves logs out', () => {
    /** Three batches: proven, asserted, proven. */
    const three = async (world: DeployedOptimistic, first: Tip): Promise<BuiltAssertion> => {
      const second = await buildOn(world, first, [{ slots: [transferOf(alice, bob.index, 1n)] }]);
      await assertBatch(world, second);
      await pass(world);
      await finalize(world, second);
      const third = await buildOn(world, second, [{ slots: [transferOf(bob, alice.index, 2n)] }]);
      await submitFinal(world, third);
      return third;
    };
    const rebuildWith = (world: DeployedOptimistic, changes: Partial<RollupReader>) =>
      rebuildRollup({ reader: { ...readerOf(world), ...changes }, crypto: portableCrypto, fromBlock: 0 });

    for (const missing of [1, 2, 3]) {
      it(`stops without final batch ${missing}`, async () => {
        const { world, prepared } = fixture;
        await three(world, prepared.first);
        const { finalizedBatches } = readerOf(world);
        const failed = rebuildWith(world, {
          finalizedBatches: async (...range) =>
            (await finalizedBatches(...range)).filter(({ header }) => header.number !== missing),
        });
        await assert.rejects(failed, { code: 'L1_LOGS_INCOMPLETE', message: new RegExp(`final batch ${missing} in`) });
      });
    }

    it('stops without an assertion', async () => {
      const { world, prepared } = fixture;
      await three(world, prepared.first);
      await assert.rejects(rebuildWith(world, { assertions: async () => [] }), {
        code: 'L1_LOGS_INCOMPLETE',
        data: { what: 'the assertion of batch 2' },
      });
    });

    it('says NO_DEPLOYMENT without the genesis', async () => {
      const { world } = fixture;
      const failed = rebuildRollup({
        reader: readerOf(world),
        crypto: portableCrypto,
        fromBlock: (await readerOf(world).head()).number,
      });
      await assert.rejects(failed, { code: 'NO_DEPLOYMENT' });
    });
  });
});

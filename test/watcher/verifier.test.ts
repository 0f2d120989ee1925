import { strict as assert } from 'node:assert';
import type { AssertionStatus } from '@quittance/chain';
import type { ReplayCrypto } from '@quittance/derivation';
import { createReferenceEngine, invariantBroken, isRollupError, RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { foldEvents } from '../../watcher/follow/model.ts';
import type { PendingBatch } from '../../watcher/follow/pending.ts';
import { IN_MEMORY, openWatcherStore } from '../../watcher/index.ts';
import { createVerifier, type Verifier } from '../../watcher/replay/verifier.ts';
import { build, collect, createTip, DEPLOYMENT, HONEST, pay, submissionOf } from '../support/derivation/claims.ts';
import { createManualClock } from '../support/manual-clock.ts';
import type { BuiltAssertion } from '../support/optimistic/asserted-batch.ts';
import { chunkOf, withAuthorizations } from '../support/optimistic/lie-chunks.ts';
import { pretending } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto, TEST_DEPLOYMENT } from '../support/rollup/world.ts';

/** A waiting batch as the events and views of L1 have it. */
function pendingOf({ header, headerHash }: BuiltAssertion): PendingBatch {
  const inclusion = { transactionHash: '0x01', blockNumber: 1, blockHash: '0x02' };
  return {
    assertion: { ...inclusion, assertionId: 1n, header, headerHash, asserter: '0x03', isProven: false },
    status: {
      headerHash,
      contentHash: '0x04',
      provenChunks: 0n,
      disputedChunks: 0n,
      isPending: true,
    } as AssertionStatus,
  };
}

/** The portable cryptography, engine included, over another hash. */
function cryptoOver(hash: (inputs: readonly bigint[]) => bigint): ReplayCrypto {
  const crypto = { hasher: { hash }, verifier: portableCrypto.verifier };
  return { ...crypto, engine: createReferenceEngine(crypto) };
}

describe('Watcher: the verdict on a waiting batch', () => {
  /** A verifier at the tip on which `build` builds, which finds this batch on L1. */
  async function verifierOf(
    built: BuiltAssertion,
    crypto: ReplayCrypto = portableCrypto,
    keep: () => void = () => undefined,
  ): Promise<Verifier> {
    const { header, state } = createTip();
    const store = openWatcherStore({ file: IN_MEMORY, ...TEST_DEPLOYMENT });
    store.commit(() => store.checkpoint.move({ header, headerHash: '0x05', blockNumber: 0 }, state.accounts()));
    const submission = { ...submissionOf(built), parent: built.parent };
    const verifier = createVerifier({
      ...{ crypto, replay: DEPLOYMENT, store, clock: createManualClock(), logger: silentLogger },
      submissions: { ofAssertion: async () => submission, ofFinal: async () => submission, keep },
    });
    await verifier.followFinal(foldEvents([]), 1);
    return verifier;
  }
  for (const [what, chunks, disputedChunks, kept] of [
    ['a right batch that nobody disputes is let go', [HONEST], 0n, 0],
    ['a right batch that is disputed is kept', [HONEST], 1n, 1],
    ['a wrong batch is kept', [withAuthorizations(chunkOf(pay, pay, collect), (bytes) => bytes.fill(0, 0, 69))], 0n, 1],
  ] as const) {
    it(`once given: the data of ${what}`, async () => {
      const built = build(...chunks);
      let count = 0;
      const verifier = await verifierOf(built, portableCrypto, () => {
        count += 1;
      });
      const pending = pendingOf(built);
      const disputed = { ...pending, status: { ...pending.status, disputedChunks } };
      await verifier.judge([disputed]);
      assert.equal(count, 0);
      await verifier.judge([disputed]);
      assert.equal(count, kept);
    });
  }

  const finals = ({ header, headerHash }: BuiltAssertion) =>
    foldEvents([{ type: 'finalized', header, headerHash, transactionHash: '0x01', blockNumber: 1, blockHash: '0x02' }]);

  it('comes from one replay also when only signatures are wrong, and what follows is judged on it', async () => {
    const forged = withAuthorizations(chunkOf(pay, pay, collect), (bytes) => bytes.fill(0, 0, 69));
    const built = build(forged, HONEST);
    let messages = 0;
    const hash = (inputs: readonly bigint[]): bigint => {
      if (inputs.length === 4 && inputs[0] === DEPLOYMENT.domain) messages += 1;
      return portableCrypto.hasher.hash(inputs);
    };
    const verifier = await verifierOf(built, { ...portableCrypto, hasher: { hash } });
    const [judged] = await verifier.judge([pendingOf(built)]);
    assert.deepEqual([...judged!.verdict!.faults.keys()], [0]);
    // Two signed records a chunk, and the forged one once more to explain it.
    assert.equal(messages, 5);
    const { chain } = await verifier.followFinal(foldEvents([]), 1);
    assert.equal(chain.tip.stateRoot, built.batch.roots.at(-1));
  });

  it('is that L1 holds a lie when a final batch breaks a rule, with the rule', async () => {
    const lie = chunkOf(
      pay,
      pretending(pay, () => ({ changes: [] })),
      collect,
    );
    const built = build(lie);
    const verifier = await verifierOf(built);
    await assert.rejects(verifier.followFinal(finals(built), 1), (error) => {
      assert.ok(isRollupError(error, 'LIE_FINAL'));
      assert.deepEqual([error.data.batch, error.data['rule']], [built.header.number, 'CLAIM_FALSE']);
      return true;
    });
  });

  for (const code of ['INVARIANT_BROKEN', 'NATIVE_UNAVAILABLE'] as const) {
    it(`is no lie of L1 when the replay itself fails with ${code}`, async () => {
      const built = build(HONEST);
      let fails = false;
      const hash = (inputs: readonly bigint[]): bigint => {
        if (fails) throw new RollupError(code, 'the hasher broke');
        return portableCrypto.hasher.hash(inputs);
      };
      const verifier = await verifierOf(built, cryptoOver(hash));
      fails = true;
      await assert.rejects(verifier.followFinal(finals(built), 1), { code });
    });
  }

  describe('without its blobs', () => {
    const missing = new RollupError('BLOB_UNAVAILABLE', 'nobody has it', { hash: '0x01', blockNumber: 1 });
    const built = build(HONEST);
    const submission = { ...submissionOf(built), parent: built.parent };

    /** A verifier that gets the batch only while `shelf` is open. */
    async function verifierOver(shelf: { isOpen: boolean }): Promise<Verifier> {
      const { header, state } = createTip();
      const store = openWatcherStore({ file: IN_MEMORY, ...TEST_DEPLOYMENT });
      store.commit(() => store.checkpoint.move({ header, headerHash: '0x05', blockNumber: 0 }, state.accounts()));
      const read = () => (shelf.isOpen ? Promise.resolve(submission) : Promise.reject(missing));
      return createVerifier({
        ...{ crypto: portableCrypto, replay: DEPLOYMENT, store, clock: createManualClock(), logger: silentLogger },
        submissions: { ofAssertion: read, ofFinal: read, keep: () => undefined },
      });
    }

    it('is none while no source has them, and comes once one has', async () => {
      const shelf = { isOpen: false };
      const verifier = await verifierOver(shelf);
      await verifier.followFinal(foldEvents([]), 1);
      for (let look = 0; look < 2; look += 1) {
        const [judged] = await verifier.judge([pendingOf(built)]);
        assert.deepEqual([judged!.verdict, judged!.failure], [undefined, missing]);
      }
      shelf.isOpen = true;
      const [judged] = await verifier.judge([pendingOf(built)]);
      assert.deepEqual([judged!.verdict!.faults.size, judged!.failure], [0, undefined]);
    });

    it('is recalled without any reading, and only as far as those before it were judged', async () => {
      const shelf = { isOpen: true };
      const verifier = await verifierOver(shelf);
      const waiting = pendingOf(built);
      const next = pendingOf({
        ...built,
        header: { ...built.header, parentHash: built.headerHash },
        headerHash: '0x09',
      });
      const recalled = () => verifier.recall([waiting, next]).map(({ verdict }) => verdict?.faults.size);
      assert.deepEqual(recalled(), [undefined, undefined]);
      await verifier.followFinal(foldEvents([]), 1);
      assert.deepEqual(recalled(), [undefined, undefined]);
      await verifier.judge([waiting]);
      shelf.isOpen = false;
      assert.deepEqual(recalled(), [0, undefined]);
      verifier.reset();
      assert.deepEqual(recalled(), [undefined, undefined]);
    });

    it('stops the replay of final batches before it, which is no lie, and goes on once they are there', async () => {
      const shelf = { isOpen: false };
      const verifier = await verifierOver(shelf);
      const before = await verifier.followFinal(finals(built), 1);
      assert.equal(before.missing, missing);
      assert.equal(before.chain.tip.stateRoot, built.parent.stateRoot);
      shelf.isOpen = true;
      const after = await verifier.followFinal(finals(built), 1);
      assert.deepEqual([after.missing, after.chain.tip.stateRoot], [undefined, built.state.root]);
    });
  });

  it('is not given at all when our own state is wrong: nothing may be staked on what follows', async () => {
    const built = build(HONEST);
    let fails = false;
    const hash = (inputs: readonly bigint[]): bigint => {
      if (fails) throw invariantBroken('the hasher broke');
      return portableCrypto.hasher.hash(inputs);
    };
    const verifier = await verifierOf(built, cryptoOver(hash));
    fails = true;
    await assert.rejects(verifier.judge([pendingOf(built)]), { code: 'INVARIANT_BROKEN' });
  });
});

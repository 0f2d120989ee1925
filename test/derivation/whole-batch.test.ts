import assert from 'node:assert/strict';
import { type ReplayCrypto, replayAssertion, replayBatch } from '@quittance/derivation';
import { type ChunkResult, type Engine, type Execution, RollupError } from '@quittance/protocol';
import { build, buildInBlobs, DEPLOYMENT, faultsOf, HONEST, pay, submissionOf } from '../support/derivation/claims.ts';
import { provenInBlob, provenInCalldata } from '../support/derivation/proven-batch.ts';
import { chunkOf, withAuthorizations } from '../support/optimistic/lie-chunks.ts';
import { createLieState, HOLDERS } from '../support/optimistic/lie-scene.ts';
import { moveOf, withdrawOf } from '../support/optimistic/slot-scripts.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice } = HOLDERS;
const CHUNKS = [HONEST, chunkOf(withdrawOf(alice, 50n), moveOf(alice, 7, 20n))];
const built = build(...CHUNKS);
const inBlobs = buildInBlobs(...CHUNKS);

/** The portable engine with what became of a batch changed, and whether it was asked. */
function engineWith(change: (execution: Execution) => Execution): { engine: Engine; executions: () => number } {
  let executions = 0;
  const { engine } = portableCrypto;
  return {
    engine: {
      ...engine,
      async execute(...args) {
        executions += 1;
        return change(await engine.execute(...args));
      },
    },
    executions: () => executions,
  };
}

const withChunks =
  (change: (chunk: ChunkResult) => Partial<ChunkResult>) =>
  (execution: Execution): Execution => ({
    ...execution,
    chunks: execution.chunks.map((chunk) => ({ ...chunk, ...change(chunk) })),
  });
const refuse = (execution: Execution): Execution => ({
  ...execution,
  refusals: [{ chunk: 0, slot: 0, code: 'BAD_SIGNATURE', message: 'no' }],
});

/** All ways of replaying the batch, each as often right as it is here. */
const REPLAYS: Readonly<Record<string, (crypto: ReplayCrypto, state: ReturnType<typeof createLieState>) => unknown>> = {
  'an assertion in calldata': (crypto, state) =>
    replayAssertion(crypto, state, built.parent, submissionOf(built), DEPLOYMENT),
  'an assertion in blobs': (crypto, state) =>
    replayAssertion(crypto, state, inBlobs.parent, submissionOf(inBlobs), DEPLOYMENT),
  'a final assertion': (crypto, state) =>
    replayBatch(crypto, state, built.parent, submissionOf(built), DEPLOYMENT, false),
  'a proven batch in calldata': (crypto, state) =>
    replayBatch(crypto, state, built.parent, provenInCalldata(built), DEPLOYMENT),
  'a proven batch in a blob': (crypto, state) =>
    replayBatch(crypto, state, built.parent, provenInBlob(built), DEPLOYMENT),
};

describe('a replay through an engine', () => {
  for (const [what, replay] of Object.entries(REPLAYS)) {
    describe(`of ${what}`, () => {
      it('is one execution of the whole batch, and nothing record by record', async () => {
        const { engine, executions } = engineWith((execution) => execution);
        const hasher = { hash: () => assert.fail('something was executed record by record') };
        const state = createLieState();
        await replay({ ...portableCrypto, hasher, engine }, state);
        assert.equal(executions(), 1);
        assert.equal(state.root, built.state.root);
      });

      for (const [how, change] of Object.entries({
        'refuses a record': refuse,
        'finds another root': withChunks(({ newRoot }) => ({ newRoot: newRoot + 1n })),
      })) {
        it(`stops when the engine ${how} and the rules do not`, async () => {
          // An engine that refuses leaves the state alone.
          const { engine } = engineWith(change);
          const isRefusing = how.startsWith('refuses');
          const crypto = { ...portableCrypto, engine: isRefusing ? refusing(engine) : engine };
          const state = createLieState();
          await assert.rejects(async () => replay(crypto, state), {
            code: 'INVARIANT_BROKEN',
            message: `the reference engine calls batch ${built.header.number} wrong, the rules call it right`,
          });
          assert.equal(state.root, createLieState().root);
        });
      }

      it('fails as the engine does when that is not about the batch', async () => {
        const engine = { ...portableCrypto.engine, execute: () => Promise.reject(short) };
        const state = createLieState();
        await assert.rejects(async () => replay({ ...portableCrypto, engine }, state), short);
        assert.equal(state.root, createLieState().root);
      });
    });
  }

  const short = new RollupError('RESOURCES_SHORT', 'no memory');
  /** The same without changes of the state. */
  const refusing = (engine: Engine): Engine => ({
    ...engine,
    async execute(state, ...args) {
      return engine.execute(engine.createState(state.accounts()), ...args);
    },
  });

  it('compares the commitments of a proof, and not those of an assertion', async () => {
    const commitments = built.batch.commitments.with(1, 7n);
    const replay = (checks: boolean) => {
      const batch = { ...provenInCalldata(built), commitments };
      return replayBatch(portableCrypto, createLieState(), built.parent, batch, DEPLOYMENT, checks);
    };
    await assert.rejects(replay(true), { code: 'CLAIM_FALSE', message: /the commitment of chunk 1 is 7/ });
    assert.equal((await replay(false)).header.number, built.header.number);
  });

  for (const [list, changes] of [
    ['roots', { roots: [...built.batch.roots, 1n] }],
    ['fee tokens', { feeTokens: [...built.batch.feeTokens, built.batch.feeTokens[0]!] }],
    ['commitments', { commitments: [...built.batch.commitments, 1n] }],
  ] as const) {
    it(`does not execute a batch with more ${list} than chunks, and leaves the state as it is`, async () => {
      const { engine, executions } = engineWith((execution) => execution);
      const crypto = { ...portableCrypto, engine };
      const state = createLieState();
      const proven = { ...provenInCalldata(built), ...changes };
      await assert.rejects(replayBatch(crypto, state, built.parent, proven, DEPLOYMENT), { code: 'WRONG_LENGTH' });
      // No rule of an assertion looks at its commitments.
      if (!('commitments' in changes)) {
        const asserted = submissionOf(built, changes);
        await assert.rejects(replayAssertion(crypto, state, built.parent, asserted, DEPLOYMENT), {
          code: 'WRONG_LENGTH',
        });
      }
      assert.deepEqual([executions(), state.root], [0, createLieState().root]);
    });
  }

  it('leaves a batch that cannot be packed to the rules alone', async () => {
    const { engine, executions } = engineWith((execution) => execution);
    const unsigned = build(withAuthorizations(chunkOf(pay, pay), (bytes) => bytes.slice(0, -1)));
    const crypto = { ...portableCrypto, engine };
    const replayed = replayAssertion(crypto, createLieState(), unsigned.parent, submissionOf(unsigned), DEPLOYMENT);
    const [fault] = faultsOf(await replayed);
    assert.deepEqual([fault!.slot, fault!.result, executions()], [1, 'BAD_SIGNATURE', 0]);
  });
});

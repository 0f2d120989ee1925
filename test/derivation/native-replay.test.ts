/** The same verdicts on states of both engines, the state before and after included. */

import assert from 'node:assert/strict';
import {
  type AssertedSubmission,
  type AssertionVerdict,
  honestCommitments,
  locateFault,
  type ReplayCrypto,
  type ReplayedBatch,
  redoChanges,
  replayAssertion,
  replayBatch,
  undoChanges,
} from '@quittance/derivation';
import { type ExecutionState, genesisHeader, isRollupError, type StoredHeader } from '@quittance/protocol';
import fc from 'fast-check';
import { createNativeEngine } from '../../native/index.ts';
import { build, buildInBlobs, collect, DEPLOYMENT, HONEST, pay, submissionOf } from '../support/derivation/claims.ts';
import { provenInBlob, provenInCalldata } from '../support/derivation/proven-batch.ts';
import { createRandomAssertion } from '../support/derivation/random-assertion.ts';
import { describeNative } from '../support/native.ts';
import { chunkOf, withAuthorizations } from '../support/optimistic/lie-chunks.ts';
import { createLieState } from '../support/optimistic/lie-scene.ts';
import { LIES } from '../support/optimistic/lies.ts';
import { noop } from '../support/optimistic/slot-scripts.ts';
import { property } from '../support/property/property.ts';
import { propertySeed } from '../support/property/random.ts';
import { portableCrypto, World } from '../support/rollup/world.ts';

const RUNS = 60;
const SLOTS = 8;

describeNative('a replay on a state of the native engine', () => {
  const native: ReplayCrypto = { ...portableCrypto, engine: createNativeEngine() };
  /** The same accounts in both engines. */
  const statesOf = (accounts: ExecutionState): readonly (readonly [ReplayCrypto, ExecutionState])[] =>
    [portableCrypto, native].map((crypto) => [crypto, crypto.engine.createState(accounts.accounts())]);

  /** A batch without what only one engine has: changes as bytes or as a list. */
  const plain = ({ changes, ...batch }: ReplayedBatch, state: ExecutionState) => {
    const [before, after] = [new Map<number, unknown>(), new Map<number, unknown>()];
    for (const change of changes) {
      if (!before.has(change.index)) before.set(change.index, change.before);
      after.set(change.index, change.after);
    }
    const sorted = (leaves: Map<number, unknown>) => [...leaves].sort(([one], [other]) => one - other);
    return { ...batch, before: sorted(before), after: sorted(after), root: state.root };
  };

  /** All that an assertion’s replay tells, and the state that it leaves. */
  async function verdictOf(
    crypto: ReplayCrypto,
    state: ExecutionState,
    parent: StoredHeader,
    submission: AssertedSubmission,
    deployment = DEPLOYMENT,
  ): Promise<unknown> {
    const { root } = state;
    let verdict: AssertionVerdict;
    try {
      verdict = await replayAssertion(crypto, state, parent, submission, deployment);
    } catch (error) {
      assert.equal(state.root, root);
      assert.ok(isRollupError(error));
      return { code: error.code, message: error.message };
    }
    const batch = verdict.isRight ? verdict.batch : verdict.ifProven;
    if (batch === undefined) return { verdict, root: state.root };
    if (!verdict.isRight) redoChanges(state, batch.changes);
    const told = { faults: verdict.isRight ? [] : verdict.faults, batch: plain(batch, state) };
    undoChanges(state, batch.changes);
    assert.equal(state.root, root);
    return told;
  }

  const scripts = [
    { name: 'right records', chunks: [HONEST, chunkOf(noop, pay, collect), HONEST] },
    {
      name: 'forged signatures of a right state',
      chunks: [HONEST, withAuthorizations(HONEST, (bytes) => bytes.fill(0)), HONEST],
    },
    ...LIES.map(({ name, script }) => ({ name, chunks: [HONEST, chunkOf(noop, script, pay, collect)] })),
  ];
  for (const [form, make] of [
    ['calldata', build],
    ['blobs', buildInBlobs],
  ] as const) {
    it(`gives the verdicts of the portable one on all lies in ${form}`, async () => {
      for (const { name, chunks } of scripts) {
        const built = make(...chunks);
        const [portable, byNative] = await Promise.all(
          statesOf(createLieState()).map(([crypto, state]) =>
            verdictOf(crypto, state, built.parent, submissionOf(built)),
          ),
        );
        assert.deepEqual(byNative, portable, name);
      }
    });
  }

  it('executes final batches as the portable one does, in every form', async () => {
    const built = build(HONEST, chunkOf(noop, pay, collect));
    for (const batch of [provenInCalldata(built), provenInBlob(built)]) {
      const told = await Promise.all(
        statesOf(createLieState()).map(async ([crypto, state]) =>
          plain(await replayBatch(crypto, state, built.parent, batch, DEPLOYMENT), state),
        ),
      );
      assert.deepEqual(told[1], told[0]);
    }
  });

  it('answers disputes and finds wrong steps as the portable one does', () => {
    const built = build(HONEST, chunkOf(pay, LIES[0]!.script, pay, collect));
    const submission = submissionOf(built);
    const { answer } = built.claims[1]!;
    const told = statesOf(createLieState()).map(([crypto, state]) => {
      const { witness, ...fault } = locateFault(crypto, state, { submission, chunk: 1 }, answer, DEPLOYMENT)!;
      return { answer: honestCommitments(crypto, state, { submission, chunk: 0 }, DEPLOYMENT), witness, fault };
    });
    assert.deepEqual(told[1], told[0]);
  });

  const world = new World(`native replay/${propertySeed()}`);
  world.randomChunk(SLOTS);
  const random = [createRandomAssertion(world, { slots: SLOTS }), createRandomAssertion(world, { slots: SLOTS })];
  const inElements = createRandomAssertion(world, { slots: SLOTS, form: 'evaluations' });
  const deployment = { domain: world.domain, slotsPerChunk: SLOTS };
  /** The bit at a share of the list's length. */
  const flip = (bytes: Uint8Array, share: number): Uint8Array => {
    const bit = Math.floor(share * 8 * bytes.length);
    return bytes.with(bit >> 3, bytes[bit >> 3]! ^ (1 << (bit & 7)));
  };
  /** Of a blob, only the part that has records. */
  const flipInBlob = (blob: Uint8Array, share: number): Uint8Array => {
    const used = 2 * SLOTS * 3 * 32;
    return Uint8Array.from([...flip(blob.slice(0, used), share), ...blob.slice(used)]);
  };

  property(
    'says the same of random batches with one flipped bit',
    [
      fc.constantFrom(...random, inElements),
      fc.constantFrom(0, 1),
      fc.constantFrom('authorizations' as const, 'chunks' as const, 'visible' as const),
      fc.option(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { freq: 8 }),
    ],
    async ({ before, submission }, chunk, list, share) => {
      const isBlob = submission.form === 'evaluations' && list !== 'visible';
      const bytes = isBlob ? submission.blobs[0]! : submission[list][chunk]!;
      fc.pre(share === null || bytes.length > 0);
      const flipped = share === null ? bytes : isBlob ? flipInBlob(bytes, share) : flip(bytes, share);
      const changed = isBlob ? { blobs: [flipped] } : { [list]: submission[list].with(chunk, flipped) };
      const [portable, byNative] = await Promise.all(
        statesOf(before).map(([crypto, state]) =>
          verdictOf(crypto, state, genesisHeader(before.root, 0), { ...submission, ...changed }, deployment),
        ),
      );
      assert.deepEqual(byNative, portable);
    },
    { runs: RUNS },
  );
});

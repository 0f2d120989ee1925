/** Random calls of optimistic mode. */

import assert from 'node:assert/strict';
import { headerHash } from '@quittance/protocol';
import type { BuiltAssertion } from '../optimistic/asserted-batch.ts';
import { findLie } from '../optimistic/step-proof.ts';
import { isAway, pass } from './duties.ts';
import type { ModelAssertion, ModelChunk } from './model.ts';
import type { AssertionsPlay } from './play.ts';
import * as rollup from './rollup-calls.ts';

const pickAssertion = ({ random, model }: AssertionsPlay): ModelAssertion | undefined =>
  model.assertions.length === 0 ? undefined : random.pick(model.assertions.slice(-6));

type Action = (play: AssertionsPlay) => Promise<unknown>;

const signerOf = ({ random, world }: AssertionsPlay) => random.pick([world.producer, world.alice]);

/** Seldom on a lie, which an honest producer refuses. */
export const assertHonest: Action = async (play) => {
  const isOnLie = play.model.waiting.some(({ built }) => built.isLie);
  if (!isOnLie || play.random.chance(0.2)) await play.assertBatch(await play.build(play.tip), signerOf(play));
};
const assertLie: Action = async (play) => play.assertBatch(await play.build(play.tip, true), signerOf(play));
const assertOnFinal: Action = async (play) => play.assertBatch(await play.build(play.ledger.tip), signerOf(play));
const submitProven: Action = async (play) => play.submitProven(await play.build(play.tip), signerOf(play));
export const submitFinal: Action = async (play) => play.submitFinal(await play.build(play.ledger.tip), signerOf(play));

/** The first waiting batch, proven in the rollup, if it is true. */
const submitSame: Action = async (play) => {
  const first = play.model.waiting[0]?.built;
  // A batch that is too old is refused, proven or not.
  const isFresh = first !== undefined && play.time < first.header.time + Number(play.world.parameters.maxBatchAge);
  if (isFresh && !first.isLie) await play.submitFinal(first, signerOf(play));
};

/** A true batch that was rejected or removed, once more: with a bond, or with proofs in the rollup. */
const bringAgain: Action = async (play) => {
  const { model, ledger, random, world } = play;
  const [tip, final] = [play.tip, ledger.tip].map(({ header }) => headerHash(header));
  const isFresh = ({ header }: BuiltAssertion) => play.time < header.time + Number(world.parameters.maxBatchAge);
  const lost = model.assertions.filter(
    ({ built, status }) =>
      (status === 'rejected' || status === 'removed') &&
      !built.isLie &&
      isFresh(built) &&
      [tip, final].includes(built.header.parentHash),
  );
  if (lost.length === 0) return;
  const { built } = random.pick(lost);
  const isOnFinal = built.header.parentHash === final;
  await (isOnFinal && random.chance(0.5)
    ? play.submitFinal(built, signerOf(play))
    : play.assertBatch(built, signerOf(play)));
};

const submitProofs: Action = async (play) => {
  const assertion = pickAssertion(play);
  if (assertion === undefined) return;
  const lie = findLie(assertion.built);
  const count = assertion.chunks.length;
  const first = play.random.below(count);
  const end = lie !== undefined && lie.chunk >= first ? lie.chunk : count;
  // Nobody can prove a lie, and of no chunks there is no proof.
  if (end > first) await play.submitProofs(assertion, first, 1 + play.random.below(end - first));
};

/** A chunk of an assertion. */
interface Place {
  readonly assertion: ModelAssertion;
  readonly chunk: number;
}

/** Mostly a place where the call may be taken, if there is one; sometimes any. */
function pickPlace(play: AssertionsPlay, isLikely: (chunk: ModelChunk, place: Place) => boolean): Place | undefined {
  const { random, model } = play;
  const places = model.waiting.flatMap((assertion) => assertion.chunks.map((_, chunk) => ({ assertion, chunk })));
  const likely = places.filter((place) => isLikely(place.assertion.chunks[place.chunk]!, place));
  if (likely.length > 0 && random.chance(0.8)) return random.pick(likely);
  if (random.chance(0.5)) return undefined;
  const assertion = pickAssertion(play);
  return assertion && { assertion, chunk: random.below(assertion.chunks.length) };
}

/** Disputed, and neither answered nor proven. */
export const isUnanswered = ({ isProven, answeredAt, disputes }: ModelChunk) =>
  disputes.length > 0 && answeredAt === undefined && !isProven;

const openDispute: Action = async (play) => {
  const isOpen = ({ isProven }: ModelChunk, { assertion, chunk }: Place) =>
    !isProven && (findLie(assertion.built)?.chunk === chunk || play.random.chance(0.3));
  const place = pickPlace(play, isOpen);
  const signer = play.random.pick([play.world.bob, play.world.owner, play.world.alice]);
  if (place !== undefined) await play.openDispute(place.assertion, place.chunk, signer);
};

const answerDispute: Action = async (play) => {
  const { producer, alice, bob } = play.world;
  const { answerWindow } = play.model.rules;
  const isInTime = (chunk: ModelChunk) => isUnanswered(chunk) && play.time < chunk.disputes[0]!.openedAt + answerWindow;
  const place = pickPlace(play, isInTime);
  if (place === undefined) return;
  const own = place.assertion.asserter === alice.address ? alice : producer;
  await play.answerDispute(place.assertion, place.chunk, play.random.chance(0.9) ? own : bob);
};

const rejectUnanswered: Action = async (play) => {
  const { answerWindow } = play.model.rules;
  const isLate = (chunk: ModelChunk) => isUnanswered(chunk) && play.time >= chunk.disputes[0]!.openedAt + answerWindow;
  const place = pickPlace(play, isLate);
  if (place !== undefined) await play.rejectUnanswered(place.assertion, place.chunk);
};

const proveStep: Action = async (play) => {
  const { random, world } = play;
  const place = pickPlace(
    play,
    ({ isProven, answeredAt }, { assertion, chunk }) =>
      answeredAt !== undefined && !isProven && findLie(assertion.built)?.chunk === chunk,
  );
  if (place === undefined) return;
  const lie = findLie(place.assertion.built);
  const isRight = lie?.chunk === place.chunk && random.chance(0.8);
  const slot = isRight ? lie.slot : random.below(world.parameters.slotsPerChunk);
  await play.proveStep(place.assertion, place.chunk, slot, world.owner);
};

const settleDispute: Action = async (play) => {
  const { disputes } = play.model;
  if (disputes.length > 0) await play.settleDispute(play.random.pick(disputes.slice(-8)));
};
const releaseBond: Action = async (play) => {
  const assertion = pickAssertion(play);
  if (assertion !== undefined) await play.releaseBond(assertion);
};
const finalizeBatches: Action = (play) => {
  const { waiting } = play.model;
  const unripe = waiting.findIndex((assertion) => !play.model.isRipe(assertion, play.time + 1));
  const ripe = unripe < 0 ? waiting.length : unripe;
  return play.finalizeBatches(play.random.chance(0.75) && ripe > 0 ? ripe : 1 + play.random.below(3));
};
/** In the last second before the first waiting batch may become final, or in the first one in which it may. */
const finalizeAtEdge: Action = async (play) => {
  const [first] = play.model.waiting;
  const edge = first && play.model.ripeAt(first);
  if (edge === undefined || edge <= play.time) return;
  await pass(play, edge - play.time - 1 + play.random.below(2));
  await play.finalizeBatches(1);
};
const passTime: Action = (play) => pass(play, play.random.pick([5, 60, 600, 1_800, 1_801, 3_600, 3_601, 9_000]));
export const deposit: Action = (play) => {
  const {
    random,
    cast: { people },
  } = play;
  return rollup.deposit(play, random.pick(people), random.below(2), 1n + random.bits(40));
};
const requestExit: Action = (play) => rollup.requestExit(play, play.random.below(60), play.random.below(2));
const claim: Action = async (play) => {
  const open = play.ledger.finals.filter(({ unclaimed }) => unclaimed.size > 0);
  if (open.length > 0) await rollup.claim(play, play.random.pick(open));
};
const collectCredit: Action = (play) => {
  const { producer, alice, bob, owner } = play.world;
  return play.collectCredit(play.random.pick([producer, alice, bob, owner]));
};
const collectFees: Action = (play) => rollup.collectFees(play, signerOf(play));

const ACTIONS: readonly (readonly [weight: number, action: Action])[] = [
  [10, assertHonest],
  [3, assertLie],
  [1, assertOnFinal],
  [2, submitProven],
  [1, submitFinal],
  [1, submitSame],
  [4, bringAgain],
  [4, submitProofs],
  [8, openDispute],
  [9, answerDispute],
  [3, rejectUnanswered],
  [6, proveStep],
  [5, settleDispute],
  [3, releaseBond],
  [5, finalizeBatches],
  [4, finalizeAtEdge],
  [10, passTime],
  [6, deposit],
  [2, requestExit],
  [2, claim],
  [2, collectCredit],
  [2, collectFees],
];
const WEIGHTED = ACTIONS.flatMap(([weight, action]) => Array<Action>(weight).fill(action));

/** One call that may succeed or not. What honest people must do meanwhile is done. */
export async function randomCall(play: AssertionsPlay): Promise<void> {
  await pass(play, play.random.below(30));
  await play.random.pick(WEIGHTED)(play);
  await requireFinality(play);
}

/** An honest batch on honest ones can be made final C + A + S after its assertion. */
async function requireFinality(play: AssertionsPlay): Promise<void> {
  const { challengePeriod, answerWindow, stepWindow } = play.model.rules;
  const worst = challengePeriod + answerWindow + stepWindow;
  const { waiting } = play.model;
  const end = waiting.findIndex((assertion) => assertion.built.isLie || isAway(assertion));
  const honest = end < 0 ? waiting : waiting.slice(0, end);
  const late = honest.filter(({ assertedAt }) => play.time > assertedAt + worst);
  for (const assertion of late) assert.ok(play.model.isRipe(assertion, play.time), `${assertion.id} is late`);
  if (late.length > 0) await play.finalizeBatches(late.length);
}

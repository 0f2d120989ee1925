/** Lies with company: several of them, right batches on top, and right batches with the same header. */

import { buildOn } from '../optimistic/calls.ts';
import { chainOf } from '../watcher/watch.ts';
import { CONSISTENT } from './answer-styles.ts';
import type { Arena } from './arena.ts';
import { honestChunks } from './honest-batch.ts';
import { FORGERY, type LieKind, THEFT } from './lie-kinds.ts';
import { defenceOf, submissionOf } from './lying-sequencer.ts';
import { type LieOutcome, playOut, tell } from './match.ts';

const IN_A_ROW = 5;

/** Lies on lies. The first that is rejected takes all others along. */
async function inARow(arena: Arena, kindOf: (position: number) => LieKind): Promise<LieOutcome> {
  const { world, liar, leaver } = arena;
  const first = await tell(arena, kindOf(0));
  const ids = [first.lie.assertionId];
  let top = first.built;
  for (let position = 1; position < IN_A_ROW; position += 1) {
    top = await buildOn(world, top, kindOf(position).chunks({ operations: [], leaver }));
    ids.push((await liar.assert(submissionOf(top), defenceOf(top, CONSISTENT))).assertionId);
  }
  const outcome = await playOut(arena, first.lie, first.block);
  const waiting = await Promise.all(ids.map(async (id) => (await liar.chain.assertion(id)).isPending));
  return { ...outcome, overturned: outcome.overturned && !waiting.includes(true) };
}

/** Behind a lie that nothing can make good nothing is looked at. */
export const manyInARow = (arena: Arena) => inARow(arena, (position) => (position % 2 === 0 ? FORGERY : THEFT));
/** A proof could make good each of them: each is disputed. */
export const forgeriesInARow = (arena: Arena) => inARow(arena, () => FORGERY);

/** A careless producer, who does not watch, builds right batches on a lie: it loses time, and gets its bonds back. */
export async function belowRightOnes(arena: Arena): Promise<LieOutcome> {
  const { world, cast, leaver } = arena;
  const first = await tell(arena, FORGERY);
  const careless = await chainOf(world, cast.careless);
  const ids: bigint[] = [];
  let top = first.built;
  for (let count = 0; count < 2; count += 1) {
    top = await buildOn(world, top, honestChunks([], leaver));
    await careless.send({ type: 'assertBatch', submission: submissionOf(top) });
    ids.push((await careless.pendingId(top.header.number))!);
  }
  const outcome = await playOut(arena, first.lie, first.block);
  const before = await careless.creditOf(careless.account);
  for (const assertionId of ids) await careless.send({ type: 'releaseBond', assertionId });
  const refunded = (await careless.creditOf(careless.account)) - before;
  const isWhole = refunded === BigInt(ids.length) * world.optimistic.assertionBond;
  return { ...outcome, overturned: outcome.overturned && isWhole };
}

/** The very same lie once more, after it was rejected: nothing that was remembered of the first may be in the way. */
export async function toldAgain(arena: Arena): Promise<LieOutcome> {
  const { liar } = arena;
  const { built, lie, block } = await tell(arena, THEFT);
  const first = await playOut(arena, lie, block);
  const again = await liar.assert(submissionOf(built), defenceOf(built, CONSISTENT));
  const second = await playOut(arena, again, block);
  return { ...second, overturned: first.overturned && second.overturned && again.headerHash === lie.headerHash };
}

/** The honest producer's own batch with spoilt signatures, first: both have the same header, and one of them is right. */
export async function spoiltFirst(arena: Arena): Promise<LieOutcome> {
  const { world, liar } = arena;
  const time = await arena.now();
  const chunks = honestChunks(arena.operations, arena.leaver);
  const spoilt = chunks.map((chunk) => ({
    ...chunk,
    authorizations: (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1),
  }));
  const built = await buildOn(world, arena.tip, spoilt, time);
  const block = await arena.blockNumber();
  const lie = await liar.assert(submissionOf(built), defenceOf(built, CONSISTENT));
  const outcome = await playOut(arena, lie, block);
  const honest = await arena.assertHonest(chunks, time);
  const { waiting } = await arena.challenge();
  const isRight = waiting.some(({ assertionId, verdict }) => assertionId === honest.assertionId && verdict === 'right');
  return { ...outcome, overturned: outcome.overturned && isRight && honest.built.headerHash === lie.headerHash };
}

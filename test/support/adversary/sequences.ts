/** Lies with company: several of them, right batches on top, and their author's other moves. */

import { chainOf } from '../../watcher/support.ts';
import { buildOn, sendDispute, sendProofs } from '../assertions-world.ts';
import { CONSISTENT, WITHHELD } from './answer-styles.ts';
import type { Arena } from './arena.ts';
import { frontRun } from './front-runner.ts';
import { honestChunks } from './honest-batch.ts';
import { LIE_KINDS, type LieKind } from './lie-kinds.ts';
import { defenceOf, submissionOf } from './lying-sequencer.ts';
import { type LieOutcome, playOut, tell } from './match.ts';

const IN_A_ROW = 5;

function kindNamed(name: string): LieKind {
  const found = LIE_KINDS.find((kind) => kind.name === name);
  if (found === undefined) throw new Error(`there is no lie ${name}`);
  return found;
}

const THEFT = kindNamed('money from nowhere in a noop');
const FORGERY = kindNamed('a signature by another key');

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
const manyInARow = (arena: Arena) => inARow(arena, (position) => (position % 2 === 0 ? FORGERY : THEFT));
/** A proof could make good each of them: each is disputed. */
const forgeriesInARow = (arena: Arena) => inARow(arena, () => FORGERY);

/** A careless producer, who does not watch, builds right batches on a lie: it loses time, and gets its bonds back. */
async function belowRightOnes(arena: Arena): Promise<LieOutcome> {
  const { world, signers, leaver } = arena;
  const first = await tell(arena, FORGERY);
  const careless = await chainOf(world, signers[7]!);
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

/** Its author is the first disputer, so that half of the bond comes back to it, and never answers. */
async function disputedByItsAuthor(arena: Arena): Promise<LieOutcome> {
  const { world, signers } = arena;
  const { built, lie, block } = await tell(arena, { ...THEFT, answer: WITHHELD });
  await sendDispute(world, lie.assertionId, built, 1, { signer: signers[4]! });
  return playOut(arena, lie, block);
}

/** Its author disputes the chunk that is right, too, to draw attention away. */
async function besideFalseDisputes(arena: Arena): Promise<LieOutcome> {
  const { world, signers } = arena;
  const { built, lie, block } = await tell(arena, THEFT);
  for (let count = 0; count < 5; count += 1) {
    await sendDispute(world, lie.assertionId, built, 0, { signer: signers[4]! });
  }
  return playOut(arena, lie, block);
}

/** Its author sends each transaction of the watcher first: commitments and bonds are bound to who sends them. */
async function frontRunByItsAuthor(arena: Arena): Promise<LieOutcome> {
  const { world, signers, liar } = arena;
  const { lie, block } = await tell(arena, THEFT);
  let copies = 0;
  const outcome = await playOut(
    {
      ...{ liar, world, now: () => arena.now(), pass: (seconds) => arena.pass(seconds) },
      costOf: (account, from) => arena.costOf(account, from),
      async challenge() {
        const ran = await frontRun(world, world.bob.address, signers[4]!, () => arena.challenge());
        copies += ran.copies;
        return ran.result;
      },
    },
    lie,
    block,
  );
  return { ...outcome, overturned: outcome.overturned && copies >= 3 };
}

/** The very same lie once more, after it was rejected: nothing that was remembered of the first may be in the way. */
async function toldAgain(arena: Arena): Promise<LieOutcome> {
  const { liar } = arena;
  const { built, lie, block } = await tell(arena, THEFT);
  const first = await playOut(arena, lie, block);
  const again = await liar.assert(submissionOf(built), defenceOf(built, CONSISTENT));
  const second = await playOut(arena, again, block);
  return { ...second, overturned: first.overturned && second.overturned && again.headerHash === lie.headerHash };
}

/** The honest producer's own batch with spoilt signatures, first: both have the same header, and one of them is right. */
async function spoiltFirst(arena: Arena): Promise<LieOutcome> {
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

/** A forged signature that a proof makes good draws the watcher away from a theft in the chunk behind it. */
async function behindAGoodForgery(arena: Arena): Promise<LieOutcome> {
  const { world, liar, leaver } = arena;
  const [, forged] = FORGERY.chunks({ operations: [], leaver });
  const [, theft] = THEFT.chunks({ operations: [], leaver });
  const built = await buildOn(world, arena.tip, [forged!, theft!]);
  const block = await arena.blockNumber();
  const lie = await liar.assert(submissionOf(built), defenceOf(built, CONSISTENT));
  await arena.challenge();
  // As if the thief's victim had signed after all: the simulator proves anything.
  await sendProofs(world, lie.assertionId, built, 0, 1);
  return playOut(arena, lie, block);
}

/** All of them, by name. */
export const SEQUENCES: Readonly<Record<string, (arena: Arena) => Promise<LieOutcome>>> = {
  'many lies in a row': manyInARow,
  'many forgeries in a row': forgeriesInARow,
  'a lie below right batches': belowRightOnes,
  'a lie that its author disputes first': disputedByItsAuthor,
  'a lie beside false disputes': besideFalseDisputes,
  'a lie whose author front-runs the watcher': frontRunByItsAuthor,
  'a lie that is told again': toldAgain,
  'an honest batch with spoilt signatures, first': spoiltFirst,
  'a theft behind a forgery that is made good': behindAGoodForgery,
};

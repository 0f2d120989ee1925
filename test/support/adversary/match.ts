/** Lies against the watcher, from the assertion to the last wei. */

import type { WatchReport } from '../../../watcher/index.ts';
import type { Arena } from './arena.ts';
import type { Cost } from './costs.ts';
import type { LieKind } from './lie-kinds.ts';
import { defenceOf, type ToldLie } from './lying-sequencer.ts';

/** Looks of the watcher after which a lie has won. */
const MAX_POLLS = 12;

/** What became of a lie. */
export interface LieOutcome extends Cost {
  /** L1 rejected it, and it never became final. */
  readonly overturned: boolean;
  /** Looks of the watcher until it said that the batch is wrong; 0: never. */
  readonly polls: number;
  /** Looks until L1 rejected it. */
  readonly pollsToRejection: number;
  /** The broken rule, as the watcher says it first. */
  readonly rule: string | undefined;
}

/** Who plays: the arena, or parts of one. */
export type Players = Pick<Arena, 'liar' | 'world' | 'challenge' | 'pass' | 'now' | 'costOf'>;

const hasActed = ({ actions }: WatchReport): boolean => actions.some(({ result }) => result === 'done');

/** Plays a lie that waits to its end; the liar acts after each look, and lets time go by when nobody else can act. */
async function play(players: Players, { assertionId }: ToldLie) {
  const { liar, world } = players;
  let [polls, pollsToRejection] = [0, 0];
  let rule: string | undefined;
  for (let look = 1; look <= MAX_POLLS && pollsToRejection === 0; look += 1) {
    const report = await players.challenge();
    const found = report.waiting.find((batch) => batch.assertionId === assertionId);
    if (polls === 0 && found?.verdict === 'wrong') {
      polls = look;
      rule = found.faults[0]?.rule;
    }
    if (!(await liar.chain.assertion(assertionId)).isPending) pollsToRejection = look;
    const answers = await liar.respond(await players.now());
    if (answers > 0 || hasActed(report)) continue;
    await players.pass(world.optimistic.answerWindow + 1);
    await liar.respond(await players.now());
  }
  return { polls, pollsToRejection, rule };
}

/**
 * Plays it, and lets the watcher take back its bonds and collect its reward.
 *
 * @param block before the assertion; the watcher's costs are counted from there.
 */
export async function playOut(players: Players, lie: ToldLie, block: number): Promise<LieOutcome> {
  const { liar, world } = players;
  const played = await play(players, lie);
  for (let looks = 0; looks < MAX_POLLS; looks += 1) {
    if (!hasActed(await players.challenge())) break;
  }
  const { isRejected, number } = await liar.chain.assertion(lie.assertionId);
  const final = await world.rollup.headerHash(number);
  const cost = await players.costOf(world.bob.address, block);
  return { ...played, overturned: isRejected && final !== lie.headerHash, ...cost };
}

/** Tells one lie on the honest chain, without playing it. */
export async function tell(arena: Arena, kind: LieKind) {
  if (kind.needsQueue) await arena.request();
  const { world, operations, leaver, data, cast, liar } = arena;
  const honestly = await data.build(world, arena.tip, kind.chunks({ operations, leaver }));
  const built = { ...honestly, ...kind.restate?.(world, honestly) };
  if (!built.isLie) throw new Error(`${kind.name} is none`);
  const block = await arena.blockNumber();
  await data.assert(world, built, cast.liar);
  return { built, block, lie: await liar.own(built.header.number, defenceOf(built, kind.answer)) };
}

/** Tells one lie on the honest chain and plays it to its end. */
export async function overturn(arena: Arena, kind: LieKind): Promise<LieOutcome> {
  const { lie, block } = await tell(arena, kind);
  return playOut(arena, lie, block);
}

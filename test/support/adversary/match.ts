/** One lie against the watcher, from its assertion to the last wei. */

import type { WatchReport } from '../../../watcher/index.ts';
import { buildOn } from '../assertions-world.ts';
import type { Arena, Cost } from './arena.ts';
import type { LieKind } from './lie-kinds.ts';

/** Looks of the watcher after which a lie has won. */
const MAX_POLLS = 12;

/** What became of a lie. */
export interface LieOutcome extends Cost {
  /** It was rejected, and the batch is not final. */
  readonly overturned: boolean;
  /** Looks of the watcher until it said that the batch is wrong. */
  readonly polls: number;
  /** Looks until L1 rejected it. */
  readonly pollsToRejection: number;
  /** What the watcher said first. */
  readonly rule: string | undefined;
}

const hasActed = ({ actions }: WatchReport): boolean => actions.some(({ result }) => result === 'done');

/** Lets the watcher look until it has nothing to do. */
export async function untilIdle({ challenge }: { challenge: () => Promise<WatchReport> }): Promise<void> {
  for (let looks = 0; looks < MAX_POLLS; looks += 1) {
    if (!hasActed(await challenge())) return;
  }
}

/** Plays a lie that stands in L1 to its end; whoever can win by waiting waits. */
export async function playOut(arena: Arena, assertionId: bigint): Promise<Omit<LieOutcome, keyof Cost>> {
  const { liar, world } = arena;
  let [polls, pollsToRejection] = [0, 0];
  let rule: string | undefined;
  for (let look = 1; look <= MAX_POLLS; look += 1) {
    const report = await arena.challenge();
    const found = report.waiting.find((batch) => batch.assertionId === assertionId);
    if (polls === 0 && found?.verdict === 'wrong') {
      polls = look;
      rule = found.faults[0]?.rule;
    }
    const { isPending } = await liar.chain.assertion(assertionId);
    if (!isPending) {
      pollsToRejection = look;
      break;
    }
    const isAnswered = (await liar.respond(await arena.now())) > 0;
    if (isAnswered || hasActed(report)) continue;
    await arena.pass(world.optimistic.answerWindow + 1);
    await liar.respond(await arena.now());
  }
  return { overturned: pollsToRejection > 0, polls, pollsToRejection, rule };
}

/** Tells one lie on the honest chain and plays it to its end, bonds and rewards included. */
export async function overturn(arena: Arena, kind: LieKind): Promise<LieOutcome> {
  const { world, liar } = arena;
  if (kind.needsQueue) await arena.request();
  const { operations, leaver } = arena;
  const honestly = await buildOn(world, arena.tip, kind.chunks({ operations, leaver }));
  const built = kind.restate?.(world, honestly) ?? honestly;
  if (!built.isLie) throw new Error(`${kind.name} is none`);
  const block = await arena.blockNumber();
  const { assertionId } = await liar.assert(built, kind.answer);
  const played = await playOut(arena, assertionId);
  await untilIdle({ challenge: () => arena.challenge() });
  const { isRejected } = await liar.chain.assertion(assertionId);
  const final = await world.rollup.getFunction('headerHash')(built.header.number);
  const cost = await arena.costOf(world.bob.address, block);
  return { ...played, overturned: played.overturned && isRejected && final !== built.headerHash, ...cost };
}

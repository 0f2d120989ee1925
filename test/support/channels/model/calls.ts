/** What people try on L1 at any time, and what the rollup does there. */

import { type Action, executeMove } from './life.ts';
import { type Fault, PARTIES, type Paper, type Person } from './types.ts';
import type { Walk } from './walk.ts';

const somebody = ({ random }: Walk): Person => random.pick(['a', 'b', 'a', 'b', 'stranger'] as const);

function faultOf({ random }: Walk, exits: number): { readonly fault?: Fault } {
  if (!random.chance(0.08)) return {};
  const faults: Fault[] = ['bond short', 'signers swapped', 'signed elsewhere'];
  // One exit may be paid with more than it costs.
  return { fault: random.pick(exits === 1 ? faults : [...faults, 'value odd']) };
}

function somePaper(walk: Walk, by: Person): Paper | undefined {
  const papers = walk.papersOf(by);
  return papers.length === 0 ? undefined : walk.random.pick(papers);
}

export const closeAlone: Action = (walk) => {
  const { random, judge } = walk;
  const by = somebody(walk);
  const paper = somePaper(walk, by);
  if (paper === undefined || (judge.close !== undefined && random.chance(0.9))) return;
  const exits = judge.isExodus && random.chance(0.8) ? 0 : random.below(3);
  walk.call({ type: 'close', by, paper, exits, ...faultOf(walk, exits) });
};

export const challenge: Action = (walk) => {
  const by = somebody(walk);
  const paper = somePaper(walk, by);
  if (paper === undefined || (walk.judge.close === undefined && walk.random.chance(0.8))) return;
  walk.call({ type: 'challenge', by, paper, ...faultOf(walk, 1) });
};

export const settle: Action = (walk) => {
  const { judge, random, channel } = walk;
  const shown = judge.close?.paper;
  if (channel.papers.length === 0) return;
  const paper = shown !== undefined && random.chance(0.9) ? shown : random.pick(channel.papers);
  if (random.chance(judge.close === undefined ? 0.8 : 0.4)) return;
  walk.call({ type: 'settle', by: somebody(walk), paper });
};

export const payOut: Action = (walk) => {
  const { judge, random } = walk;
  if (judge.claim === undefined && random.chance(0.85)) return;
  const by = somebody(walk);
  if (random.chance(0.4)) walk.call({ type: 'payoutTo', by });
  else walk.call({ type: 'payout', by, to: random.pick(PARTIES) });
};

export const collect: Action = (walk) => {
  const { judge, random } = walk;
  if ((judge.close === undefined || judge.claim === undefined) && random.chance(0.8)) return;
  if (random.chance(judge.isExodus ? 0.5 : 0.1)) walk.call({ type: 'collectExitFees', by: somebody(walk) });
  else walk.call({ type: 'collectBonds', by: somebody(walk) });
};

export const requestExits: Action = (walk) => {
  const { judge, random } = walk;
  if (judge.close === undefined && random.chance(0.8)) return;
  walk.call({ type: 'requestExits', by: somebody(walk), exits: random.below(3) });
};

/** A stranger gives the vault something, before it is deployed or behind. */
export const give: Action = (walk) => {
  walk.call({ type: 'give', amount: BigInt(1 + walk.random.below(20)) });
};

/** The rollup pays a withdrawal to the vault. */
export const arrive: Action = (walk) => {
  const { leaving } = walk.channel.account;
  if (leaving.length === 0) return;
  const [amount] = leaving.splice(walk.random.below(leaving.length), 1);
  walk.call({ type: 'arrive', amount: amount! });
};

/** An exit is executed: each that was requested, late or soon; in the exodus anybody's. */
export const executeExit: Action = (walk) => {
  const { channel, judge } = walk;
  if (!judge.isExodus && walk.executedExits >= judge.exits) return;
  if (!judge.isExodus) walk.executedExits += 1;
  channel.account.exit();
};

export const beginExodus: Action = (walk) => {
  if (!walk.random.chance(0.3) || (walk.judge.isExodus && walk.random.chance(0.9))) return;
  // What is executed in the last final batch is so.
  if (walk.random.chance(0.5)) executeMove(walk);
  if (walk.call({ type: 'exodus' }) === undefined) walk.channel.account.freeze();
};

/** In the exodus a request that was not executed is given back, each once. */
export const reclaim: Action = (walk) => {
  if (!walk.judge.isExodus || walk.executedExits >= walk.judge.exits) return;
  const exit = walk.executedExits;
  walk.executedExits += 1;
  walk.call({ type: 'reclaim', exit });
};

/** What the scenarios of `./dev start` are made of: people, deposits, transfers, and the wait for finality. */

import { ETH_TOKEN_ID, type ProfileName } from '@quittance/protocol';
import { createOperator, type Person } from '../../cli/devnet/people.ts';
import { deposit } from './l1-actions.ts';
import { counted, type Progress } from './progress.ts';
import { DEVNET_FEE, type LocalRollup } from './rollup.ts';
import type { PlannedTransfer } from './wallets.ts';

/** How much of everything. */
export interface ScenarioSize {
  /** People; each has one account in each of the two tokens. */
  readonly people: number;
  readonly transfers: number;
  /** Whether deposits get a batch of their own, so that the transfers fill one. */
  readonly separateDeposits: boolean;
  /** Transfers to new keys, and as many withdrawals and plain transfers, in the small batch. */
  readonly mixed: number;
}

export const SCENARIO_SIZES: Readonly<Record<ProfileName, ScenarioSize>> = {
  // Two chunks of 16 in all: 6 deposits, 8 transfers, 2 fee slots; then an exit, 3·2 others, 2 fee slots.
  quick: { people: 2, transfers: 8, separateDeposits: false, mixed: 2 },
  standard: { people: 100, transfers: 1_000, separateDeposits: true, mixed: 10 },
  single: { people: 100, transfers: 1_000, separateDeposits: true, mixed: 10 },
};

const DEPOSIT = { eth: 10n ** 18n, token: 1_000n * 10n ** 18n } as const;
export const POLL_MS = 100;

/** What a batch waits for in each mode. */
const HOW_FINAL = {
  zk: 'prove and post',
  optimistic: 'assert and wait for the challenge period',
  hybrid: 'assert, then prove',
} as const;

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The two tokens of the devnet, with what is paid and deposited in them. */
function tokensOf({ deployed }: LocalRollup) {
  return [
    { tokenId: ETH_TOKEN_ID, fee: DEVNET_FEE.eth, deposit: DEPOSIT.eth },
    { tokenId: deployed.tokenId, fee: DEVNET_FEE.token, deposit: DEPOSIT.token },
  ] as const;
}

/** Plain transfers round robin: everyone pays the next one, in both tokens, until there are enough. */
export function planTransfers(rollup: LocalRollup, people: number, count: number): PlannedTransfer[] {
  const tokens = tokensOf(rollup);
  return Array.from({ length: count }, (_, position) => {
    const { tokenId, fee } = tokens[position % tokens.length]!;
    const from = Math.floor(position / tokens.length) % people;
    return {
      kind: 'transfer',
      from,
      to: (from + 1) % people,
      tokenId,
      amount: String(10n ** 12n * BigInt(1 + position)),
      fee: String(fee),
    };
  });
}

/** Transfers to keys without an account, withdrawals and plain transfers. */
export function planMixed(rollup: LocalRollup, people: number, count: number): PlannedTransfer[] {
  return Array.from({ length: count }, (_, position): PlannedTransfer[] => {
    const { tokenId, fee } = tokensOf(rollup)[position % 2]!;
    // Person 0 leaves with a forced exit in this batch; the others pay.
    const from = 1 + (position % (people - 1));
    const common = { from, tokenId, fee: String(fee), amount: String(10n ** 15n * BigInt(1 + position)) };
    return [
      { kind: 'transferToNew', to: people + position, ...common },
      { kind: 'withdraw', ...common },
      { kind: 'transfer', to: 0, ...common },
    ];
  }).flat();
}

/** Resolves when the sequencer has read `count` priority operations. */
export async function untilQueued(rollup: LocalRollup, count: number): Promise<void> {
  while (rollup.sequencer.status().priorityOperations < count) {
    await rollup.sequencer.pollL1();
    requireRunning(rollup);
    await sleep(POLL_MS);
  }
}

/** @throws why the sequencer stopped, if it did. */
export function requireRunning({ sequencer }: LocalRollup): void {
  const { halted } = sequencer.status();
  if (halted !== undefined) throw halted;
}

/** Resolves when the batches up to `last` are final, showing how many proofs are made, or seconds of the period passed. */
async function untilFinal(rollup: LocalRollup, last: number, chunks: number, progress: Progress): Promise<void> {
  const { sequencer, proofTimes, optimistic } = rollup;
  const before = proofTimes.length;
  const start = performance.now();
  const isTimed = sequencer.config.mode === 'optimistic';
  while (sequencer.status().finalBatch < last) {
    requireRunning(rollup);
    const seconds = Math.floor((performance.now() - start) / 1_000);
    const period = optimistic?.terms.challengePeriodSeconds ?? 0;
    if (isTimed) progress.update(Math.min(seconds, period), period);
    else progress.update(proofTimes.length - before, chunks);
    await sleep(POLL_MS);
  }
}

/** Seals what is accepted and resolves when all of it is final on L1. @returns the numbers of the batches. */
export async function finalize(rollup: LocalRollup, progress: Progress, label: string): Promise<number[]> {
  const { sequencer, storage } = rollup;
  const first = sequencer.status().finalBatch + 1;
  await sequencer.sealNow();
  const last = sequencer.status().sealedBatch;
  const numbers = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  const chunks = numbers.reduce((sum, number) => sum + storage.chunks.ofBatch(number).length, 0);
  progress.begin(`${label}: ${HOW_FINAL[sequencer.config.mode]}`, chunks);
  await untilFinal(rollup, last, chunks, progress);
  progress.end(
    sequencer.config.mode === 'optimistic' ? 'nobody disputed' : `${counted(chunks, 'proof')} verified on L1`,
  );
  return numbers;
}

/** Deposits for the operator and everyone, in both tokens, until the sequencer has read them. @returns how many. */
export async function depositAll(rollup: LocalRollup, people: readonly Person[], progress: Progress): Promise<number> {
  const owners = [createOperator(), ...people];
  const requests = owners.flatMap((person) =>
    tokensOf(rollup).map(({ tokenId, deposit: amount }) => ({ person, tokenId, amount })),
  );
  progress.begin(`${requests.length} deposits on L1`, requests.length);
  await deposit(rollup, requests, (done) => progress.update(done, requests.length));
  await untilQueued(rollup, requests.length);
  progress.end();
  return requests.length;
}

/** @throws Error when a withdrawal was not paid. */
export function requirePaid(paid: number, expected: number): void {
  if (paid !== expected) throw new Error(`${paid} withdrawals were paid out, expected ${expected}`);
}

/** @throws Error when L1 and the sequencer hold different roots. */
export function requireSameRoot(l1: bigint, l2: bigint): void {
  if (l1 !== l2) throw new Error(`L1 holds root ${l1}, the sequencer ${l2}`);
}

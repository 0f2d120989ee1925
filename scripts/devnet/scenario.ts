/** What `./dev start` shows: deposits, one full batch of transfers, a small batch of everything else, claims. */

import { ETH_TOKEN_ID, type ProfileName, RollupError } from '../../protocol/index.ts';
import { claimAll, deposit, requestExit } from './l1-actions.ts';
import { type BatchCost, batchCost } from './measure.ts';
import { createOperator, createPerson, type Person } from './people.ts';
import type { Progress } from './progress.ts';
import { DEVNET_FEE, type LocalRollup } from './rollup.ts';
import { runWallets } from './run-wallets.ts';
import type { PlannedTransfer, WalletReport } from './wallets.ts';

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
const POLL_MS = 100;

export interface ScenarioResult {
  readonly wallets: WalletReport;
  readonly sealSeconds: number;
  /** The batch of plain transfers. */
  readonly main: BatchCost;
  readonly batches: readonly BatchCost[];
  readonly claims: { readonly count: number; readonly gas: bigint };
  readonly stateRootL1: bigint;
  readonly stateRootL2: bigint;
  readonly secondsToFinal: number;
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function tokensOf({ deployed }: LocalRollup) {
  return [
    { tokenId: ETH_TOKEN_ID, fee: DEVNET_FEE.eth, deposit: DEPOSIT.eth },
    { tokenId: deployed.tokenId, fee: DEVNET_FEE.token, deposit: DEPOSIT.token },
  ] as const;
}

/** Plain transfers round robin: everyone pays the next one, in both tokens, until there are enough. */
function planTransfers(rollup: LocalRollup, people: number, count: number): PlannedTransfer[] {
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
function planMixed(rollup: LocalRollup, people: number, count: number): PlannedTransfer[] {
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
async function untilQueued(rollup: LocalRollup, count: number): Promise<void> {
  while (rollup.sequencer.status().priorityOperations < count) {
    await rollup.sequencer.pollL1();
    requireRunning(rollup);
    await sleep(POLL_MS);
  }
}

function requireRunning({ sequencer }: LocalRollup): void {
  const { halted } = sequencer.status();
  if (halted !== undefined) throw halted;
}

/** Seals what is accepted and resolves when all of it is final on L1. */
async function finalise(rollup: LocalRollup, progress: Progress, label: string): Promise<number[]> {
  const { sequencer, proofTimes, storage } = rollup;
  const first = sequencer.status().finalBatch + 1;
  await sequencer.sealNow();
  const last = sequencer.status().sealedBatch;
  const numbers = Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  const chunks = numbers.reduce((sum, number) => sum + storage.chunks.ofBatch(number).length, 0);
  const before = proofTimes.length;
  progress.begin(label, chunks);
  while (sequencer.status().finalBatch < last) {
    requireRunning(rollup);
    progress.update(proofTimes.length - before, chunks);
    await sleep(POLL_MS);
  }
  progress.end(`${chunks} proofs verified on L1`);
  return numbers;
}

async function depositAll(rollup: LocalRollup, people: readonly Person[], progress: Progress): Promise<number> {
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

/** What the first part of the scenario did. */
export interface TransfersResult {
  readonly people: readonly Person[];
  readonly depositCount: number;
  readonly wallets: WalletReport;
  readonly sealSeconds: number;
  readonly secondsToFinal: number;
  /** Numbers of all batches, and of those with the transfers. */
  readonly batches: readonly number[];
  readonly mainBatches: readonly number[];
}

/** Deposits for everyone, then the transfers, until all of it is final on L1. */
export async function runTransfers(
  rollup: LocalRollup,
  size: ScenarioSize,
  progress: Progress,
): Promise<TransfersResult> {
  const { sequencer, api } = rollup;
  const people = Array.from({ length: size.people }, (_, number) => createPerson(number));
  const batches: number[] = [];
  const depositCount = await depositAll(rollup, people, progress);
  if (size.separateDeposits) batches.push(...(await finalise(rollup, progress, 'deposits: prove and post')));

  progress.begin(`${size.transfers} transfers over JSON-RPC`, size.transfers);
  const plan = planTransfers(rollup, size.people, size.transfers);
  const wallets = await runWallets({ url: api.url, transfers: plan }, (sent) => progress.update(sent, size.transfers));
  progress.end(`${Math.round(wallets.accepted / wallets.seconds)} accepted per second`);
  const sealStart = performance.now();
  await sequencer.sealNow();
  const sealSeconds = (performance.now() - sealStart) / 1000;
  const mainBatches = await finalise(rollup, progress, `${size.transfers} transfers: prove and post`);
  const secondsToFinal = (performance.now() - sealStart) / 1000;
  batches.push(...mainBatches);
  return { people, depositCount, wallets, sealSeconds, secondsToFinal, batches, mainBatches };
}

/** Runs everything and measures it. @throws RollupError STATE_MISMATCH when L1 and L2 disagree at the end. */
export async function runScenario(
  rollup: LocalRollup,
  size: ScenarioSize,
  progress: Progress,
): Promise<ScenarioResult> {
  const { api } = rollup;
  const transfers = await runTransfers(rollup, size, progress);
  const { people, depositCount, wallets, sealSeconds, secondsToFinal, mainBatches } = transfers;
  const batches = [...transfers.batches];

  progress.begin('a forced exit on L1, then transfers to new keys and withdrawals');
  await requestExit(rollup, people[0]!, ETH_TOKEN_ID);
  await untilQueued(rollup, depositCount + 1);
  await runWallets({ url: api.url, transfers: planMixed(rollup, size.people, size.mixed) }, () => undefined);
  progress.end();
  batches.push(...(await finalise(rollup, progress, 'the small batch: prove and post')));

  progress.begin('rebuild from L1 alone, then claims');
  const { claims, header, paid } = await claimAll(rollup, people);
  progress.end(`${claims.count} withdrawals paid out`);
  requirePaid(paid, size.mixed + 1);

  const stateRootL2 = BigInt(rollup.storage.batches.lastFinal()!.header.stateRoot);
  if (header.stateRoot !== stateRootL2) {
    throw new RollupError('STATE_MISMATCH', `L1 holds root ${header.stateRoot}, the sequencer ${stateRootL2}`, {
      expected: header.stateRoot,
      actual: stateRootL2,
    });
  }
  const costs = await Promise.all(batches.map((number) => batchCost(rollup, number)));
  return {
    wallets,
    sealSeconds,
    main: costs.find(({ number }) => number === mainBatches[0])!,
    batches: costs,
    claims,
    stateRootL1: header.stateRoot,
    stateRootL2,
    secondsToFinal,
  };
}

function requirePaid(paid: number, expected: number): void {
  if (paid === expected) return;
  throw new RollupError('STATE_MISMATCH', `${paid} withdrawals were paid out, expected ${expected}`, {
    expected,
    actual: paid,
  });
}

/** What `./dev start` shows: deposits, one full batch of transfers, a small batch of everything else, claims. */

import { ETH_TOKEN_ID } from '@quittance/protocol';
import { createPerson, type Person } from '../../cli/devnet/people.ts';
import { claimAll, requestExit } from './l1-actions.ts';
import { type BatchCost, batchCost } from './measure.ts';
import type { Progress } from './progress.ts';
import type { LocalRollup } from './rollup.ts';
import { runWallets } from './run-wallets.ts';
import {
  depositAll,
  finalize,
  planMixed,
  planTransfers,
  requirePaid,
  requireSameRoot,
  type ScenarioSize,
  untilQueued,
} from './scenario-parts.ts';
import type { WalletReport } from './wallets.ts';

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
  if (size.separateDeposits) batches.push(...(await finalize(rollup, progress, 'deposits')));

  progress.begin(`${size.transfers} transfers over JSON-RPC`, size.transfers);
  const plan = planTransfers(rollup, size.people, size.transfers);
  const wallets = await runWallets({ url: api.url, transfers: plan }, (sent) => progress.update(sent, size.transfers));
  progress.end(`${Math.round(wallets.accepted / wallets.seconds)} accepted per second`);
  const sealStart = performance.now();
  await sequencer.sealNow();
  const sealSeconds = (performance.now() - sealStart) / 1000;
  const mainBatches = await finalize(rollup, progress, `${size.transfers} transfers`);
  const secondsToFinal = (performance.now() - sealStart) / 1000;
  batches.push(...mainBatches);
  return { people, depositCount, wallets, sealSeconds, secondsToFinal, batches, mainBatches };
}

/** Runs everything and measures it. @throws Error when L1 and L2 disagree at the end. */
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
  batches.push(...(await finalize(rollup, progress, 'the small batch')));

  progress.begin('rebuild from L1 alone, then claims');
  const { claims, header, paid } = await claimAll(rollup, people);
  progress.end(`${claims.count} withdrawals paid out`);
  requirePaid(paid, size.mixed + 1);

  const stateRootL2 = BigInt(rollup.storage.batches.lastFinal()!.header.stateRoot);
  requireSameRoot(header.stateRoot, stateRootL2);
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

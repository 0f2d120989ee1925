/** What `./dev start --mode optimistic` shows: an honest batch, a lie that is overturned, and the honest chain carrying on. */

import { type AssertionConstants, type AssertionEvent, createRollupReader } from '@quittance/chain';
import { ETH_TOKEN_ID } from '@quittance/protocol';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { createPerson, l1Wallet, WATCHER_POSITION } from '../../cli/devnet/people.ts';
import { admitProducer } from '../../cli/devnet/producers.ts';
import { type Claimed, claimAll, requestExit } from './l1-actions.ts';
import { type Move, movesOf } from './lie-timeline.ts';
import { adversaryChain, type LieResult, playLie, untilPosted } from './lying.ts';
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
import { startWatcher } from './watcher-process.ts';

/** Everything that the report needs. */
export interface OptimisticResult {
  readonly terms: AssertionConstants;
  readonly wallets: WalletReport;
  readonly lie: LieResult;
  /** Address of this devnet's own watcher: another one may be faster. */
  readonly watcher: string;
  /** Of the watcher, in order. */
  readonly moves: readonly Move[];
  readonly events: readonly AssertionEvent[];
  /** What the watcher can collect at the end, in wei. */
  readonly watcherCredit: bigint;
  /** The batch of transfers in the place of the lie. */
  readonly honest: {
    readonly number: number;
    readonly assertGas: number;
    readonly finalizeGas: number;
    /** That have its records and signatures; none where they are in calldata. */
    readonly blobs: number;
  };
  /** From its assertion to finality. */
  readonly secondsToFinal: number;
  readonly batches: number;
  readonly claims: Claimed['claims'];
  readonly stateRootL1: bigint;
  readonly stateRootL2: bigint;
}

/** Gas of the two transactions of an asserted batch. */
async function gasOf({ provider, storage, deployed }: LocalRollup, number: number): Promise<[number, number]> {
  const reader = createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract: deployed.contract });
  const finalized = await reader.findBatch(number, deployed.block, await provider.getBlockNumber());
  const hashes = [storage.batches.get(number)!.inclusion!.transactionHash, finalized!.transactionHash];
  const receipts = await Promise.all(hashes.map((hash) => provider.getTransactionReceipt(hash)));
  return receipts.map((receipt) => Number(receipt!.gasUsed)) as [number, number];
}

/** Runs everything. @throws Error when L1 and L2 disagree at the end. */
export async function runOptimisticScenario(
  rollup: LocalRollup,
  size: ScenarioSize,
  progress: Progress,
): Promise<OptimisticResult> {
  const { api, provider, sequencer, deployed, optimistic } = rollup;
  const { terms } = optimistic!;
  progress.say(
    `periods of this devnet: challenge ${terms.challengePeriodSeconds} s, answer ${terms.answerWindowSeconds} s, ` +
      `step ${terms.stepWindowSeconds} s (on a public chain: days)`,
  );
  const people = Array.from({ length: size.people }, (_, number) => createPerson(number));
  const depositCount = await depositAll(rollup, people, progress);
  await finalize(rollup, progress, 'an honest batch of deposits');

  const adversary = await adversaryChain(rollup);
  await admitProducer(provider, deployed.contract, adversary.account);
  const watcher = startWatcher(rollup, WATCHER_POSITION, 'challenge');
  try {
    progress.begin(`${size.transfers} transfers over JSON-RPC`, size.transfers);
    const plan = planTransfers(rollup, size.people, size.transfers);
    const wallets = await runWallets({ url: api.url, transfers: plan }, (sent) =>
      progress.update(sent, size.transfers),
    );
    progress.end(`${Math.round(wallets.accepted / wallets.seconds)} accepted per second`);

    const lie = await playLie(rollup, adversary, watcher, Math.floor(size.transfers / 2), progress);
    const posting = performance.now();
    await untilPosted(rollup, lie.number);
    await finalize(rollup, progress, `the honest ${size.transfers} transfers in its place`);
    const secondsToFinal = (performance.now() - posting) / 1_000;

    progress.begin('a forced exit on L1, then transfers to new keys and withdrawals');
    await requestExit(rollup, people[0]!, ETH_TOKEN_ID);
    await untilQueued(rollup, depositCount + 1);
    await runWallets({ url: api.url, transfers: planMixed(rollup, size.people, size.mixed) }, () => undefined);
    progress.end();
    await finalize(rollup, progress, 'the small batch');

    progress.begin('rebuild from L1 alone, then claims');
    const { claims, header, paid } = await claimAll(rollup, people);
    progress.end(`${claims.count} withdrawals paid out`);
    requirePaid(paid, size.mixed + 1);
    const stateRootL2 = BigInt(rollup.storage.batches.lastFinal()!.header.stateRoot);
    requireSameRoot(header.stateRoot, stateRootL2);

    watcher.requireRunning();
    const events = await adversary.events(deployed.block, await provider.getBlockNumber());
    const account = l1Wallet(WATCHER_POSITION).address;
    const [assertGas, finalizeGas] = await gasOf(rollup, lie.number);
    const blobs = rollup.storage.batches.get(lie.number)!.blobHashes.length;
    return {
      terms,
      wallets,
      lie,
      watcher: account,
      moves: await movesOf(provider, events, account),
      events,
      watcherCredit: await adversary.creditOf(account),
      honest: { number: lie.number, assertGas, finalizeGas, blobs },
      secondsToFinal,
      batches: sequencer.status().finalBatch,
      claims,
      stateRootL1: header.stateRoot,
      stateRootL2,
    };
  } finally {
    await watcher.stop();
  }
}

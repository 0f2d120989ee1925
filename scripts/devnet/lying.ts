/** The middle of `./dev start --mode optimistic`: a lie is asserted before the honest batch, and a watcher overturns it. */

import { createAssertionChain, type PinnedAssertionChain } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { createLie, defendLie, type Lie, withSidecars } from '../../cli/devnet/adversary.ts';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { localSigner } from '../../cli/devnet/deploy.ts';
import { ADVERSARY_POSITION } from '../../cli/devnet/people.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { followLie, type LieEvent, type Timeline } from './lie-timeline.ts';
import type { Progress } from './progress.ts';
import type { LocalRollup } from './rollup.ts';
import { POLL_MS, requireRunning, sleep } from './scenario-parts.ts';
import type { WatcherProcess } from './watcher-process.ts';

/** Half of what everyone deposited. */
const STOLEN = 5n * 10n ** 17n;

const LIE_TIMEOUT_MS = 120_000;

/** What became of the lie. */
export interface LieResult {
  readonly lie: Lie;
  readonly number: number;
  readonly assertionId: bigint;
  /** Block of its assertion. */
  readonly block: number;
  readonly gas: number;
  readonly timeline: Timeline;
}

/** The adversary's door to L1. */
export async function adversaryChain({ provider, deployed }: LocalRollup): Promise<PinnedAssertionChain> {
  const chain = await createAssertionChain({
    provider,
    chainId: LOCAL_CHAIN_ID,
    contract: deployed.contract,
    signer: localSigner(provider, ADVERSARY_POSITION),
    clock: systemClock,
    logger: silentLogger,
  });
  await chain.connect();
  return chain;
}

const WORDS: Readonly<Record<LieEvent, string>> = {
  disputed: 'a watcher disputed it',
  answered: 'its author answered with the states it claims',
  stepCommitted: 'a watcher committed to the wrong step',
  stepProven: 'the wrong step was executed on L1',
  rejected: 'the batch was rejected and its bond taken',
};

/** @throws why the sequencer stopped, or RollupError TIMEOUT: the lie takes seconds. */
async function untilStopped(rollup: LocalRollup, signal: AbortSignal): Promise<never> {
  for (let waitedMs = 0; waitedMs < LIE_TIMEOUT_MS; waitedMs += POLL_MS) {
    signal.throwIfAborted();
    requireRunning(rollup);
    await sleep(POLL_MS);
  }
  throw new RollupError('TIMEOUT', `the lie was not asserted within ${LIE_TIMEOUT_MS / 1_000} s`);
}

/** Asserts a lie before the sequencer asserts what it seals now. @returns it, once it is on L1. */
async function lieFirst(
  rollup: LocalRollup,
  adversary: PinnedAssertionChain,
  position: number,
): Promise<Omit<LieResult, 'timeline'>> {
  const { storage, sequencer, optimistic } = rollup;
  const asserted = Promise.withResolvers<Omit<LieResult, 'timeline'>>();
  optimistic!.frontRunning.arm(async (honest) => {
    try {
      const lie = await createLie({
        accounts: storage.leaves.stateAfter(honest.number - 1),
        honest,
        domain: sequencer.domain,
        slotsPerChunk: sequencer.config.profile.slotsPerChunk,
        position,
        amount: STOLEN,
      });
      const call = await withSidecars(lie, rollup.kzg);
      const { blockNumber, gasUsed } = await adversary.send({ type: 'assertBatch', ...call });
      const assertionId = await adversary.pendingId(honest.number);
      if (assertionId === undefined) throw new Error('the lie does not wait on L1');
      asserted.resolve({ lie, number: honest.number, assertionId, block: blockNumber, gas: Number(gasUsed) });
    } catch (error) {
      asserted.reject(error);
    }
  });
  await sequencer.sealNow();
  const waiting = new AbortController();
  const stopped = untilStopped(rollup, waiting.signal);
  stopped.catch(() => undefined); // heard through the race, or too late to matter
  return Promise.race([asserted.promise, stopped]).finally(() => waiting.abort());
}

/** Plays it through until the lie is rejected. @param position which transfer of the batch is forged, from 0. */
export async function playLie(
  rollup: LocalRollup,
  adversary: PinnedAssertionChain,
  watcher: WatcherProcess,
  position: number,
  progress: Progress,
): Promise<LieResult> {
  const head = () => rollup.provider.getBlockNumber();
  progress.begin('a second producer asserts a lie first');
  const asserted = await lieFirst(rollup, adversary, position);
  const { lie, assertionId, block } = asserted;
  progress.end(
    `batch ${asserted.number}: transfer ${position} now pays ${lie.amount} base units of account ${lie.from} to account ${lie.to}`,
  );
  progress.begin('watch, dispute, answer, prove');
  const defence = new AbortController();
  const defending = defendLie(adversary, lie, assertionId, block, head, defence.signal);
  try {
    const following = followLie({
      reader: adversary,
      assertionId,
      fromBlock: block,
      head,
      onEvent: (type, seconds) => progress.say(`  ${seconds.toFixed(1)} s: ${WORDS[type]}`),
      check() {
        watcher.requireRunning();
        requireRunning(rollup);
      },
    });
    const timeline = await Promise.race([following, defending.then(() => following)]);
    progress.end('rolled back');
    return { ...asserted, timeline };
  } finally {
    defence.abort();
    await defending.catch(() => undefined);
  }
}

/** Resolves when the sequencer's batch of this number is on L1 in the place of the lie. */
export async function untilPosted(rollup: LocalRollup, number: number): Promise<void> {
  while (rollup.sequencer.status().postedBatch < number) {
    requireRunning(rollup);
    await sleep(POLL_MS);
  }
}

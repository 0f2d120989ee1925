/** One look at L1 after the other: follow, replay, judge, act, tell. */

import { type AssertionReader, type BlockReference, onOneChain, type PinnedAssertionChain } from '@quittance/chain';
import { domainOf, isRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import { createMetrics } from '../runtime/index.ts';
import { announce, bugAlert, failureAlerts, finalLieAlert, unheardAlert, unheardAnswers } from './announce.ts';
import { createActor } from './dispute/actor.ts';
import { createGuard } from './dispute/guard.ts';
import { observe } from './dispute/observe.ts';
import type { CommitmentPhase, L1Time } from './dispute/phases.ts';
import { isPatient, planTasks } from './dispute/plan.ts';
import { createStepPreparer } from './dispute/steps.ts';
import { createFollower } from './follow/follower.ts';
import { forgetClosed } from './follow/forget.ts';
import { createLostEvents } from './follow/lost-events.ts';
import { foldEvents } from './follow/model.ts';
import { NO_ASSERTIONS, withoutAssertions } from './follow/no-assertions.ts';
import { readPending } from './follow/pending.ts';
import { createMeasurer } from './measure.ts';
import { createAlerts } from './monitoring/alerts.ts';
import { createWatcherMeasurements } from './monitoring/measurements.ts';
import type { Watcher, WatcherOptions } from './options.ts';
import { createSubmissions } from './replay/submissions.ts';
import { createVerifier } from './replay/verifier.ts';
import { type ReportedAction, reportBatch, type WatchReport } from './report.ts';

function canAct(assertions: AssertionReader | PinnedAssertionChain): assertions is PinnedAssertionChain {
  return 'account' in assertions;
}

/** So long a look goes on with what can wait; then L1 is looked at again, however much is to be settled. */
const PATIENCE_MS = 30_000;

/** Stands for our account where there is none: nobody has it. */
const NOBODY = `0x${'00'.repeat(20)}`;

/**
 * A watcher that has read nothing yet.
 *
 * @throws RollupError CONFIG_INVALID when the mode needs an account, NO_OPTIMISTIC_MODE when it needs that and the rollup has
 * none, L1_WRONG_CHAIN.
 */
export async function createWatcher(options: WatcherOptions): Promise<Watcher> {
  const { mode, store, crypto, clock, logger, fromBlock } = options;
  const { metrics = createMetrics(), checks = [], maxHeadAgeSeconds, maxFeePerGas, confirmations = 1, post } = options;
  const reader = onOneChain(options.reader, { store, blockNumber: fromBlock, confirmations });
  const [replay, optimistic] = await Promise.all([reader.connect(), options.assertions.connect()]);
  if (optimistic === undefined && mode !== 'observe') {
    const message = `the rollup ${reader.contract} has no optimistic mode: there is nothing to ${mode}`;
    throw new RollupError('NO_OPTIMISTIC_MODE', message, { contract: reader.contract });
  }
  const assertions = optimistic === undefined ? withoutAssertions(reader) : options.assertions;
  const constants = optimistic ?? NO_ASSERTIONS;
  const chain = canAct(assertions) ? assertions : undefined;
  if (chain === undefined && mode !== 'observe') {
    throw new RollupError('CONFIG_INVALID', `mode ${mode} acts on L1 and needs an account: give --keystore`, { mode });
  }
  const account = chain?.account;
  const isOurs = (other: string): boolean => account !== undefined && isSameAddress(account, other);
  const deployment = { chainId: reader.chainId, contract: reader.contract };
  const domain = domainOf(deployment);
  if (replay.domain !== domain) {
    // Under another domain every signature would look forged.
    const message = `L1 says that the domain of ${reader.contract} is ${replay.domain}, it is ${domain}; check the node`;
    throw new RollupError('L1_WRONG_CHAIN', message, { expected: domain, actual: replay.domain });
  }
  const { slotsPerChunk } = replay;
  const measurements = createWatcherMeasurements(metrics);
  const measure = createMeasurer(measurements, clock);
  const alerts = createAlerts({ store, clock, logger, measurements, post });
  const submissions = createSubmissions({ reader, assertions, deployment, slotsPerChunk });
  const follower = createFollower({ reader, assertions, store, logger, fromBlock });
  const lostEvents = createLostEvents({ reader, store, logger });
  const verifier = createVerifier({ crypto, replay, submissions, store, clock, logger });
  const stepAccount = account ?? NOBODY;
  const steps = createStepPreparer({
    ...{ crypto, deployment, replay, assertions, submissions, store, clock },
    account: stepAccount,
  });
  const guard = createGuard({ reader, clock, checks, maxHeadAgeSeconds });
  const limits = { maxFeePerGas, confirmations };
  const actor = chain && createActor({ ...limits, chain, store, steps, guard, clock, logger, alerts, measurements });

  /** Where our announcement of a step stands; a step that cannot be prepared is no reason to see nothing else. */
  async function commitmentPhase(assertionId: bigint, chunk: number): Promise<CommitmentPhase> {
    if (chain === undefined) return 'none';
    try {
      return await steps.commitmentPhase(assertionId, chunk);
    } catch (error) {
      if (!isRollupError(error) || error.code === 'L1_UNREACHABLE' || error.code === 'INVARIANT_BROKEN') throw error;
      logger.error('a step cannot be prepared', { assertionId, chunk, error });
      return 'none';
    }
  }

  /** The time on L1, which may stand still between transactions. */
  const timeOf = ({ timestamp }: BlockReference): L1Time => ({
    block: timestamp,
    now: Math.max(timestamp, Math.floor(clock.nowMs() / 1_000)),
  });

  async function look(signal: AbortSignal | undefined): Promise<WatchReport> {
    const nonce = (await chain?.nextNonce()) ?? 0;
    const { head, removedBlocks, isFresh } = await follower.look(signal);
    if (isFresh) verifier.reset();
    const model = foldEvents(store.events.all());
    lostEvents.requireFinals(model);
    const states = await verifier.followFinal(model, head.number, signal);
    const finalHeader = model.finals.at(-1)?.header ?? states.base;
    const pending = await readPending(assertions, model, finalHeader.number);
    const waiting = await verifier.judge(pending.batches, signal);
    steps.look({ chain: states, model, headNumber: head.number });
    const situation = await observe({
      ...{ reader, assertions, constants, model, waiting, account, time: timeOf(head) },
      commitmentOf: ({ assertion }, chunk) => commitmentPhase(assertion.assertionId, chunk),
    });
    // Before anything is staked on a view that is not whole.
    for (const what of await lostEvents.note([...pending.missing, ...unheardAnswers(situation, model)], head.number)) {
      alerts.raise(unheardAlert(what));
    }
    const batches = waiting.map((batch) => reportBatch(batch, constants));
    announce(alerts, batches, situation.chunks, model, isOurs);
    for (const batch of waiting) for (const alert of failureAlerts(batch)) alerts.raise(alert);
    const actions: ReportedAction[] = [];
    let free = nonce;
    const endMs = clock.nowMs() + PATIENCE_MS;
    for (const task of actor === undefined ? [] : planTasks(mode, situation)) {
      if (isPatient(task.move) && clock.nowMs() >= endMs) break;
      const result = await actor!.perform(task, { head, nonce, free }, signal);
      if (result === 'done') free += 1;
      actions.push({ move: task.move, key: task.key, result });
    }
    forgetClosed(store, model, head.number, isOurs, clock.nowMs());
    const { number: finalBatch, stateRoot } = finalHeader;
    const isSynced = pending.isComplete && waiting.every(({ failure }) => failure === undefined);
    return {
      ...{ head, finalBatch, stateRoot, isSynced, removedBlocks, waiting: batches, actions },
      ...{ chunks: situation.chunks, disputes: situation.disputes },
    };
  }

  return {
    constants,
    metrics,
    async poll(signal) {
      const startMs = clock.nowMs();
      try {
        const report = await look(signal);
        measure(report);
        return report;
      } catch (error) {
        measurements.polls.add(1, { result: 'failed' });
        if (isRollupError(error, 'LIE_FINAL')) alerts.raise(finalLieAlert(error));
        if (isRollupError(error, 'INVARIANT_BROKEN')) alerts.raise(bugAlert(error));
        throw error;
      } finally {
        measurements.pollSeconds.observe((clock.nowMs() - startMs) / 1_000);
        await alerts.deliver(signal);
      }
    },
  };
}

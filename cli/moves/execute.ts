/** `quittance moves execute`: takes users' moves to their destination, once or for as long as it runs. */

import type { Destination } from '@quittance/chain';
import { isPassing } from '@quittance/protocol';
import { retry, systemClock } from '../../runtime/index.ts';
import type { Values } from '../config/setting.ts';
import type { Context } from '../process/command.ts';
import { type Session, send, withSession } from '../wallet/session.ts';
import { createBudget } from './budget.ts';
import { type DestinationName, resolveDestinations } from './destination.ts';
import { createExecutor, type LookForMoves } from './executor.ts';
import type { ExecutedMoves } from './handled.ts';
import { createTeller, describe } from './report.ts';
import type { EXECUTE_SETTINGS } from './settings.ts';

/** Looks that may fail before a single one gives up. */
const ATTEMPTS = 5;

type ExecuteValues = Values<typeof EXECUTE_SETTINGS>;

async function resolveAll(session: Session, names: readonly DestinationName[]): Promise<Destination[]> {
  const found = new Map<number, Destination>();
  for (const name of names) {
    for (const destination of await resolveDestinations(session, name)) found.set(destination.number, destination);
  }
  return [...found.values()];
}

async function watch(
  context: Context,
  { l1PollMs, maxSpend }: ExecuteValues,
  look: LookForMoves,
  takeExecuted: () => ExecutedMoves[],
): Promise<void> {
  const { output, signal } = context;
  const tell = createTeller(context);
  let isFirst = true;
  while (!signal.aborted) {
    try {
      const budget = createBudget(maxSpend);
      const unexecuted = await look(signal, budget);
      tell(unexecuted);
      const report = { executed: takeExecuted(), ...unexecuted, spent: budget.spent };
      if (isFirst || report.executed.length > 0) output.result(report, () => describe(report));
      isFirst = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!isPassing(error)) throw error;
      output.warn(`a look failed, the next one comes soon: ${(error as Error).message}`);
    }
    await systemClock.sleep(l1PollMs, signal).catch(() => undefined); // it rejects when the user asks to stop
  }
}

/** Runs until it is interrupted, or once. @throws whatever stopped it. */
export async function runExecute(context: Context, values: ExecuteValues): Promise<void> {
  const { output, signal } = context;
  await withSession(context, values, async (session) => {
    const { l1, reader, transactions } = session;
    let executed: ExecutedMoves[] = [];
    const look = createExecutor({
      reader,
      provider: l1.provider,
      fromBlock: values.fromBlock,
      destinations: await resolveAll(session, values.destination),
      maxFee: values.maxFee,
      minAmount: values.minAmount,
      estimate: transactions.estimate,
      send: (call) => send(session, call),
      onExecuted(moves) {
        executed.push(moves);
        output.say(`executed ${moves.count} moves of batch ${moves.batch} in ${moves.transactionHash}`);
      },
    });
    if (values.watch) {
      const takeExecuted = () => {
        const taken = executed;
        executed = [];
        return taken;
      };
      return watch(context, values, look, takeExecuted);
    }
    // Of all attempts together.
    const budget = createBudget(values.maxSpend);
    const unexecuted = await retry(() => look(signal, budget), {
      ...{
        clock: systemClock,
        attempts: ATTEMPTS,
        firstDelayMs: 200,
        maxDelayMs: 2_000,
        isTransient: isPassing,
        signal,
      },
    });
    createTeller(context)(unexecuted);
    const report = { executed, ...unexecuted, spent: budget.spent };
    output.result(report, () => describe(report));
  });
}

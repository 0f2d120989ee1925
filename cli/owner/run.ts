/** One step of a change by the owner: sent, or printed for whoever signs elsewhere. */

import { rollupInterface } from '@quittance/chain';
import { Contract } from 'ethers';
import { connectRollup, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { view, withSession } from '../wallet/session.ts';
import { safeFile } from './safe.ts';
import type { OwnerValues } from './settings.ts';
import { advance, type Change, nextStep, requireEffect, type Step, type Wanted } from './timelock.ts';

/** What is asked of the rollup, and the view that shows it. */
export interface Asked extends Omit<Wanted, 'number'> {
  readonly view: readonly [name: string, ...args: unknown[]];
  readonly expected: unknown;
}

const timeOf = (seconds: number): string => new Date(seconds * 1_000).toISOString();

function changeText({ state, readyAt }: Change): string {
  return readyAt === undefined || state === 'executed' ? state : `${state}, can be executed from ${timeOf(readyAt)}`;
}

/** Who may make the call. */
const SENDERS = { schedule: 'a proposer of the timelock', execute: 'anybody' } as const;

/** Prints the call that is next. @throws UsageError when a file is wanted and nothing is to be signed. */
function printStep({ output }: Context, { safe }: OwnerValues, asked: Asked, step: Step, chainId: bigint): void {
  const { timelock, id, readyAt, next, data } = step;
  const what = `${asked.name}(${asked.args.map(String).join(', ')})`;
  if (data === undefined || next === 'wait' || next === 'none') {
    const state = next === 'none' ? 'done before' : 'waiting';
    const text = changeText({ timelock, id, state, readyAt });
    if (safe) throw new UsageError(`there is nothing to sign: ${text}`);
    output.result({ next, timelock, id, readyAt: readyAt ?? null }, () => text);
    return;
  }
  if (safe) {
    const file = safeFile({ to: timelock, data }, { chainId, description: `${next} ${what}`, nowMs: Date.now() });
    output.result(file, () => JSON.stringify(file, null, 2));
    return;
  }
  output.result({ next, what, timelock, id, chainId, from: SENDERS[next], to: timelock, value: '0', data }, () =>
    table([
      ['next', `${next} ${what}`],
      ['operation', id],
      ['chain', String(chainId)],
      ['from', SENDERS[next]],
      ['to', `${timelock} (the timelock)`],
      ['value', '0'],
      ['data', data],
    ]),
  );
}

/** Whether the contract says now what is wanted. */
async function isInForce(rollup: Parameters<typeof view>[0], { view: asked, expected }: Asked): Promise<boolean> {
  return (await view<unknown>(rollup, ...asked)) === expected;
}

/** Takes the next step of a change, or prints it. @throws UsageError, or RollupError as `advance`. */
export async function runChange(context: Context, values: OwnerValues, asked: Asked): Promise<void> {
  const wanted = { name: asked.name, args: asked.args, number: values.change };
  if (values.print && values.safe) throw new UsageError('give either --print or --safe');
  if (values.print || values.safe) {
    await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
      const reader = await connectRollup(l1, values.contract);
      const step = await nextStep({ l1, reader }, wanted);
      const rollup = new Contract(values.contract, rollupInterface, l1.provider);
      if (step.next === 'none')
        requireEffect({ id: step.id, state: 'done before' }, await isInForce({ rollup }, asked));
      printStep(context, values, asked, step, l1.chainId);
    });
    return;
  }
  await withSession(context, values, async (session) => {
    const result = await advance(session, wanted);
    requireEffect(result, await isInForce(session, asked));
    context.output.result(result, () => changeText(result));
  });
}

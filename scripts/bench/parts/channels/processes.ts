/** The processes of `./dev bench channels`. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answers, Order, Plan } from './messages.ts';

const PROGRAM = fileURLToPath(new URL('../channels-child.ts', import.meta.url));

/** A process with parties. */
export interface Members {
  /** Where party 0 listens; empty for others. */
  readonly url: string;
  ask<Does extends Order['does']>(order: Extract<Order, { does: Does }>): Promise<Answers[Does]>;
  /** Ends it when its parties have ended. */
  stop(): Promise<void>;
}

/** Starts a process; resolves once its parties are connected. */
export async function startMembers(plan: Plan): Promise<Members> {
  const child = fork(PROGRAM, [JSON.stringify(plan)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`parties of the benchmark ended with code ${code}`);
  });
  ended.catch(() => undefined);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const next = async (): Promise<unknown> => (await Promise.race([once(child, 'message'), ended]))[0];
  const ask: Members['ask'] = async (order) => {
    child.send(order);
    return (await next()) as never;
  };
  return {
    url: (await next()) as string,
    ask,
    async stop() {
      await ask({ does: 'stop' });
      const left = once(child, 'exit');
      child.disconnect();
      await left;
      process.off('exit', kill);
    },
  };
}

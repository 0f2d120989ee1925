/** Starts the sequencer of `./dev bench accept` and asks it for its measurements. */

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SequencerAnswer, SequencerPlan, SequencerRequest, SequencerSample } from './messages.ts';

/** A sequencer process. */
export interface SequencerProcess {
  readonly host: string;
  readonly port: number;
  readonly domain: bigint;
  /** Begins to measure, seals what is open, looks at L1, or says how things are. */
  ask(request: SequencerRequest): Promise<SequencerSample>;
  /** Ends it without a warning: what it acknowledged must be in its database. */
  kill(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('../accept-sequencer-child.ts', import.meta.url));

function nextAnswer(child: ChildProcess): Promise<SequencerAnswer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the sequencer ended with code ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as SequencerAnswer);
    });
  });
}

/** Starts it. */
export async function startSequencerProcess(plan: SequencerPlan): Promise<SequencerProcess> {
  const child = fork(PROGRAM, [JSON.stringify(plan)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const first = await nextAnswer(child);
  if (!('url' in first)) throw new Error('the sequencer did not say where it listens');
  const { hostname: host, port } = new URL(first.url);
  return {
    host,
    port: Number(port),
    domain: BigInt(first.domain),
    async ask(request) {
      const answer = nextAnswer(child);
      child.send(request);
      const message = await answer;
      if (!('sample' in message)) throw new Error('the sequencer answered something else');
      return message.sample;
    },
    async kill() {
      kill();
      await ended;
      process.off('exit', kill);
    },
  };
}

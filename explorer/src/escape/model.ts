/** The state of the way out, for the page, whichever part of it is shown. */

import type { ExitFromL1, RefusedPayment, Survey } from '@quittance/sdk';
import { createStore } from '../store.ts';
import type { Eip1193 } from '../wallet/connect/eip1193.ts';
import type { Leaving } from './messages.ts';
import type { EscapePlace } from './place.ts';
import { createEscape, type Escape } from './remote.ts';

/** What runs now. */
export interface Running {
  readonly what: 'survey' | 'leave';
  readonly step: string;
  readonly done: number;
  readonly total: number;
}

/** A line of what happened. */
export interface Entry {
  readonly atMs: number;
  readonly text: string;
}

/** All that is known. */
export interface Model {
  /** The rollup, once L1 confirmed that something is there. */
  readonly place: EscapePlace | undefined;
  readonly chainId: bigint | undefined;
  /** Whose money. */
  readonly owner: string | undefined;
  readonly survey: Survey | undefined;
  readonly running: Running | undefined;
  readonly error: unknown;
  /** What the last attempt to leave did. */
  readonly result: ExitFromL1 | undefined;
  readonly refused: readonly RefusedPayment[];
  /** Whether the browser keeps what was rebuilt; undefined until it was tried. */
  readonly isLasting: boolean | undefined;
  readonly log: readonly Entry[];
}

const EMPTY: Model = {
  place: undefined,
  chainId: undefined,
  owner: undefined,
  survey: undefined,
  running: undefined,
  error: undefined,
  result: undefined,
  refused: [],
  isLasting: undefined,
  log: [],
};

/** Lines that are kept. */
const MAX_LOG = 200;

/** The model of this page. */
export const model = createStore<Model>(EMPTY);

/** Changes a part of it. */
export function change(part: Partial<Model>): void {
  model.set({ ...model.get(), ...part });
}

/** Writes down what happened. */
function note(text: string): void {
  const entry = { atMs: Date.now(), text };
  change({ log: [...model.get().log, entry].slice(-MAX_LOG) });
}

let remote: Escape | undefined;
const theEscape = (): Escape => {
  remote ??= createEscape();
  return remote;
};

const STEP_WORDS: Readonly<Record<string, string>> = {
  rebuilding: 'Rebuilding from L1',
  requesting: 'Asking L1 to pay you out',
  opening: 'Opening the exodus',
  paying: 'Being paid out',
  claiming: 'Claiming withdrawals',
};

/** A step of the SDK for people. */
export function stepWords(step: string): string {
  return STEP_WORDS[step] ?? step;
}

function watching(what: Running['what']) {
  let last = '';
  return (news: Parameters<Parameters<Escape['survey']>[2]>[0]): void => {
    switch (news.kind) {
      case 'kept':
        change({ isLasting: news.isLasting });
        break;
      case 'refused':
        change({ refused: [...model.get().refused, news.refused] });
        break;
      case 'progress': {
        const { step, done, total } = news;
        if (step !== last) note(`${stepWords(step)}.`);
        last = step;
        change({ running: { what, step, done, total } });
      }
    }
  };
}

/** Runs one thing; what goes wrong is shown, and nothing else begins meanwhile. */
async function run(what: Running['what'], work: () => Promise<void>): Promise<void> {
  if (model.get().running !== undefined) return;
  change({ running: { what, step: 'rebuilding', done: 0, total: 0 }, error: undefined });
  try {
    await work();
    change({ running: undefined });
  } catch (error) {
    note(`Stopped: ${(error as Error).message}`);
    change({ running: undefined, error });
  }
}

/** Reads all that an owner has from L1. */
export function survey(place: EscapePlace, owner: string): Promise<void> {
  return run('survey', async () => {
    const found = await theEscape().survey(place, owner, watching('survey'));
    note(`Read from L1 up to batch ${found.batch}.`);
    change({ survey: found, owner });
  });
}

/** Does whatever is next on the way out, and reads again what is left. */
export function leave(leaving: Leaving, provider: Eip1193): Promise<void> {
  const { place, owner } = leaving;
  return run('leave', async () => {
    change({ refused: [], result: undefined });
    const result = await theEscape().leave(leaving, provider, watching('leave'));
    for (const { kind, index, transactionHash } of result.paid)
      note(`Paid: ${kind} ${index} in transaction ${transactionHash}.`);
    change({ result });
    change({ survey: await theEscape().survey(place, owner, watching('leave')) });
  });
}

/** Ends what runs; what was rebuilt is kept. */
export function stop(): void {
  remote?.stop();
}

/** Begins with another rollup or owner. */
export function reset(part: 'place' | 'owner'): void {
  if (model.get().running !== undefined) return;
  const { place, chainId, log } = model.get();
  model.set(part === 'place' ? { ...EMPTY, log } : { ...EMPTY, place, chainId, log });
}

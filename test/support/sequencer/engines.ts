/** Engines that fail or lie: test doubles around an honest one. */

import {
  CHANGE_BYTES,
  createLeafChanges,
  type Engine,
  type Execution,
  encodeLeafChanges,
  SHARDS_BYTES,
  SLOT_PLACES,
  SLOT_TRACE_BYTES,
} from '@quittance/protocol';

/** An engine that can be told to fail. */
export interface FailingEngine extends Engine {
  /** The next `count` executions fail, after the batch was executed or instead of it. */
  failNext(count: number, how?: 'before' | 'after'): void;
  /** Executions so far, those that failed among them. */
  readonly count: number;
}

/** What a worker says that died. */
export const DEATH = 'the worker died';

/** @param honest what executes otherwise. */
export function createFailingEngine(honest: Engine): FailingEngine {
  let failures = 0;
  let when: 'before' | 'after' = 'before';
  let count = 0;
  return {
    ...honest,
    get count() {
      return count;
    },
    failNext(next, how = 'before') {
      failures = next;
      when = how;
    },
    async execute(state, batch, options) {
      count += 1;
      if (failures === 0) return honest.execute(state, batch, options);
      failures -= 1;
      if (when === 'after') await honest.execute(state, batch, options);
      throw new Error(DEATH);
    },
  };
}

/** A lie about one execution. */
export type Lie = (execution: Execution) => Execution;

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1);

/** One bit of what the prover gets of a slot is another. */
export function lieInSlot(chunk: number, slot: number): Lie {
  return (execution) => ({
    ...execution,
    chunks: execution.chunks.map((result, index) => {
      if (index !== chunk) return result;
      const trace = result.trace!;
      const at = SHARDS_BYTES + slot * SLOT_TRACE_BYTES + SLOT_PLACES.toPath;
      return { ...result, trace: { ...trace, bytes: flipped(trace.bytes, at) } };
    }),
  });
}

/** A root after a chunk, or its commitment, is another. */
export function lieAbout(name: 'newRoot' | 'commitment', chunk: number): Lie {
  return (execution) => ({
    ...execution,
    chunks: execution.chunks.map((result, index) => (index === chunk ? { ...result, [name]: 7n } : result)),
  });
}

/** The last changed account has another balance. */
export const lieAboutBalance: Lie = (execution) => ({
  ...execution,
  changes: createLeafChanges(flipped(execution.changes.bytes, execution.changes.bytes.length - 1)),
});

/** The first changed account is left out. */
export const lieByOmission: Lie = (execution) => ({
  ...execution,
  changes: createLeafChanges(execution.changes.bytes.slice(CHANGE_BYTES)),
});

/** An engine that can be told to follow a rule of its own. */
export interface OtherEngine extends Engine {
  /** Whether the last account that a batch changes gets a base unit more, or less. */
  isOther: boolean;
}

/** Wrong in what it does, and consistent in what it says. @param honest what executes. */
export function createOtherEngine(honest: Engine): OtherEngine {
  const other: OtherEngine = {
    ...honest,
    isOther: false,
    async execute(state, batch, options) {
      const execution = await honest.execute(state, batch, options);
      if (execution.refusals.length > 0 || !other.isOther) return execution;
      const changes = [...execution.changes];
      const last = changes.at(-1)!;
      const after = { ...last.after!, balance: last.after!.balance ^ 1n };
      state.write({ index: last.index, after });
      const end = { ...execution.chunks.at(-1)!, newRoot: state.root };
      return {
        ...execution,
        chunks: [...execution.chunks.slice(0, -1), end],
        changes: createLeafChanges(encodeLeafChanges([...changes.slice(0, -1), { ...last, after }])),
      };
    },
  };
  return other;
}

/** An engine that can be told to lie. */
export interface LyingEngine extends Engine {
  /** What it says of each execution from now on; the truth when undefined. */
  lie: Lie | undefined;
}

/** @param honest what executes. */
export function createLyingEngine(honest: Engine): LyingEngine {
  const lying: LyingEngine = {
    ...honest,
    lie: undefined,
    async execute(state, batch, options) {
      const execution = await honest.execute(state, batch, options);
      return execution.refusals.length > 0 || lying.lie === undefined ? execution : lying.lie(execution);
    },
  };
  return lying;
}

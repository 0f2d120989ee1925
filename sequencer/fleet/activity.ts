/** What workers did since the start: when each was heard of, and how long one that failed rests. */

import type { Clock } from '../../runtime/index.ts';
import type { WorkerIdentity } from './types.ts';

/** What one worker did. */
export interface WorkerSight {
  readonly worker: WorkerIdentity;
  readonly seenMs: number;
  readonly failures: number;
}

/** Keeps it. A machine is a worker with its instance; a worker of the open market is one, whatever instances it names. */
export interface WorkerActivity {
  see(worker: WorkerIdentity, instance: string): void;
  succeed(worker: WorkerIdentity, instance: string): void;
  /** It failed on this statement. */
  fail(worker: WorkerIdentity, instance: string, statementId: string): void;
  /** It fell silent on this statement: a failure, and one with all that it fell silent on at the same time. */
  stall(worker: WorkerIdentity, instance: string, statementId: string): void;
  /** Whether it failed on this statement a short while ago: others come first. */
  isResting(worker: WorkerIdentity, instance: string, statementId: string): boolean;
  /** Whether it failed so often in a row that it gets nothing for a while. */
  isPausing(worker: WorkerIdentity, instance: string): boolean;
  /** By worker, machines taken together. */
  list(): readonly WorkerSight[];
}

/** Machines that are remembered; the one that was not heard of for longest is forgotten first. */
const MAX_MACHINES = 4_096;
/** Until it is offered the same statement again. */
const REST_MS = 10_000;
/** After the first failure in a row; twice as long after each further one. */
const FIRST_PAUSE_MS = 2_000;
const MAX_PAUSE_MS = 300_000;
const MAX_DOUBLINGS = 10;

/** Heartbeats of one machine come 10 s apart at most: what it falls silent on within so long is one silence. */
const SAME_SILENCE_MS = 15_000;

interface Machine {
  readonly worker: WorkerIdentity;
  seenMs: number;
  failures: number;
  failuresInARow: number;
  pauseUntilMs: number;
  failedOn: string | undefined;
  failedMs: number;
  stalledMs: number | undefined;
}

/** Nobody was heard of. */
export function createActivity(clock: Clock): WorkerActivity {
  const machines = new Map<string, Machine>();
  // A stranger names its machines as it likes: all of one payout key are one here, or a new name would end a pause.
  const keyOf = ({ id, kind }: WorkerIdentity, instance: string): string =>
    kind === 'market' ? id : `${id}/${instance}`;
  /** Whoever was not heard of for longest, strangers before workers of the operator. */
  const forget = (): void => {
    for (const [key, { worker }] of machines) {
      if (worker.kind === 'market') return void machines.delete(key);
    }
    machines.delete(machines.keys().next().value!);
  };
  const note = (machine: Machine, statementId: string): void => {
    machine.failures += 1;
    machine.failedOn = statementId;
    machine.failedMs = clock.nowMs();
  };
  const pause = (machine: Machine): void => {
    const doublings = Math.min(machine.failuresInARow, MAX_DOUBLINGS);
    machine.pauseUntilMs = clock.nowMs() + Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** doublings);
    machine.failuresInARow += 1;
  };
  return {
    see(worker, instance) {
      const key = keyOf(worker, instance);
      const nowMs = clock.nowMs();
      const known = machines.get(key);
      const fresh = {
        failures: 0,
        failuresInARow: 0,
        pauseUntilMs: 0,
        failedOn: undefined,
        failedMs: 0,
        stalledMs: undefined,
      };
      // Set anew, so that the map stays in the order of who was heard of last.
      machines.delete(key);
      machines.set(key, { ...fresh, ...known, worker, seenMs: nowMs });
      if (machines.size > MAX_MACHINES) forget();
    },
    succeed(worker, instance) {
      const machine = machines.get(keyOf(worker, instance));
      if (machine !== undefined) machine.failuresInARow = 0;
    },
    fail(worker, instance, statementId) {
      const machine = machines.get(keyOf(worker, instance));
      if (machine === undefined) return;
      note(machine, statementId);
      pause(machine);
    },
    stall(worker, instance, statementId) {
      const machine = machines.get(keyOf(worker, instance));
      if (machine === undefined) return;
      const nowMs = clock.nowMs();
      note(machine, statementId);
      // A machine that proves eight chunks and is cut off once must not pause as after eight failures.
      if (machine.stalledMs === undefined || nowMs - machine.stalledMs > SAME_SILENCE_MS) pause(machine);
      machine.stalledMs = nowMs;
    },
    isResting(worker, instance, statementId) {
      const machine = machines.get(keyOf(worker, instance));
      return machine?.failedOn === statementId && clock.nowMs() < machine.failedMs + REST_MS;
    },
    isPausing(worker, instance) {
      const machine = machines.get(keyOf(worker, instance));
      return machine !== undefined && clock.nowMs() < machine.pauseUntilMs;
    },
    list() {
      const byWorker = new Map<string, WorkerSight>();
      for (const { worker, seenMs, failures } of machines.values()) {
        const known = byWorker.get(worker.id);
        byWorker.set(worker.id, {
          worker,
          seenMs: Math.max(seenMs, known?.seenMs ?? 0),
          failures: failures + (known?.failures ?? 0),
        });
      }
      return [...byWorker.values()];
    },
  };
}

/** The events of the sequencer, for subscribers. */

import type { BatchState, LoggedEntry, LoggedTransfer } from '../storage/index.ts';
import type { TransferStatus } from './types.ts';

/** Events by name. */
export interface SequencerEvents {
  /** A transfer changed its status. */
  transfer: {
    readonly id: bigint;
    readonly sequence: number;
    readonly status: TransferStatus;
    readonly reason?: string;
    readonly logged: LoggedTransfer;
  };
  /** These are in the log, in its order: emitted in the same turn of the event loop in which they became durable. */
  appended: { readonly entries: readonly LoggedEntry[] };
  /** These are open again, in the same turn in which that became durable: L1 took back their batches. In the log's order. */
  reopened: { readonly sequences: readonly number[] };
  /** These were dropped, in the same turn in which that became durable. */
  dropped: { readonly sequences: readonly number[] };
  /** A batch changed its state, in the same turn in which that became durable. */
  batch: { readonly number: number; readonly state: BatchState; readonly transferCount: number };
}

/** A typed event bus. A listener that throws does not disturb the others. */
export interface EventBus {
  emit<Name extends keyof SequencerEvents>(name: Name, event: SequencerEvents[Name]): void;
  /** Returns how to stop listening. */
  on<Name extends keyof SequencerEvents>(name: Name, listener: (event: SequencerEvents[Name]) => void): () => void;
}

type Listener = (event: never) => void;

/** An event bus. @param onError is told of listeners that throw. */
export function createEventBus(onError: (error: unknown) => void): EventBus {
  const listeners = new Map<keyof SequencerEvents, Set<Listener>>();
  const listenersOf = (name: keyof SequencerEvents): Set<Listener> => {
    const known = listeners.get(name) ?? new Set<Listener>();
    listeners.set(name, known);
    return known;
  };
  return {
    emit(name, event) {
      for (const listener of listenersOf(name)) {
        try {
          (listener as (event: unknown) => void)(event);
        } catch (error) {
          onError(error);
        }
      }
    },
    on(name, listener) {
      listenersOf(name).add(listener as Listener);
      return () => listenersOf(name).delete(listener as Listener);
    },
  };
}

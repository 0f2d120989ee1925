/** Whether the sequencer answers, for the whole page. */

import { createStore } from '../store.ts';

/** `live`: events arrive. `polling`: it answers, but no events arrive. `lost`: it does not answer. */
export type ConnectionState = 'connecting' | 'live' | 'polling' | 'lost';

/** How it is, and since when, in Unix milliseconds, it is not known better. */
export interface Connection {
  readonly state: ConnectionState;
  /** When the sequencer last answered; undefined before it did. */
  readonly answeredMs: number | undefined;
}

/** How the connection is now. */
export const connection = createStore<Connection>({ state: 'connecting', answeredMs: undefined });

let isSocketOpen = false;

/** Told by the socket. */
export function socketIs(open: boolean): void {
  isSocketOpen = open;
  const { state, answeredMs } = connection.get();
  if (open) connection.set({ state: 'live', answeredMs: Date.now() });
  else if (state === 'live') connection.set({ state: 'connecting', answeredMs });
}

/** Told after each call. */
export function answered(): void {
  connection.set({ state: isSocketOpen ? 'live' : 'polling', answeredMs: Date.now() });
}

/** Told when a call got no answer. */
export function unanswered(): void {
  const { state, answeredMs } = connection.get();
  if (state !== 'lost') connection.set({ state: 'lost', answeredMs });
}

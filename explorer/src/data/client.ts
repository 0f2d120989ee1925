/** The client of the chosen sequencer. */

import { createClient, type SequencerClient } from '@quittance/sdk';
import { endpoints } from './endpoints.ts';

/** A page waits less than a service does. */
const TIMEOUT_MS = 10_000;

/** Undefined while no sequencer is chosen. */
export const client: SequencerClient | undefined =
  endpoints.rpc === undefined ? undefined : createClient({ url: endpoints.rpc, timeoutMs: TIMEOUT_MS });

/** What answers calls for one sequencer. A node that becomes a leader, or no longer is one, gets another. */

import type { Clock, Logger } from '../../runtime/index.ts';
import type { Forwarder } from '../cluster/forwarder.ts';
import type { Sequencer } from '../sequencer.ts';
import type { Allowance } from './allowance.ts';
import type { ApiConfig } from './config.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { createHandlers } from './handlers.ts';
import { createWebSocketHandler, type ServeSocket } from './websocket.ts';

/** Answers for a sequencer. */
export interface Door {
  readonly sequencer: Sequencer;
  readonly dispatcher: Dispatcher;
  readonly serveSocket: ServeSocket;
}

export interface DoorOptions {
  readonly config: ApiConfig;
  readonly allowance: Allowance;
  /** What rpc.discover answers. */
  readonly description: unknown;
  /** Path of the explorer; null where none is served. */
  readonly explorer: string | null;
  /** Where there are other nodes. */
  readonly forwarder: Forwarder | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A door to `sequencer`. What is sent to one that follows is passed on. */
export function createDoor(sequencer: Sequencer, options: DoorOptions): Door {
  const { config, allowance, description, explorer, clock, logger } = options;
  const { bodyBytes, callsPerBatch } = config;
  const { measurements } = sequencer;
  const forwarder = sequencer.node().role === 'replica' ? options.forwarder : undefined;
  const handlers = createHandlers({ sequencer, allowance, bodyBytes, callsPerBatch, explorer, forwarder });
  const settled = (): Promise<void> | undefined => sequencer.settled();
  const dispatcher = createDispatcher({
    ...{ handlers, settled, description, callsPerBatch, allowance, measurements, clock, logger },
  });
  const limits = config.webSocket;
  const serveSocket = createWebSocketHandler({ sequencer, dispatcher, allowance, clock, logger, limits });
  return { sequencer, dispatcher, serveSocket };
}

/** What a look is made of. */

import type { Clock, Logger } from '../runtime/index.ts';
import type { Connection } from './connect.ts';
import type { Actor } from './dispute/actor.ts';
import type { WatchMode } from './dispute/modes.ts';
import type { StepPreparer } from './dispute/steps.ts';
import type { Follower } from './follow/follower.ts';
import type { LostEvents } from './follow/lost-events.ts';
import type { Alerts } from './monitoring/alerts.ts';
import type { LookBlobs } from './replay/look-blobs.ts';
import type { Verifier } from './replay/verifier.ts';
import type { WatcherStore } from './store/store.ts';

/** The parts that a look uses, each for one thing. */
export interface LookParts {
  readonly mode: WatchMode;
  readonly connection: Connection;
  readonly store: WatcherStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly alerts: Alerts;
  readonly follower: Follower;
  readonly lostEvents: LostEvents;
  readonly blobs: LookBlobs;
  readonly verifier: Verifier;
  readonly steps: StepPreparer;
  /** Undefined when the watcher only observes. */
  readonly actor: Actor | undefined;
}

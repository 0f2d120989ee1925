/** What the parts of one sequencer share. */

import type { AssertionChain, AssertionConstants, RollupChain, RollupConstants } from '@quittance/chain';
import type { ChunkContext, RollupError } from '@quittance/protocol';
import { type Clock, type Logger, unixSeconds } from '../runtime/index.ts';
import type { Storage } from '../storage/index.ts';
import { chunkFeeTokens, type SequencerConfig } from './config.ts';
import type { EventBus } from './events.ts';
import type { SequencerMeasurements } from './measurements.ts';
import type { BatchProver, SequencerCrypto } from './types.ts';

/** The optimistic mode of the deployment: its contract and its terms. */
export interface Optimistic {
  readonly assertions: AssertionChain;
  readonly terms: AssertionConstants;
}

/** Dependencies and settings of all parts. */
export interface SequencerContext {
  readonly config: SequencerConfig;
  readonly chain: RollupChain;
  readonly constants: RollupConstants;
  /** Undefined in optimistic mode: nothing is proven. */
  readonly prover: BatchProver | undefined;
  /** Undefined in zk mode. */
  readonly optimistic: Optimistic | undefined;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly crypto: SequencerCrypto;
  readonly events: EventBus;
  readonly measurements: SequencerMeasurements;
  /** Stops accepting and publishing for good and keeps the state (`halt.ts`). */
  readonly halt: (error: RollupError) => void;
}

/** The context that pending operations are judged in: that of a batch sealed now. */
export function pendingContext({
  constants,
  config,
  clock,
}: Pick<SequencerContext, 'constants' | 'config' | 'clock'>): ChunkContext {
  return { domain: constants.domain, batchTime: unixSeconds(clock), feeTokens: chunkFeeTokens(config.feeTokens) };
}

/** What the parts of one sequencer share. */

import type {
  AssertionChain,
  AssertionConstants,
  AssertionReader,
  Kzg,
  RollupChain,
  RollupConstants,
} from '@quittance/chain';
import type { BatchForm, ChunkContext, RollupError } from '@quittance/protocol';
import { type Clock, type Logger, unixSeconds } from '../runtime/index.ts';
import type { Storage } from '../storage/index.ts';
import { chunkFeeTokens, type SequencerConfig } from './config.ts';
import type { EventBus } from './events.ts';
import type { Fleet } from './fleet/fleet.ts';
import type { LogWriter } from './log-writer.ts';
import type { SequencerMeasurements } from './measurements.ts';
import { type BatchRoom, limitsOf, wayOf } from './mempool/data-limits.ts';
import type { Statistics } from './statistics.ts';
import type { ProofVerifier, SequencerCrypto } from './types.ts';

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
  /** The forms that data may have, the widest last. */
  readonly forms: readonly BatchForm[];
  /** Undefined where no form is in blobs. */
  readonly kzg: Kzg | undefined;
  /** Undefined in optimistic mode: nothing is proven. */
  readonly prover: ProofVerifier | undefined;
  /** Undefined where this process proves alone. */
  readonly fleet?: Fleet | undefined;
  /** What waits on L1, in every mode; undefined where the deployment has no optimistic mode. */
  readonly assertions: AssertionReader | undefined;
  /** Undefined in zk mode. */
  readonly optimistic: Optimistic | undefined;
  readonly storage: Storage;
  readonly writer: LogWriter;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly crypto: SequencerCrypto;
  readonly events: EventBus;
  readonly measurements: SequencerMeasurements;
  readonly statistics: Statistics;
  /** Stops accepting and publishing for good and keeps the state (`halt.ts`). */
  readonly halt: (error: RollupError) => void;
}

/** What a batch may hold: the chunks that the operator allows, and what the widest form that it may have takes. */
export function batchRoom({ config, forms }: Pick<SequencerContext, 'config' | 'forms'>): BatchRoom {
  const { profile, mode, maxChunksPerBatch: maxChunks } = config;
  return { profile: { ...profile, maxChunks }, limits: limitsOf(wayOf(mode), forms.at(-1)!, profile) };
}

/** The context that pending operations are judged in: that of a batch sealed now. */
export function pendingContext({
  constants,
  config,
  clock,
}: Pick<SequencerContext, 'constants' | 'config' | 'clock'>): ChunkContext {
  return { domain: constants.domain, batchTime: unixSeconds(clock), feeTokens: chunkFeeTokens(config.feeTokens) };
}

/** What `./dev bench accept` and its sequencer's process say to each other. */

import type { ProfileName } from '@quittance/protocol';

/** What the process is to run. */
export interface SequencerPlan {
  readonly l1Url: string;
  readonly contract: string;
  readonly deploymentBlock: number;
  readonly profile: ProfileName;
  /** Of its database. */
  readonly file: string;
  /** Least fee, base units. */
  readonly fee: string;
}

/** What the process says of itself. */
export interface SequencerSample {
  /** By its own clock. */
  readonly atMs: number;
  readonly sealedTransfers: number;
  readonly sealedBatches: number;
  readonly openTransfers: number;
  readonly cpuSeconds: number;
  /** Resident bytes, once a second since it was told to begin. */
  readonly memory: readonly number[];
  /** Longest time for which its main thread did nothing else, since then. */
  readonly longestBlockMs: number;
  readonly blockP99Ms: number;
}

export type SequencerAnswer = { readonly url: string; readonly domain: string } | { readonly sample: SequencerSample };

/** Begin to measure, seal what is open, look at L1, or say how things are. */
export type SequencerRequest = 'begin' | 'seal' | 'look' | 'measure';

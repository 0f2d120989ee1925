/** What `./dev bench l1` measures: the ways in which batches come to L1, and what each may cost. */

import type { ProfileName } from '@quittance/protocol';
import type { SequencerMode } from '../../../sequencer/index.ts';

/** One rollup, and the batches of transfers that it takes one after the other. */
export interface L1Job {
  readonly profile: ProfileName;
  readonly mode: SequencerMode;
  readonly data: 'calldata' | 'blobs';
  readonly batches: readonly L1Batch[];
}

/** One batch. */
export interface L1Batch {
  readonly name: string;
  readonly transfers: number;
  /** Most gas a transfer; more fails the bench. */
  readonly limit: number;
}

/** What one batch cost. */
export interface L1Mode {
  readonly transfers: number;
  readonly proofs: number;
  readonly gasPerTransfer: number;
  readonly gasPerTransferEip7976: number;
  readonly gasPerTransferEip8037: number;
  readonly blobs: number;
  /** Of calldata in all transactions that made the batch final, blobs not included. */
  readonly bytes: number;
}

/** Of protocol 1, the same batch in the same profile (test/contracts/gas.snapshot.json before blobs). */
const CALLDATA_BEFORE = 1_126.8;

/** All jobs; each batch has to be one batch on L1. */
export const L1_JOBS: readonly L1Job[] = [
  {
    profile: 'standard',
    mode: 'zk',
    data: 'calldata',
    batches: [{ name: 'calldata-standard-1000', transfers: 1_000, limit: 1.05 * CALLDATA_BEFORE }],
  },
  {
    profile: 'standard',
    mode: 'zk',
    data: 'blobs',
    batches: [{ name: 'blob-standard-1000', transfers: 1_000, limit: 900 }],
  },
  {
    profile: 'single',
    mode: 'optimistic',
    data: 'blobs',
    batches: [
      { name: 'asserted-single-1000', transfers: 1_000, limit: 400 },
      { name: 'asserted-single-6000', transfers: 6_000, limit: 110 },
    ],
  },
  {
    profile: 'single',
    mode: 'zk',
    data: 'blobs',
    batches: [
      { name: 'blob-single-1000', transfers: 1_000, limit: 430 },
      { name: 'blob-single-2000', transfers: 2_000, limit: 250 },
      { name: 'blob-single-8000', transfers: 8_000, limit: 115 },
    ],
  },
];

/** Batches above their limits, as sentences. */
export function overLimits(modes: Readonly<Record<string, L1Mode>>): string[] {
  return L1_JOBS.flatMap(({ batches }) => batches).flatMap(({ name, limit }) => {
    const cost = modes[name]?.gasPerTransfer;
    return cost !== undefined && cost > limit ? [`${name}: ${cost} gas a transfer, more than ${limit.toFixed(0)}`] : [];
  });
}

/** The thread of `createProofChecker`. */

import { workerData } from 'node:worker_threads';
import type { Groth16Proof, VerifyingKey } from '@quittance/protocol';
import { serve } from '../serve.ts';
import { isProofValid } from '../verify.ts';

/** What the thread is started with. */
export interface CheckSetting {
  readonly key: VerifyingKey;
  /** ffjavascript's `web-worker` takes each thread that loads it for one of its own, and runs this: nothing. */
  readonly mod: 'data:,';
}

/** One proof to check. */
export interface CheckRequest {
  readonly publicInputs: readonly bigint[];
  readonly proof: Groth16Proof;
}

const { key } = workerData as CheckSetting;

serve<CheckRequest>(async ({ publicInputs, proof }) => ({ value: await isProofValid(key, publicInputs, proof) }));

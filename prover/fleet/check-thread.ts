/** The thread of `createProofChecker`. */

import { workerData } from 'node:worker_threads';
import type { Groth16Proof, VerifyingKey } from '@quittance/protocol';
import { serve } from '../serve.ts';
import { isProofValid } from '../verify.ts';

/** One proof to check. */
export interface CheckRequest {
  readonly publicInputs: readonly bigint[];
  readonly proof: Groth16Proof;
}

serve<CheckRequest>(async ({ publicInputs, proof }) => ({
  value: await isProofValid(workerData as VerifyingKey, publicInputs, proof),
}));

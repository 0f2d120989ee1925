/** The process in which `SnarkjsBackend` runs snarkjs: one request, one answer. */

import { groth16, type SnarkjsProof } from 'snarkjs';

/** What the parent sends, once. */
export interface SnarkjsRequest {
  readonly zkeyPath: string;
  readonly witnessPath: string;
}

/** What the child answers, once, before it ends. */
export type SnarkjsReply =
  | { readonly ok: true; readonly proof: SnarkjsProof; readonly publicSignals: string[]; readonly peakBytes: number }
  | { readonly ok: false; readonly message: string };

const answer = (reply: SnarkjsReply): void => {
  // snarkjs leaves threads behind: the process ends once the answer is on its way.
  process.send!(reply, () => process.exit(0));
};

process.once('message', async (request: SnarkjsRequest) => {
  try {
    const { proof, publicSignals } = await groth16.prove(request.zkeyPath, request.witnessPath);
    // maxRSS is in KiB.
    answer({ ok: true, proof, publicSignals, peakBytes: process.resourceUsage().maxRSS * 1024 });
  } catch (error) {
    answer({ ok: false, message: error instanceof Error ? error.message : String(error) });
  }
});
process.once('disconnect', () => process.exit(1));

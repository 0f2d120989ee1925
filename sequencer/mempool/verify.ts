/** Checks many signatures: on other threads where possible, else on this one in between other work. */

import type { SignatureCheck } from '@quittance/protocol';
import type { SequencerCrypto } from '../types.ts';

/** A plain check takes about 2 ms; other work gets its turn after this many. */
const CHECKS_PER_TURN = 4;

/** The verdict on each check, in order. */
export async function verifySignatures(crypto: SequencerCrypto, checks: readonly SignatureCheck[]): Promise<boolean[]> {
  if (checks.length === 0) return [];
  if (crypto.verifyBatch !== undefined) return await crypto.verifyBatch(checks);
  const verdicts: boolean[] = [];
  for (const [position, check] of checks.entries()) {
    if (position > 0 && position % CHECKS_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    verdicts.push(crypto.verifier.verify(check));
  }
  return verdicts;
}

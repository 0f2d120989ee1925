/** Secrets of HTLCs. */

import { createHash } from 'node:crypto';

/** A secret of 32 bytes with its hash. */
export function secretOf(seed: string): { readonly secret: string; readonly hash: string } {
  const secret = createHash('sha256').update(seed).digest();
  return { secret: `0x${secret.toString('hex')}`, hash: `0x${createHash('sha256').update(secret).digest('hex')}` };
}

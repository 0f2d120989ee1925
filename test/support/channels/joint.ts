/** Joint keys whose two parties are in one process. */

import type { Signature } from '@quittance/protocol';
import { type JointKey, makeJointKey, signJointly } from '../../../packages/sdk/channels/index.ts';

/** The shares of both parties. */
export type BothShares = Readonly<Record<'a' | 'b', JointKey>>;

/** A new joint key. */
export function makeBoth(): BothShares {
  const [a, b] = [makeJointKey('a'), makeJointKey('b')];
  const [fromA, fromB] = [a.second(b.first), b.second(a.first)];
  return { a: a.finish(fromB), b: b.finish(fromA) };
}

/** The signature as each party has it. */
export function signBoth({ a, b }: BothShares, message: bigint): [Signature, Signature] {
  const [ofA, ofB] = [signJointly(a, message), signJointly(b, message)];
  const [shareA, shareB] = [ofA.share(ofB.commitment), ofB.share(ofA.commitment)];
  return [ofA.finish(shareB), ofB.finish(shareA)];
}

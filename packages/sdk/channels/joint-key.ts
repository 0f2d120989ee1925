/**
 * A key of two parties, of which each has a share and nobody has the whole. It is made in two exchanges of messages, and makes a
 * signature in two more.
 */

import type { DKG_Round1, DKG_Round2, Key, NonceCommitments } from '@noble/curves/abstract/frost.js';
import { babyjubjub } from '@noble/curves/misc.js';
import {
  type CurvePoint,
  createPortableVerifier,
  portableHasher,
  RollupError,
  requireFieldElement,
  type Signature,
} from '@quittance/protocol';
import { FROST, messageBytes, SIGNERS } from './suite.ts';

/** Which of the two parties somebody is, as in the terms of the channel. */
export type Party = 'a' | 'b';

/** A share of a joint key, to be kept as a secret: with both the key is whole. */
export interface JointKey {
  readonly party: Party;
  /** The key of the account, in the prime subgroup. */
  readonly publicKey: CurvePoint;
  /** What FROST keeps. */
  readonly key: Key;
}

const IDENTIFIERS = { a: FROST.Identifier.fromNumber(1), b: FROST.Identifier.fromNumber(2) } as const;
const otherOf = (party: Party): Party => (party === 'a' ? 'b' : 'a');

/** What the peer sent is not what an honest one sends. */
function refused(code: 'INVALID_KEY' | 'BAD_SIGNATURE', what: string, cause: unknown) {
  const message = `${what} of the other party is not right: ${(cause as Error).message}. Begin anew, or with another peer`;
  return new RollupError(code, message, {}, { cause });
}

function requireFrom(expected: string, { identifier }: { readonly identifier: string }): void {
  if (identifier !== expected) throw new RangeError(`it comes from ${identifier}, not from ${expected}`);
}

function publicKeyOf({ public: shared }: Key): CurvePoint {
  const { x, y } = babyjubjub.Point.fromBytes(shared.commitments[0]!).toAffine();
  return { x, y };
}

/** The making of a joint key, on the side of one party. Each step is taken once, in order. */
export interface JointKeyMaking {
  /** For the other party, first. */
  readonly first: DKG_Round1;
  /** Given the other party's first message: the second for it. @throws RollupError INVALID_KEY. */
  second(theirFirst: DKG_Round1): DKG_Round2;
  /** Given the other party's second message. @throws RollupError INVALID_KEY. */
  finish(theirSecond: DKG_Round2): JointKey;
}

/** Begins a joint key. A break ends it: begin anew. */
export function makeJointKey(party: Party): JointKeyMaking {
  const { public: first, secret } = FROST.DKG.round1(IDENTIFIERS[party], SIGNERS);
  const theirs = IDENTIFIERS[otherOf(party)];
  let theirFirst: DKG_Round1 | undefined;
  return {
    first,
    second(message) {
      try {
        requireFrom(theirs, message);
        const mine = FROST.DKG.round2(secret, [message])[theirs]!;
        theirFirst = message;
        return mine;
      } catch (error) {
        throw refused('INVALID_KEY', 'the first message of a joint key', error);
      }
    },
    finish(message) {
      try {
        if (theirFirst === undefined) throw new RangeError('it came before the first');
        const key = FROST.DKG.round3(secret, [theirFirst], [message]);
        return { party, key, publicKey: publicKeyOf(key) };
      } catch (error) {
        throw refused('INVALID_KEY', 'the second message of a joint key', error);
      }
    },
  };
}

/** A joint signature in the making, on the side of one party. Its nonces are in memory only and are used once. */
export interface JointSigning {
  /** For the other party, first. */
  readonly commitment: NonceCommitments;
  /** Given the other party's commitment: our share, for it. @throws RollupError BAD_SIGNATURE, also the second time. */
  share(theirCommitment: NonceCommitments): Uint8Array;
  /** Given the other party's share: the signature, which was verified. @throws RollupError BAD_SIGNATURE. */
  finish(theirShare: Uint8Array): Signature;
}

/** R8 and S of the suite's bytes. */
function signatureOf(bytes: Uint8Array): Signature {
  const { x, y } = babyjubjub.Point.fromBytes(bytes.subarray(0, 32)).toAffine();
  const s = bytes.subarray(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return { r8: { x, y }, s };
}

/**
 * Begins a joint signature of a field element. Sign only what both have agreed on: whoever finishes first has it.
 *
 * @throws RollupError OUT_OF_RANGE for a message ≥ r.
 */
export function signJointly({ party, key, publicKey }: JointKey, message: bigint): JointSigning {
  requireFieldElement('message', message);
  const bytes = messageBytes(message);
  const { nonces, commitments: mine } = FROST.commit(key.secret);
  const theirs = IDENTIFIERS[otherOf(party)];
  let both: NonceCommitments[] | undefined;
  let ourShare: Uint8Array | undefined;
  return {
    commitment: mine,
    share(theirCommitment) {
      try {
        requireFrom(theirs, theirCommitment);
        const list = party === 'a' ? [mine, theirCommitment] : [theirCommitment, mine];
        // Zeroes the nonces: a second time throws.
        ourShare = FROST.signShare(key.secret, key.public, nonces, list, bytes);
        both = list;
        return ourShare;
      } catch (error) {
        throw refused('BAD_SIGNATURE', 'the commitment to a joint signature', error);
      }
    },
    finish(theirShare) {
      try {
        if (both === undefined || ourShare === undefined) throw new RangeError('it came before the commitment');
        const shares = { [IDENTIFIERS[party]]: ourShare, [theirs]: theirShare };
        const signature = signatureOf(FROST.aggregate(key.public, both, bytes, shares));
        const verifier = createPortableVerifier(portableHasher);
        if (!verifier.verify({ key: publicKey, signature, message })) throw new RangeError('it does not verify');
        return signature;
      } catch (error) {
        throw refused('BAD_SIGNATURE', 'the share of a joint signature', error);
      }
    },
  };
}

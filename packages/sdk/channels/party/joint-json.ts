/** What joint keys are made of, as JSON: bytes are lower-case hexadecimal. */

import type { DKG_Round1, DKG_Round2, Key, NonceCommitments } from '@noble/curves/abstract/frost.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { JointKey, Party } from '../joint-key.ts';
import { type Json, list, object, pattern, unreadable } from '../read-json.ts';

const hex = (bytes: Uint8Array): string => `0x${bytesToHex(bytes)}`;

function bytes(what: string, value: Json): Uint8Array<ArrayBuffer> {
  const text = pattern(what, value, /^0x([0-9a-f]{2}){1,128}$/);
  return Uint8Array.from(hexToBytes(text.slice(2)));
}

const identifier = (value: Json): string => pattern('an identifier', value, /^[0-9a-f]{2,128}$/);

/** The first message of a making. */
export const encodeFirst = ({ identifier: from, commitment, proofOfKnowledge }: DKG_Round1) => ({
  identifier: from,
  commitment: commitment.map(hex),
  proof: hex(proofOfKnowledge),
});

/** @throws RollupError CHANNEL_PEER_WRONG. */
export function decodeFirst(value: Json): DKG_Round1 {
  const read = object('the first message of a joint key', value);
  return {
    identifier: identifier(read['identifier']),
    commitment: list('commitments', read['commitment'], 2, (one) => bytes('a commitment', one)),
    proofOfKnowledge: bytes('a proof', read['proof']),
  };
}

/** The second message of a making: a secret of the two. */
export const encodeSecond = ({ identifier: from, signingShare }: DKG_Round2) => ({
  identifier: from,
  share: hex(signingShare),
});

/** @throws RollupError CHANNEL_PEER_WRONG. */
export function decodeSecond(value: Json): DKG_Round2 {
  const read = object('the second message of a joint key', value);
  return { identifier: identifier(read['identifier']), signingShare: bytes('a share', read['share']) };
}

/** A commitment to a joint signature. */
export const encodeCommitment = ({ identifier: from, hiding, binding }: NonceCommitments) => ({
  identifier: from,
  hiding: hex(hiding),
  binding: hex(binding),
});

/** @throws RollupError CHANNEL_PEER_WRONG. */
export function decodeCommitment(value: Json): NonceCommitments {
  const read = object('a commitment', value);
  return {
    identifier: identifier(read['identifier']),
    hiding: bytes('a commitment', read['hiding']),
    binding: bytes('a commitment', read['binding']),
  };
}

/** A share of a joint signature. */
export const encodeShare = hex;

/** @throws RollupError CHANNEL_PEER_WRONG. */
export const decodeShare = (value: Json): Uint8Array => bytes('a share', value);

/** A share of a joint key, to be kept as a secret. */
export function encodeJointKey({ party, publicKey, key }: JointKey) {
  const { signers, commitments, verifyingShares } = key.public;
  return {
    party,
    x: publicKey.x.toString(),
    y: publicKey.y.toString(),
    signers,
    commitments: commitments.map(hex),
    verifyingShares: Object.entries(verifyingShares).map(([from, share]) => [from, hex(share)]),
    identifier: key.secret.identifier,
    signingShare: hex(key.secret.signingShare),
  };
}

const coordinate = (what: string, value: Json): bigint => BigInt(pattern(what, value, /^[0-9]{1,77}$/));

function party(value: Json): Party {
  if (value === 'a' || value === 'b') return value;
  throw unreadable('a party', value);
}

/** @throws RollupError CHANNEL_PEER_WRONG when it is none. */
export function decodeJointKey(value: Json): JointKey {
  const read = object('a joint key', value);
  const { min, max } = object('signers', read['signers']);
  const shares = list('verifying shares', read['verifyingShares'], 2, (pair) => {
    const [from, share] = list('a verifying share', pair, 2, (one) => one);
    return [identifier(from), bytes('a verifying share', share)] as const;
  });
  const key: Key = {
    public: {
      signers: { min: Number(min), max: Number(max) },
      commitments: list('commitments', read['commitments'], 2, (one) => bytes('a commitment', one)),
      verifyingShares: Object.fromEntries(shares),
    },
    secret: { identifier: identifier(read['identifier']), signingShare: bytes('a share', read['signingShare']) },
  };
  return {
    party: party(read['party']),
    publicKey: { x: coordinate('x', read['x']), y: coordinate('y', read['y']) },
    key,
  };
}

/** Every transfer that a wallet of the world ever signed, by payer and nonce: nothing else may be executed. */

import { simHasher } from '../crypto.ts';

/** What was signed. */
export interface SignedRecord {
  /** Transaction id: the signed message. */
  readonly id: bigint;
  readonly from: number;
  readonly nonce: number;
  /** 124 bits, with 0 for the receiver of kind 2. */
  readonly record: bigint;
  readonly validUntil: number;
  /** (a, b) of the message. */
  readonly receiver: readonly [bigint, bigint];
}

/** docs/protocol.md, Signature. */
export function messageOf(domain: bigint, signed: Omit<SignedRecord, 'id' | 'from'>): bigint {
  const packed = signed.record + (BigInt(signed.nonce) << 124n) + (BigInt(signed.validUntil) << 156n);
  return simHasher.hash([domain, packed, ...signed.receiver]);
}

/** What was signed so far. */
export interface Signatures {
  add(signed: SignedRecord): void;
  /** Those of this payer with this nonce. */
  of(from: number, nonce: number): readonly SignedRecord[];
  get(id: bigint): SignedRecord | undefined;
}

export function createSignatures(): Signatures {
  const byId = new Map<bigint, SignedRecord>();
  const byPlace = new Map<string, SignedRecord[]>();
  return {
    add(signed) {
      if (byId.has(signed.id)) return;
      byId.set(signed.id, signed);
      const key = `${signed.from}:${signed.nonce}`;
      byPlace.set(key, [...(byPlace.get(key) ?? []), signed]);
    },
    of: (from, nonce) => byPlace.get(`${from}:${nonce}`) ?? [],
    get: (id) => byId.get(id),
  };
}

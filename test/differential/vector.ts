/**
 * A record with its scene and outcome as JSON: what a disagreement prints, and what test/vectors/differential*.json keep.
 * Numbers are decimal texts.
 */

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { type Account, type Crypto, decodeRecord, encodeRecord, RollupState } from '@quittance/protocol';
import { operationOf } from '../support/step/step.ts';
import type { DifferentialCase } from './cases.ts';
import type { JudgedCase } from './rules.ts';

/** One record and everything that its outcome depends on. */
export interface DifferentialVector {
  readonly title: string;
  /** `valid`, or the first rule that is broken. */
  readonly code: string;
  readonly domain: string;
  readonly batchTime: number;
  readonly feeTokens: readonly string[];
  readonly fees: readonly string[];
  readonly accounts: readonly (Readonly<Record<keyof Account, string>> & { readonly index: number })[];
  /** 124 bits. */
  readonly record: string;
  readonly words: readonly string[];
  /** 69 bytes in hexadecimal, or none; the parts when no bytes say them. */
  readonly authorization: string | Readonly<Record<'validUntil' | 'keyX' | 'r8x' | 'r8y' | 's', string>>;
  /** Of a valid record. */
  readonly after?: { readonly stateRoot: string; readonly fees: readonly string[] };
}

const texts = (values: readonly bigint[]): string[] => values.map(String);

function authorizationOf({ record, operation }: DifferentialCase): DifferentialVector['authorization'] {
  if (record !== undefined) return bytesToHex(record.authorization);
  if (operation.authorization === undefined) return '';
  const { validUntil, keyX, r8, s } = operation.authorization;
  return { validUntil: String(validUntil), keyX: `${keyX}`, r8x: `${r8.x}`, r8y: `${r8.y}`, s: `${s}` };
}

/** The state is as before the record. */
export function encodeVector(judged: JudgedCase): DifferentialVector {
  const { title, code, scene, operation, effects } = judged;
  const { state, context, fees } = scene;
  const accounts = [...state.accounts()].map(([index, { keyY, owner, tokenId, nonce, balance }]) => ({
    index,
    keyY: String(keyY),
    owner: String(owner),
    tokenId: String(tokenId),
    nonce: String(nonce),
    balance: String(balance),
  }));
  const vector = {
    title,
    code,
    domain: String(context.domain),
    batchTime: context.batchTime,
    feeTokens: texts(context.feeTokens),
    fees: texts(fees),
    accounts,
    record: String(encodeRecord(operation.fields)),
    words: texts(operation.words),
    authorization: authorizationOf(judged),
  };
  if (effects === undefined) return vector;
  for (const change of effects.changes) state.write(change);
  const after = { stateRoot: String(state.root), fees: texts(effects.fees) };
  state.undo(effects.changes);
  return { ...vector, after };
}

export function decodeVector(vector: DifferentialVector, crypto: Crypto): DifferentialCase {
  const { title, domain, batchTime, authorization } = vector;
  const accounts = vector.accounts.map(({ index, keyY, owner, tokenId, nonce, balance }) => {
    const account = { keyY: BigInt(keyY), owner: BigInt(owner), tokenId: Number(tokenId), nonce: Number(nonce) };
    return [index, { ...account, balance: BigInt(balance) }] as const;
  });
  const state = new RollupState(crypto.hasher, accounts);
  const feeTokens = vector.feeTokens.map(BigInt);
  const scene = {
    crypto,
    state,
    context: { domain: BigInt(domain), batchTime, feeTokens },
    fees: vector.fees.map(BigInt),
  };
  const content = { fields: decodeRecord(BigInt(vector.record)), words: vector.words.map(BigInt) };
  if (typeof authorization === 'string') {
    const record = { ...content, authorization: hexToBytes(authorization) };
    return { title, scene, operation: operationOf(state, record), record };
  }
  const { validUntil, keyX, r8x, r8y, s } = authorization;
  const r8 = { x: BigInt(r8x), y: BigInt(r8y) };
  return {
    title,
    scene,
    operation: { ...content, authorization: { validUntil: Number(validUntil), keyX: BigInt(keyX), r8, s: BigInt(s) } },
  };
}

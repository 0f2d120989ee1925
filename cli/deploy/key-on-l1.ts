/** Which verifying key a verifier contract really has: its hash is one thing, the points that it pairs with another. */

import { bn254 } from '@noble/curves/bn254.js';
import { concat, dataSlice, getBytes, type JsonRpcProvider, keccak256, toBeHex, toBigInt } from 'ethers';
import { codeAt, type Discovery } from './discover.ts';

const WORD_BYTES = 32;
/** Words of alpha, and of a point of G2. */
const G1_WORDS = 2;
const G2_WORDS = 4;
/** beta, gamma and delta are kept negated. */
const NEGATED_POINTS = 3;

/** A point of G2, both parts of y negated. */
function negated([x1, x0, y1, y0]: readonly bigint[]): bigint[] {
  const { Fp } = bn254.fields;
  return [x1!, x0!, Fp.neg(y1!), Fp.neg(y0!)];
}

/** Hash of the key that is encoded for the pairing, as contracts/libraries/VerifyingKeys.sol does it. */
function hashOfEncodedKey(encoded: string): string {
  const bytes = getBytes(encoded);
  const words = Array.from({ length: Math.floor(bytes.length / WORD_BYTES) }, (_, index) =>
    toBigInt(bytes.subarray(index * WORD_BYTES, (index + 1) * WORD_BYTES)),
  );
  const points = Array.from({ length: NEGATED_POINTS }, (_, index) => {
    const start = G1_WORDS + index * G2_WORDS;
    return negated(words.slice(start, start + G2_WORDS));
  });
  const rest = words.slice(G1_WORDS + NEGATED_POINTS * G2_WORDS);
  const key = [...words.slice(0, G1_WORDS), ...points.flat(), ...rest];
  return keccak256(concat(key.map((word) => toBeHex(word, WORD_BYTES))));
}

/** The hash that the verifier tells, and whether the points that it uses have it. */
export interface KeyOnL1 {
  readonly hash: string;
  readonly isDevelopment: boolean;
  readonly hasItsPoints: boolean;
}

/** Reads the contract that holds the points, which the verifier names nowhere but in its code. */
export async function readKey(provider: JsonRpcProvider, { contracts, view }: Discovery): Promise<KeyOnL1> {
  const hash = await view<string>('Groth16BatchVerifier', 'keyHash');
  const isDevelopment = await view<boolean>('Groth16BatchVerifier', 'isDevelopmentKey');
  const { immutables = [] } = contracts.find(({ name }) => name === 'Groth16BatchVerifier') ?? {};
  let hasItsPoints = false;
  for (const value of immutables) {
    // An address leaves twelve bytes free.
    if (value === hash || !/^0x0{24}/.test(value)) continue;
    const code = await codeAt(provider, dataSlice(value, 12));
    // Behind a STOP byte.
    if (code.startsWith('0x00') && hashOfEncodedKey(dataSlice(code, 1)) === hash) hasItsPoints = true;
  }
  return { hash, isDevelopment, hasItsPoints };
}

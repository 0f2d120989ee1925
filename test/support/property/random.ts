/** Deterministic randomness for tests: a seed replays a run. */

import { hash } from 'node:crypto';
import { FIELD_MODULUS } from '@quittance/protocol';

export interface Random {
  /** 32 bytes. */
  bytes(): Uint8Array;
  /** An integer in 0 … bound − 1. */
  below(bound: number): number;
  bits(count: number): bigint;
  fieldElement(): bigint;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
}

/** SHA-256 in counter mode over the seed. */
export function createRandom(seed: string | number): Random {
  let counter = 0;
  const next = () => hash('sha256', `${seed}/${counter++}`, 'buffer');
  const bits = (count: number) => BigInt(`0x${next().toString('hex')}`) >> BigInt(256 - count);
  /** The first 53. */
  const fraction = () => {
    const digest = next();
    return digest.readUInt32BE(0) * 2 ** 21 + (digest.readUInt32BE(4) >>> 11);
  };
  const below = (bound: number) => fraction() % bound;
  return {
    bytes: () => Uint8Array.from(next()),
    bits,
    below,
    fieldElement: () => bits(256) % FIELD_MODULUS,
    pick: (items) => items[below(items.length)]!,
    chance: (probability) => fraction() / 2 ** 53 < probability,
  };
}

/** Seed of a property run: QUITTANCE_TEST_SEED replays it. */
export function propertySeed(): number {
  const given = process.env['QUITTANCE_TEST_SEED'];
  return given === undefined ? 20_261_120 : Number(given);
}

/** Deterministic randomness for tests: a seed replays a run. */

import { createHash } from 'node:crypto';
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
  const bytes = () => Uint8Array.from(createHash('sha256').update(`${seed}/${counter++}`).digest());
  const bits = (count: number) => BigInt(`0x${Buffer.from(bytes()).toString('hex')}`) >> BigInt(256 - count);
  const below = (bound: number) => Number(bits(53) % BigInt(bound));
  return {
    bytes,
    bits,
    below,
    fieldElement: () => bits(256) % FIELD_MODULUS,
    pick: (items) => items[below(items.length)]!,
    chance: (probability) => Number(bits(53)) / 2 ** 53 < probability,
  };
}

/** Seed of a property run: QUITTANCE_TEST_SEED replays it. */
export function propertySeed(): number {
  const given = process.env['QUITTANCE_TEST_SEED'];
  return given === undefined ? 20_261_120 : Number(given);
}

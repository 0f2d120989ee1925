/** Random states that a chain of valid records can lead to: each token's total, fee sums included, is below 2^128. */

import {
  type Account,
  type ChunkContext,
  type Crypto,
  createKeyPair,
  type Effects,
  FEE_TOKEN_COUNT,
  FEE_TOKEN_FILLER,
  FIELD_MODULUS,
  type KeyPair,
  RollupState,
  TREE_CAPACITY,
  xCandidates,
} from '@quittance/protocol';
import type { Random } from '../support/property/random.ts';

const TOTAL_LIMIT = 2n ** 128n;
const LAST_NONCE = 2 ** 32 - 1;
/** A fee sum of less than 2^13 fees of at most 2,047·10^31 base units. */
const FEE_SUM_LIMIT = 2n ** 123n;
const ACCOUNTS_PER_TOKEN = 4;

const KEY_PAIRS = Array.from({ length: 6 }, (_, seed) => createKeyPair(new Uint8Array(32).fill(seed + 1)));
const KEY_PAIR_OF = new Map(KEY_PAIRS.map((pair) => [pair.publicKey.y, pair]));

/** Keys that a deposit can put into a leaf and that sign nothing: no point; the identity; order 2; order 4. */
const BAD_KEYS = [leastKeyWithoutPoint(), 1n, FIELD_MODULUS - 1n, 0n];

function leastKeyWithoutPoint(): bigint {
  let y = 2n;
  while (xCandidates(y).length > 0) y += 1n;
  return y;
}

/** The pair of a key that a world's accounts have; undefined when nobody can sign with it. */
export const keyPairOf = (keyY: bigint): KeyPair | undefined => KEY_PAIR_OF.get(keyY);

export class ReachableRollup {
  readonly random: Random;
  readonly crypto: Crypto;
  readonly state: RollupState;
  readonly context: ChunkContext;
  /** Token ids of the accounts. */
  readonly tokens: readonly number[];
  fees: readonly bigint[];

  constructor(random: Random, crypto: Crypto) {
    this.random = random;
    this.crypto = crypto;
    this.tokens = [...new Set([random.pick([0, 1]), random.pick([9, 2 ** 32 - 1]), random.below(2 ** 32)])];
    this.context = {
      domain: random.fieldElement(),
      batchTime: random.pick([1_800_000_000, 2, 2 ** 40 - 1, 3 + random.below(2 ** 40 - 4)]),
      feeTokens: this.#pickFeeTokens(),
    };
    const fees = this.context.feeTokens.map(() => 0n);
    const accounts = new Map<number, Account>();
    for (const tokenId of this.tokens) {
      const [feeSum, ...balances] = this.#split(this.#pickTotal(), ACCOUNTS_PER_TOKEN + 1) as [bigint, ...bigint[]];
      const position = this.context.feeTokens.indexOf(BigInt(tokenId));
      if (position >= 0 && random.chance(0.7)) fees[position] = feeSum % FEE_SUM_LIMIT;
      for (const balance of balances) {
        accounts.set(this.#pickIndex(accounts), { ...this.newcomer(), tokenId, nonce: this.#pickNonce(), balance });
      }
    }
    // Somebody with a key and no nonce left.
    const last = [...accounts.keys()].at(-1)!;
    accounts.set(last, { ...accounts.get(last)!, keyY: random.pick(KEY_PAIRS).publicKey.y, nonce: LAST_NONCE });
    this.state = new RollupState(crypto.hasher, accounts);
    this.fees = fees;
  }

  get indices(): number[] {
    return [...this.state.accounts()].map(([index]) => index);
  }

  /** Key and owner of an account to come: mostly a key that can sign. */
  newcomer(): { keyY: bigint; owner: bigint } {
    const { random } = this;
    const keyY = random.chance(0.85)
      ? random.pick(KEY_PAIRS).publicKey.y
      : random.pick([...BAD_KEYS, random.fieldElement()]);
    return { keyY, owner: random.pick([random.bits(160), random.bits(160), 1n, 2n ** 160n - 1n]) };
  }

  /** An index without account, often beside one. */
  emptyIndex(): number {
    for (;;) {
      const near = this.random.pick(this.indices) ^ this.random.below(4);
      const index = this.random.chance(0.5) ? near : this.random.below(TREE_CAPACITY);
      if (this.state.get(index) === undefined) return index;
    }
  }

  /** Carries a valid record out, unless it makes money that L1 would not have taken: then the state stays. */
  apply({ changes, fees }: Effects): boolean {
    for (const change of changes) this.state.write(change);
    const isReachable = areTotalsBelowLimit(this.state, this.context, fees);
    if (isReachable) this.fees = fees;
    else this.state.undo(changes);
    return isReachable;
  }

  #pickFeeTokens(): bigint[] {
    const { random } = this;
    const others = [2, 3, 4, 5].filter(() => random.chance(0.2));
    const ids = [...new Set([...this.tokens.filter(() => random.chance(0.7)), ...others])].map(BigInt);
    const ordered = ids.sort((left, right) => (left < right ? -1 : 1)).slice(0, FEE_TOKEN_COUNT);
    return Array.from({ length: FEE_TOKEN_COUNT }, (_, position) => ordered[position] ?? FEE_TOKEN_FILLER);
  }

  #pickTotal(): bigint {
    const { random } = this;
    return random.pick([TOTAL_LIMIT - 1n, random.bits(128), random.bits(70), random.bits(30), 1_000n]);
  }

  /** Parts of `total`, some of them 0 or everything. */
  #split(total: bigint, count: number): bigint[] {
    const { random } = this;
    const cuts = Array.from({ length: count - 1 }, () => (random.chance(0.2) ? 0n : random.bits(128) % (total + 1n)));
    const ordered = [0n, ...cuts.sort((left, right) => (left < right ? -1 : 1)), total];
    return ordered.slice(1).map((cut, position) => cut - ordered[position]!);
  }

  #pickNonce(): number {
    return this.random.pick([0, this.random.below(100), this.random.below(2 ** 32 - 1), LAST_NONCE - 1]);
  }

  /** A free index: the ends of the tree, a neighbor, anywhere. */
  #pickIndex(taken: ReadonlyMap<number, Account>): number {
    const { random } = this;
    for (;;) {
      const near = (random.pick([...taken.keys(), 0]) ^ random.below(16)) % TREE_CAPACITY;
      const index = random.pick([0, TREE_CAPACITY - 1, near, random.below(TREE_CAPACITY)]);
      if (!taken.has(index)) return index;
    }
  }
}

/** Whether each token's balances and fee sum add up to less than 2^128, as L1 makes sure. */
export function areTotalsBelowLimit(state: RollupState, { feeTokens }: ChunkContext, fees: readonly bigint[]): boolean {
  const totals = new Map<bigint, bigint>();
  const add = (token: bigint, amount: bigint) => totals.set(token, (totals.get(token) ?? 0n) + amount);
  for (const [, { tokenId, balance }] of state.accounts()) add(BigInt(tokenId), balance);
  for (const [position, sum] of fees.entries()) if (sum > 0n) add(feeTokens[position]!, sum);
  return [...totals.values()].every((total) => total < TOTAL_LIMIT);
}

/**
 * Inputs of one slot for any record on any leaves, valid or not: computed by what the circuit's `<==` say, with no
 * rule checked. All values are field elements, of any width.
 */

import {
  type Hasher,
  isSignedKind,
  type KeyPair,
  MerkleTree,
  portableHasher,
  SHARD_DEPTH,
  signMessage,
  TREE_CAPACITY,
  TREE_DEPTH,
} from '@quittance/protocol';
import type { CircuitInputs } from '../../../prover/index.ts';
import { reduce } from '../crypto/field.ts';
import { CONTEXT, DOMAIN, KEYS, type Name } from '../rollup/scene.ts';

const hash = (inputs: readonly bigint[], hasher = portableHasher): bigint => hasher.hash(inputs.map(reduce));

/** A leaf as the witness claims it. */
export interface RawLeaf {
  readonly empty: bigint;
  readonly keyY: bigint;
  readonly owner: bigint;
  readonly tokenId: bigint;
  readonly nonce: bigint;
  readonly balance: bigint;
}

export const EMPTY_LEAF: RawLeaf = { empty: 1n, keyY: 0n, owner: 0n, tokenId: 0n, nonce: 0n, balance: 0n };

const packed = ({ tokenId, nonce }: RawLeaf): bigint => tokenId + (nonce << 32n);
/** (1 − empty)·hash, as the circuit has it. */
export const leafNode = (leaf: RawLeaf, hasher = portableHasher): bigint =>
  reduce((1n - leaf.empty) * hash([leaf.keyY, leaf.owner, packed(leaf), leaf.balance], hasher));
export const ownerToken = ({ owner, tokenId }: RawLeaf): bigint => reduce(owner + (tokenId << 160n));

export interface RawAuthorization {
  readonly validUntil: bigint;
  readonly keyX: bigint;
  readonly r8x: bigint;
  readonly r8y: bigint;
  readonly s: bigint;
}

const PARTS = ['keyX', 'r8x', 'r8y', 's'] as const;
const UNSIGNED: RawAuthorization = { validUntil: 0n, keyX: 0n, r8x: 0n, r8y: 1n, s: 0n };

/** A record to execute, and what is claimed about it. What is left out is 0, nothing, or what the tree has. */
export interface RawSlot {
  readonly kind: bigint;
  readonly from?: bigint;
  readonly to?: bigint;
  readonly amountMantissa?: bigint;
  readonly amountExponent?: bigint;
  readonly feeMantissa?: bigint;
  readonly feeExponent?: bigint;
  readonly words?: readonly [bigint, bigint, bigint];
  readonly validUntil?: bigint;
  /** Whose key signs. */
  readonly signer?: Name | KeyPair;
  /** Replaces parts of the signature; nobody signs when all parts are here. */
  readonly authorization?: Partial<RawAuthorization>;
  /** The leaves of the tree; an index that is not here is empty. */
  readonly leaves: ReadonlyMap<number, RawLeaf>;
  /** What the witness says that stands at `from` and `to`. */
  readonly fromClaim?: Partial<RawLeaf>;
  readonly toClaim?: Partial<RawLeaf>;
  readonly feesIn?: readonly bigint[];
  readonly batchTime?: bigint;
  readonly domain?: bigint;
  readonly feeTokens?: readonly bigint[];
  /** What the witness says about an exit: that the leaf matches. */
  readonly exitPays?: boolean;
  /** The witness says that the record does nothing, whatever its kind: no nonce counts, no exit pays. */
  readonly isSkipped?: true;
}

/** 10^exponent by squaring over 5 bits, the last of which takes all that does not fit. */
function powerOfTen(exponent: bigint): bigint {
  let power = 1n;
  for (let bit = 0n; bit < 5n; bit++) {
    const value = bit === 4n ? exponent >> 4n : (exponent >> bit) & 1n;
    power *= 1n + value * (10n ** (1n << bit) - 1n);
  }
  return power;
}

/** The signature that the signer gives for a slot: that of another slot is a wrong one. */
export function authorize(slot: RawSlot): RawAuthorization {
  const { keyX, r8x, r8y, s, validUntil } = rawSlotInputs(slot) as unknown as RawAuthorization;
  return { keyX, r8x, r8y, s, validUntil };
}

/** Inputs of lib/slot.circom on a tree of the slot's leaves alone. */
export function rawSlotInputs(slot: RawSlot): CircuitInputs {
  const tree = new MerkleTree(portableHasher);
  for (const [index, leaf] of slot.leaves) tree.setLeaf(index, leafNode(leaf));
  return rawSlotInputsOn(tree, slot);
}

/**
 * Inputs of lib/slot.circom. The receiver's access is in the state that the circuit makes of the sender's change.
 *
 * @param tree has the leaves that the slot has at its indices, and maybe others; as before afterwards.
 */
export function rawSlotInputsOn(tree: MerkleTree, slot: RawSlot, hasher: Hasher = portableHasher): CircuitInputs {
  const { kind, from = 0n, to = 0n, leaves, words = [0n, 0n, 0n], feesIn = [0n, 0n, 0n, 0n] } = slot;
  const { amountMantissa = 0n, amountExponent = 0n, feeMantissa = 0n, feeExponent = 0n } = slot;
  const shards = tree.shards();
  const place = (index: bigint): number => Number(index % BigInt(TREE_CAPACITY));
  const leafAt = (index: bigint): RawLeaf => leaves.get(place(index)) ?? EMPTY_LEAF;
  const isSigned = isSignedKind(Number(kind)) && !slot.isSkipped;
  const amount = amountMantissa * powerOfTen(amountExponent);
  const fee = feeMantissa * powerOfTen(feeExponent);

  const sender = { ...leafAt(from), ...slot.fromClaim };
  const isExit = kind === 5n && !slot.isSkipped;
  const exitPays = slot.exitPays ?? (isExit && ownerToken(sender) === words[1] && sender.empty !== 1n);
  const senderAfter = {
    ...sender,
    nonce: sender.nonce + (isSigned ? 1n : 0n),
    balance: reduce(sender.balance - amount - fee - (exitPays ? sender.balance * (1n - sender.empty) : 0n)),
  };
  const fromChildren = tree.path(place(from), SHARD_DEPTH);
  const before = tree.node(TREE_DEPTH, place(from));
  const after = leafNode(senderAfter, hasher);
  const isChanged = after !== leafNode(sender, hasher);
  if (isChanged) tree.setLeaf(place(from), after);
  const receiver = { ...(place(to) === place(from) ? senderAfter : leafAt(to)), ...slot.toClaim };
  const toChildren = tree.path(place(to), SHARD_DEPTH);
  if (isChanged) tree.setLeaf(place(from), before);

  const validUntil = slot.validUntil ?? 0n;
  const domain = slot.domain ?? DOMAIN;
  const signedRecord =
    (kind << 120n) +
    (from << 88n) +
    (kind === 2n ? 0n : to << 56n) +
    ((amountMantissa + (amountExponent << 35n)) << 16n) +
    feeMantissa +
    (feeExponent << 11n);
  let authorization = UNSIGNED;
  if (isSigned && !PARTS.every((part) => slot.authorization?.[part] !== undefined)) {
    const message = hash([
      domain,
      signedRecord + (sender.nonce << 124n) + (validUntil << 156n),
      words[0] + (kind === 1n ? receiver.keyY : 0n),
      kind === 1n ? receiver.owner : kind === 2n ? words[1] : 0n,
    ]);
    const { signer = 'alice' } = slot;
    const keyPair = typeof signer === 'string' ? KEYS[signer] : signer;
    const { r8, s } = signMessage(portableHasher, keyPair, message);
    authorization = { validUntil, keyX: keyPair.publicKey.x, r8x: r8.x, r8y: r8.y, s };
  }
  return {
    shardsIn: shards,
    commitmentIn: 11n,
    sumVIn: 12n,
    accumulatorIn: [15n, 16n, 17n],
    feesIn,
    challenge: 14n,
    weight: [18n, 19n, 20n],
    domain,
    batchTime: slot.batchTime ?? BigInt(CONTEXT.batchTime),
    feeTokens: slot.feeTokens ?? CONTEXT.feeTokens,
    kind,
    from,
    to,
    amountMantissa,
    amountExponent,
    feeMantissa,
    feeExponent,
    words: words.map(reduce),
    ...authorization,
    validUntil,
    ...slot.authorization,
    ...leafInputs('from', sender, fromChildren),
    ...leafInputs('to', receiver, toChildren),
  };
}

function leafInputs(
  prefix: 'from' | 'to',
  { empty, keyY, owner, tokenId, nonce, balance }: RawLeaf,
  children: readonly (readonly bigint[])[],
): CircuitInputs {
  return {
    [`${prefix}Empty`]: reduce(empty),
    [`${prefix}KeyY`]: reduce(keyY),
    [`${prefix}Owner`]: reduce(owner),
    [`${prefix}TokenId`]: reduce(tokenId),
    [`${prefix}Nonce`]: reduce(nonce),
    [`${prefix}Balance`]: reduce(balance),
    [`${prefix}Children`]: children,
  };
}

/** What a cheating prover would say of a record that breaks a rule: that it is valid, or that it did nothing. */

import { isDeepStrictEqual } from 'node:util';
import {
  createKeyPair,
  FEE_TOKEN_FILLER,
  type Hasher,
  type MerkleTree,
  type RecordErrorCode,
  TREE_CAPACITY,
} from '@quittance/protocol';
import type { CircuitInputs } from '../../prover/index.ts';
import { ABSORBING_HINTS, type Hints } from '../support/circuits/circuits.ts';
import {
  FALSE_EXIT_HINTS,
  FALSE_MATCH_HINTS,
  FALSE_NEVER_HINTS,
  FALSE_SPLIT_HINTS,
  RESERVED_KIND_HINTS,
  SKIPPING_HINTS,
} from '../support/circuits/forgeries.ts';
import { EMPTY_LEAF, ownerToken, type RawLeaf, type RawSlot, rawSlotInputsOn } from '../support/circuits/raw-slot.ts';
import type { JudgedCase } from './rules.ts';
import { rawSlotOf } from './slots.ts';

/** A forged slot. */
export interface Lie {
  readonly title: string;
  readonly hints: Hints;
  readonly inputs: CircuitInputs;
  /** Whether the state after it is said to be that before it. */
  readonly isSkip: boolean;
}

const MAX_TOKEN = 2n ** 32n;
/** Signs for what the liar invents; no account has this key. */
const LIAR = createKeyPair(new Uint8Array(32).fill(200));

/** Owner and token that the second word names. */
type Asked = Pick<RawLeaf, 'owner' | 'tokenId'>;

const leafAt = ({ leaves }: RawSlot, index: bigint): RawLeaf => leaves.get(Number(index) % TREE_CAPACITY)!;

/** A leaf other than the one that is there, with which the record would be valid. The liar's own key signs where it has to. */
const FALSE_LEAVES: Partial<Record<RecordErrorCode, (slot: RawSlot, asked: Asked) => Partial<RawSlot>>> = {
  RECEIVER_EXISTS: () => ({ toClaim: EMPTY_LEAF }),
  TOKEN_MISMATCH: (slot) => ({ toClaim: { tokenId: leafAt(slot, slot.from!).tokenId } }),
  BAD_SIGNATURE: () => ({ fromClaim: { keyY: LIAR.publicKey.y }, authorization: {}, signer: LIAR }),
  NONCE_EXHAUSTED: () => ({ fromClaim: { keyY: LIAR.publicKey.y, nonce: 0n }, authorization: {}, signer: LIAR }),
  INSUFFICIENT_BALANCE: () => ({ fromClaim: { balance: 2n ** 128n - 1n } }),
  WITHDRAWAL_MISMATCH: (_, { owner, tokenId }) => ({ fromClaim: { owner, tokenId } }),
  DEPOSIT_MISMATCH: (slot, asked) => ({ toClaim: { ...asked, keyY: slot.words![0] } }),
  EXIT_MISMATCH: (slot, asked) => ({ fromClaim: { ...asked, balance: slot.words![2] } }),
  BALANCE_OVERFLOW: () => ({ toClaim: { balance: 0n } }),
};

/** What makes the record pay, beside what it says itself: other hints, invented leaves. More than one way where there are. */
function* claimsOf(code: RecordErrorCode | 'valid', slot: RawSlot): Generator<readonly [RawSlot, Hints]> {
  const [, w1, w2] = slot.words!;
  const [sender, receiver] = [leafAt(slot, slot.from!), leafAt(slot, slot.to!)];
  const { feeTokens = [] } = slot;
  const feeToken = feeTokens.find((token, position) => token !== FEE_TOKEN_FILLER && slot.feesIn![position]! > 0n);
  const asked = { owner: w1 % 2n ** 160n, tokenId: (w1 >> 160n) % MAX_TOKEN };
  yield [slot, code === 'RESERVED_KIND' ? RESERVED_KIND_HINTS : ABSORBING_HINTS];
  const falseLeaf = code === 'valid' ? undefined : FALSE_LEAVES[code]?.(slot, asked);
  if (falseLeaf !== undefined) yield [{ ...slot, ...falseLeaf }, ABSORBING_HINTS];
  if (code === 'SENDER_EMPTY') {
    // An account of the liar's, who signs for it.
    const { authorization: _, ...unsigned } = slot;
    const pays = slot.kind === 3n || slot.kind === 7n;
    const tokenId = slot.kind === 1n ? receiver.tokenId : pays ? asked.tokenId : (feeToken ?? 0n);
    const owner = pays ? asked.owner : 1n;
    const invented = { empty: 1n, keyY: LIAR.publicKey.y, owner, tokenId, nonce: 0n, balance: 2n ** 127n };
    yield [{ ...unsigned, fromClaim: invented, signer: LIAR }, ABSORBING_HINTS];
  }
  if (code === 'RECEIVER_EMPTY') {
    const tokenId = slot.kind === 1n ? sender.tokenId : (feeToken ?? 0n);
    yield [{ ...slot, toClaim: { tokenId } }, ABSORBING_HINTS];
  }
  if (code === 'WORD_RANGE' && (slot.kind === 2n || slot.kind === 4n)) yield [slot, FALSE_SPLIT_HINTS];
  if (code === 'NOT_FEE_TOKEN') yield [slot, FALSE_MATCH_HINTS];
  if (code === 'EXPIRED') yield [slot, FALSE_NEVER_HINTS];
  if (code === 'EXIT_MISMATCH' && sender.empty === 1n)
    yield [{ ...slot, fromClaim: { ...asked, balance: w2 } }, ABSORBING_HINTS];
  if (code === 'EXIT_MISMATCH' && sender.empty === 0n && ownerToken(sender) !== w1) {
    yield [{ ...slot, exitPays: true }, FALSE_EXIT_HINTS];
  }
}

/** Whether a valid record does anything: that it was skipped is no lie otherwise. */
function changesState({ scene, effects }: JudgedCase): boolean {
  const isMoved = effects!.changes.some(({ before, after }) => !isDeepStrictEqual(before, after));
  return isMoved || !isDeepStrictEqual([...scene.fees], [...effects!.fees]);
}

/**
 * The lies about a record that breaks a rule, and the one about a valid record: that it did nothing.
 *
 * @param tree the state's leaves; as before afterwards.
 */
export function liesOf(judged: JudgedCase, tree: MerkleTree, hasher: Hasher): Lie[] {
  const slot = rawSlotOf(judged);
  const lie = (title: string, raw: RawSlot, hints: Hints, isSkip: boolean): Lie => ({
    title,
    hints,
    inputs: rawSlotInputsOn(tree, raw, hasher),
    isSkip,
  });
  const claims = judged.code === 'valid' ? [] : [...claimsOf(judged.code, slot)];
  const lies = claims.map(([raw, hints], way) => lie(`as if valid, way ${way + 1}`, raw, hints, false));
  if (judged.code === 'valid' && !changesState(judged)) return lies;
  const nobody = { validUntil: 0n, keyX: 0n, r8x: 0n, r8y: 1n, s: 0n };
  const skipped: RawSlot = { ...slot, validUntil: 0n, authorization: nobody, isSkipped: true };
  return [...lies, lie('as if skipped', skipped, SKIPPING_HINTS, true)];
}

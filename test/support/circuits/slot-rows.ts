/** The slot's rows as circom writes them without folding, the witnesses they are judged by, and what is known to stay open. */

import { FEE_TOKEN_FILLER } from '@quittance/protocol';
import type { CircuitInput } from '../../../prover/index.ts';
import { INDEX } from '../rollup/scene.ts';
import { type Circuit, type Hints, openUnfolded } from './circuits.ts';
import { type Determination, determine, rowPattern } from './determination.ts';
import { VALID } from './forgeries.ts';
import { type RawSlot, rawSlotInputs } from './raw-slot.ts';

/**
 * Rows that compute nothing and only refuse, by pattern: the rule each stands for. Wires are judged without them, because
 * they would determine what they check: `exitAmount` free, w2 given, is no exit that pays what w2 says.
 */
export const CHECKS: Readonly<Record<string, string>> = {
  '1 + fromEmpty ⋅ fromEmpty = 0': 'the sender is empty or not',
  '1 + toEmpty ⋅ toEmpty = 0': 'the receiver is empty or not',
  'toEmpty ⋅ toBalance = 0': 'an empty leaf has no balance',
  'isSigned ⋅ fromEmpty = 0': 'SENDER_EMPTY',
  'isCollectFee + isTransfer ⋅ toEmpty = 0': 'RECEIVER_EMPTY',
  '1 + toEmpty ⋅ isTransferToNew = 0': 'RECEIVER_EXISTS',
  'fromTokenId + toTokenId ⋅ isTransfer = 0': 'TOKEN_MISMATCH',
  'isMove + isWithdraw ⋅ wordDifference = 0': 'WITHDRAWAL_MISMATCH: w1',
  'isMove + isWithdraw ⋅ fields.amount + words[] = 0': 'WITHDRAWAL_MISMATCH: w2',
  'toKeyY + words[] ⋅ isTopUp = 0': 'DEPOSIT_MISMATCH: w0',
  'toOwnerToken + words[] ⋅ isTopUp = 0': 'DEPOSIT_MISMATCH: w1',
  'isForcedExit ⋅ words[] = exitAmount': 'EXIT_MISMATCH',
  'fields.is[] + isCollectFee + isDeposit ⋅ from = 0': 'NONZERO_FIELD: from',
  'fields.is[] + isForcedExit + isWithdraw ⋅ to = 0': 'NONZERO_FIELD: to',
  'fields.is[] + isCollectFee + isDeposit + isForcedExit ⋅ fields.amountFloat.encoding + fields.feeFloat.encoding = 0':
    'NONZERO_FIELD: amount and fee',
  '1 + isDeposit + isMove + isTransferToNew ⋅ words[] = 0': 'WORD_COUNT, WORD_RANGE: w0',
  'fields.is[] + isCollectFee + isTransfer ⋅ words[] = 0': 'WORD_COUNT: w1',
  'fields.is[] + isCollectFee + isTransfer + isTransferToNew ⋅ words[] = 0': 'WORD_COUNT, WORD_RANGE: w2',
  'isTransferToNew ⋅ fields.wordToken = 0': 'WORD_RANGE: w1 of kind 2',
  'signature.left.x + signature.right.x ⋅ isSigned = 0': 'BAD_SIGNATURE: x',
  'signature.left.y + signature.right.y ⋅ isSigned = 0': 'BAD_SIGNATURE: y',
  'signature.curveA.squareX ⋅ signature.curveA.squareY = 1 + signature.curveA.squareX + signature.curveA.squareY':
    'BAD_SIGNATURE: the key is a point',
  'signature.curveR8.squareX ⋅ signature.curveR8.squareY = 1 + signature.curveR8.squareX + signature.curveR8.squareY':
    'BAD_SIGNATURE: R8 is a point',
  ...pathChecks('sender', 'fromBits'),
  ...pathChecks('receiver', 'toBits'),
};

function pathChecks(side: string, bits: string): Record<string, string> {
  const { path, update } = { path: `${side}.path`, update: `${side}.update` };
  const [lower, upper] = [`${path}.level[].lowerPair`, `${path}.level[].upperPair`];
  const read = `${lower} + ${upper} ⋅ fields.${bits}[] =`;
  return {
    [`${read} ${lower} + ${path}.level[].oldChild`]: `the ${side}'s nodes are children`,
    [`${read} ${[`${side}.oldLeaf.out`, lower].sort().join(' + ')}`]: `the ${side}'s leaf is a child`,
    [`${update}.selected[] ⋅ fields.${bits}[] = ${path}.oldRoot + ${update}.selected[]`]: `the ${side}'s shard`,
  };
}

/** An end makes `expiry.never` count; without one it is open. */
const END = { validUntil: 1_900_000_000n };

/** Sender and receiver in shards other than 0, and their token not the first: rows that are trivial at 0 count. */
function elsewhere(): RawSlot {
  const [from, to] = [4 ** 12 - 1, 5 * 2 ** 18 + 77];
  const { leaves } = VALID.transfer;
  return {
    ...VALID.transfer,
    ...END,
    from: BigInt(from),
    to: BigInt(to),
    leaves: new Map([
      [from, leaves.get(INDEX.alice)!],
      [to, leaves.get(INDEX.bob)!],
    ]),
    feeTokens: [7n, 0n, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER],
  };
}

/** Records of every kind and case, each with an end: the first are those that leave least open. */
export const WITNESSED: Readonly<Record<string, RawSlot>> = {
  transferElsewhere: elsewhere(),
  ...Object.fromEntries(
    (
      [
        'transfer',
        'transferToNew',
        'withdraw',
        'move',
        'depositToNew',
        'forcedExit',
        'collectFee',
        'deposit',
        'noop',
        'secondForcedExit',
        'forcedExitOfNothing',
      ] as const satisfies readonly (keyof typeof VALID)[]
    ).map((kind) => [kind, { ...VALID[kind], ...END }]),
  ),
};

const EXIT_INVERSE = 'exitMatches.inv';
/** fees.match[0]. */
const MATCH = 'fees.match[]';

/**
 * What each record leaves open, and why that does no harm. distinct: from = to = 0, and its product has to be 0.
 * exitMatches.inv: the inverse of a difference that is 0. fees.match[0]: the token matches, and nothing is paid or taken.
 */
export const OPEN: Readonly<Record<keyof typeof WITNESSED, readonly string[]>> = {
  transferElsewhere: [],
  transfer: [],
  transferToNew: [],
  withdraw: [EXIT_INVERSE],
  move: [EXIT_INVERSE],
  depositToNew: [MATCH],
  forcedExit: [EXIT_INVERSE, MATCH],
  collectFee: [EXIT_INVERSE],
  deposit: [MATCH],
  noop: ['distinct', EXIT_INVERSE, MATCH],
  secondForcedExit: [EXIT_INVERSE, MATCH],
  forcedExitOfNothing: [MATCH],
};

/** A hash and an S may have two forms as bits; what is computed from either is the same (curve.test.ts). */
export const TWO_FORMS: readonly string[] = ['signature.hashScalar.bits[]', 'signature.left.bits[]'];

/** The slot, with some of its text changed or not, and how it judges records. */
export class SlotRows {
  readonly circuit: Circuit;
  /** Rows by pattern. */
  readonly rows: ReadonlyMap<string, readonly number[]>;
  /** Checks that are not there. */
  readonly missing: readonly string[];
  readonly #checks: readonly number[];
  readonly #witnesses = new Map<RawSlot, { inputs: CircuitInput; values: bigint[] }>();

  constructor(circuit: Circuit) {
    this.circuit = circuit;
    const rows = new Map<string, number[]>();
    for (let row = 0; row < circuit.system.constraintCount; row++) {
      const pattern = rowPattern(circuit, row);
      rows.set(pattern, [...(rows.get(pattern) ?? []), row]);
    }
    this.rows = rows;
    this.missing = Object.keys(CHECKS).filter((check) => !rows.has(check));
    this.#checks = Object.keys(CHECKS).flatMap((pattern) => rows.get(pattern) ?? []);
  }

  /** As circom compiles it, with some of its text changed or not. */
  static async open(changes: Hints = []): Promise<SlotRows> {
    return new SlotRows(await openUnfolded('slot', changes));
  }

  patternOf(row: number): string {
    return rowPattern(this.circuit, row);
  }

  /** What the rows that compute leave open in a record, some more left out. */
  judge(raw: RawSlot, leftOut: readonly number[] = []): Determination {
    const { inputs, values } = this.witness(raw);
    return determine(this.circuit, values, inputs, new Set([...this.#checks, ...leftOut]));
  }

  witness(raw: RawSlot): { inputs: CircuitInput; values: bigint[] } {
    let known = this.#witnesses.get(raw);
    if (known === undefined) {
      const inputs = rawSlotInputs(raw);
      known = { inputs, values: this.circuit.witness(inputs) };
      this.#witnesses.set(raw, known);
    }
    return known;
  }

  /** What shows that a row is missing: a check that is not there, or a record that leaves more open than is explained. */
  findGap(leftOut: readonly number[] = []): string | undefined {
    if (this.missing.length > 0) return this.missing[0];
    return Object.entries(WITNESSED).find(([name, raw]) => {
      const { open, ambiguous } = this.judge(raw, leftOut);
      return String(open) !== String(OPEN[name]) || ambiguous.some((signal) => !TWO_FORMS.includes(signal));
    })?.[0];
  }
}

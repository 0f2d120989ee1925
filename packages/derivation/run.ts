/** Executes the records of a chunk without hashing a tree for each: the root is computed once, at the end. */

import {
  applyOperation,
  BELIEVED,
  type ChunkContext,
  type Crypto,
  type Effects,
  type ExecutionState,
  type Invalid,
  isSignedKind,
  type LeafChange,
  NO_FEES,
  type Operation,
  type RecordData,
  RollupError,
  type SignatureCheck,
  type SignatureVerifier,
  StateOverlay,
  type StateView,
} from '@quittance/protocol';

/** Writes what an overlay of `state` holds, and says what it changed. */
export function writeOverlay(state: ExecutionState, overlay: StateOverlay): LeafChange[] {
  const changes = [...overlay.written()].map(([index, after]) => ({ index, before: state.get(index), after }));
  state.writeAll(changes.map(({ index, after }) => [index, after]));
  return changes;
}

/** What became of the records of a chunk. */
export interface ChunkRun {
  /** What each executed record did, in order. */
  readonly effects: readonly Effects[];
  /** The first record that breaks a rule; what follows it was not executed. */
  readonly failure?: { readonly slot: number; readonly invalid: Invalid };
  /** Fee sums after the last record that was executed. */
  readonly fees: readonly bigint[];
}

/** How the record of a slot is executed: its operation in the present state, and the verifier of its signature. */
export type OperationAt = (view: StateView, slot: number) => Operation;

/** Executes `count` records on an overlay. */
export function runRecords(
  crypto: Crypto,
  overlay: StateOverlay,
  operationAt: OperationAt,
  count: number,
  context: ChunkContext,
): ChunkRun {
  let fees = NO_FEES;
  const effects: Effects[] = [];
  for (let slot = 0; slot < count; slot += 1) {
    const outcome = applyOperation(crypto, overlay, operationAt(overlay, slot), context, fees);
    if (!outcome.valid) return { failure: { slot, invalid: outcome.invalid }, effects, fees };
    for (const change of outcome.effects.changes) overlay.write(change);
    effects.push(outcome.effects);
    fees = outcome.effects.fees;
  }
  return { effects, fees };
}

/** Accepts every signature at first and records it, so that those of a chunk are checked together. */
export class SignatureCollector implements SignatureVerifier {
  #slot = 0;
  #collects = true;
  readonly #slots: number[] = [];
  readonly #checks: SignatureCheck[] = [];

  /** From now on the record of this slot is executed. @param collects whether its signature is to be checked. */
  begin(slot: number, collects: boolean): void {
    this.#slot = slot;
    this.#collects = collects;
  }

  verify(check: SignatureCheck): boolean {
    if (this.#collects) {
      this.#slots.push(this.#slot);
      this.#checks.push(check);
    }
    return true;
  }

  /** The first slot whose signature does not verify. */
  firstForged(verifier: SignatureVerifier): number | undefined {
    const verdicts = verifier.verifyMany?.(this.#checks);
    const position = this.#checks.findIndex((check, at) => !(verdicts?.[at] ?? verifier.verify(check)));
    return position < 0 ? undefined : this.#slots[position];
  }
}

/**
 * Executes the records of a whole chunk as if each were signed, and writes what they change to `state`, once.
 *
 * @returns what changed. @throws RollupError with the code of the broken rule and the slot, or FEES_NOT_COLLECTED; `state` is
 * as before then.
 */
export function executeDecided(
  crypto: Crypto,
  state: ExecutionState,
  records: readonly RecordData[],
  context: ChunkContext,
): LeafChange[] {
  const overlay = new StateOverlay(state);
  const believing: Crypto = { hasher: crypto.hasher, verifier: { verify: () => true } };
  const operationAt = (_: StateView, slot: number): Operation => {
    const { fields, words } = records[slot]!;
    return isSignedKind(fields.kind) ? { fields, words, authorization: BELIEVED } : { fields, words };
  };
  const { failure, fees } = runRecords(believing, overlay, operationAt, records.length, context);
  if (failure !== undefined) {
    const { slot, invalid } = failure;
    throw new RollupError(invalid.code, `slot ${slot}: ${invalid.message}`, { slot });
  }
  if (fees.some((sum) => sum !== 0n)) {
    throw new RollupError('FEES_NOT_COLLECTED', `fee sums at the end of the chunk are ${fees}`, {
      actual: fees.join(','),
    });
  }
  return writeOverlay(state, overlay);
}

/** What is wrong with an asserted chunk, in data and in words. */

import {
  type AssertedRecord,
  float16,
  float40,
  type RecordErrorCode,
  RecordKind,
  type StepOutcome,
  type StepState,
  type StepWitness,
} from '@quittance/protocol';

/**
 * The broken rule; or the records are valid and lead to another root (WRONG_STATE), leave fees that nobody collected
 * (FEES_NOT_COLLECTED), or are fewer visible ones than the chunk's list has entries (VISIBLE_COUNT).
 */
export type FaultResult = RecordErrorCode | 'WRONG_STATE' | 'FEES_NOT_COLLECTED' | 'VISIBLE_COUNT';

/** The first wrong record of an asserted chunk. */
export interface Fault {
  readonly chunk: number;
  /** Position in the chunk. */
  readonly slot: number;
  readonly result: FaultResult;
  readonly record: AssertedRecord;
  /** The right state before the record. */
  readonly before: StepState;
  /** What the record does to it. */
  readonly outcome: StepOutcome;
  /** One sentence for people. */
  readonly explanation: string;
  /**
   * No proof of the chunk can exist. Otherwise only what the asserter published as signatures is wrong: whoever has true
   * ones can prove the chunk (docs/adr/0014).
   */
  readonly isConclusive: boolean;
}

/** A fault as L1 can be shown it: the asserter has said what it claims between the records. */
export interface ProvableFault extends Omit<Fault, 'isConclusive'> {
  readonly witness: StepWitness;
}

const KIND_NAMES = new Map<number, string>(Object.entries(RecordKind).map(([name, kind]) => [kind, name]));

/** A record in words: its kind, accounts and amounts in base units. */
export function describeRecord({ fields }: Pick<AssertedRecord, 'fields'>): string {
  const { kind, from, to, amountFloat, feeFloat } = fields;
  const name = KIND_NAMES.get(kind) ?? `kind ${kind}`;
  const amounts = `amount ${float40.decode(amountFloat)}, fee ${float16.decode(BigInt(feeFloat))}`;
  return kind === RecordKind.noop ? name : `${name} from ${from} to ${to}, ${amounts}`;
}

const rootText = (root: bigint): string => `0x${root.toString(16)}`;

/** A fault's name and its sentence. @param claimed the state after the record as the assertion has it, if that is known. */
export function explainFault(
  place: Pick<Fault, 'chunk' | 'slot' | 'record'>,
  outcome: StepOutcome,
  message: string,
  claimed: StepState | undefined,
): Pick<Fault, 'result' | 'explanation'> {
  const where = `slot ${place.slot} of chunk ${place.chunk} (${describeRecord(place.record)})`;
  if (!outcome.valid) return { result: outcome.code, explanation: `${where} breaks ${outcome.code}: ${message}` };
  const { stateRoot, fees, visibleCount } = outcome.state;
  if (claimed === undefined) {
    return {
      result: 'WRONG_STATE',
      explanation:
        `${where} leads to root ${rootText(stateRoot)}, fees ${fees} and ${visibleCount} visible records, the assertion ` +
        'commits to another state',
    };
  }
  if (claimed.stateRoot === stateRoot && fees.some((sum) => sum !== 0n)) {
    return { result: 'FEES_NOT_COLLECTED', explanation: `${where} ends the chunk with fees ${fees}, expected none` };
  }
  if (claimed.stateRoot === stateRoot) {
    const explanation = `${where} ends a chunk of ${visibleCount} visible records, its list has ${claimed.visibleCount}`;
    return { result: 'VISIBLE_COUNT', explanation };
  }
  return {
    result: 'WRONG_STATE',
    explanation: `${where} ends the chunk with root ${rootText(stateRoot)}, the assertion claims ${rootText(claimed.stateRoot)}`,
  };
}

/** What kinds of records have in common. Source: docs/protocol.md, Records. */

import { RecordKind } from '../types.ts';

/**
 * Whether records of this kind are signed by an account: 1 to 3 and 7.
 * Twin: contracts/libraries/StepRecords.sol _isSigned.
 */
export function isSignedKind(kind: number): boolean {
  return (kind >= RecordKind.transfer && kind <= RecordKind.withdraw) || kind === RecordKind.move;
}

/**
 * Whether records of this kind have words, and stand in the visible list of their chunk: 2 to 5 and 7.
 * Twin: native/core/src/engine/operation.rs is_visible_kind.
 */
export function isVisibleKind(kind: number): boolean {
  return (kind >= RecordKind.transferToNew && kind <= RecordKind.forcedExit) || kind === RecordKind.move;
}

/** Whether records of this kind come from the priority queue: 4 and 5. */
export function isPriorityKind(kind: number): boolean {
  return kind === RecordKind.deposit || kind === RecordKind.forcedExit;
}

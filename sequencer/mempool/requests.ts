/** What the reader of L1 decides about priority requests, without asking or keeping anything. */

import type { PriorityRequest } from '@quittance/chain';
import { type Operation, RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import type { LogEntry, PriorityEntry, PriorityPlace } from '../../storage/index.ts';
import { groupEndOf } from './open-entry.ts';

/** Whether an operation of the log is the one requested; `to` and the amount paid are the producer's. */
export function isSameRequest(request: PriorityRequest, { fields, words }: Operation): boolean {
  const isDeposit = request.fields.kind === RecordKind.deposit;
  return (
    request.fields.kind === fields.kind &&
    request.fields.from === fields.from &&
    request.words[0] === words[0] &&
    request.words[1] === words[1] &&
    (!isDeposit || request.words[2] === words[2])
  );
}

/** Whether an entry of the log is the one requested, with the same end of its group. */
export function isEntryOf(request: PriorityRequest, entry: LogEntry | undefined): boolean {
  if (entry?.type !== 'priority' || !isSameRequest(request, entry.operation)) return false;
  return groupEndOf(entry) === request.groupStart + request.groupSize - 1;
}

/** Where its group ends, as the log has it: not said of a request that is its own. */
export function groupOf({ groupStart, groupSize }: PriorityRequest): Pick<PriorityEntry, 'groupEnd'> {
  return groupSize === 1 ? {} : { groupEnd: groupStart + groupSize - 1 };
}

/** Where a request stands on L1, and until when it is to be executed. */
export function placeOf({ blockNumber, blockHash, transactionHash, deadline }: PriorityRequest): PriorityPlace {
  return { blockNumber, blockHash, transactionHash, deadline };
}

/**
 * The operation that executes a request.
 *
 * @param leafOf where a deposit for this key, owner and token goes.
 */
export function operationOf(
  { fields, words }: PriorityRequest,
  leafOf: (keyY: bigint, owner: bigint, tokenId: number) => number,
): Operation {
  if (fields.kind !== RecordKind.deposit) return { fields, words: [words[0]!, words[1]!, 0n] };
  const { owner, tokenId } = unpackOwnerAndToken(words[1]!);
  return { fields: { ...fields, to: leafOf(words[0]!, owner, tokenId) }, words };
}

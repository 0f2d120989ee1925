/** What the reader of L1 decides about priority requests, without asking or keeping anything. */

import type { PriorityRequest } from '@quittance/chain';
import { type Operation, RecordKind, RollupError, unpackOwnerAndToken } from '@quittance/protocol';

/** What the logs of some blocks must hold together with what was read before. */
export interface ExpectedRequests {
  /** Index of the first request that must be among them, unless there is none yet. */
  readonly nextIndex: number;
  /** Requests that the contract has after the last of the blocks; undefined when it was not asked. */
  readonly requestedCount: number | undefined;
}

/**
 * Index of the first request that was left out; undefined when none was.
 *
 * @param indices of the requests that L1 gave, ascending. They may begin before `nextIndex`.
 */
export function firstMissing(
  indices: readonly number[],
  { nextIndex, requestedCount }: ExpectedRequests,
): number | undefined {
  let expected = Math.min(nextIndex, indices[0] ?? nextIndex);
  for (const index of indices) {
    if (index !== expected) return expected;
    expected += 1;
  }
  return requestedCount !== undefined && expected < requestedCount ? expected : undefined;
}

/** @throws RollupError L1_LOGS_INCOMPLETE unless the requests of blocks `from` to `to` are all. */
export function requireComplete(
  requests: readonly PriorityRequest[],
  expected: ExpectedRequests,
  { from, to }: { readonly from: number; readonly to: number },
): void {
  const indices = requests.map(({ queueIndex }) => queueIndex);
  const missing = firstMissing(indices, expected);
  if (missing === undefined) return;
  throw new RollupError(
    'L1_LOGS_INCOMPLETE',
    `L1 left out priority operation ${missing} in blocks ${from} to ${to}; they are read again. If this goes on, the ` +
      'node is not synced: give another one',
    { missing, fromBlock: from, toBlock: to },
  );
}

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

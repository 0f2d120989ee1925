/** Requests in the queue on L1 that no batch executed. */

import { type PriorityRequest, type RollupReader, requireAll } from '@quittance/chain';
import { encodeRecord, RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import { isDust } from './choice.ts';

/** A request with the whole group that it entered the queue in, itself included. */
export interface OpenRequest {
  readonly request: PriorityRequest;
  readonly group: readonly PriorityRequest[];
}

/**
 * Requests of an owner that no batch executed.
 *
 * @param executed how many were. @throws RollupError L1_LOGS_INCOMPLETE when L1 gives fewer than the contract counts.
 */
export async function openRequests(
  reader: RollupReader,
  owner: bigint,
  executed: number,
  from: number,
): Promise<OpenRequest[]> {
  const { number: to, hash } = await reader.head();
  const [requests, { requestedCount }] = await Promise.all([
    reader.priorityRequests(from, to),
    reader.queueState(hash),
  ]);
  const indices = requests.map(({ queueIndex }) => queueIndex);
  requireAll('priority operation', indices, { next: executed, count: requestedCount }, { from, to });
  return requests
    .filter(({ queueIndex, words }) => queueIndex >= executed && unpackOwnerAndToken(words[1]!).owner === owner)
    .map((request) => ({ request, group: requests.filter(({ groupStart }) => groupStart === request.groupStart) }));
}

/** What a request brought along: the amount of a deposit, nothing of an exit. */
export function amountOf({ fields, words }: PriorityRequest): bigint {
  return fields.kind === RecordKind.deposit ? words[2]! : 0n;
}

/** Token of a deposit, or of the account that an exit is of. */
export function tokenOf({ words }: PriorityRequest): number {
  return unpackOwnerAndToken(words[1]!).tokenId;
}

/** What its owner gets back of a request where all of it is ETH: the amount and the fee. */
export function worthOf(request: PriorityRequest): bigint {
  return amountOf(request) + request.fee;
}

/** Whether it pays less than it costs: a deposit, which anybody makes; exits only their owner requests. @param least wei. */
export function isDustRequest({ request }: OpenRequest, least: bigint): boolean {
  const isDeposit = request.fields.kind === RecordKind.deposit;
  return isDeposit && isDust(tokenOf(request), worthOf(request), least);
}

/** A request as the contract takes it back. */
export function operationOf({ fields, words }: PriorityRequest): readonly bigint[] {
  return [encodeRecord(fields), ...words];
}

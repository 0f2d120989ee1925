/** Calls that the list of methods gains: typed here until it has them. */

import type { HistoryPageJson, PriorityOperationJson } from '@quittance/rpc';
import type { SequencerClient } from '../client.ts';

type Ask = (method: string, params: object) => Promise<unknown>;

/** A page of the history of an account. @throws as the client's `call`. */
export async function askHistory(
  client: Pick<SequencerClient, 'call'>,
  params: { readonly account: number; readonly limit: number; readonly before?: number },
): Promise<HistoryPageJson> {
  return (await (client.call as unknown as Ask)('rollup_getHistory', params)) as HistoryPageJson;
}

/** A request from L1 by its number. @throws as the client's `call`. */
export async function askPriorityOperation(
  client: Pick<SequencerClient, 'call'>,
  operationId: number,
): Promise<PriorityOperationJson> {
  const params = { operationId };
  return (await (client.call as unknown as Ask)('rollup_getPriorityOperation', params)) as PriorityOperationJson;
}

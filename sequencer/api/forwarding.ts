/** Answers what is sent to a node that follows, by what the leader answers. */

import { BINARY_TYPE, JSON_TYPE, type RpcMethods, type TransferJson } from '@quittance/rpc';
import { type Forwarder, nobodyLeads } from '../cluster/forwarder.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sending } from './sending.ts';

type ListAnswers = RpcMethods['rollup_sendTransfers']['result'];

/** A call without its source in the form that goes over the wire. */
const encodeCall = (method: string, params: object): Uint8Array =>
  Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));

/**
 * Sends through the leader. What nobody answered may have been taken all the same: NOT_LEADER has the sender send it again as
 * it is.
 */
export function createForwarding({ forward }: Forwarder): Sending {
  const pass = async (body: Uint8Array, contentType: string, { address, isForwarded }: Source): Promise<unknown> => {
    // The node that passed it on believes that this one leads: it has to look again.
    if (isForwarded === true) throw nobodyLeads(undefined, 'this node does not lead');
    const answer = await forward({ body, contentType, address });
    if ('error' in answer) throw answer.error;
    return answer.result;
  };
  return {
    sendOne: async (transfer: TransferJson, source) =>
      (await pass(
        encodeCall('rollup_sendTransfer', { transfer }),
        JSON_TYPE,
        source,
      )) as RpcMethods['rollup_sendTransfer']['result'],
    sendAll: async (transfers, source) =>
      (await pass(encodeCall('rollup_sendTransfers', { transfers }), JSON_TYPE, source)) as ListAnswers,
    sendList: async (body, source) => (await pass(body, BINARY_TYPE, source)) as ListAnswers,
  };
}

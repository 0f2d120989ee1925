/** The OpenRPC description, built from the schemas that also validate the parameters. */

import { BINARY_TYPE, METHODS, SUBSCRIPTIONS } from '@quittance/rpc';
import { VERSION } from './handlers.ts';

/** The OpenRPC document of the interface. */
export function createDescription(): object {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Rollup sequencer',
      version: VERSION,
      description:
        `Lists of transfers may also come as bytes, with the content type ${BINARY_TYPE}, and are answered as ` +
        'rollup_sendTransfers: /openapi.json describes both, docs/rpc.md the places of the bytes and what calls weigh.',
    },
    methods: Object.entries({ ...METHODS, ...SUBSCRIPTIONS }).map(([name, { summary, params, result }]) => ({
      name,
      summary,
      paramStructure: 'by-name',
      params: [{ name: 'params', description: 'the whole parameter object', required: true, schema: params }],
      result: { name: 'result', schema: result },
    })),
  };
}

/** The OpenRPC description, built from the schemas that also validate the parameters. */

import { METHODS, SUBSCRIPTIONS } from '@quittance/rpc';
import { VERSION } from './handlers.ts';

/** The OpenRPC document of the interface. */
export function createDescription(): object {
  return {
    openrpc: '1.3.2',
    info: { title: 'Rollup sequencer', version: VERSION },
    methods: Object.entries({ ...METHODS, ...SUBSCRIPTIONS }).map(([name, { summary, params, result }]) => ({
      name,
      summary,
      paramStructure: 'by-name',
      params: [{ name: 'params', description: 'the whole parameter object', required: true, schema: params }],
      result: { name: 'result', schema: result },
    })),
  };
}

/** The OpenRPC description, built from the schemas that also validate the parameters. */

import { BINARY_TYPE } from '@quittance/rpc';
import { VERSION } from '../version.ts';
import { EXAMPLES } from './examples.ts';
import { ALL_METHODS, type AnyMethodName, formsOfParams, paramsOf } from './forms.ts';
import { errorsOf, NUMBER_MEANINGS } from './method-errors.ts';
import { componentSchemas, describeSchema } from './schema.ts';

/** Errors by their number, as OpenRPC wants them: the reasons, by which clients branch, stand in the data. */
function describeErrors(method: AnyMethodName): object[] {
  return [...Map.groupBy(errorsOf(method), ({ number }) => number)].map(([code, errors]) => ({
    code,
    message: NUMBER_MEANINGS[code],
    data: { reasons: errors.map(({ reason, hint }) => ({ reason, ...(hint === undefined ? {} : { hint }) })) },
  }));
}

function describeExample(method: AnyMethodName): object[] {
  const { params, result } = EXAMPLES[method];
  return [
    {
      name: method,
      params: Object.entries(params).map(([name, value]) => ({ name, value })),
      result: { name: 'result', value: result },
    },
  ];
}

function describeMethod(method: AnyMethodName): object {
  const { summary, result } = ALL_METHODS[method];
  const isOneForm = formsOfParams(method)!.length === 1;
  return {
    name: method,
    summary,
    // Of several forms the positions say too little to a generator: there they go by name only.
    paramStructure: isOneForm ? 'either' : 'by-name',
    params: paramsOf(method).map(({ name, required, schema }) => ({ name, required, schema: describeSchema(schema) })),
    result: { name: 'result', schema: describeSchema(result) },
    errors: describeErrors(method),
    examples: describeExample(method),
  };
}

/** The OpenRPC document of the interface. */
export function createOpenRpc(): object {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Quittance sequencer',
      version: VERSION,
      license: { name: 'GPL-3.0-or-later' },
      description:
        'JSON-RPC 2.0 over POST / and over the WebSocket /ws, where alone rollup_subscribe and rollup_unsubscribe are. ' +
        'Parameters go by name or by position; null stands for what may be left out by position. Lists of transfers may also ' +
        `come as bytes, with the content type ${BINARY_TYPE}, and are answered as rollup_sendTransfers: /openapi.json ` +
        'describes both, docs/rpc.md the places of the bytes and what calls weigh.',
    },
    methods: (Object.keys(ALL_METHODS) as AnyMethodName[]).map(describeMethod),
    components: { schemas: componentSchemas() },
  };
}

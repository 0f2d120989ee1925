/** `POST /` in the OpenAPI description: JSON-RPC with an example of each method, and lists of transfers as bytes. */

import { BINARY_TYPE, JSON_TYPE, MAX_TRANSFERS, METHODS, type MethodName } from '@quittance/rpc';
import { EXAMPLES } from './examples.ts';

const ID = { type: ['string', 'number', 'null'], description: 'comes back with the answer' };

const REQUEST = {
  type: 'object',
  required: ['jsonrpc', 'method'],
  properties: {
    jsonrpc: { const: '2.0' },
    id: ID,
    method: { type: 'string', enum: Object.keys(METHODS) },
    params: {
      description: 'by name, or by position in the order in which /openrpc.json lists them',
      oneOf: [{ type: 'object' }, { type: 'array' }],
    },
  },
};

/** One call of each method. */
function examples(): Record<string, object> {
  return Object.fromEntries(
    (Object.keys(METHODS) as MethodName[]).map((method) => [
      method,
      {
        summary: METHODS[method].summary,
        value: { jsonrpc: '2.0', id: 1, method, params: EXAMPLES[method].params },
      },
    ]),
  );
}

const ERROR = { $ref: '#/components/schemas/RpcError' };

const RESPONSE = {
  type: 'object',
  required: ['jsonrpc', 'id'],
  properties: { jsonrpc: { const: '2.0' }, id: ID, result: { description: 'what the method answers' }, error: ERROR },
};

const LIST = {
  type: 'string',
  format: 'binary',
  description: `up to ${MAX_TRANSFERS} signed transfers as bytes, in the places that docs/rpc.md lists`,
};

/** An answer of a whole body. */
const refusal = (description: string, isPassing = false) => ({
  description,
  ...(isPassing ? { headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'seconds to wait' } } } : {}),
  content: { [JSON_TYPE]: { schema: RESPONSE } },
});

/** The path of the JSON-RPC. */
export function rpcPath(): object {
  return {
    post: {
      operationId: 'rpc',
      summary:
        'JSON-RPC 2.0: a request, an array of them, or a list of transfers as bytes. /openrpc.json has the methods.',
      tags: ['JSON-RPC'],
      requestBody: {
        required: true,
        content: {
          [JSON_TYPE]: {
            schema: { oneOf: [REQUEST, { type: 'array', items: REQUEST, minItems: 1 }] },
            examples: examples(),
          },
          [BINARY_TYPE]: { schema: LIST },
        },
      },
      responses: {
        '200': {
          description: 'the answer of each call; a refused call is answered with 200 and an error',
          content: { [JSON_TYPE]: { schema: { oneOf: [RESPONSE, { type: 'array', items: RESPONSE }] } } },
        },
        '204': { description: 'all requests were notifications' },
        '400': refusal('PARSE_ERROR, INVALID_REQUEST'),
        '413': refusal('BODY_TOO_LARGE'),
        '429': refusal('RATE_LIMITED', true),
        '500': refusal('INTERNAL'),
        '503': refusal('MEMPOOL_FULL, READ_ONLY and others: the service as a whole does not do this now', true),
      },
    },
  };
}

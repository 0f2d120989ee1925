/** What Fastify itself, or a limit of ours, says of a request: as JSON-RPC, or as a problem below `/v1`. */

import { isRollupError, RpcNumber } from '@quittance/protocol';
import type { RpcErrorJson } from '@quittance/rpc';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from '../../runtime/index.ts';
import { httpStatusOf, retryAfterOf, rpcError, toRpcError } from './errors.ts';
import { nothingAt, sendProblem } from './problem.ts';

const isMirror = ({ url }: FastifyRequest): boolean => url.startsWith('/v1/');

/** What Fastify throws, for example of a request that is too slow or of the wrong type. */
type HttpError = Error & { readonly statusCode?: number; readonly code?: string };

function describe({ message, code }: HttpError, status: number): RpcErrorJson {
  const number = status === 503 ? RpcNumber.limit : status >= 500 ? RpcNumber.internal : RpcNumber.invalidRequest;
  const text = status >= 500 && status !== 503 ? 'internal error' : message;
  return rpcError(number, text, code ?? `HTTP_${status}`);
}

/** Answers for requests that no route answers, and for what is thrown before one does. */
export function installErrorHandlers(server: FastifyInstance, logger: Logger): void {
  const send = (
    request: FastifyRequest,
    reply: FastifyReply,
    error: RpcErrorJson,
    status: number,
    seconds?: number,
  ) => {
    if (isMirror(request)) return sendProblem(reply, error, seconds);
    if (seconds !== undefined) void reply.header('retry-after', String(seconds));
    return reply.code(status).send({ jsonrpc: '2.0', id: null, error });
  };
  server.setErrorHandler((error: HttpError, request, reply) => {
    if (isRollupError(error)) {
      const body = toRpcError(error);
      const seconds = error.code === 'RATE_LIMITED' ? Number(error.data['retryAfterSeconds']) : retryAfterOf(body);
      return send(request, reply, body, httpStatusOf(body), seconds);
    }
    const status = error.statusCode ?? 500;
    if (status >= 500 && status !== 503) logger.error('a request failed', { error });
    return send(request, reply, describe(error, status), status, status === 503 ? 5 : undefined);
  });
  server.setNotFoundHandler((request, reply) => {
    if (isMirror(request)) return sendProblem(reply, nothingAt(request.url));
    const message = 'there is nothing here; JSON-RPC is POST /, see /docs';
    return send(request, reply, rpcError(RpcNumber.methodNotFound, message, 'HTTP_404'), 404);
  });
}

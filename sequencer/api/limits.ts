/** What is asked of a request before and while it is read: units of its address, and room for its body. */

import { BINARY_TYPE, JSON_TYPE } from '@quittance/rpc';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Allowance } from './allowance.ts';
import { createBodies, type Room } from './bodies.ts';
import type { ApiConfig } from './config.ts';
import { limitConnections } from './connections.ts';
import { readBody } from './reading.ts';
import { countedAddress } from './source.ts';
import { REQUEST_UNITS, readingUnits } from './weights.ts';

/** Takes the body out of a request, and gives the room for it back when `answer` has ended. */
export type WithBody = <T>(request: FastifyRequest, answer: (body: Buffer) => Promise<T>) => Promise<T>;

/** Whether a request has a body that anybody wants. */
const hasBody = ({ method, is404 }: FastifyRequest): boolean => method === 'POST' && !is404;

/** How many bytes a request says that it has; undefined where it does not say. */
function announcedBytes({ headers }: FastifyRequest): number | undefined {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : undefined;
}

/** Makes the server refuse what an address may not ask for now. Bodies are paid for before they are read. */
export function installLimits(
  server: FastifyInstance,
  config: ApiConfig,
  allowance: Allowance,
  addressOf: (request: FastifyRequest) => string,
): WithBody {
  const { bodyBytes, connectionsPerAddress, largeBodies } = config;
  const bodies = createBodies(largeBodies);
  const rooms = new WeakMap<FastifyRequest, Room>();
  limitConnections(server.server, connectionsPerAddress);
  server.addHook('onRequest', async (request, reply) => {
    const { units: weight = REQUEST_UNITS } = request.routeOptions.config ?? {};
    const units = typeof weight === 'number' ? weight : weight(request);
    if (units === 0) return;
    const address = countedAddress(addressOf(request));
    const announced = hasBody(request) ? (announcedBytes(request) ?? 0) : 0;
    allowance.spend(address, units + (announced > bodyBytes ? 0 : readingUnits(announced)));
    if (!hasBody(request)) return;
    const room = bodies.open(address);
    // Whoever is refused before the body can still read the answer; within it, the connection ends.
    if (announced <= bodyBytes) room.require(announced);
    rooms.set(request, room);
    reply.raw.once('close', room.release);
  });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser([JSON_TYPE, BINARY_TYPE], async (request: FastifyRequest, stream: typeof request.raw) => {
    const room = rooms.get(request);
    // Node lets go of what nobody reads.
    if (room === undefined) return undefined;
    const announced = announcedBytes(request);
    const address = countedAddress(addressOf(request));
    const pay = (bytes: number): void => allowance.spend(address, readingUnits(bytes));
    const arrive = announced === undefined ? pay : () => undefined;
    return readBody(stream, { limit: bodyBytes, announced, arrive, grow: room.grow });
  });
  return async (request, answer) => {
    const body = (request.body as Buffer | null | undefined) ?? Buffer.alloc(0);
    request.body = undefined;
    try {
      return await answer(body);
    } finally {
      rooms.get(request)?.release();
    }
  };
}

/** Opens the port of a plain HTTP server, and closes it with all that is open on it. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens. */
export interface Listening {
  /** Where, for example http://127.0.0.1:9101. */
  readonly url: string;
  /** Resolves once nothing is open any more: what was being answered is cut off. */
  stop(): Promise<void>;
}

/** @param port 0 takes a free one. @throws when the port is taken. */
export async function listen(server: Server, host: string, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { address, family, port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A network between a node and one server, which can be cut: nothing arrives any more, and nobody is told. */

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface CuttableProxy {
  readonly port: number;
  /** Cut: what is on its way stays there, and who connects hears nothing. Mended: those connections end. */
  cut(isCut: boolean): void;
  stop(): Promise<void>;
}

/** A proxy on a free port of this machine. @param target port of the server. */
export async function startProxy(target: number): Promise<CuttableProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    if (isCut) socket.pause();
  };
  const server = createServer((client) => {
    track(client);
    if (isCut) return;
    const upstream = connect(target, '127.0.0.1');
    track(upstream);
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    cut(next) {
      isCut = next;
      for (const socket of [...sockets]) {
        if (!next) socket.destroy();
        else {
          socket.unpipe();
          socket.pause();
        }
      }
    },
    async stop() {
      for (const socket of [...sockets]) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

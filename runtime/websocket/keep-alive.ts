/** Ends WebSockets whose other end is gone without saying so. */

import type { Clock } from '../clock.ts';
import type { ServedSocket } from './socket.ts';

/** Ends a connection that does not answer a ping until the next one. */
export function keepAlive(socket: ServedSocket, clock: Clock, pingMs: number): void {
  let isAlive = true;
  socket.on('pong', () => {
    isAlive = true;
  });
  const ping = (): void => {
    if (!isAlive) {
      socket.terminate();
      return;
    }
    isAlive = false;
    socket.ping();
    timer = clock.schedule(pingMs, ping);
  };
  let timer = clock.schedule(pingMs, ping);
  socket.on('close', () => timer.cancel());
}

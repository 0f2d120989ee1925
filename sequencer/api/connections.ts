/** Bounds the connections of one address, so that nobody takes all there are. */

import type { Server } from 'node:http';
import { countedAddress } from './source.ts';

/**
 * Closes each connection at once with which its address would have more than `limit`.
 *
 * @param isExempt whose connections are those of many: a proxy's.
 */
export function limitConnections(
  server: Server,
  limit: number,
  isExempt: (address: string) => boolean = () => false,
): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket) => {
    if (isExempt(socket.remoteAddress ?? '')) return;
    const address = countedAddress(socket.remoteAddress ?? '');
    const count = counts.get(address) ?? 0;
    if (count >= limit) {
      socket.destroy();
      return;
    }
    counts.set(address, count + 1);
    socket.once('close', () => {
      const left = counts.get(address)! - 1;
      if (left === 0) counts.delete(address);
      else counts.set(address, left);
    });
  });
}

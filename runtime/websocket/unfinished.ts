/** Ends WebSockets on which a message begins and does not end. */

import type { Socket } from 'node:net';
import type { Clock, Timer } from '../clock.ts';
import type { ServedSocket } from './socket.ts';

/** Bytes of a client's control frame beside what it carries (RFC 6455, section 5.2): two, and the mask. */
const CONTROL_BYTES = 6;

/**
 * Gives each message so long to arrive. Of a message that begins in the packet in which another one ends the time begins
 * with the next packet.
 *
 * @param tcp the connection below the WebSocket, which reads from it already.
 */
export function endUnfinished(socket: ServedSocket, tcp: Socket, clock: Clock, messageMs: number): void {
  let bytes = 0;
  let timer: Timer | undefined;
  const forget = (): void => {
    bytes = 0;
    timer?.cancel();
    timer = undefined;
  };
  const forgetControl = (data: Buffer): void => {
    bytes -= data.length + CONTROL_BYTES;
  };
  const count = (data: Buffer): void => {
    bytes += data.length;
  };
  const look = (): void => {
    if (bytes <= 0) forget();
    else timer ??= clock.schedule(messageMs, () => socket.terminate());
  };
  socket.on('message', forget).on('ping', forgetControl).on('pong', forgetControl);
  // Before and after the WebSocket reads the same bytes and tells of what they complete.
  tcp.prependListener('data', count).on('data', look);
  socket.on('close', () => {
    tcp.off('data', count).off('data', look);
    forget();
  });
}

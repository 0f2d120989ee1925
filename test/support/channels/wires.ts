/** Ends of connections for tests: what is sent is kept, and what comes is what a test says. */

import { createWirePeer, type WirePeerOptions } from '../../../packages/sdk/channels/wire/peer.ts';
import type { WireSocket } from '../../../packages/sdk/channels/wire/socket.ts';
import { createManualClock } from '../manual-clock.ts';

/** A frame as it goes over a connection. */
export interface TestFrame {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: { readonly code: string } };
}

/** A socket that keeps what is sent. */
export function createTestSocket() {
  const sent: TestFrame[] = [];
  const closed: { readonly code: number; readonly reason: string }[] = [];
  const socket: WireSocket & { waitingBytes: number } = {
    waitingBytes: 0,
    send: (text) => void sent.push(JSON.parse(text)),
    close: (code, reason) => void closed.push({ code, reason }),
  };
  return { socket, sent, closed };
}

/** One end of a connection, whose other end is the test. */
export function createTestPeer(some: Partial<Pick<WirePeerOptions, 'methods' | 'notices'>> = {}) {
  const clock = createManualClock();
  const line = createTestSocket();
  const peer = createWirePeer({ socket: line.socket, clock, methods: {}, notices: {}, ...some });
  return { ...line, clock, peer, receive: (frame: object) => peer.receive(JSON.stringify(frame)) };
}

/** What the rules of WebSockets need of a connection that we serve: `ws` and what is built on it have it. */

export interface ServedSocket {
  ping(): void;
  /** Ends the connection at once, without a handshake. */
  terminate(): void;
  on(event: 'close' | 'message', listener: () => void): ServedSocket;
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): ServedSocket;
}

/** What a connection is to the wire protocol: whatever carries texts both ways, in their order. */

/** One end. */
export interface WireSocket {
  send(text: string): void;
  /** Bytes that were given to `send` and have not left yet. */
  readonly waitingBytes: number;
  /** @param code of RFC 6455, section 7.4. */
  close(code: number, reason: string): void;
}

/** Close codes of RFC 6455. */
export const CLOSE = { normal: 1000, away: 1001, policy: 1008, tooBig: 1009, later: 1013 } as const;

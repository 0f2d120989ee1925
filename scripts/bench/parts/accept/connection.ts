/** A connection to the sequencer that costs a load generator little: HTTP/1.1 by hand, one call at a time. */

import { connect, type Socket } from 'node:net';

/** An answer. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Where to connect, from which address, and what the bodies are. */
export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  /** Limits count by address: callers of a bench are many people. Undefined takes the system's choice. */
  readonly localAddress: string | undefined;
  readonly contentType: string;
}

/** Calls follow each other on one socket. */
export interface Connection {
  /** @throws Error when the server closes the connection or answers something else than HTTP with a length. */
  call(body: Buffer): Promise<HttpAnswer>;
  close(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** The answer at the beginning of `bytes`, with the number of bytes that it took; undefined while it is incomplete. */
export function readAnswer(bytes: Buffer): (HttpAnswer & { readonly length: number }) | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  const contentLength = status === 204 ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
  if (!Number.isSafeInteger(status + contentLength)) throw new Error(`not an answer with a length: ${head}`);
  const length = end + HEAD_END.length + contentLength;
  if (bytes.length < length) return undefined;
  return { status, length, body: bytes.subarray(length - contentLength, length) };
}

/** The request that carries a body. */
export function requestOf(body: Buffer, contentType: string): Buffer {
  const head = `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${contentType}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Opens a connection. @throws Error when there is none. */
export async function openConnection({ host, port, localAddress, contentType }: ConnectionTarget): Promise<Connection> {
  const socket: Socket = connect({
    host,
    port,
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  let received: Buffer[] = [];
  let waiting: { resolve(answer: HttpAnswer): void; reject(error: Error): void } | undefined;
  const fail = (error: Error): void => {
    socket.destroy();
    waiting?.reject(error);
    waiting = undefined;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the connection was closed')));
  socket.on('data', (data) => {
    received.push(data);
    try {
      const bytes = received.length === 1 ? data : Buffer.concat(received);
      const answer = readAnswer(bytes);
      received = [bytes.subarray(answer?.length ?? 0)];
      if (answer === undefined) return;
      const { resolve } = waiting ?? { resolve: () => fail(new Error('an answer to nothing')) };
      waiting = undefined;
      resolve(answer);
    } catch (error) {
      fail(error as Error);
    }
  });
  return {
    call(body) {
      if (socket.destroyed) return Promise.reject(new Error('the connection was closed'));
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(requestOf(body, contentType));
      });
    },
    close: () => void socket.destroy(),
  };
}

/** The loopback address of caller `number`; only Linux has more than one. */
export function callerAddress(number: number): string | undefined {
  return process.platform === 'linux' ? `127.0.${1 + Math.floor(number / 250)}.${1 + (number % 250)}` : undefined;
}

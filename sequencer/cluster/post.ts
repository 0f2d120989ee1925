/** One POST to another node, bounded in time and in what is read of the answer. */

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** What is posted. */
export interface Posting {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  /** Most bytes of an answer. */
  readonly answerBytes: number;
}

/** Posts, over connections that stay open. */
export interface Post {
  /** The body of the answer. Rejects with an Error that says why there is none, without the address. */
  send(posting: Posting): Promise<Buffer>;
  close(): void;
}

function read(response: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let length = 0;
    response.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length > limit) response.destroy(new Error(`its answer has more than ${limit} bytes`));
      else pieces.push(piece);
    });
    response.on('end', () => resolve(Buffer.concat(pieces)));
    response.on('error', reject);
    response.on('close', () => reject(new Error('it ended the connection within its answer')));
  });
}

/** @param sockets most connections to one node. */
export function createPost(sockets: number): Post {
  const options = { keepAlive: true, maxSockets: sockets, maxFreeSockets: sockets };
  const [http, https] = [new HttpAgent(options), new HttpsAgent(options)];
  return {
    async send({ url, headers, body, timeoutMs, answerBytes }) {
      const isTls = new URL(url).protocol === 'https:';
      const signal = AbortSignal.timeout(timeoutMs);
      const send = isTls ? httpsRequest : httpRequest;
      try {
        const response = await new Promise<IncomingMessage>((resolve, reject) => {
          const request = send(url, { method: 'POST', headers, signal, agent: isTls ? https : http }, resolve);
          request.on('error', reject);
          request.end(body);
        });
        return await read(response, answerBytes);
      } catch (error) {
        if (signal.aborted) throw new Error(`it did not answer within ${timeoutMs} ms`, { cause: error });
        throw error;
      }
    },
    close() {
      http.destroy();
      https.destroy();
    },
  };
}

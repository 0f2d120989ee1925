import { strict as assert } from 'node:assert';
import { connect as connectTcp } from 'node:net';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { transferJson } from '../support/sequencer/rpc.ts';

interface Message {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly data: { readonly reason: string } };
  readonly params?: { readonly subscription: string; readonly result: Record<string, unknown> };
}

/** A masked text frame, as clients send it (RFC 6455); the mask is 0. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** A client that keeps what it hears. */
async function connect(url: string) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const messages: Message[] = [];
  const waiting: (() => void)[] = [];
  socket.addEventListener('message', ({ data }) => {
    messages.push(JSON.parse(String(data)) as Message);
    for (const wake of waiting.splice(0)) wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', ({ code }) => resolve(code));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('the connection was refused')));
  });
  const find = async (condition: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const found = messages.find(condition);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  };
  return {
    socket,
    messages,
    closed,
    find,
    call: (id: number, method: string, params: unknown): Promise<Message> => {
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
      return find((message) => message.id === id);
    },
  };
}

describe('Sequencer: subscriptions', () => {
  let harness: PayerHarness;
  let api: Api;

  const transfer = (nonce: number) => harness.sign(alice, harness.payment(nonce));

  before(async () => {
    harness = await createPayerHarness();
    api = await startApi({
      sequencer: harness.sequencer,
      clock: systemClock,
      config: {
        webSocket: {
          connections: 2,
          subscriptionsPerConnection: 2,
          requestsInProgress: 8,
          bufferedBytes: 1_000,
          pingMs: 60_000,
        },
      },
    });
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  it('tells of the transfers that were asked for and of no others', async () => {
    const client = await connect(api.url);
    const signed = transfer(0);
    const { result: subscription } = await client.call(1, 'rollup_subscribe', {
      topic: 'transfers',
      ids: [String(signed.id)],
    });
    await client.call(2, 'rollup_sendTransfer', { transfer: transferJson(signed) });
    await client.call(3, 'rollup_sendTransfer', { transfer: transferJson(transfer(1)) });
    await harness.sequencer.sealNow();
    await client.find(({ params }) => params?.result['status'] === 'sealed');
    const heard = client.messages.filter(({ params }) => params !== undefined);
    assert.ok(heard.every(({ params }) => params?.subscription === subscription));
    assert.deepEqual(
      heard.map(({ params }) => params?.result['status']),
      ['pending', 'sealed'],
    );
    const ended = await client.call(4, 'rollup_unsubscribe', { subscription });
    assert.equal(ended.result, true);
    client.socket.close();
  });

  it('tells of batches on their way to finality', async () => {
    const client = await connect(api.url);
    await client.call(1, 'rollup_subscribe', { topic: 'batches' });
    await client.call(2, 'rollup_sendTransfer', { transfer: transferJson(transfer(2)) });
    await harness.sequencer.sealNow();
    await harness.until(() => client.messages.some(({ params }) => params?.result['state'] === 'final'), 'finality');
    const states = client.messages.flatMap(({ params }) => (params === undefined ? [] : [params.result['state']]));
    assert.deepEqual([...new Set(states)].slice(-4), ['sealed', 'proving', 'posted', 'final']);
    client.socket.close();
  });

  it('refuses more subscriptions than it says, and unknown topics', async () => {
    const client = await connect(api.url);
    await client.call(1, 'rollup_subscribe', { topic: 'batches' });
    await client.call(2, 'rollup_subscribe', { topic: 'batches' });
    const third = await client.call(3, 'rollup_subscribe', { topic: 'batches' });
    assert.equal(third.error?.data.reason, 'TOO_MANY_SUBSCRIPTIONS');
    const strange = await client.call(4, 'rollup_subscribe', { topic: 'secrets' });
    assert.equal(strange.error?.code, -32602);
    client.socket.close();
  });

  it('closes connections beyond its limit', async () => {
    const clients = [await connect(api.url), await connect(api.url)];
    const third = await connect(api.url);
    assert.equal(await third.closed, 1013);
    for (const { socket } of clients) socket.close();
  });

  it('closes a connection that has too many requests in progress, or sends binary', async () => {
    const client = await connect(api.url);
    client.socket.send(Uint8Array.from([1, 2, 3]));
    assert.equal(await client.closed, 1008);
  });

  it('drops a client that does not read before its buffer grows', async () => {
    const { port, hostname } = new URL(api.url);
    const socket = connectTcp(Number(port), hostname);
    const key = Buffer.alloc(16).toString('base64');
    socket.write(
      `GET /ws HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('data', resolve));
    const heard = new Promise((resolve) => socket.once('data', resolve));
    socket.write(
      textFrame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rollup_subscribe', params: { topic: 'batches' } })),
    );
    await heard;
    socket.pause();
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
      socket.once('error', () => resolve());
    });
    // The kernel's socket buffers take some megabytes before anything waits in ours.
    for (let round = 0; round < 200; round++) {
      for (let i = 0; i < 400; i++)
        harness.sequencer.events.emit('batch', { number: i, state: 'final', transferCount: 1 });
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.resume();
    await closed;
  });
});

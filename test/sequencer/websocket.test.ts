import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { transferJson } from '../support/sequencer/rpc.ts';
import { connect, type Message } from '../support/sequencer/socket.ts';

/** A masked text frame, as clients send it (RFC 6455); the mask is 0. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

/** A client of bare bytes, with the first that it hears. @param client whom a proxy would name. */
async function upgrade(url: string, client = '127.0.0.1'): Promise<{ readonly socket: Socket; readonly head: Buffer }> {
  const { port, hostname } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  socket.on('error', () => undefined);
  const head = [
    'GET /ws HTTP/1.1',
    'host: x',
    'upgrade: websocket',
    'connection: upgrade',
    'sec-websocket-version: 13',
  ];
  const key = `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`;
  socket.write([...head, key, `x-forwarded-for: ${client}`, '', ''].join('\r\n'));
  const [first] = (await once(socket, 'data')) as [Buffer];
  return { socket, head: first };
}

/** Waits until a client of bare bytes hears `part`. */
async function hear({ socket, head }: Awaited<ReturnType<typeof upgrade>>, part: Buffer): Promise<void> {
  for (let heard = head; !heard.includes(part); ) {
    const [data] = (await once(socket, 'data')) as [Buffer];
    heard = Buffer.concat([heard, data]);
  }
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
        trustedProxies: ['127.0.0.0/8'],
        webSocket: {
          connections: 3,
          connectionsPerAddress: 2,
          messageBytes: 1_000,
          messageMs: 15_000,
          subscriptionsPerConnection: 2,
          subscriptionsPerAddress: 3,
          namesPerAddress: 5,
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
    const [client, other] = [await connect(api.url), await connect(api.url)];
    const ask = (who: typeof client, id: number, params: object) => who.call(id, 'rollup_subscribe', params);
    const refused = ({ error }: Message) => [error?.data, error?.message];
    const tooMany = { reason: 'TOO_MANY_SUBSCRIPTIONS' };
    const accounts = (count: number) => ({ topic: 'accounts', accounts: Array.from({ length: count }, (_, i) => i) });
    const { result: batches } = await ask(client, 1, { topic: 'batches' });
    for (const [id, topic] of [
      [2, 'batches'],
      [3, 'transfers'],
    ] as const) {
      if (topic === 'transfers') await ask(other, 1, { topic });
      const again = await ask(topic === 'batches' ? client : other, id, { topic });
      assert.deepEqual(refused(again), [tooMany, `this connection hears of all ${topic} already`]);
    }
    const names = await ask(client, 4, accounts(4));
    assert.deepEqual(refused(names), [tooMany, 'an address may subscribe to at most 5 ids and accounts']);
    assert.equal(typeof (await ask(client, 5, accounts(3))).result, 'string');
    const third = await ask(client, 6, { topic: 'transfers', ids: ['1'] });
    assert.deepEqual(refused(third), [tooMany, 'a connection may have at most 2 subscriptions']);
    const fourth = await ask(other, 4, { topic: 'batches' });
    assert.deepEqual(refused(fourth), [tooMany, 'an address may have at most 3 subscriptions']);
    await client.call(7, 'rollup_unsubscribe', { subscription: batches });
    assert.equal(typeof (await ask(other, 5, { topic: 'batches' })).result, 'string');
    const strange = await client.call(8, 'rollup_subscribe', { topic: 'secrets' });
    assert.equal(strange.error?.code, -32602);
    for (const { socket, closed } of [client, other]) {
      socket.close();
      await closed;
    }
    // What a connection had is given back when it ends.
    const next = await connect(api.url);
    assert.equal(typeof (await ask(next, 1, accounts(5))).result, 'string');
    next.socket.close();
    await next.closed;
  });

  it('ends a connection that hears of more than its address may ask for', async () => {
    const allowance = { max: 10, windowMs: 3_600_000 };
    const poor = await startApi({ sequencer: harness.sequencer, clock: systemClock, config: { allowance } });
    const client = await connect(poor.url);
    await client.call(1, 'rollup_subscribe', { topic: 'batches' });
    // The connection and the call took some of it; it may owe as much as the whole again.
    for (let times = 0; times < 4 * 20; times++) {
      harness.sequencer.events.emit('batch', { number: 1, state: 'final', transferCount: 1 });
    }
    assert.equal(await client.closed, 1013);
    const told = client.messages.filter(({ params }) => params !== undefined).length;
    assert.ok(told >= 4 * 10 && told < 4 * 20, String(told));
    await poor.stop();
  });

  it('closes connections beyond the limit of an address, and of all', async () => {
    const clients = [await connect(api.url), await connect(api.url)];
    assert.equal(await (await connect(api.url)).closed, 1013);
    const other = await upgrade(api.url, '192.0.2.1');
    other.socket.write(textFrame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' })));
    await hear(other, Buffer.from('"result"'));
    const last = await upgrade(api.url, '192.0.2.2');
    // A close frame with the status 1013.
    await hear(last, Buffer.from([0x03, 0xf5]));
    for (const { socket } of clients) socket.close();
    for (const { socket } of [other, last]) socket.destroy();
    for (const { closed } of clients) await closed;
  });

  it('closes a connection with a message that is too long', async () => {
    const client = await connect(api.url);
    client.socket.send('x'.repeat(1_001));
    assert.equal(await client.closed, 1009);
  });

  it('closes a connection with a message in too many pieces', async () => {
    const client = await upgrade(api.url);
    const piece = (first: number) => Buffer.from([first, 0x81, 0, 0, 0, 0, 0x20]);
    client.socket.write(Buffer.concat([piece(0x01), ...Array.from({ length: 256 }, () => piece(0x00))]));
    // A close frame with the status 1008.
    await hear(client, Buffer.from([0x03, 0xf0]));
    client.socket.destroy();
  });

  it('lets whoever sends messages pay for them', async () => {
    const allowance = { max: 10, windowMs: 3_600_000 };
    const poor = await startApi({ sequencer: harness.sequencer, clock: systemClock, config: { allowance } });
    const client = await connect(poor.url);
    for (const id of [1, 2]) assert.equal(typeof (await client.call(id, 'eth_chainId', {})).result, 'string');
    client.socket.send(JSON.stringify({ jsonrpc: '2.0', id: 3, method: 'eth_chainId' }));
    const refused = await client.find(({ error }) => error !== undefined);
    assert.equal(refused.error?.data.reason, 'RATE_LIMITED');
    client.socket.close();
    await poor.stop();
  });

  it('drops a connection on which a message begins and does not end, though it answers pings', async () => {
    const clock = createManualClock();
    const patient = await startApi({ sequencer: harness.sequencer, clock });
    const upgraded = once(patient.server.server, 'upgrade');
    const { socket } = await upgrade(patient.url);
    const [, tcp] = (await upgraded) as [unknown, Socket];
    tcp.on('data', () => patient.server.server.emit('seen'));
    const call = textFrame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' }));
    const pong = Buffer.from([0x8a, 0x82, 0, 0, 0, 0, 1, 2]);
    const write = async (...frames: Buffer[]) => {
      const seen = once(patient.server.server, 'seen');
      socket.write(Buffer.concat(frames));
      await seen;
    };
    await write(pong);
    await write(call, pong);
    await clock.advance(20_000);
    assert.equal(socket.readyState, 'open');
    const part = Buffer.from(call);
    // The first of several.
    part[0] = 0x01;
    await write(part);
    await clock.advance(8_000);
    await write(pong);
    const closed = once(socket, 'close');
    await clock.advance(7_000);
    await closed;
    await patient.stop();
  });

  it('closes a connection that has too many requests in progress, or sends binary', async () => {
    const client = await connect(api.url);
    client.socket.send(Uint8Array.from([1, 2, 3]));
    assert.equal(await client.closed, 1008);
  });

  it('drops a client that does not read before its buffer grows', async () => {
    const { socket } = await upgrade(api.url);
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
    const count = promisify(api.server.server.getConnections.bind(api.server.server)) as () => Promise<number>;
    const before = await count();
    for (let round = 0; (await count()) === before; round++) {
      assert.ok(round < 4_000);
      for (let i = 0; i < 40; i++)
        harness.sequencer.events.emit('batch', { number: 1 + (i % 2), state: 'final', transferCount: 1 });
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.resume();
    await closed;
  });
});

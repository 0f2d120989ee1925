import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { BINARY_TYPE, encodeBinaryList } from '@quittance/rpc';
import { operationOf } from '@quittance/sdk';
import { systemClock } from '../../runtime/index.ts';
import type { ApiConfig } from '../../sequencer/api/config.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { post, rpc, transferJson } from '../support/sequencer/rpc.ts';

describe('Sequencer: limits of the JSON-RPC', () => {
  let harness: PayerHarness;
  let api: Api | undefined;

  const start = async (config: Partial<ApiConfig>, clock = systemClock): Promise<Api> => {
    api = await startApi({ sequencer: harness.sequencer, clock, config });
    return api;
  };
  const connected = async ({ url }: Api): Promise<Socket> => {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const postHead = (bytes: number) =>
    ['POST / HTTP/1.1', 'host: x', 'content-type: application/json', `content-length: ${bytes}`, '', ''].join('\r\n');
  const reason = (answer: Awaited<ReturnType<typeof post>>) => answer.body.error?.data?.['reason'];
  const transfer = (nonce: number) => transferJson(harness.sign(alice, harness.payment(nonce)));

  before(async () => {
    harness = await createPayerHarness();
  });
  afterEach(() => api?.stop());
  after(() => harness.close());

  it('weigh a list by its transfers, as JSON and as bytes, before anything of it is done', async () => {
    const { url } = await start({ allowance: { max: 25, windowMs: 3_600_000 } });
    const before = harness.storage.log.head();
    const list = Array.from({ length: 24 }, (_, nonce) => harness.sign(alice, harness.payment(nonce)));
    assert.equal((await rpc(url, 'eth_chainId')).status, 200);
    const json = await rpc(url, 'rollup_sendTransfers', { transfers: list.map(transferJson) });
    assert.deepEqual([json.status, json.body.error?.code, reason(json)], [429, -32005, 'RATE_LIMITED']);
    assert.ok(Number(json.headers.get('retry-after')) > 0);
    const items = list.map((signed) => ({ operation: operationOf(signed), nonce: signed.intent.nonce }));
    const bytes = await post(url, encodeBinaryList(harness.sequencer.domain, items), BINARY_TYPE);
    assert.deepEqual([bytes.status, reason(bytes)], [429, 'RATE_LIMITED']);
    assert.deepEqual(harness.storage.log.head(), before);
  });

  it('weigh a batch by its calls', async () => {
    const { url } = await start({ allowance: { max: 100, windowMs: 3_600_000 } });
    const call = (id: number) => ({ jsonrpc: '2.0', id, method: 'rollup_getProof', params: { index: 0 } });
    const proofs = (count: number) => post(url, JSON.stringify(Array.from({ length: count }, (_, id) => call(id))));
    assert.equal((await proofs(5)).status, 200);
    assert.equal((await proofs(5)).status, 429);
    assert.equal((await proofs(4)).status, 200);
  });

  it('weigh what cannot be parsed, too', async () => {
    const { url } = await start({ allowance: { max: 10, windowMs: 3_600_000 } });
    assert.equal((await post(url, `{"x":"${'y'.repeat(9_000)}`)).status, 400);
    assert.equal((await rpc(url, 'eth_chainId')).status, 429);
    assert.equal((await fetch(`${url}/livez`)).status, 200);
    assert.equal((await fetch(`${url}/openrpc.json`)).status, 429);
    assert.equal((await fetch(`${url}/nothing`)).status, 429);
  });

  it('let whoever sends bad signatures pay for them', async () => {
    const { url } = await start({ allowance: { max: 30, windowMs: 3_600_000 } });
    const forged = { ...transfer(0), amount: '2' };
    assert.equal(reason(await rpc(url, 'rollup_sendTransfer', { transfer: forged })), 'BAD_SIGNATURE');
    assert.equal((await rpc(url, 'eth_chainId')).status, 200);
    assert.equal(reason(await rpc(url, 'rollup_sendTransfer', { transfer: forged })), 'BAD_SIGNATURE');
    assert.equal((await rpc(url, 'eth_chainId')).status, 429);
  });

  it('let whoever has good signatures checked for nothing pay for them, too', async () => {
    const { url } = await start({ allowance: { max: 28, windowMs: 3_600_000 } });
    const transfers = [transfer(0), transferJson(harness.sign(alice, harness.payment(0, { amount: 2n })))];
    const { body } = await rpc(url, 'rollup_sendTransfers', { transfers });
    const [accepted, refused] = body.result as { status?: string; error?: { data: { reason: string } } }[];
    assert.deepEqual([accepted?.status, refused?.error?.data.reason], ['pending', 'NONCE_USED']);
    assert.equal((await rpc(url, 'eth_chainId')).status, 200);
    assert.equal((await rpc(url, 'eth_chainId')).status, 429);
  });

  it('give back with time what was spent', async () => {
    const clock = createManualClock();
    const { url } = await start({ allowance: { max: 3, windowMs: 3_000 } }, clock);
    assert.equal((await rpc(url, 'eth_chainId')).status, 200);
    const refused = await rpc(url, 'eth_chainId');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '3']);
    await clock.advance(3_000);
    assert.equal((await rpc(url, 'eth_chainId')).status, 200);
  });

  it('count the clients of a trusted proxy apart, and take nobody else’s word', async () => {
    const allowance = { max: 3, windowMs: 3_600_000 };
    const ask = async (url: string, client: string) => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' });
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': client };
      return (await fetch(url, { method: 'POST', body, headers })).status;
    };
    const trusting = await start({ allowance, trustedProxies: ['127.0.0.0/8'] });
    assert.deepEqual([await ask(trusting.url, '1.1.1.1'), await ask(trusting.url, '2.2.2.2')], [200, 200]);
    assert.equal(await ask(trusting.url, '1.1.1.1'), 429);
    await trusting.stop();
    const { url } = await start({ allowance });
    assert.deepEqual([await ask(url, '1.1.1.1'), await ask(url, '2.2.2.2')], [200, 429]);
  });

  it('refuse a long call that takes no list, and one with many keys, without parsing it', async () => {
    const { url } = await start({ bodyBytes: 4 << 20 });
    const long = await rpc(url, 'rollup_getAccount', { index: 0, x: 'y'.repeat(20_000) });
    assert.deepEqual([long.status, long.body.error?.code, reason(long)], [413, -32005, 'BODY_TOO_LARGE']);
    assert.equal(long.body.error?.data?.['expected'], '16384');
    const keys = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`key${i}`, i]));
    const wide = await rpc(url, 'rollup_getAccount', keys);
    assert.deepEqual([wide.status, wide.body.error?.code, reason(wide)], [400, -32700, 'PARSE_ERROR']);
  });

  it('refuse a body that is longer than any with 413', async () => {
    const { url } = await start({ bodyBytes: 20_000 });
    const { status, body } = await post(url, `"${'x'.repeat(20_001)}"`);
    assert.deepEqual([status, body.error?.code, body.error?.data?.['reason']], [413, -32005, 'BODY_TOO_LARGE']);
    assert.equal((await post(url, new Uint8Array(20_001), BINARY_TYPE)).status, 413);
  });

  it('charge for a request that is refused before it is read', async () => {
    const body = 'x'.repeat(20_001);
    for (const [path, type, status] of [
      ['/nothing', 'application/json', 404],
      ['/', 'text/plain', 415],
      ['/', 'application/json', 413],
      ['/', BINARY_TYPE, 413],
    ] as const) {
      const { url, stop } = await start({ bodyBytes: 20_000, allowance: { max: 4, windowMs: 3_600_000 } });
      const ask = async () =>
        (await fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': type } })).status;
      assert.deepEqual([await ask(), await ask(), await ask()], [status, status, 429], `${path} ${type}`);
      await stop();
    }
  });

  it('charge for a body in pieces as they arrive', async () => {
    const running = await start({ allowance: { max: 10, windowMs: 3_600_000 } });
    const slow = await connected(running);
    const head = ['POST / HTTP/1.1', 'host: x', 'content-type: application/json', 'transfer-encoding: chunked'];
    slow.write(`${head.join('\r\n')}\r\n\r\n4000\r\n${'y'.repeat(0x4000)}\r\n`);
    const [answer] = (await once(slow, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1.1 429 /);
    slow.destroy();
  });

  it('give no room to what is announced and not sent, with whatever request', async () => {
    const running = await start({ largeBodies: { totalBytes: 1 << 20, addressBytes: 60_000 } });
    const upgrade = ['GET /ws HTTP/1.1', 'host: x', 'upgrade: websocket', 'connection: upgrade'];
    const key = ['sec-websocket-version: 13', `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`];
    for (const head of [
      `${postHead(50_000)}{`,
      `${postHead(50_000).replace('POST /', 'POST /nothing')}{`,
      [...upgrade, ...key, 'content-length: 50000', '', ''].join('\r\n'),
    ]) {
      const slow = await connected(running);
      const seen = once(running.server.server, head.startsWith('GET') ? 'upgrade' : 'request');
      slow.write(head);
      await seen;
      const transfers = Array.from({ length: 40 }, (_, nonce) => transfer(nonce + 100));
      assert.equal((await rpc(running.url, 'rollup_sendTransfers', { transfers })).status, 200, head);
      slow.destroy();
    }
  });

  it('bound the large bodies of an address that are on their way, and let small ones pass', async () => {
    const running = await start({ largeBodies: { totalBytes: 1 << 20, addressBytes: 50_000 } });
    const slow = await connected(running);
    slow.write(`${postHead(40_000)}{"x":"${'y'.repeat(39_000)}`);
    const transfers = Array.from({ length: 40 }, (_, nonce) => transfer(nonce + 100));
    // The server may read it after the first of these.
    let refused = await rpc(running.url, 'rollup_sendTransfers', { transfers });
    for (let round = 0; refused.status === 200 && round < 100; round++) {
      refused = await rpc(running.url, 'rollup_sendTransfers', { transfers });
    }
    assert.deepEqual([refused.status, reason(refused)], [429, 'RATE_LIMITED']);
    // It was refused before it was read, so that the connection lives on.
    assert.notEqual(refused.headers.get('connection'), 'close');
    assert.equal((await rpc(running.url, 'eth_chainId')).status, 200);
    slow.destroy();
    await once(slow, 'close');
    let passed = await rpc(running.url, 'rollup_sendTransfers', { transfers });
    for (let round = 0; passed.status === 429 && round < 100; round++) {
      passed = await rpc(running.url, 'rollup_sendTransfers', { transfers });
    }
    assert.equal(passed.status, 200);
  });

  it('close the connections of an address beyond its number', async () => {
    const running = await start({ connectionsPerAddress: 2 });
    const kept = [await connected(running), await connected(running)];
    const third = await connected(running);
    await once(third, 'close');
    kept[0]!.destroy();
    await once(kept[0]!, 'close');
    const answer = await rpc(running.url, 'eth_chainId').catch(() => undefined);
    // The server may hear of the end of the first one after that of the new one.
    for (let round = 0, last = answer; last === undefined && round < 100; round++) {
      last = await rpc(running.url, 'eth_chainId').catch(() => undefined);
      if (last !== undefined) assert.equal(last.status, 200);
      if (round === 99) assert.fail('no connection is free again');
    }
    kept[1]!.destroy();
  });

  it('close a connection on which nothing is ever sent', async () => {
    const running = await start({ idleMs: 200 });
    const socket = await connected(running);
    await once(socket, 'close');
    assert.equal((await rpc(running.url, 'eth_chainId')).status, 200);
  });
});

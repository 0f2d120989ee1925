import assert from 'node:assert/strict';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { API_VERSION } from '@quittance/rpc';
import { createClient, encodeTransfer, signIntent } from '@quittance/sdk';
import { assertRejects } from '../support/assertions.ts';
import { accountOf, DOMAIN, INDEX, KEYS, NEWCOMER } from '../support/rollup/scene.ts';

const COMMON = { from: INDEX.alice, amount: 100n, fee: 3n, nonce: 5, validUntil: 9 };
const { keyY, owner, tokenId } = accountOf('bob');
const TRANSFER = signIntent(KEYS.alice, DOMAIN, {
  ...COMMON,
  kind: 'transfer',
  to: INDEX.bob,
  receiver: { keyY, owner },
});

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

describe('client of the sequencer', () => {
  let server: Server;
  let url: string;
  /** What the server answers to a request. */
  let answer: (request: Request, response: ServerResponse) => void;
  let requests: Request[];

  const reply = (make: (request: Request) => unknown, status = 200) => {
    answer = (request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(make(request)));
    };
  };

  beforeEach((done) => {
    requests = [];
    server = createServer((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk) => {
        body += chunk;
      });
      incoming.on('end', () => {
        const request = JSON.parse(body) as Request;
        requests.push(request);
        answer(request, response);
      });
    });
    server.listen(0, '127.0.0.1', () => {
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      done();
    });
  });

  afterEach((done) => {
    server.closeAllConnections();
    server.close(done);
  });

  it('sends JSON-RPC 2.0 with parameters by name and a new id each time', async () => {
    reply(({ id }) => ({ jsonrpc: '2.0', id, result: '31337' }));
    const client = createClient({ url });
    assert.equal(await client.call('net_version', {}), '31337');
    assert.equal(await client.call('net_version', {}), '31337');
    assert.deepEqual(requests[0], { jsonrpc: '2.0', id: 1, method: 'net_version', params: {} });
    assert.equal(requests[1]!.id, 2);
  });

  it('refuses a sequencer of another major version, or of none, and says what to do', async () => {
    for (const apiVersion of [API_VERSION + 1, API_VERSION - 1, undefined]) {
      reply(({ id }) => ({ jsonrpc: '2.0', id, result: { version: '9.1.0', apiVersion } }));
      const client = createClient({ url });
      const error = await assertRejects(client.call('rollup_getConfig', {}), 'RPC_VERSION');
      assert.deepEqual(error.data, { url, expected: API_VERSION, actual: apiVersion ?? 0 });
      assert.match(error.message, /software 9\.1\.0.*use the client that belongs to the sequencer/);
      const count = requests.length;
      await assertRejects(client.sendAll([TRANSFER]), 'RPC_VERSION');
      assert.deepEqual(
        requests.slice(count).map(({ method }) => method),
        ['rollup_getConfig'],
      );
    }
    reply(({ id }) => ({ jsonrpc: '2.0', id, result: { apiVersion: API_VERSION, fieldOfLater: 1 } }));
    assert.equal((await createClient({ url }).call('rollup_getConfig', {})).apiVersion, API_VERSION);
  });

  it('gives the sequencer’s reason as the code, with its values', async () => {
    const data = { reason: 'NONCE_GAP', expected: '5', actual: '7', hint: 'send nonce 5 first' };
    reply(({ id }) => ({ jsonrpc: '2.0', id, error: { code: -32003, message: 'nonce 7 was sent', data } }));
    const error = await assertRejects(createClient({ url }).send(TRANSFER), 'NONCE_GAP');
    assert.equal(error.message, 'nonce 7 was sent');
    assert.deepEqual(error.data, { expected: '5', actual: '7', hint: 'send nonce 5 first', rpcCode: -32003 });
  });

  it('takes an acknowledgement of the transfer that was sent and of no other', async () => {
    const acknowledge = (transferId: bigint) =>
      reply(({ id }) => ({ jsonrpc: '2.0', id, result: { id: String(transferId), sequence: 1, status: 'pending' } }));
    acknowledge(TRANSFER.id);
    assert.equal((await createClient({ url }).send(TRANSFER)).sequence, 1);
    assert.deepEqual(requests[0]!.params, { transfer: encodeTransfer(TRANSFER) });
    acknowledge(TRANSFER.id + 1n);
    await assertRejects(createClient({ url }).send(TRANSFER), 'ACKNOWLEDGEMENT_MISMATCH');
  });

  for (const [title, body] of [
    ['null', null],
    ['a number', 5],
    ['an array', []],
    ['another id', { jsonrpc: '2.0', id: 99, result: '1' }],
    ['no result', { jsonrpc: '2.0', id: 1 }],
    ['an error that is null', { jsonrpc: '2.0', id: 1, error: null }],
    ['an error that is text', { jsonrpc: '2.0', id: 1, error: 'no' }],
    ['an error without a code', { jsonrpc: '2.0', id: 1, error: { message: 'no' } }],
  ] as const) {
    it(`refuses an answer that is or has ${title}`, async () => {
      reply(() => body);
      await assertRejects(createClient({ url }).call('net_version', {}), 'RPC_ANSWER_INVALID');
    });
  }

  it('refuses an answer that is no JSON: HTML, half a JSON, nothing', async () => {
    for (const text of ['<html>502</html>', '{"jsonrpc":"2.0","id":1,"res', '']) {
      answer = (_, response) => response.end(text);
      await assertRejects(createClient({ url }).call('net_version', {}), 'RPC_ANSWER_INVALID');
    }
  });

  it('names a busy server, and when to come back', async () => {
    answer = (_, response) => response.writeHead(429, { 'retry-after': '7' }).end('too many');
    const error = await assertRejects(createClient({ url }).call('net_version', {}), 'RPC_UNREACHABLE');
    assert.equal(error.data['retryAfter'], '7');
  });

  it('takes an overloaded server for one that can be asked again', async () => {
    const data = { reason: 'FST_UNDER_PRESSURE' };
    reply(() => ({ jsonrpc: '2.0', id: null, error: { code: -32005, message: 'the sequencer is overloaded', data } }));
    await assertRejects(createClient({ url }).call('net_version', {}), 'RPC_UNREACHABLE');
  });

  it('does not take an arbitrary text for an error code', async () => {
    reply(({ id }) => ({ jsonrpc: '2.0', id, error: { code: -32000, message: 'no', data: { reason: 'not a code' } } }));
    await assertRejects(createClient({ url }).call('net_version', {}), 'RPC_ANSWER_INVALID');
  });

  it('gives up on a server that does not answer, or that does not end its answer', async () => {
    answer = () => {};
    await assertRejects(createClient({ url, timeoutMs: 50 }).call('net_version', {}), 'RPC_TIMEOUT');
    answer = (_, response) => response.write('{"jsonrpc":');
    await assertRejects(createClient({ url, timeoutMs: 50 }).call('net_version', {}), 'RPC_TIMEOUT');
  });

  it('says which URL it could not reach', async () => {
    const error = await assertRejects(
      createClient({ url: 'http://127.0.0.1:1' }).call('net_version', {}),
      'RPC_UNREACHABLE',
    );
    assert.equal(error.data['url'], 'http://127.0.0.1:1');
  });
});

describe('a signed transfer on the wire', () => {
  const { authorization } = TRANSFER;
  const signature = {
    r8x: String(authorization.r8.x),
    r8y: String(authorization.r8.y),
    s: String(authorization.s),
    keyX: String(authorization.keyX),
  };
  const wire = { from: INDEX.alice, amount: '100', fee: '3', nonce: 5, validUntil: 9, domain: String(DOMAIN) };

  it('has decimal strings for what can pass 2^53, and the domain that was signed for', () => {
    assert.deepEqual(encodeTransfer(TRANSFER), { kind: 'transfer', to: INDEX.bob, ...wire, signature });
  });

  it('names the key and the 20-byte address that a new account belongs to', () => {
    const toNew = signIntent(KEYS.alice, DOMAIN, { ...COMMON, kind: 'transferToNew', receiver: NEWCOMER });
    const { signature: _, ...rest } = encodeTransfer(toNew);
    assert.deepEqual(rest, {
      kind: 'transferToNew',
      toKeyY: String(NEWCOMER.keyY),
      toOwner: `0x${'0'.repeat(36)}bbbb`,
      ...wire,
    });
  });

  it('does not say where a withdrawal goes: the account does', () => {
    const withdraw = signIntent(KEYS.alice, DOMAIN, {
      ...COMMON,
      kind: 'withdraw',
      account: { owner: accountOf('alice').owner, tokenId },
    });
    const { signature: _, ...rest } = encodeTransfer(withdraw);
    assert.deepEqual(rest, { kind: 'withdraw', ...wire });
  });

  it('says where a move goes, and that its owner stays the same', () => {
    const move = signIntent(KEYS.alice, DOMAIN, {
      ...COMMON,
      kind: 'move',
      account: { owner: accountOf('alice').owner, tokenId },
      destination: 3,
      keyY: NEWCOMER.keyY,
    });
    const { signature: _, ...rest } = encodeTransfer(move);
    assert.deepEqual(rest, { kind: 'move', destination: 3, toKeyY: String(NEWCOMER.keyY), ...wire });
  });
});

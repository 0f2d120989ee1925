import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { API_VERSION, BINARY_TYPE, decodeBinaryList, encodeBinaryList } from '@quittance/rpc';
import {
  createClient,
  encodeTransfer,
  operationOf,
  type SendResult,
  type SignedTransfer,
  signIntent,
  signReference,
} from '@quittance/sdk';
import { assertRejects } from '../support/assertions.ts';
import { accountOf, DOMAIN, INDEX, KEYS } from '../support/rollup/scene.ts';

const { keyY, owner } = accountOf('bob');
const signed = (nonce: number, domain = DOMAIN): SignedTransfer =>
  signIntent(KEYS.alice, domain, {
    kind: 'transfer',
    from: INDEX.alice,
    to: INDEX.bob,
    receiver: { keyY, owner },
    amount: 100n,
    fee: 3n,
    nonce,
    validUntil: 0,
  });
const FIVE = [0, 1, 2, 3, 4].map((nonce) => signed(nonce));

/** One request that came: bytes, or JSON. */
type Came = Buffer | { readonly id: number; readonly method: string; readonly params: { transfers?: unknown[] } };

describe('client of the sequencer: many transfers', () => {
  let server: Server;
  let url: string;
  let came: Came[];
  /** Content types that the sequencer says it takes. */
  let listTypes: string[] | undefined;
  let limits: { transfersPerCall: number; callsPerBatch: number; bodyBytes: number };
  /** What the sequencer answers to the calls that send, in order. */
  let answers: unknown[];

  const acknowledge = (transfers: readonly SignedTransfer[]) =>
    transfers.map(({ id }, position) => ({ id: String(id), sequence: position + 1, status: 'pending' }));
  const outcomes = (results: readonly SendResult[]) =>
    results.map((result) => ('error' in result ? result.error.code : result.acknowledged.id));
  const ids = (transfers: readonly SignedTransfer[]) => transfers.map(({ id }) => String(id));
  const sends = () => came.filter((one) => Buffer.isBuffer(one) || one.method === 'rollup_sendTransfers');

  beforeEach((done) => {
    [came, listTypes, answers] = [[], ['application/json', BINARY_TYPE], []];
    limits = { transfersPerCall: 2, callsPerBatch: 100, bodyBytes: 1 << 20 };
    server = createServer(async (request, response) => {
      const bytes = await buffer(request);
      const isBytes = request.headers['content-type'] === BINARY_TYPE;
      const call = isBytes ? bytes : (JSON.parse(bytes.toString()) as Exclude<Came, Buffer>);
      came.push(call);
      const isConfig = !Buffer.isBuffer(call) && call.method === 'rollup_getConfig';
      const result = isConfig
        ? { apiVersion: API_VERSION, domain: String(DOMAIN), limits, listTypes }
        : answers.shift();
      if (result === undefined) return response.destroy();
      const id = Buffer.isBuffer(call) ? null : call.id;
      const body = typeof result === 'object' && 'error' in result! ? { id, ...result } : { id, result };
      return response.end(JSON.stringify({ jsonrpc: '2.0', ...body }));
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

  it('go as bytes, in calls of as many as the sequencer takes, one after the other', async () => {
    answers = [acknowledge(FIVE.slice(0, 2)), acknowledge(FIVE.slice(2, 4)), acknowledge(FIVE.slice(4))];
    assert.deepEqual(outcomes(await createClient({ url }).sendAll(FIVE)), ids(FIVE));
    const lists = sends().map((bytes) => bytes as Buffer);
    assert.deepEqual(
      lists.map((bytes) => decodeBinaryList(Buffer.from(bytes)).transfers.map(({ nonce }) => nonce)),
      [[0, 1], [2, 3], [4]],
    );
    const items = FIVE.slice(0, 2).map((one) => ({ operation: operationOf(one), nonce: one.intent.nonce }));
    assert.deepEqual(Buffer.from(encodeBinaryList(DOMAIN, items)), lists[0]);
  });

  for (const [what, types] of [
    ['takes JSON only', ['application/json']],
    ['is of a version that does not say', undefined],
  ] as const) {
    it(`go as JSON where the sequencer ${what}`, async () => {
      listTypes = types === undefined ? undefined : [...types];
      answers = [acknowledge(FIVE.slice(0, 2))];
      assert.deepEqual(outcomes(await createClient({ url }).sendAll(FIVE.slice(0, 2))), ids(FIVE.slice(0, 2)));
      const [call] = sends() as Exclude<Came, Buffer>[];
      assert.deepEqual(call!.params.transfers, FIVE.slice(0, 2).map(encodeTransfer));
    });
  }

  it('go as JSON when one is signed for another deployment, which the sequencer then says', async () => {
    const mixed = [FIVE[0]!, signed(1, 7n)];
    const refusal = { error: { code: -32003, message: 'another chain', data: { reason: 'WRONG_DOMAIN' } } };
    answers = [[acknowledge(mixed)[0], refusal]];
    assert.deepEqual(outcomes(await createClient({ url }).sendAll(mixed)), [String(mixed[0]!.id), 'WRONG_DOMAIN']);
    assert.ok(!Buffer.isBuffer(sends()[0]));
  });

  it('go as JSON, and fewer a call, when one says what it is for: bytes have no place for that', async () => {
    limits = { transfersPerCall: 1_000, callsPerBatch: 100, bodyBytes: 2_900 };
    const reference = new TextEncoder().encode('x'.repeat(140));
    const said = FIVE.slice(0, 3).map((one) => signReference(KEYS.alice, one, reference));
    answers = [acknowledge(said.slice(0, 2)), acknowledge(said.slice(2))];
    assert.deepEqual(outcomes(await createClient({ url }).sendAll(said)), ids(said));
    const calls = sends() as Exclude<Came, Buffer>[];
    assert.deepEqual(
      calls.map(({ params }) => params.transfers?.length),
      [2, 1],
    );
    const sent = calls[0]!.params.transfers![1] as { readonly reference: { readonly bytes: string } };
    assert.equal(sent.reference.bytes, `0x${'78'.repeat(140)}`);
    assert.ok(JSON.stringify(calls[0]).length <= limits.bodyBytes);
  });

  it('are so many a call as fit what the sequencer reads', async () => {
    limits = { transfersPerCall: 1_000, callsPerBatch: 100, bodyBytes: 1_700 };
    answers = [acknowledge(FIVE.slice(0, 2)), acknowledge(FIVE.slice(2, 4)), acknowledge(FIVE.slice(4))];
    await createClient({ url }).sendAll(FIVE);
    assert.equal(sends().length, 3);
  });

  it('have each its own answer', async () => {
    const refusal = {
      error: { code: -32003, message: 'a gap', data: { reason: 'NONCE_GAP', expected: '1', actual: '2' } },
    };
    const [first, second] = FIVE as [SignedTransfer, SignedTransfer];
    answers = [[acknowledge([first])[0], refusal], [acknowledge([first])[0]]];
    const results = await createClient({ url }).sendAll(FIVE.slice(0, 3));
    assert.deepEqual(outcomes(results), [String(first.id), 'NONCE_GAP', 'ACKNOWLEDGEMENT_MISMATCH']);
    assert.equal((results[1] as { error: { data: { expected: string } } }).error.data.expected, '1');
    assert.notEqual(first.id, second.id);
  });

  it('have the error of a call that failed, and nothing more is sent', async () => {
    answers = [
      acknowledge(FIVE.slice(0, 2)),
      { error: { code: -32005, message: 'full', data: { reason: 'RATE_LIMITED' } } },
    ];
    const results = await createClient({ url }).sendAll(FIVE);
    assert.deepEqual(outcomes(results), [...ids(FIVE.slice(0, 2)), 'RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED']);
    assert.equal(sends().length, 2);
    answers = [];
    assert.deepEqual(outcomes(await createClient({ url }).sendAll(FIVE.slice(0, 1))), ['RPC_UNREACHABLE']);
  });

  for (const [what, answer] of [
    ['fewer than were sent', [{ id: '1', sequence: 1, status: 'pending' }]],
    ['no list', { id: '1' }],
    ['something else than answers', [null, 7]],
  ] as const) {
    it(`do not count as sent when there are ${what}`, async () => {
      answers = [answer];
      const results = await createClient({ url }).sendAll(FIVE.slice(0, 2));
      for (const result of results) {
        assert.ok(
          'error' in result && /RPC_ANSWER_INVALID|ACKNOWLEDGEMENT/.test(result.error.code),
          outcomes(results).join(),
        );
      }
    });
  }

  it('are none when there are none, and rejected when the sequencer does not say what it takes', async () => {
    assert.deepEqual(await createClient({ url }).sendAll([]), []);
    assert.equal(came.length, 0);
    await assertRejects(createClient({ url: 'http://127.0.0.1:1' }).sendAll(FIVE), 'RPC_UNREACHABLE');
  });
});

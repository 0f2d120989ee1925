import { strict as assert } from 'node:assert';
import { OPERATION_BYTES, type Operation, type RecordFields, RecordKind } from '@quittance/protocol';
import { BINARY_HEADER_BYTES, BINARY_TYPE, encodeBinaryList } from '@quittance/rpc';
import { createClient, type Intent, operationOf, type SignedTransfer } from '@quittance/sdk';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import { createPerson } from '../support/rollup/person.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { post, type RpcAnswer, rpc, transferJson } from '../support/sequencer/rpc.ts';

const carol = createPerson('carol');

type Result = { id?: string; sequence?: number; status?: string; to?: number; error?: { data: { reason: string } } };

const outcomes = ({ body }: RpcAnswer): (string | undefined)[] =>
  (body.result as Result[]).map((result) => result.status ?? result.error?.data.reason);

describe('Sequencer: lists of transfers', () => {
  let harness: PayerHarness;
  let api: Api;
  /** Of alice. */
  let next = 0;

  const sign = (changes: Partial<Intent> = {}): SignedTransfer => harness.sign(alice, harness.payment(next++, changes));
  const itemOf = (signed: SignedTransfer): { operation: Operation; nonce: number } => ({
    operation: operationOf(signed),
    nonce: signed.intent.nonce,
  });
  const sendBytes = (bytes: Uint8Array) => post(api.url, bytes, BINARY_TYPE);
  const sendItems = (items: readonly ReturnType<typeof itemOf>[], domain = harness.sequencer.domain) =>
    sendBytes(encodeBinaryList(domain, items));
  const sendJson = (signed: readonly SignedTransfer[]) =>
    rpc(api.url, 'rollup_sendTransfers', { transfers: signed.map(transferJson) });
  /** An item with another record. */
  const withFields = (
    item: ReturnType<typeof itemOf>,
    fields: Partial<RecordFields>,
    words = item.operation.words,
  ) => ({
    ...item,
    operation: { ...item.operation, fields: { ...item.operation.fields, ...fields }, words },
  });
  const transfersInLog = () =>
    [...harness.storage.log.range(1)].filter(({ entry }) => entry.type === 'transfer').length;

  before(async () => {
    harness = await createPayerHarness();
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  it('are taken as bytes with every kind, and acknowledged as JSON is', async () => {
    const account = { owner: alice.owner, tokenId: 0 };
    const receiver = { keyY: carol.keyPair.publicKey.y, owner: carol.owner };
    const signed = [
      sign(),
      sign({ kind: 'withdraw', account } as Partial<Intent>),
      sign({ kind: 'transferToNew', receiver } as Partial<Intent>),
    ];
    const answer = await sendItems(signed.map(itemOf));
    assert.equal(answer.status, 200);
    assert.deepEqual(outcomes(answer), ['pending', 'pending', 'pending']);
    const results = answer.body.result as Result[];
    assert.deepEqual(
      results.map(({ id }) => id),
      signed.map(({ id }) => String(id)),
    );
    const created = await rpc(api.url, 'rollup_getAccount', { index: results[2]!.to });
    assert.equal((created.body.result as { balance: string }).balance, '1');
    assert.deepEqual((await sendJson(signed)).body.result, results);
    await harness.settle();
    for (const { id } of signed) assert.equal(harness.sequencer.queries.transfer(id)?.status, 'final');
  });

  it('come from the client as bytes, and have each its own answer', async () => {
    const signed = [sign(), sign(), harness.sign(alice, harness.payment(next + 9))];
    const results = await createClient({ url: api.url }).sendAll(signed);
    const said = results.map((result) => ('error' in result ? result.error.code : result.acknowledged.id));
    assert.deepEqual(said, [String(signed[0]!.id), String(signed[1]!.id), 'NONCE_GAP']);
  });

  it('say of each item what is wrong with it, and take the others', async () => {
    const [first, second, third] = [sign(), sign(), sign()].map(itemOf) as [never, never, never];
    const forged: ReturnType<typeof itemOf> = structuredClone(second);
    (forged.operation.authorization as { s: bigint }).s += 1n;
    const gap = itemOf(harness.sign(alice, harness.payment(next + 5)));
    const bytes = encodeBinaryList(harness.sequencer.domain, [
      first,
      forged,
      withFields(first, { kind: RecordKind.deposit }, [1n, 2n, 3n]),
      withFields(first, { kind: RecordKind.noop }),
      withFields(first, { from: 2 ** 31 }),
      withFields(first, { from: 999 }),
      withFields(first, { to: 999 }),
      withFields(first, { kind: RecordKind.transferToNew, to: 9 }, [carol.keyPair.publicKey.y, 5n, 0n]),
      withFields(first, { kind: RecordKind.transferToNew, to: 0 }, [carol.keyPair.publicKey.y, 0n, 0n]),
      withFields(first, { kind: RecordKind.transferToNew, to: 0 }, [2n ** 255n, 5n, 0n]),
      second,
      second,
      gap,
      third,
      third,
    ]);
    bytes[BINARY_HEADER_BYTES + 13 * OPERATION_BYTES + 16] = 0; // no authorization, but the bytes of one
    const answer = await sendBytes(bytes);
    assert.deepEqual(outcomes(answer), [
      'pending',
      'BAD_SIGNATURE',
      'OUT_OF_RANGE',
      'OUT_OF_RANGE',
      'INDEX_RANGE',
      'SENDER_EMPTY',
      'RECEIVER_EMPTY',
      'OUT_OF_RANGE',
      'ZERO_OWNER',
      'WORD_RANGE',
      'pending',
      'pending',
      'NONCE_GAP',
      'OUT_OF_RANGE',
      'pending',
    ]);
  });

  it('are refused whole, and nothing of them is taken, when the bytes are no list or of another domain', async () => {
    const item = itemOf(harness.sign(alice, harness.payment(next)));
    const good = encodeBinaryList(harness.sequencer.domain, [item]);
    const before = harness.storage.log.head();
    for (const [bytes, reason] of [
      [new Uint8Array(), 'WRONG_LENGTH'],
      [good.subarray(0, -1), 'WRONG_LENGTH'],
      [Buffer.from('{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'.padEnd(64)), 'OUT_OF_RANGE'],
      [encodeBinaryList(7n, [item]), 'WRONG_DOMAIN'],
    ] as const) {
      const { status, body } = await sendBytes(bytes);
      assert.deepEqual([status, body.error?.data?.['reason']], [200, reason]);
    }
    assert.deepEqual(harness.storage.log.head(), before);
  });

  it('are said to be taken as bytes in the settings, and described for programs', async () => {
    const { listTypes } = (await rpc(api.url, 'rollup_getConfig')).body.result as { listTypes: string[] };
    assert.deepEqual(listTypes, ['application/json', BINARY_TYPE]);
    const openapi = (await (await fetch(`${api.url}/openapi.json`)).json()) as {
      paths: { '/': { post: { requestBody: { content: Record<string, unknown> } } } };
    };
    assert.deepEqual(Object.keys(openapi.paths['/'].post.requestBody.content), ['application/json', BINARY_TYPE]);
    const openrpc = await (await fetch(`${api.url}/openrpc.json`)).text();
    assert.match(openrpc, /application\/octet-stream/);
  });

  it('include a transfer once, however often and by whatever way and connection it comes', async () => {
    const count = transfersInLog();
    const signed = [sign(), sign()];
    const items = signed.map(itemOf);
    const answers = await Promise.all([
      sendItems([...items, ...items]),
      sendJson([...signed, ...signed]),
      sendItems(items),
      ...signed.map((one) => rpc(api.url, 'rollup_sendTransfer', { transfer: transferJson(one) })),
    ]);
    const results = answers.flatMap(({ body }) => body.result as Result | Result[]);
    assert.equal(results.length, 12);
    for (const { id, sequence, status } of results) {
      const { sequence: expected } = harness.sequencer.queries.transfer(BigInt(id!))!;
      assert.deepEqual([sequence, status], [expected, 'pending']);
    }
    assert.equal(transfersInLog(), count + 2);
  });

  it('keep the order of one connection, though a long list takes longer to check than what follows it', async () => {
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws`);
    await new Promise((resolve) => socket.addEventListener('open', resolve));
    const answers = new Map<number, unknown>();
    const all = new Promise<void>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const { id, result, error } = JSON.parse(String(data)) as { id: number; result?: Result; error?: unknown };
        answers.set(id, result?.status ?? error ?? result);
        if (answers.size === 3) resolve();
      });
    });
    const [first, second] = [sign(), sign()].map(transferJson);
    const junk = { ...first, nonce: 2 ** 31 };
    const send = (id: number, method: string, params: unknown) =>
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    send(1, 'rollup_sendTransfers', { transfers: [...Array(199).fill(junk), first] });
    send(2, 'rollup_sendTransfer', { transfer: second });
    send(3, 'eth_chainId', {});
    await all;
    socket.close();
    assert.equal(answers.get(2), 'pending');
    assert.equal((answers.get(1) as Result[]).at(-1)!.status, 'pending');
  });

  it('name the transfer that does not match its schema, and take none', async () => {
    const before = harness.storage.log.head();
    const good = transferJson(harness.sign(alice, harness.payment(next)));
    for (const [bad, message] of [
      [{ ...good, amount: 5 }, /^transfers\.1\.amount /],
      [{ ...good, kind: 'gift' }, /^transfers\.1\.kind must be transfer, transferToNew, withdraw, move$/],
      [{ ...good, kind: 'move' }, /^transfers\.1/],
      [7, /^transfers\.1\.kind/],
    ] as const) {
      const { body } = await rpc(api.url, 'rollup_sendTransfers', { transfers: [good, bad] });
      assert.equal(body.error?.code, -32602);
      assert.match(body.error?.message ?? '', message);
    }
    const tooMany = await rpc(api.url, 'rollup_sendTransfers', { transfers: Array(1_001).fill(good) });
    assert.equal(tooMany.body.error?.data?.['reason'], 'INVALID_PARAMS');
    assert.equal((await rpc(api.url, 'rollup_sendTransfers', { transfers: [] })).body.error?.code, -32602);
    assert.deepEqual(harness.storage.log.head(), before);
  });
});

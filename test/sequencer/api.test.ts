import { strict as assert } from 'node:assert';
import { connect } from 'node:net';
import { addressText } from '@quittance/protocol';
import type { Intent } from '@quittance/sdk';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import { createHarness } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { post, rpc, transferJson } from '../support/sequencer/rpc.ts';
import { loadVectors } from '../support/vectors.ts';

describe('Sequencer: JSON-RPC', () => {
  let harness: PayerHarness;
  let api: Api;

  const intent = (nonce: number, changes: Partial<Intent> = {}): Intent =>
    harness.payment(nonce, { amount: 100n, ...changes });
  const signed = (nonce: number, changes: Partial<Intent> = {}) =>
    transferJson(harness.sign(alice, intent(nonce, changes)));
  const sendOne = (transfer: unknown) => rpc(api.url, 'rollup_sendTransfer', { transfer });

  before(async () => {
    harness = await createPayerHarness();
    api = await startApi({
      sequencer: harness.sequencer,
      clock: systemClock,
      config: { requestTimeoutMs: 1_000 },
    });
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  it('acknowledges a transfer, and the same again for its repetition', async () => {
    const transfer = signed(0);
    const first = await sendOne(transfer);
    assert.equal(first.status, 200);
    const result = first.body.result as { id: string; sequence: number; status: string };
    assert.equal(result.status, 'pending');
    const second = await sendOne(transfer);
    assert.deepEqual(second.body.result, result);
    const account = (await rpc(api.url, 'rollup_getAccount', { index: harness.from })).body.result as {
      nonce: number;
      balance: string;
    };
    assert.equal(account.nonce, 1);
    assert.equal(account.balance, '999890');
  });

  it('answers each transfer of a list on its own', async () => {
    const transfers = [signed(1), signed(9), signed(2)];
    const { body } = await rpc(api.url, 'rollup_sendTransfers', { transfers });
    const results = body.result as { status?: string; error?: { data: { reason: string } } }[];
    assert.deepEqual(
      results.map((result) => result.status ?? result.error?.data.reason),
      ['pending', 'NONCE_GAP', 'pending'],
    );
  });

  const refusals: [string, () => unknown, number, string][] = [
    ['a used nonce', () => signed(0, { amount: 5n }), -32003, 'NONCE_USED'],
    ['a nonce with a gap', () => signed(8), -32003, 'NONCE_GAP'],
    ['too little balance', () => signed(3, { amount: 10_000_000n }), -32003, 'INSUFFICIENT_BALANCE'],
    ['too low a fee', () => signed(3, { fee: 9n }), -32003, 'FEE_TOO_LOW'],
    ['an expired transfer', () => signed(3, { validUntil: 1_700_000_000 }), -32003, 'EXPIRED'],
    ['a tampered amount', () => ({ ...signed(3), amount: '101' }), -32003, 'BAD_SIGNATURE'],
    ['an unknown sender', () => ({ ...signed(3), from: 77 }), -32003, 'SENDER_EMPTY'],
    ['an unknown receiver', () => ({ ...signed(3), to: 77 }), -32003, 'RECEIVER_EMPTY'],
    ['sender and receiver the same', () => ({ ...signed(3), to: harness.from }), -32003, 'SELF_TRANSFER'],
    ['another domain', () => ({ ...signed(3), domain: '7' }), -32003, 'WRONG_DOMAIN'],
    [
      'an amount without exact encoding',
      () => ({ ...signed(3), amount: '123456789012345' }),
      -32000,
      'NOT_REPRESENTABLE',
    ],
    ['an amount that is no decimal', () => ({ ...signed(3), amount: '0x10' }), -32602, 'INVALID_PARAMS'],
    ['an amount as a JSON number', () => ({ ...signed(3), amount: 100 }), -32602, 'INVALID_PARAMS'],
    ['an index beyond the tree', () => ({ ...signed(3), from: 2 ** 24 }), -32602, 'INVALID_PARAMS'],
    ['an unknown kind', () => ({ ...signed(3), kind: 'mint' }), -32602, 'INVALID_PARAMS'],
    ['an unknown field', () => ({ ...signed(3), memo: 'x' }), -32602, 'INVALID_PARAMS'],
    ['a missing signature', () => ({ ...signed(3), signature: undefined }), -32602, 'INVALID_PARAMS'],
  ];
  for (const [what, make, code, reason] of refusals) {
    it(`refuses ${what} with ${reason} and changes nothing`, async () => {
      const before = harness.storage.log.head();
      const { status, body } = await sendOne(make());
      assert.equal(status, 200);
      assert.equal(body.error?.code, code, JSON.stringify(body));
      assert.equal(body.error?.data?.['reason'], reason);
      assert.deepEqual(harness.storage.log.head(), before);
    });
  }

  it('says what was expected and what came', async () => {
    const { body } = await sendOne(signed(8));
    assert.deepEqual([body.error?.data?.['expected'], body.error?.data?.['actual']], ['3', '8']);
  });

  it('reads batches, proofs and status', async () => {
    await harness.sequencer.sealNow();
    await harness.until(() => harness.sequencer.status().finalBatch === 5, 'finality');
    const batch = (await rpc(api.url, 'rollup_getBatch', { batch: 'finalized' })).body.result as {
      state: string;
      transferCount: number;
    };
    assert.deepEqual([batch.state, batch.transferCount], ['final', 3]);
    const proof = (await rpc(api.url, 'rollup_getProof', { index: harness.from })).body.result as {
      path: string[][];
      batch: number;
    };
    assert.deepEqual([proof.batch, proof.path.length, proof.path[0]?.length], [5, 12, 4]);
    const missing = await rpc(api.url, 'rollup_getTransaction', { id: '1' });
    assert.equal(missing.body.error?.code, -32001);
    const byOwner = (await rpc(api.url, 'rollup_getAccounts', { owner: addressText(alice.owner) })).body;
    assert.deepEqual(
      (byOwner.result as { index: number }[]).map(({ index }) => index),
      [harness.from],
    );
    assert.equal((await rpc(api.url, 'eth_chainId', [])).body.result, '0x7a69');
    const status = (await rpc(api.url, 'rollup_syncStatus')).body.result as { finalBatch: number; halted: null };
    assert.deepEqual([status.finalBatch, status.halted], [5, null]);
  });

  it('answers a batch of requests in order, and notifications not at all', async () => {
    const call = (id: number | undefined, method: string) => ({
      jsonrpc: '2.0',
      ...(id === undefined ? {} : { id }),
      method,
    });
    const { body } = await post(
      api.url,
      JSON.stringify([call(1, 'eth_chainId'), call(undefined, 'eth_chainId'), call(2, 'nope')]),
    );
    const answers = body as unknown as { id: number; error?: { code: number } }[];
    assert.deepEqual(
      answers.map(({ id, error }) => [id, error?.code]),
      [
        [1, undefined],
        [2, -32601],
      ],
    );
    assert.equal((await post(api.url, JSON.stringify(call(undefined, 'eth_chainId')))).status, 204);
  });

  it('refuses more requests in a batch than it says', async () => {
    const calls = Array.from({ length: 101 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'eth_chainId' }));
    assert.equal((await post(api.url, JSON.stringify(calls))).body.error?.code, -32005);
  });

  it('refuses a body that is too large with 413', async () => {
    const { status, body } = await post(api.url, `"${'x'.repeat((1 << 20) + 1)}"`);
    assert.equal(status, 413);
    assert.equal(body.error?.code, -32005);
  });

  it('refuses another content type with 415', async () => {
    assert.equal((await post(api.url, '{}', 'text/plain')).status, 415);
  });

  it('never answers a strange body with a 5xx, and goes on', async () => {
    interface Case {
      readonly name: string;
      readonly base64?: string;
      readonly repeat?: { readonly unit: string; readonly count: number; readonly suffix: string };
    }
    const { cases } = loadVectors<{ cases: Case[] }>('json_parsing_corpus');
    for (const { name, base64, repeat } of cases) {
      const bytes =
        repeat === undefined
          ? Buffer.from(base64!, 'base64')
          : Buffer.from(repeat.unit.repeat(repeat.count) + repeat.suffix);
      const { status, body } = await post(api.url, bytes);
      assert.ok(status < 500, `${name}: ${status}`);
      const answers = Array.isArray(body) ? body : [body];
      for (const answer of answers)
        assert.ok([-32700, -32600].includes(answer.error?.code), `${name}: ${JSON.stringify(body)}`);
      if (name.startsWith('n_')) assert.ok([200, 400].includes(status), `${name}: ${status}`);
    }
    assert.equal((await rpc(api.url, 'net_version')).body.result, '31337');
  });

  it('refuses deep JSON before parsing it', async () => {
    const depth = 50_000;
    const { status, body } = await post(api.url, `${'['.repeat(depth)}${']'.repeat(depth)}`);
    assert.deepEqual([status, body.error?.code], [400, -32700]);
  });

  it('hangs up on a client that sends its body too slowly', async () => {
    const { port, hostname } = new URL(api.url);
    const socket = connect(Number(port), hostname);
    const closed = new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('close', () => resolve(text));
      socket.on('error', () => resolve(text));
    });
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{');
    const started = Date.now();
    const answer = await closed;
    assert.ok(Date.now() - started < 9_000);
    assert.match(answer, /^(HTTP\/1\.1 408|$)/);
  });

  it('describes itself with the schemas that it checks by', async () => {
    const openrpc = (await (await fetch(`${api.url}/openrpc.json`)).json()) as { methods: { name: string }[] };
    assert.ok(openrpc.methods.some(({ name }) => name === 'rollup_sendTransfer'));
    const openapi = (await (await fetch(`${api.url}/openapi.json`)).json()) as { paths: Record<string, unknown> };
    assert.ok('/' in openapi.paths);
    assert.equal((await fetch(`${api.url}/livez`)).status, 200);
    assert.equal((await fetch(`${api.url}/readyz`)).status, 200);
    assert.equal((await fetch(`${api.url}/metrics`)).status, 404);
    const metrics = await (await fetch(`${api.metricsUrl}/metrics`)).text();
    assert.match(metrics, /quittance_transfers_accepted_total 3/);
  });

  it('answers 503 when it is full or has stopped, and says so to load balancers', async () => {
    const own = await createHarness({ settings: { maxUnpostedTransfers: 1 } });
    const index = await own.fund(alice, 0, 1_000_000n);
    const ownApi = await startApi({ sequencer: own.sequencer, clock: systemClock });
    try {
      const pay = (nonce: number) =>
        rpc(ownApi.url, 'rollup_sendTransfer', {
          transfer: transferJson(
            own.sign(alice, {
              kind: 'withdraw',
              from: index,
              account: { owner: alice.owner, tokenId: 0 },
              amount: 1n,
              fee: 10n,
              nonce,
              validUntil: 0,
            }),
          ),
        });
      assert.equal((await pay(0)).status, 200);
      const full = await pay(1);
      assert.deepEqual(
        [full.status, full.body.error?.code, full.body.error?.data?.['reason']],
        [503, -32005, 'MEMPOOL_FULL'],
      );
      assert.ok(Number(full.headers.get('retry-after')) > 0);
      own.prover.failNext(3);
      await own.sequencer.sealNow();
      await own.until(() => own.sequencer.status().halted !== undefined, 'the stop');
      assert.equal((await fetch(`${ownApi.url}/readyz`)).status, 503);
      assert.equal((await fetch(`${ownApi.url}/livez`)).status, 200);
      const stopped = await pay(1);
      assert.deepEqual([stopped.status, stopped.body.error?.code], [503, -32002]);
      assert.equal(stopped.body.error?.data?.['reason'], 'READ_ONLY');
      assert.match(stopped.body.error?.message ?? '', /PROVING_FAILED/);
      const status = (await rpc(ownApi.url, 'rollup_syncStatus')).body.result as { halted: { reason: string } };
      assert.equal(status.halted.reason, 'PROVING_FAILED');
    } finally {
      await ownApi.stop();
      await own.close();
    }
  });

  it('limits the requests of one address with 429 and Retry-After', async () => {
    const limited = await startApi({
      sequencer: harness.sequencer,
      clock: systemClock,
      config: { allowance: { max: 9, windowMs: 60_000 } },
    });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 4; i++) statuses.push((await rpc(limited.url, 'eth_chainId')).status);
      assert.deepEqual(statuses, [200, 200, 200, 429]);
      const refused = await rpc(limited.url, 'eth_chainId');
      assert.ok(Number(refused.headers.get('retry-after')) > 0);
      assert.equal(refused.body.error?.code, -32005);
    } finally {
      await limited.stop();
    }
  });
});

import { strict as assert } from 'node:assert';
import { addressText } from '@quittance/protocol';
import { REST_ROUTES, type RestRoute } from '../../sequencer/api/description/rest-routes.ts';
import { createHandlers } from '../../sequencer/api/handlers.ts';
import { LISTED_PER_UNIT, METHOD_UNITS, REQUEST_UNITS } from '../../sequencer/api/weights.ts';
import { type Api, type ApiSettings, startApi } from '../../sequencer/index.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { alice, bob, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { rpc } from '../support/sequencer/rpc.ts';

type Body = Record<string, unknown>;

describe('Sequencer: the REST mirror', () => {
  let harness: PayerHarness;
  let api: Api;
  /** A transfer and a withdrawal in the last batch, which is final, and a transfer that is in none. */
  let ids: { readonly transfer: string; readonly withdrawal: string; readonly open: string };
  let batch: number;
  const started: Api[] = [];

  /** As on a chain that never starts over, unless it is a local one. */
  const start = async (config: ApiSettings = {}, chainId = 1n): Promise<Api> => {
    const sequencer = { ...harness.sequencer, chainId };
    const running = await startApi({ sequencer, clock: createManualClock(), config });
    started.push(running);
    return running;
  };
  const get = async (path: string, headers: Record<string, string> = {}, url = api.url) => {
    const response = await fetch(`${url}${path}`, { headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? {} : JSON.parse(text)) as Body };
  };

  before(async () => {
    harness = await createPayerHarness();
    api = await start();
    const withdraw = { kind: 'withdraw', account: { owner: alice.owner, tokenId: 0 } } as const;
    const { id: transfer } = await harness.send(alice, harness.payment(0));
    const { id: withdrawal } = await harness.send(alice, { ...harness.payment(1), ...withdraw });
    await harness.sequencer.sealNow();
    batch = harness.sequencer.status().sealedBatch;
    await harness.until(() => harness.sequencer.status().finalBatch === batch, 'finality');
    const { id: open } = await harness.send(alice, harness.payment(2));
    ids = { transfer: String(transfer), withdrawal: String(withdrawal), open: String(open) };
  });
  after(async () => {
    for (const each of started) await each.stop();
    await harness.close();
  });

  /** Values for the parameters of a path, by name. */
  const valuesOf = ({ path, method }: RestRoute): Record<string, string | number> => {
    if (path === '/v1/withdrawals/{id}') return { id: ids.withdrawal };
    if (path.includes('/withdrawals/')) return { batch, index: 0 };
    return (
      (
        {
          rollup_getAccounts: { owner: addressText(alice.owner) },
          rollup_getAccount: { index: harness.from },
          rollup_getHistory: { account: harness.from, limit: 2 },
          rollup_getTransaction: { id: ids.transfer },
          rollup_findTransactions: { reference: '0x00', account: harness.to },
          rollup_getBatches: { limit: 2 },
          rollup_getBatch: { batch },
          rollup_getProof: { index: harness.from, state: 'finalized' },
          rollup_getPriorityOperation: { operationId: 1 },
          rollup_getPriorityOperations: { owner: addressText(bob.owner) },
          rollup_estimateFee: { tokenId: 0 },
        } as Record<string, Record<string, string | number>>
      )[method] ?? {}
    );
  };
  const pathOf = ({ path, params }: RestRoute, values: Record<string, string | number>): string => {
    const query = new URLSearchParams(
      params.flatMap(({ name, in: place }) =>
        place === 'query' && values[name] !== undefined ? [[name, String(values[name])]] : [],
      ),
    );
    return `${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))}${query.size > 0 ? `?${query}` : ''}`;
  };

  for (const route of REST_ROUTES) {
    it(`answers ${route.path} as ${route.method} does`, async () => {
      const values = valuesOf(route);
      const { body: rest, status, headers } = await get(pathOf(route, values));
      assert.equal(status, 200, JSON.stringify(rest));
      assert.match(headers.get('content-type')!, /^application\/json/);
      assert.match(headers.get('etag')!, /^"[\w-]{22}"$/);
      const { result } = (await rpc(api.url, route.method, values)).body;
      assert.deepEqual(rest, result);
    });
  }

  it('gives a batch by tag too, which another one may have tomorrow', async () => {
    const named = await get(`/v1/batches/${batch}`);
    const tagged = await get('/v1/batches/finalized');
    assert.deepEqual(tagged.body, named.body);
    assert.match(named.headers.get('cache-control')!, /immutable/);
    assert.equal(tagged.headers.get('cache-control'), 'no-cache');
  });

  it('lets only what is final be kept', async () => {
    const cacheOf = async (path: string) => (await get(path)).headers.get('cache-control');
    assert.match((await cacheOf(`/v1/transactions/${ids.transfer}`))!, /max-age=86400, immutable/);
    assert.equal(await cacheOf(`/v1/transactions/${ids.open}`), 'no-cache');
    assert.match((await cacheOf(`/v1/withdrawals/${ids.withdrawal}`))!, /immutable/);
    assert.equal(await cacheOf(`/v1/accounts/${harness.from}`), 'no-cache');
  });

  it('lets nothing be kept on a local chain, which may start over', async () => {
    for (const chainId of [31_337n, 1_337n]) {
      const { url } = await start({}, chainId);
      const { status, headers } = await get(`/v1/batches/${batch}`, {}, url);
      assert.deepEqual([status, headers.get('cache-control')], [200, 'no-cache']);
    }
  });

  it('answers 304 while nothing changed, and again with the body after it did', async () => {
    const path = `/v1/accounts/${harness.to}`;
    const etag = (await get(path)).headers.get('etag')!;
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const unchanged = await get(path, { 'if-none-match': known });
      assert.deepEqual([unchanged.status, unchanged.body, unchanged.headers.get('etag')], [304, {}, etag], known);
    }
    assert.equal((await get(path, { 'if-none-match': '"other"' })).status, 200);
    await harness.send(alice, harness.payment(3));
    const changed = await get(path, { 'if-none-match': etag });
    assert.equal(changed.status, 200);
    assert.notEqual(changed.headers.get('etag'), etag);
  });

  const refusals: [string, () => string, number, string][] = [
    ['an account that there is not', () => '/v1/accounts/777', 404, 'NOT_FOUND'],
    ['a batch that there is not', () => '/v1/batches/999', 404, 'NOT_FOUND'],
    ['a transfer that there is not', () => '/v1/transactions/1', 404, 'NOT_FOUND'],
    ['a withdrawal of a transfer', () => `/v1/withdrawals/${ids.transfer}`, 404, 'NOT_FOUND'],
    ['a path that there is not', () => '/v1/nothing', 404, 'NOT_FOUND'],
    ['a token without fees', () => '/v1/fees/77', 404, 'NOT_FOUND'],
    ['an index that is no number', () => '/v1/accounts/six', 400, 'INVALID_PARAMS'],
    ['an index beyond the tree', () => `/v1/accounts/${2 ** 24}`, 400, 'INVALID_PARAMS'],
    ['an index with a sign', () => '/v1/accounts/-1', 400, 'INVALID_PARAMS'],
    ['a tag that there is not', () => '/v1/accounts/0?tag=soon', 400, 'INVALID_PARAMS'],
    ['a query that it does not take', () => '/v1/accounts/0?tagg=latest', 400, 'INVALID_PARAMS'],
    ['a query twice', () => '/v1/accounts/0?tag=latest&tag=safe', 400, 'INVALID_PARAMS'],
    ['a query that is missing', () => '/v1/accounts', 400, 'INVALID_PARAMS'],
    ['a parameter of another path in the query', () => '/v1/config?batch=1', 400, 'INVALID_PARAMS'],
  ];
  for (const [what, path, status, code] of refusals) {
    it(`answers ${what} with ${status} and ${code}`, async () => {
      const { body, headers, ...answer } = await get(path());
      assert.deepEqual([answer.status, body['status'], body['code']], [status, status, code], JSON.stringify(body));
      assert.match(headers.get('content-type')!, /^application\/problem\+json/);
      assert.equal(body['type'], `urn:quittance:error:${code}`);
      assert.ok(String(body['detail']).length > 10 && String(body['title']).length > 3);
    });
  }

  it('takes the longest payment reference, and refuses a longer one', async () => {
    assert.equal((await get(`/v1/references/0x${'ab'.repeat(140)}`)).status, 200);
    assert.equal((await get(`/v1/references/0x${'ab'.repeat(141)}`)).body['code'], 'INVALID_PARAMS');
    assert.equal((await get(`/v1/references/0x${'ab'.repeat(5_000)}`)).body['code'], 'INVALID_PARAMS');
  });

  it('has no path that writes', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await fetch(`${api.url}/v1/batches`, { method });
      assert.equal(response.status, 404, method);
    }
  });

  it('weighs what the method weighs, and says when to come back', async () => {
    const max = REQUEST_UNITS + METHOD_UNITS.rollup_getBatch;
    const { url } = await start({ allowance: { max: 2 * max, windowMs: 3_600_000 } });
    const path = `/v1/batches/${batch}`;
    assert.equal((await get(path, {}, url)).status, 200);
    assert.equal((await get(path, {}, url)).status, 200);
    const refused = await get('/v1/accounts/0', {}, url);
    assert.deepEqual([refused.status, refused.body['code']], [429, 'RATE_LIMITED']);
    assert.match(refused.headers.get('content-type')!, /^application\/problem\+json/);
    assert.ok(Number(refused.headers.get('retry-after')) > 0);
    assert.equal(refused.headers.get('cache-control'), 'no-store');
  });

  it('makes whoever lists a long batch owe for it', () => {
    const { sequencer } = harness;
    const view = { ...sequencer.queries.batch(batch)!, transferIds: Array<bigint>(5 * LISTED_PER_UNIT).fill(1n) };
    const queries = { ...sequencer.queries, batch: () => view };
    const charged: [string, number][] = [];
    const allowance = {
      spend: () => assert.fail('this is paid for later'),
      charge: (address: string, units: number) => charged.push([address, units]) > 0,
    };
    const { methods } = createHandlers({
      ...{ sequencer: Object.create(sequencer, { queries: { value: queries } }), allowance },
      ...{ bodyBytes: 1, callsPerBatch: 1, explorer: null },
    });
    methods.rollup_getBatch({ batch }, { address: 'a', connection: 1 });
    assert.deepEqual(charged, [['a', 5]]);
  });

  it('weighs a page by its limit', async () => {
    const { url } = await start({ allowance: { max: 2 * REQUEST_UNITS + 10, windowMs: 3_600_000 } });
    assert.equal((await get('/v1/accounts/0/history?limit=7', {}, url)).status, 200);
    assert.equal((await get('/v1/accounts/0/history?limit=4', {}, url)).status, 429);
    assert.equal((await get('/v1/accounts/0/history?limit=3', {}, url)).status, 200);
  });
});

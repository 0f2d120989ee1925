import { strict as assert } from 'node:assert';
import type { ServerResponse } from 'node:http';
import { createProvider, createRollupReader, type RollupReader, rollupInterface } from '@quittance/chain';
import {
  encodeRecord,
  genesisHeader,
  headerHash,
  packOwnerAndToken,
  RecordKind,
  type RollupError,
} from '@quittance/protocol';
import { startServer, type TestServer } from '../support/l1/http.ts';
import { rawBlock } from '../support/l1/raw-block.ts';

const CONTRACT = `0x${'c0'.repeat(20)}`;

const DEPOSIT = { kind: RecordKind.deposit, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 };
const EXIT = { ...DEPOSIT, kind: RecordKind.forcedExit };

interface Call {
  readonly id: number;
  readonly method: string;
}

function json(response: ServerResponse, body: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}

/** Answers every call of a request, batched or not. */
function answering(results: (method: string) => unknown) {
  return (body: unknown, response: ServerResponse): void => {
    const one = ({ id, method }: Call) => ({ jsonrpc: '2.0', id, result: results(method) });
    json(response, Array.isArray(body) ? (body as Call[]).map(one) : one(body as Call));
  };
}

describe('Chain: providers that misbehave', () => {
  let server: TestServer | undefined;
  let provider: ReturnType<typeof createProvider> | undefined;

  const reader = async (answer: Parameters<typeof startServer>[0]): Promise<RollupReader> => {
    server = await startServer(answer);
    provider = createProvider({ url: server.url, chainId: 31_337n, timeoutMs: 500 });
    return createRollupReader({ provider, chainId: 31_337n, contract: CONTRACT });
  };
  afterEach(async () => {
    provider?.destroy();
    await server?.stop();
  });

  it('refuses another chain id with L1_WRONG_CHAIN and both ids', async () => {
    const { connect } = await reader(answering(() => '0x1'));
    await assert.rejects(connect(), (error: RollupError) => {
      assert.equal(error.code, 'L1_WRONG_CHAIN');
      assert.deepEqual(error.data, { expected: 31_337n, actual: 1n });
      return true;
    });
  });

  it('refuses a head of another chain id with L1_WRONG_CHAIN, also after it has served ours', async () => {
    let chainId = '0x7a69';
    const block = rawBlock({ number: 5, timestamp: 1 });
    const { head } = await reader(answering((method) => (method === 'eth_chainId' ? chainId : block)));
    assert.equal((await head()).number, 5);
    chainId = '0x1';
    await assert.rejects(head(), { code: 'L1_WRONG_CHAIN', data: { expected: 31_337n, actual: 1n } });
  });

  it('refuses an address without a contract with L1_WRONG_CHAIN', async () => {
    const { connect } = await reader(answering((method) => (method === 'eth_chainId' ? '0x7a69' : '0x')));
    await assert.rejects(connect(), { code: 'L1_WRONG_CHAIN' });
  });

  const failures: [string, Parameters<typeof startServer>[0], RegExp][] = [
    [
      '429 after a bounded number of attempts',
      (_, response) => {
        response.statusCode = 429;
        response.setHeader('retry-after', '0');
        response.end('slow down');
      },
      /rate|429|maximum/i,
    ],
    [
      'HTML',
      (_, response) => {
        response.setHeader('content-type', 'text/html');
        response.end('<html><body>Bad gateway</body></html>');
      },
      /./,
    ],
    [
      'half a JSON',
      (_, response) => {
        response.setHeader('content-type', 'application/json');
        response.end('{"jsonrpc":"2.0","id":1,"resu');
      },
      /./,
    ],
    [
      '500',
      (_, response) => {
        response.statusCode = 500;
        response.end('oops');
      },
      /500/,
    ],
    ['nothing, for too long', () => undefined, /timeout/i],
    ['a block that is none', answering(() => ({ number: 'x' })), /./],
  ];
  for (const [what, answer, message] of failures) {
    it(`reports ${what} as L1_UNREACHABLE without the key in its URL`, async () => {
      const { head } = await reader(answer);
      await assert.rejects(head(), (error: RollupError) => {
        assert.equal(error.code, 'L1_UNREACHABLE');
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /secret-api-key/);
        return true;
      });
      assert.ok(server!.requestCount <= 5);
    });
  }

  it('reports null as the latest block as L1_NOT_SYNCED', async () => {
    const { head } = await reader(answering((method) => (method === 'eth_chainId' ? '0x7a69' : null)));
    await assert.rejects(head(), { code: 'L1_NOT_SYNCED' });
  });

  it('reports a dead port as L1_UNREACHABLE', async () => {
    provider = createProvider({ url: 'http://127.0.0.1:1', chainId: 31_337n, timeoutMs: 500 });
    const { head } = createRollupReader({ provider, chainId: 31_337n, contract: CONTRACT });
    await assert.rejects(head(), { code: 'L1_UNREACHABLE' });
  });

  const strangeLog = {
    address: CONTRACT,
    topics: [`0x${'00'.repeat(32)}`],
    data: '0x',
    blockNumber: '0x5',
    blockHash: `0x${'bb'.repeat(32)}`,
    transactionHash: `0x${'aa'.repeat(32)}`,
    transactionIndex: '0x0',
    logIndex: '0x0',
    removed: false,
  };
  for (const [what, code, log] of [
    ['that is none of ours', 'L1_LOG_UNREADABLE', strangeLog],
    ['of another contract', 'L1_LOG_FOREIGN', { ...strangeLog, address: `0x${'dd'.repeat(20)}` }],
    ['of a block that was not asked for', 'L1_LOG_FOREIGN', { ...strangeLog, blockNumber: '0x63' }],
  ] as const) {
    it(`reports a log ${what} as ${code}`, async () => {
      const { priorityRequests } = await reader(answering(() => [log]));
      await assert.rejects(priorityRequests(5, 6), { code });
    });
  }

  it('reports a transaction that the node does not know as L1_TRANSACTION_UNKNOWN', async () => {
    const transactionHash = `0x${'aa'.repeat(32)}`;
    const { submission } = await reader(answering(() => null));
    await assert.rejects(submission(transactionHash), { code: 'L1_TRANSACTION_UNKNOWN', data: { transactionHash } });
  });

  for (const [what, transaction] of [
    ['has no calldata', { blobVersionedHashes: [] }],
    ['has calldata that is none', { input: 'nothing', blobVersionedHashes: [] }],
    ['has a list of blobs that is none', { input: '0x', blobVersionedHashes: 'many' }],
    ['names a blob by no hash', { input: '0x', blobVersionedHashes: ['0x01'] }],
    ['names a blob by nothing', { input: '0x', blobVersionedHashes: [null] }],
    ['names a blob by a hash of another version', { input: '0x', blobVersionedHashes: [`0x02${'00'.repeat(31)}`] }],
    ['has more blobs than a block', { input: '0x', blobVersionedHashes: Array(129).fill(`0x01${'00'.repeat(31)}`) }],
  ] as const) {
    it(`reports a transaction that ${what} as L1_INCONSISTENT`, async () => {
      const { submission } = await reader(answering(() => transaction));
      await assert.rejects(submission(`0x${'aa'.repeat(32)}`), { code: 'L1_INCONSISTENT' });
    });
  }

  it('takes as many blobs as a block can have', async () => {
    const blobVersionedHashes = Array(128).fill(`0x01${'00'.repeat(31)}`);
    const { submission } = await reader(answering(() => ({ input: '0x', blobVersionedHashes })));
    await assert.rejects(submission(`0x${'aa'.repeat(32)}`), { code: 'CALLDATA_UNREADABLE' });
  });

  it('reports a final batch whose header has another hash than L1 names as L1_INCONSISTENT', async () => {
    const header = genesisHeader(5n, 1_800_000_000);
    const logOf = (named: string) => ({
      ...strangeLog,
      ...rollupInterface.encodeEventLog('BatchFinalized', [0, named, header]),
    });
    let named = headerHash(header);
    const { finalizedBatches } = await reader(answering(() => [logOf(named)]));
    assert.deepEqual((await finalizedBatches(5, 5))[0]!.header, header);
    named = headerHash({ ...header, time: header.time + 1 });
    await assert.rejects(finalizedBatches(5, 5), {
      code: 'L1_INCONSISTENT',
      data: { what: 'the header of batch 0', expected: named, actual: headerHash(header) },
    });
  });

  it('gives each operation of a group for itself, beside those that were requested alone', async () => {
    const place = (index: number) => ({
      ...strangeLog,
      blockNumber: '0x5',
      logIndex: `0x${index}`,
    });
    const logOf = (index: number, name: string, values: readonly unknown[]) => ({
      ...place(index),
      ...rollupInterface.encodeEventLog(name, values),
    });
    const owners = [`0x${'11'.repeat(20)}`, `0x${'22'.repeat(20)}`];
    const deposits = owners.map((owner, position) => ({ keyY: 5n + BigInt(position), owner, amount: 70n }));
    const logs = [
      logOf(0, 'PriorityRequested', [3, owners[0], encodeRecord({ ...EXIT, from: 9 }), 0n, 1n, 0n, 100, 2n]),
      logOf(1, 'DepositsImported', [4, `0x${'33'.repeat(20)}`, 6, deposits, 200, 7n]),
    ];
    const { priorityRequests } = await reader(answering(() => logs));
    const found = await priorityRequests(5, 5);
    assert.deepEqual(
      found.map(({ queueIndex, groupStart, groupSize, deadline, fee }) => [
        ...[queueIndex, groupStart, groupSize, deadline, fee],
      ]),
      [
        [3, 3, 1, 100, 2n],
        [4, 4, 2, 200, 7n],
        [5, 4, 2, 200, 7n],
      ],
    );
    assert.deepEqual(
      found.map(({ fields }) => fields),
      [{ ...EXIT, from: 9 }, DEPOSIT, DEPOSIT],
    );
    assert.deepEqual(
      found.map(({ words }) => words),
      [
        [0n, 1n, 0n],
        ...owners.map((owner, position) => [5n + BigInt(position), packOwnerAndToken(BigInt(owner), 6), 70n]),
      ],
    );
  });

  it('asks for logs in bounded ranges', async () => {
    const ranges: [string, string][] = [];
    server = await startServer((body, response) => {
      const calls = (Array.isArray(body) ? body : [body]) as (Call & {
        params: [{ fromBlock: string; toBlock: string }];
      })[];
      for (const { params } of calls) ranges.push([params[0].fromBlock, params[0].toBlock]);
      answering(() => [])(body, response);
    });
    provider = createProvider({ url: server.url, chainId: 31_337n });
    const { priorityRequests } = createRollupReader({
      provider,
      chainId: 31_337n,
      contract: CONTRACT,
      maxBlockRange: 10,
    });
    assert.deepEqual(await priorityRequests(5, 27), []);
    assert.deepEqual(ranges, [
      ['0x5', '0xe'],
      ['0xf', '0x18'],
      ['0x19', '0x1b'],
    ]);
  });
});

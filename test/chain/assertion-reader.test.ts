import { strict as assert } from 'node:assert';
import {
  assertionsInterface,
  createAssertionReader,
  createProvider,
  createRollupReader,
  rollupInterface,
} from '@quittance/chain';
import { genesisHeader, headerHash } from '@quittance/protocol';
import { AbiCoder, getAddress, type Interface } from 'ethers';
import { type RpcStub, type StubCall, startRpcStub } from '../support/l1/rpc-stub.ts';

const ROLLUP = `0x${'c0'.repeat(20)}`;
const ASSERTIONS = `0x${'a5'.repeat(20)}`;
const HASH = (digit: string) => `0x${digit.repeat(64)}`;
const HEADER = { ...genesisHeader(5n, 1_800_000_000), number: 4 };

const asserted = assertionsInterface.encodeEventLog('BatchAsserted', [3, 4, headerHash(HEADER), ROLLUP, false, HEADER]);
const contradiction = assertionsInterface.encodeEventLog('BatchAsserted', [3, 4, HASH('e'), ROLLUP, false, HEADER]);
const settled = assertionsInterface.encodeEventLog('DisputeSettled', [9, true]);
const log = (
  blockNumber: number,
  logIndex: number,
  content: { topics: string[]; data: string },
  changes: object = {},
) => ({
  address: ASSERTIONS,
  ...content,
  blockNumber: `0x${blockNumber.toString(16)}`,
  blockHash: HASH('b'),
  transactionHash: HASH('a'),
  transactionIndex: '0x0',
  logIndex: `0x${logIndex.toString(16)}`,
  removed: false,
  ...changes,
});

/** What the two contracts answer to views; values that are left out are 0. */
function answerView(views: Readonly<Record<string, unknown>>) {
  return ({ params }: StubCall): string => {
    const [{ data }] = params as [{ data: string }];
    const named = (abi: Interface) => abi.parseTransaction({ data });
    const { name, fragment } = (named(assertionsInterface) ?? named(rollupInterface))!;
    const values = fragment.outputs.map(() => views[name] ?? 0);
    return AbiCoder.defaultAbiCoder().encode(fragment.outputs, values);
  };
}

describe('Chain: reader of assertions on a node that misbehaves', () => {
  let stub: RpcStub | undefined;
  let provider: ReturnType<typeof createProvider> | undefined;

  const options = async (logs: (call: StubCall) => unknown, views: Record<string, unknown> = {}) => {
    const answer = answerView({ assertions: ASSERTIONS, rollup: ROLLUP, ...views });
    stub = await startRpcStub((call) => (call.method === 'eth_getLogs' ? logs(call) : answer(call)));
    provider = createProvider({ url: stub.url, chainId: 31_337n, timeoutMs: 500 });
    return { provider, chainId: 31_337n, contract: ROLLUP, maxBlockRange: 10 };
  };
  const connected = async (logs: (call: StubCall) => unknown, views: Record<string, unknown> = {}) => {
    const reader = createAssertionReader(await options(logs, views));
    await reader.connect();
    return reader;
  };
  afterEach(async () => {
    provider?.destroy();
    await stub?.stop();
  });

  it('refuses two logs for one place, and logs of one block with two hashes', async () => {
    for (const second of [log(7, 2, settled), log(7, 3, settled, { blockHash: HASH('c') })]) {
      const reader = await connected(() => [log(7, 2, asserted), second]);
      await assert.rejects(reader.events(1, 9), { code: 'L1_INCONSISTENT', message: /two answers about/ });
      provider?.destroy();
      await stub?.stop();
    }
  });

  it('orders the events of pages as L1 has them, whatever order the node gives', async () => {
    const page = ({ params }: StubCall) => {
      const [{ fromBlock }] = params as [{ fromBlock: string }];
      if (fromBlock !== '0x1') return [log(12, 0, settled)];
      return [log(7, 4, settled), log(7, 2, asserted), log(2, 9, settled)];
    };
    const events = await (await connected(page)).events(1, 12);
    assert.deepEqual(
      events.map(({ type, blockNumber, logIndex }) => [type, blockNumber, logIndex]),
      [
        ['disputeSettled', 2, 9],
        ['asserted', 7, 2],
        ['disputeSettled', 7, 4],
        ['disputeSettled', 12, 0],
      ],
    );
    assert.deepEqual(events[1], {
      type: 'asserted',
      assertionId: 3n,
      headerHash: headerHash(HEADER),
      asserter: getAddress(ROLLUP),
      isProven: false,
      header: HEADER,
      transactionHash: HASH('a'),
      blockNumber: 7,
      blockHash: HASH('b'),
      logIndex: 2,
    });
  });

  for (const [what, code, bad] of [
    ['of another contract', 'L1_LOG_FOREIGN', log(5, 0, settled, { address: ROLLUP })],
    ['of a block that was not asked for', 'L1_LOG_FOREIGN', log(99, 0, settled)],
    ['that was removed', 'L1_LOG_FOREIGN', log(5, 0, settled, { removed: true })],
    ['of an event that was not asked for', 'L1_LOG_UNREADABLE', log(5, 0, { topics: [HASH('0')], data: '0x' })],
    ['whose header has another hash than it names', 'L1_INCONSISTENT', log(5, 0, contradiction)],
    ['whose data is cut off', 'L1_LOG_UNREADABLE', log(5, 0, { ...asserted, data: asserted.data.slice(0, 66) })],
  ] as const) {
    it(`reports a log ${what} as ${code}`, async () => {
      const reader = await connected(() => [bad]);
      await assert.rejects(reader.events(1, 9), { code });
    });
  }

  it('takes no other event for an assertion', async () => {
    const reader = createRollupReader(await options(() => [log(5, 0, settled)]));
    await assert.rejects(reader.assertions(1, 9), { code: 'L1_LOG_UNREADABLE' });
  });

  it('refuses an Assertions contract that belongs to another rollup with L1_WRONG_CHAIN', async () => {
    await assert.rejects(
      connected(() => [], { rollup: ASSERTIONS }),
      { code: 'L1_WRONG_CHAIN' },
    );
  });

  it('calls it a bug to read before connect, and asks L1 nothing', async () => {
    const reader = createAssertionReader(await options(() => []));
    await assert.rejects(reader.events(1, 2), { code: 'INVARIANT_BROKEN' });
    await assert.rejects(reader.pendingId(1), { code: 'INVARIANT_BROKEN' });
    assert.deepEqual(stub!.methods, []);
  });

  it('says NO_OPTIMISTIC_MODE of a rollup without Assertions', async () => {
    const reader = createAssertionReader(await options(() => [], { assertions: `0x${'00'.repeat(20)}` }));
    assert.equal(await reader.connect(), undefined);
    await assert.rejects(reader.events(1, 2), { code: 'NO_OPTIMISTIC_MODE', data: { contract: ROLLUP } });
  });

  it('asks for the constants once', async () => {
    const reader = await connected(() => [], { maxPending: 7 });
    const asked = stub!.methods.length;
    assert.equal((await reader.connect())?.maxPending, 7);
    assert.equal(stub!.methods.length, asked);
  });
});

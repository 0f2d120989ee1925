import assert from 'node:assert/strict';
import { createProvider, rollupInterface } from '@quittance/chain';
import { genesisHeader } from '@quittance/protocol';
import { readExodus } from '../../../packages/sdk/wallet/l1/exodus.ts';
import type { L1 } from '../../../packages/sdk/wallet/l1/open.ts';
import { assertRejects } from '../../support/assertions.ts';
import { startRpcStub } from '../../support/l1/rpc-stub.ts';

const CONTRACT = `0x${'cc'.repeat(20)}`;
const OWNER = `0x${'dd'.repeat(20)}`;
const HEADER = genesisHeader(7n, 1_800_000_000);

/** How the exodus stands where the simulation of its opening ends so. */
async function standing(simulate: () => string) {
  const stub = await startRpcStub(({ method }) => (method === 'eth_call' ? simulate() : '0x7a69'));
  const provider = createProvider({ url: stub.url, chainId: 31_337n });
  const views: Readonly<Record<string, unknown>> = {
    isExodusActive: false,
    priorityOperation: ['0x', 1_000n, 0n],
    exodusDelay: 100n,
  };
  const l1 = {
    ...{ provider, contract: CONTRACT },
    reader: { finalState: async () => ({ priorityCount: 0 }) },
    view: async (name: string) => views[name],
  } as unknown as L1;
  try {
    return await readExodus(l1, HEADER, OWNER);
  } finally {
    provider.destroy();
    await stub.stop();
  }
}

const refusing =
  (name: string, args: readonly unknown[] = []) =>
  (): string => {
    const data = rollupInterface.encodeErrorResult(name, args);
    throw Object.assign(new Error('execution reverted'), { data });
  };

describe('SDK: whether the exodus is due', () => {
  it('is said by L1 alone: it is when its opening would succeed', async () => {
    assert.deepEqual(await standing(() => '0x'), { state: 'due' });
  });

  it('is so when only batches that wait are to be made final before', async () => {
    assert.deepEqual(await standing(refusing('BatchesFinalizable')), { state: 'due' });
  });

  it('is not when the contract says so, and then is later', async () => {
    assert.deepEqual(await standing(refusing('ExodusNotDue')), { state: 'later', dueAt: 1_101 });
  });

  it('is not known when the node limits the rate', async () => {
    const limited = (): never => {
      throw new Error('daily request count exceeded, request rate limited');
    };
    const { message } = await assertRejects(standing(limited), 'L1_UNREACHABLE');
    assert.match(message, /rate limited/);
  });

  it('is not known when the contract refuses for another reason, as a batch that became final meanwhile', async () => {
    const words = [`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`];
    const { data } = await assertRejects(standing(refusing('WrongParent', words)), 'L1_REJECTED');
    assert.equal(data.error, 'WrongParent');
  });
});

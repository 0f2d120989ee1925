import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { anyToken } from '../../packages/sdk/wallet/l1/any-token.ts';
import { openNode } from '../../packages/sdk/wallet/l1/node.ts';
import { tokensOf } from '../../packages/sdk/wallet/tokens.ts';
import { startRpcStub } from '../support/l1/rpc-stub.ts';

const NODE = { request: async () => '0x7a69' };
const anyChain = (): void => undefined;

describe('SDK: the node that L1 is read from', () => {
  it('is one of a URL, or the one behind a wallet', async () => {
    const stub = await startRpcStub(() => '0x5');
    try {
      const byUrl = await openNode({ url: stub.url }, anyChain);
      assert.equal(byUrl.chainId, 5n);
      byUrl.provider.destroy();
    } finally {
      await stub.stop();
    }
    const behind = await openNode({ provider: NODE }, anyChain);
    assert.equal(behind.chainId, 31_337n);
    behind.provider.destroy();
  });

  for (const [title, options] of [
    ['neither is given', {}],
    ['both are given', { url: 'http://127.0.0.1:9', provider: NODE }],
  ] as const) {
    it(`is none when ${title}`, async () => {
      await assert.rejects(openNode(options, anyChain), { code: 'CONFIG_INVALID' });
    });
  }

  it('is refused for its chain before anything else is asked of it', async () => {
    const asked: string[] = [];
    const provider = {
      request: async ({ method }: { readonly method: string }) => {
        asked.push(method);
        return '0x1';
      },
    };
    const refuse = (chainId: bigint): void => {
      throw new RollupError('L1_WRONG_CHAIN', `chain ${chainId}`);
    };
    await assert.rejects(openNode({ provider }, refuse), { code: 'L1_WRONG_CHAIN' });
    assert.deepEqual(asked, ['eth_chainId']);
  });

  it('is unreachable where the wallet does not answer', async () => {
    const provider = { request: () => Promise.reject(new Error('locked')) };
    await assert.rejects(openNode({ provider }, anyChain), { code: 'L1_UNREACHABLE' });
  });
});

describe('SDK: tokens of who leaves', () => {
  const ADDRESS = `0x${'ab'.repeat(20)}`;
  const l1 = (error: RollupError) => ({
    token: () => Promise.reject(error),
    view: async <T>() => ADDRESS as T,
  });

  it('keep nobody from being paid when one does not say what it is', async () => {
    const unsuitable = new RollupError('TOKEN_UNSUITABLE', 'mute', { token: ADDRESS, reason: 'mute' });
    assert.deepEqual(await anyToken(l1(unsuitable), 7), { tokenId: 7, address: ADDRESS, symbol: '', decimals: 0 });
  });

  it('are asked for again when L1 does not answer', async () => {
    await assert.rejects(anyToken(l1(new RollupError('L1_UNREACHABLE', 'gone')), 7), { code: 'L1_UNREACHABLE' });
  });

  it('are none of those whose amounts nobody could read, whatever a sequencer says', () => {
    const token = (tokenId: number, decimals: number | null) => ({
      ...{ tokenId, address: ADDRESS, symbol: null, decimals, minimumFee: null },
    });
    const tokens = [
      token(1, 36),
      token(2, 37),
      token(3, 255),
      token(4, -1),
      token(5, 1.5),
      token(6, null),
      token(7, 0),
    ];
    assert.deepEqual(
      tokensOf({ tokens }).map(({ tokenId }) => tokenId),
      [1, 7],
    );
  });
});

import assert from 'node:assert/strict';
import { RollupError } from '@quittance/protocol';
import { accountIndices } from '../../cli/config/parse.ts';
import { amountOf, describedToken, symbolOf } from '../../cli/wallet/tokens.ts';
import { assertRejects } from '../support/assertions.ts';

const ADDRESS = `0x${'ab'.repeat(20)}`;
const failing = (error: RollupError) => ({ token: () => Promise.reject(error) });

describe('CLI: the token of an account', () => {
  it('is shown as it calls itself', async () => {
    const coin = { tokenId: 3, address: ADDRESS, symbol: 'TST', decimals: 6 };
    const shown = await describedToken({ token: async () => coin }, 3);
    assert.deepEqual([symbolOf(shown), amountOf(1_500_000n, shown)], ['TST', '1.5']);
  });

  it('is shown by its id and in base units when it does not say what it is', async () => {
    for (const error of [
      new RollupError('TOKEN_UNSUITABLE', 'mute', { token: ADDRESS, reason: 'mute' }),
      new RollupError('NOT_FOUND', 'nobody registered it', { token: ADDRESS }),
    ]) {
      const shown = await describedToken(failing(error), 7);
      assert.deepEqual(shown, { tokenId: 7, address: ADDRESS, symbol: '', decimals: 0 });
      assert.deepEqual(
        [symbolOf(shown), amountOf(2n ** 128n - 1n, shown)],
        ['token 7 (base units)', String(2n ** 128n - 1n)],
      );
    }
  });

  it('is asked for again when L1 does not answer', async () => {
    await assertRejects(describedToken(failing(new RollupError('L1_UNREACHABLE', 'gone')), 7), 'L1_UNREACHABLE');
  });
});

describe('CLI: a list of accounts', () => {
  it('names up to 1,000, each once', () => {
    const upTo = (count: number) => Array.from({ length: count }, (_, index) => index).join(',');
    assert.deepEqual(accountIndices('3,17'), [3, 17]);
    assert.equal(accountIndices(upTo(1_000)).length, 1_000);
    for (const list of [upTo(1_001), '3,3', '', '3,', '3;4', '-1']) {
      assert.throws(() => accountIndices(list), { name: 'UsageError' }, list);
    }
  });
});

import assert from 'node:assert/strict';
import { createProvider, rejectionOf, rollupInterface, translateChainError } from '@quittance/chain';
import { Interface, makeError } from 'ethers';
import { isCallFailure } from '../../packages/chain/call-failure.ts';
import { startRpcStub } from '../support/l1/rpc-stub.ts';

const CONTRACT = `0x${'cc'.repeat(20)}`;

/** What ethers throws for a call that a node answers with this error. */
async function thrownFor(message: string, data?: string, method: 'call' | 'estimateGas' = 'call'): Promise<unknown> {
  const stub = await startRpcStub(() => {
    throw Object.assign(new Error(message), data === undefined ? {} : { data });
  });
  const provider = createProvider({ url: stub.url, chainId: 31_337n });
  try {
    return await provider[method]({ to: CONTRACT, data: '0x12345678' }).then(
      () => assert.fail('it answered'),
      (error: unknown) => error,
    );
  } finally {
    provider.destroy();
    await stub.stop();
  }
}

describe('Chain: a call that fails', () => {
  for (const message of [
    'daily request count exceeded, request rate limited',
    'header not found',
    'Internal error',
    'missing trie node',
  ]) {
    it(`is no refusal of the contract when the node says "${message}"`, async () => {
      for (const method of ['call', 'estimateGas'] as const) {
        const error = await thrownFor(message, undefined, method);
        assert.equal(rejectionOf(error), undefined);
        const translated = translateChainError('asking', error);
        assert.equal(translated.code, 'L1_UNREACHABLE');
        assert.ok(translated.message.includes(message), translated.message);
      }
    });
  }

  for (const message of [
    'execution reverted',
    'out of gas',
    'gas required exceeds allowance (0)',
    'EVM error InvalidFEOpcode',
    'VM execution error.',
    'write protection',
  ]) {
    it(`is refused by the contract when the node says "${message}"`, async () => {
      const error = await thrownFor(message);
      assert.equal(translateChainError('asking', error).code, 'L1_REJECTED');
    });
  }

  it('is told in one harmless line, whatever the contract wrote as its reason', async () => {
    const hostile = `\u001b]0;owned\u0007\nNo\u202e\u009b${'x'.repeat(1_000)}`;
    const data = new Interface(['error Error(string)']).encodeErrorResult('Error', [hostile]);
    const rejection = rejectionOf(await thrownFor('execution reverted', data));
    const reason = `]0;ownedNo${'x'.repeat(490)}`;
    assert.equal(rejection?.message, `the contract refused: Error( ${reason})`);
    assert.deepEqual(rejection?.data, { error: 'Error', '': reason });
    const unreachable = translateChainError('asking', await thrownFor('rate\u001b[2J limited'));
    assert.match(unreachable.message, /rate\[2J limited/);
  });

  it('is refused with the contract’s own error where its data are there', async () => {
    const data = rollupInterface.encodeErrorResult('ExodusNotDue');
    assert.equal(rejectionOf(await thrownFor('execution reverted', data))?.data['error'], 'ExodusNotDue');
  });

  it('is refused when the node’s words are inside those of a wallet', () => {
    const inside = (message: string) => {
      const error = makeError('missing revert data', 'CALL_EXCEPTION', {
        action: 'call',
        data: null,
        reason: null,
        transaction: { to: CONTRACT, data: '0x' },
        invocation: null,
        revert: null,
        info: { error: { code: -32603, message: 'Internal JSON-RPC error.', data: { code: 3, message } } },
      });
      return isCallFailure(error);
    };
    assert.deepEqual([inside('execution reverted'), inside('request rate limited')], [true, false]);
  });

  it('is refused where ethers saw it itself, and nothing else is', () => {
    const failed = Object.assign(new Error('transaction execution reverted'), { code: 'CALL_EXCEPTION', data: null });
    assert.equal(isCallFailure(failed), true);
    assert.equal(isCallFailure(Object.assign(new Error('execution reverted'), { code: 'TIMEOUT' })), false);
    assert.equal(isCallFailure(undefined), false);
  });
});

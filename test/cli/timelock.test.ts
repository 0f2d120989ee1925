import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { Interface } from 'ethers';
import { type Change, inWords, requireEffect } from '../../cli/owner/timelock.ts';
import { assertCode } from '../support/assertions.ts';

const change = (state: Change['state']): Change => ({ timelock: '0x00', id: '0x01', state, readyAt: undefined });

describe('CLI: changes by the owner', () => {
  it('are refused when they were executed and the contract says otherwise', () => {
    assertCode(() => requireEffect(change('executed'), false), 'DEPLOYMENT_MISMATCH');
    requireEffect(change('executed'), true);
    requireEffect(change('scheduled'), false);
  });

  it('tell whoever may not propose so, and the other errors of a timelock by name', () => {
    const errors = new Interface([
      'error AccessControlUnauthorizedAccount(address account, bytes32 neededRole)',
      'error TimelockInsufficientDelay(uint256 delay, uint256 minDelay)',
    ]);
    const account = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
    const refused = (name: string, args: readonly unknown[]) =>
      new RollupError('L1_REJECTED', 'x', { error: 'unknown', data: errors.encodeErrorResult(name, args) });
    const role = `0x${'11'.repeat(32)}`;
    const stranger = inWords(refused('AccessControlUnauthorizedAccount', [account, role]), '0xabc') as Error;
    assert.match(stranger.message, new RegExp(`^${account} may not change this rollup: it is no proposer`));
    const early = inWords(refused('TimelockInsufficientDelay', [1, 2]), '0xabc') as Error;
    assert.match(early.message, /TimelockInsufficientDelay\(1, 2\)/);
    const other = new Error('another');
    assert.equal(inWords(other, '0xabc'), other);
  });
});

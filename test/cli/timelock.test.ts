import { type Change, requireEffect } from '../../cli/owner/timelock.ts';
import { assertCode } from '../support/assertions.ts';

const change = (state: Change['state']): Change => ({ timelock: '0x00', id: '0x01', state, readyAt: undefined });

describe('CLI: changes by the owner', () => {
  it('are refused when they were executed and the contract says otherwise', () => {
    assertCode(() => requireEffect(change('executed'), false), 'DEPLOYMENT_MISMATCH');
    requireEffect(change('executed'), true);
    requireEffect(change('scheduled'), false);
  });
});

import { strict as assert } from 'node:assert';
import type { SequencerClient } from '@quittance/sdk';
import { type Stage, waitForStage } from '../../cli/wallet/wait.ts';

/** A sequencer that answers these states one after the other, the last one for ever. */
function clientOf(...statuses: readonly string[]): SequencerClient {
  let calls = 0;
  const call = async () => {
    const status = statuses[Math.min(calls, statuses.length - 1)];
    calls += 1;
    return { status, drop: status === 'dropped' ? { reason: 'EXPIRED', message: 'too late' } : null };
  };
  return { call } as unknown as SequencerClient;
}

const wait = (client: SequencerClient, stage: Stage, seconds = 5) =>
  waitForStage({ client, id: '1', stage, seconds, signal: new AbortController().signal });

describe('CLI: waiting for a transfer', () => {
  it('ends at the state that was asked for, or behind it', async () => {
    assert.equal(await wait(clientOf('sealed', 'proving'), 'proving'), 'proving');
    assert.equal(await wait(clientOf('final'), 'posted'), 'final');
  });

  it('takes a disputed batch as posted, not as final', async () => {
    assert.equal(await wait(clientOf('disputed'), 'posted'), 'disputed');
    assert.equal(await wait(clientOf('disputed', 'final'), 'final'), 'final');
    await assert.rejects(wait(clientOf('disputed'), 'final', 0), { code: 'TIMEOUT' });
  });

  it('goes on when L1 removed the batch', async () => {
    assert.equal(await wait(clientOf('reverted', 'posted'), 'posted'), 'posted');
  });

  it('ends with the reason when the transfer was dropped', async () => {
    await assert.rejects(wait(clientOf('dropped'), 'final'), {
      code: 'TRANSFER_DROPPED',
      message: /EXPIRED: too late/,
    });
  });
});

import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import type { SequencerClient } from '@quittance/sdk';
import { hasReached, type Stage, waitForStage } from '../../cli/wallet/wait.ts';
import { createManualClock } from '../support/manual-clock.ts';

/** A sequencer that answers or fails with these one after the other, with the last one for ever. */
function clientOf(...answers: readonly (string | Error)[]): SequencerClient {
  let calls = 0;
  const call = async () => {
    const status = answers[Math.min(calls, answers.length - 1)];
    calls += 1;
    if (status instanceof Error) throw status;
    return { status, drop: status === 'dropped' ? { reason: 'EXPIRED', message: 'too late' } : null };
  };
  return { call } as unknown as SequencerClient;
}

/** Waits, with the clock running for a little longer than `seconds`. */
async function wait(client: SequencerClient, stage: Stage, seconds = 5): Promise<string> {
  const clock = createManualClock();
  const { signal } = new AbortController();
  const result = waitForStage({ client, id: '1', stage, seconds, signal, clock });
  const [outcome] = await Promise.allSettled([result, clock.advance((seconds + 1) * 1_000)]);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

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

  it('waits for a sequencer that restarts or is sealing', async () => {
    const away = new RollupError('RPC_UNREACHABLE', 'cannot reach it', { url: 'http://x' });
    const sealing = new RollupError('BEING_SEALED', 'a batch is being sealed');
    assert.equal(await wait(clientOf('sealed', away, sealing, 'final'), 'final'), 'final');
    await assert.rejects(wait(clientOf(away), 'final'), { code: 'TIMEOUT', message: /does not answer/ });
  });

  it('ends with an error that does not pass', async () => {
    await assert.rejects(wait(clientOf(new RollupError('NOT_FOUND', 'no such transfer')), 'final'), {
      code: 'NOT_FOUND',
    });
  });

  for (const [status, reached] of [
    ['pending', []],
    ['sealed', ['sealed']],
    ['proving', ['sealed', 'proving']],
    ['posted', ['sealed', 'proving', 'posted']],
    ['disputed', ['sealed', 'proving', 'posted']],
    ['final', ['sealed', 'proving', 'posted', 'final']],
    ['reverted', []],
  ] as const) {
    it(`takes ${status} as ${reached.at(-1) ?? 'nothing yet'}`, () => {
      const stages: readonly Stage[] = ['sealed', 'proving', 'posted', 'final'];
      assert.deepEqual(
        stages.filter((stage) => hasReached(status, stage)),
        reached,
      );
    });
  }
});

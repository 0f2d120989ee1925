import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import type { SequencerClient, Stage, TransferStatus } from '@quittance/sdk';
import { transferHandle } from '../../../packages/sdk/wallet/handles.ts';
import { hasReached, STAGES } from '../../../packages/sdk/wallet/stages.ts';
import { assertRejects } from '../../support/assertions.ts';
import { createManualClock } from '../../support/manual-clock.ts';

/** A sequencer that answers or fails with these one after the other, with the last one for ever. */
function clientOf(...answers: readonly (string | Error)[]): SequencerClient {
  let calls = 0;
  const call = async () => {
    const status = answers[Math.min(calls, answers.length - 1)];
    calls += 1;
    if (status instanceof Error) throw status;
    const drop = status === 'dropped' ? { reason: 'EXPIRED', message: 'too late' } : null;
    return { status, drop, kind: 'transfer', batch: null, to: null };
  };
  return { call } as unknown as SequencerClient;
}

/** Waits, with the clock running for a little longer than `seconds`. */
async function wait(client: SequencerClient, stage: Stage, seconds = 5): Promise<TransferStatus> {
  const clock = createManualClock();
  const outcome = transferHandle(client, clock, '1').outcome(stage, { timeoutMs: seconds * 1_000 });
  await clock.advance((seconds + 1) * 1_000);
  const ended = await outcome;
  if (!ended.ok) throw ended.error;
  return ended.value;
}

describe('the handle of a transfer', () => {
  it('waits until the state that was asked for, or one behind it', async () => {
    assert.equal((await wait(clientOf('sealed', 'proving'), 'proving')).status, 'proving');
    assert.equal((await wait(clientOf('final'), 'posted')).status, 'final');
  });

  it('takes a disputed batch as posted, not as final', async () => {
    assert.equal((await wait(clientOf('disputed'), 'posted')).status, 'disputed');
    assert.equal((await wait(clientOf('disputed', 'final'), 'final')).status, 'final');
    await assertRejects(wait(clientOf('disputed'), 'final', 0), 'TIMEOUT');
  });

  it('goes on when L1 removed the batch', async () => {
    assert.equal((await wait(clientOf('reverted', 'posted'), 'posted')).status, 'posted');
  });

  it('ends with the reason when the transfer was dropped', async () => {
    const { message } = await assertRejects(wait(clientOf('dropped'), 'final'), 'TRANSFER_DROPPED');
    assert.match(message, /EXPIRED: too late/);
  });

  it('waits for a sequencer that restarts or is sealing', async () => {
    const away = new RollupError('RPC_UNREACHABLE', 'cannot reach it', { url: 'http://x' });
    const sealing = new RollupError('BEING_SEALED', 'a batch is being sealed');
    assert.equal((await wait(clientOf('sealed', away, sealing, 'final'), 'final')).status, 'final');
    const { message } = await assertRejects(wait(clientOf(away), 'final'), 'TIMEOUT');
    assert.match(message, /of unknown state/);
  });

  it('ends with an error that does not pass, and can be asked again', async () => {
    await assertRejects(wait(clientOf(new RollupError('NOT_FOUND', 'no such transfer')), 'final'), 'NOT_FOUND');
    const clock = createManualClock();
    const handle = transferHandle(clientOf(new RollupError('NOT_FOUND', 'not yet'), 'final'), clock, '1');
    await assertRejects(handle.sealed(), 'NOT_FOUND');
    assert.equal((await handle.sealed()).status, 'final');
  });

  it('ends when its caller gives up', async () => {
    const signal = AbortSignal.abort(new Error('gave up'));
    const handle = transferHandle(clientOf('pending'), createManualClock(), '1');
    await assert.rejects(handle.final({ signal }), /gave up/);
    const outcome = await handle.outcome('final', { signal });
    assert.equal(outcome.ok === false && outcome.error.code, 'CANCELLED');
  });

  for (const [status, reached] of [
    ['pending', ['accepted']],
    ['sealed', ['accepted', 'sealed']],
    ['proving', ['accepted', 'sealed', 'proving']],
    ['posted', ['accepted', 'sealed', 'proving', 'posted']],
    ['disputed', ['accepted', 'sealed', 'proving', 'posted']],
    ['final', ['accepted', 'sealed', 'proving', 'posted', 'final']],
    ['reverted', ['accepted']],
    ['unheard of', []],
  ] as const) {
    it(`takes ${status} as ${reached.at(-1) ?? 'nothing'}`, () => {
      assert.deepEqual(
        STAGES.filter((stage) => hasReached(status, stage)),
        reached,
      );
    });
  }
});

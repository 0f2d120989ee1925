/** Sends a signed transfer again, after a crash or an answer that did not come: it is included once, whoever sends it. */

import { asRollupError, isRollupError, RollupError } from '@quittance/protocol';
import type { AcknowledgedJson } from '@quittance/rpc';
import type { SequencerClient } from '../client.ts';
import { findTaken } from './taken.ts';
import { type Clock, createPauses } from './time.ts';
import type { SignedPayment } from './types.ts';
import { retryAfterMs, verdictOf } from './verdict.ts';

const MOST_ATTEMPTS = 40;
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5_000;

/** @throws RollupError ACKNOWLEDGEMENT_MISMATCH for that of another transfer. */
function requireSame(acknowledged: AcknowledgedJson, id: string): AcknowledgedJson {
  if (acknowledged.id === id) return acknowledged;
  const message = 'the sequencer acknowledged another transfer than the one that was sent';
  throw new RollupError('ACKNOWLEDGEMENT_MISMATCH', message, { expected: id, actual: acknowledged.id });
}

/** One sending. @returns the acknowledgement, or how long to wait. @throws RollupError what it was refused for, for good. */
async function sendOnce(client: SequencerClient, { id, transfer }: SignedPayment) {
  try {
    return { acknowledged: requireSame(await client.call('rollup_sendTransfer', { transfer }), id) };
  } catch (thrown) {
    const error = asRollupError('sending a transfer', thrown);
    const verdict = verdictOf(error);
    if (verdict === 'refused' || verdict === 'another') throw error;
    if (verdict === 'nonce') {
      const taken = await findTaken(client, id).catch((unknown: unknown) => {
        if (isRollupError(unknown)) return null; // nobody says: ask again
        throw unknown;
      });
      if (taken) return { acknowledged: taken };
      if (taken === undefined && error.code === 'NONCE_USED') throw error;
    }
    return { error, waitMs: retryAfterMs(error) ?? 0 };
  }
}

/**
 * Resolves once the sequencer has it.
 *
 * @throws RollupError what it was refused for; NONCE_USED or EXPIRED: it was not paid and never will be. TRANSFER_UNCERTAIN when
 * that cannot be found out, or the signal's reason.
 */
export async function resumeTransfer(
  client: SequencerClient,
  clock: Clock,
  signed: SignedPayment,
  signal?: AbortSignal,
): Promise<AcknowledgedJson> {
  const pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
  let last: RollupError | undefined;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    signal?.throwIfAborted();
    const sent = await sendOnce(client, signed);
    if ('acknowledged' in sent) return sent.acknowledged;
    last = sent.error;
    await clock.sleep(Math.max(pause(), sent.waitMs), signal);
  }
  const { id, transfer } = signed;
  const { nonce, validUntil } = transfer;
  const message = `it is not known whether transfer ${id} was taken: ${last?.message}`;
  throw new RollupError('TRANSFER_UNCERTAIN', message, { id, nonce, validUntil }, { cause: last });
}

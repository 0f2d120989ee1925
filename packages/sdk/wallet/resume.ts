/** Sends a signed transfer again, after a crash or an answer that did not come: it is included once, whoever sends it. */

import { asRollupError, L1_DEFAULTS, RollupError } from '@quittance/protocol';
import type { AcknowledgedJson } from '@quittance/rpc';
import type { SequencerClient } from '../client.ts';
import type { Connection } from './connection.ts';
import { createFindOccupants, type FindOccupants } from './occupants.ts';
import { findTaken, orNobody, uncertain } from './taken.ts';
import { createPauses } from './time.ts';
import type { SignedPayment } from './types.ts';
import { retryAfterMs, verdictOf } from './verdict.ts';

const MOST_ATTEMPTS = 40;
/** As of who sends it the first time. */
const MOST_STUCK = 12;
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5_000;

/** @throws RollupError ACKNOWLEDGEMENT_MISMATCH for that of another transfer. */
function requireSame(acknowledged: AcknowledgedJson, id: string): AcknowledgedJson {
  if (acknowledged.id === id) return acknowledged;
  const message = 'the sequencer acknowledged another transfer than the one that was sent';
  throw new RollupError('ACKNOWLEDGEMENT_MISMATCH', message, { expected: id, actual: acknowledged.id });
}

/** Whether no batch can have it any more: one whose time is before its end may reach L1 this much later. */
function isOver(validUntil: number, nowMs: number): boolean {
  return validUntil !== 0 && nowMs / 1_000 > validUntil + L1_DEFAULTS.maxBatchAgeSeconds;
}

/** What a sending came to: an acknowledgement, or an error after which it may be sent again. */
type Sending = { readonly acknowledged: AcknowledgedJson } | { readonly error: RollupError; readonly isStuck: boolean };

/** One sending. @throws RollupError what it was refused for, for good. */
async function sendOnce(
  client: SequencerClient,
  { id, transfer }: SignedPayment,
  nowMs: number,
  findOccupants: FindOccupants,
): Promise<Sending> {
  try {
    return { acknowledged: requireSame(await client.call('rollup_sendTransfer', { transfer }), id) };
  } catch (thrown) {
    const error = asRollupError('sending a transfer', thrown);
    const verdict = verdictOf(error);
    const { nonce, validUntil } = transfer;
    // Whoever says that it is over before it is may want it signed anew, and take both.
    if (error.code === 'EXPIRED' && !isOver(validUntil, nowMs)) throw uncertain({ id, nonce, validUntil }, error);
    if (verdict === 'refused') throw error;
    if (verdict === 'uncertain' || verdict === 'later') return { error, isStuck: false };
    const taken = await orNobody(findTaken(client, id));
    if (typeof taken === 'object') return { acknowledged: taken };
    if (taken === undefined && verdict === 'used') {
      const occupants = await orNobody(findOccupants(new Set([nonce])));
      const occupant = occupants === 'nobody' ? undefined : occupants.get(nonce);
      if (occupant !== undefined && occupant !== id) throw error;
    }
    return { error, isStuck: taken === undefined || verdict === 'foreign' };
  }
}

/**
 * Resolves once the sequencer has it.
 *
 * @throws RollupError what it was refused for; NONCE_USED or EXPIRED: it was not paid and never will be. TRANSFER_UNCERTAIN when
 * that cannot be found out, or the signal's reason.
 */
export async function resumeTransfer(
  { clock, keyPair: { publicKey }, domain, hasher }: Connection,
  client: SequencerClient,
  signed: SignedPayment,
  signal?: AbortSignal,
): Promise<AcknowledgedJson> {
  const { id, transfer } = signed;
  const { from, nonce, validUntil } = transfer;
  const findOccupants = createFindOccupants(client, from, { publicKey, domain, hasher });
  const pause = createPauses(FIRST_PAUSE_MS, MOST_PAUSE_MS);
  let stuck = 0;
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    const sent = await sendOnce(client, signed, clock.nowMs(), findOccupants);
    if ('acknowledged' in sent) return sent.acknowledged;
    if (sent.isStuck) stuck += 1;
    if (attempt >= MOST_ATTEMPTS || stuck >= MOST_STUCK) throw uncertain({ id, nonce, validUntil }, sent.error);
    await clock.sleep(Math.max(pause(), retryAfterMs(sent.error) ?? 0), signal);
  }
}

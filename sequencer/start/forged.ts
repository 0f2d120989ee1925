/**
 * Transfers that nobody signed, in a log that somebody else kept: what a sequencer takes on it checks once, and what it seals
 * later it believes. A copy that lies would have it assert a forged transfer, and lose its bond.
 */

import { RecordKind, type StateView, viewOf, WORD_BYTES, writeWord } from '@quittance/protocol';
import type { LoggedTransfer, Storage } from '../../storage/index.ts';
import { bulkOf } from '../mempool/verify.ts';
import type { SequencerCrypto } from '../types.ts';

/** Signatures that are checked at a time. */
const CHECKED_AT_ONCE = 4_096;
/** A.x, A.y, R8.x, R8.y, S and the message. */
const WORDS = 6;

interface Check {
  readonly logged: LoggedTransfer;
  /** y of the sender's key. */
  readonly keyY: bigint;
}

/** Signatures of transfers that are not final and can still be executed, with the keys that they must be of. */
function* checksOf(storage: Storage, state: StateView): Generator<Check> {
  const created = new Map<number, bigint>();
  const first = (storage.batches.lastFinal()?.lastSequence ?? 0) + 1;
  for (const logged of storage.log.range(first)) {
    const { entry, sequence } = logged;
    if (entry.type !== 'transfer' && entry.type !== 'priority') continue;
    const { kind, from, to } = entry.operation.fields;
    if (kind === RecordKind.deposit || kind === RecordKind.transferToNew) created.set(to, entry.operation.words[0]!);
    if (entry.type !== 'transfer' || storage.outcomes.dropOf(sequence) !== undefined) continue;
    const keyY = state.get(from)?.keyY ?? created.get(from);
    // Without a sender it is never executed.
    if (keyY !== undefined) yield { logged: logged as LoggedTransfer, keyY };
  }
}

/** The first of these whose signature is not one of its id by its sender's key. */
async function firstForged(
  crypto: Parameters<typeof bulkOf>[0],
  checks: readonly Check[],
): Promise<LoggedTransfer | undefined> {
  const items = new Uint8Array(checks.length * WORDS * WORD_BYTES);
  const view = viewOf(items);
  for (const [position, { logged, keyY }] of checks.entries()) {
    const { operation, id } = logged.entry;
    const { keyX = 0n, r8 = { x: 0n, y: 0n }, s = 0n } = operation.authorization ?? {};
    for (const [word, value] of [keyX, keyY, r8.x, r8.y, s, id].entries()) {
      writeWord(view, (position * WORDS + word) * WORD_BYTES, value);
    }
  }
  const verdicts = await bulkOf(crypto).verifySignatures(items);
  return checks.find((_, position) => verdicts[position] !== 1)?.logged;
}

/**
 * Checks each transfer that can still come to L1.
 *
 * @param state after the last sealed batch, executed with the ids of the log.
 * @returns what is wrong with the first that nobody signed; undefined when all are right.
 */
export async function findForged(
  storage: Storage,
  crypto: Pick<SequencerCrypto, 'hasher' | 'verifier' | 'engine' | 'bulk'>,
  state: StateView,
): Promise<string | undefined> {
  let checks: Check[] = [];
  const say = (logged: LoggedTransfer | undefined) =>
    logged && `the transfer in entry ${logged.sequence} of its log is not signed by its sender`;
  for (const check of checksOf(storage, state)) {
    checks.push(check);
    if (checks.length < CHECKED_AT_ONCE) continue;
    const forged = await firstForged(crypto, checks);
    if (forged !== undefined) return say(forged);
    checks = [];
  }
  return say(await firstForged(crypto, checks));
}

/**
 * What the records of a batch on L1 are to those who sent them: which nonce each was signed with, and, where its authorization is
 * on L1 too, its transaction id. A proof hides both the signature and how long it was valid, so what was proven has no ids.
 */

import type { AssertionSubmission, BatchSubmission, WithBlobs } from '@quittance/chain';
import {
  type AssertedRecord,
  assertedOperation,
  assertedRecordsOf,
  BELIEVED,
  type ChunkContext,
  type Crypto,
  isExpired,
  isSignedKind,
  type Operation,
  RollupError,
  recordsOf,
  type SignatureCheck,
  StateOverlay,
  type StateView,
  unpackFeeTokens,
} from '@quittance/protocol';
import { runRecords } from './run.ts';
import type { ReplayDeployment } from './whole-batch.ts';

/** A record with what is known of it beside its bits. */
export interface NamedRecord {
  /** With its authorization if it has an `id`. */
  readonly operation: Operation;
  /** That of the sender, which was signed; 0 for kinds that nobody signs. */
  readonly nonce: number;
  /** Transaction id; undefined where L1 does not have what was signed, and for kinds that nobody signs. */
  readonly id: bigint | undefined;
}

const NO_AUTHORIZATION = new Uint8Array();

/** Records by chunk and slot; those of a proven batch without authorizations. */
function readRecords(
  data: WithBlobs<BatchSubmission | AssertionSubmission>,
  slotsPerChunk: number,
): readonly (readonly AssertedRecord[])[] {
  if ('authorizations' in data) return assertedRecordsOf(data, slotsPerChunk, data.blobs);
  const records = recordsOf(data, slotsPerChunk, data.blobs);
  return records.map((chunk) => chunk.map((record) => ({ ...record, authorization: NO_AUTHORIZATION })));
}

interface Run {
  readonly named: NamedRecord[];
  /** What each signature has to be checked for, by slot. */
  readonly checks: Map<number, SignatureCheck>;
}

/** Executes a chunk on `overlay` as if each record were signed, and notes what each signature would be of. */
function runChunk(
  crypto: Crypto,
  overlay: StateOverlay,
  records: readonly AssertedRecord[],
  context: ChunkContext,
): Run {
  const named: NamedRecord[] = [];
  const checks = new Map<number, SignatureCheck>();
  let slotNow = 0;
  const noting: Crypto = {
    hasher: crypto.hasher,
    verifier: {
      verify(check) {
        checks.set(slotNow, check);
        return true;
      },
    },
  };
  const operationAt = (view: StateView, slot: number): Operation => {
    slotNow = slot;
    const operation = assertedOperation(view, records[slot]!);
    const { fields, words, authorization } = operation;
    const isSigned = isSignedKind(fields.kind);
    named.push({
      operation: { fields, words },
      nonce: isSigned ? (view.get(fields.from)?.nonce ?? 0) : 0,
      id: undefined,
    });
    if (!isSigned) return operation;
    const isKnown = authorization !== undefined && !isExpired(authorization.validUntil, context.batchTime);
    if (isKnown) named[slot] = { ...named[slot]!, operation };
    return isKnown ? operation : { fields, words, authorization: BELIEVED };
  };
  const { failure } = runRecords(noting, overlay, operationAt, records.length, context);
  if (failure !== undefined) {
    const { slot, invalid } = failure;
    throw new RollupError(invalid.code, `slot ${slot}: ${invalid.message}`, { slot });
  }
  return { named, checks };
}

/** Gives ids to the records whose signatures are right. */
function giveIds({ verifier }: Crypto, { named, checks }: Run): NamedRecord[] {
  const signed = [...checks].filter(([slot]) => named[slot]!.operation.authorization !== undefined);
  const verdicts = verifier.verifyMany?.(signed.map(([, check]) => check));
  const good = new Map(
    signed.flatMap(([slot, check], at) =>
      (verdicts?.[at] ?? verifier.verify(check)) ? [[slot, check.message] as const] : [],
    ),
  );
  return named.map((record, slot) => {
    const id = good.get(slot);
    if (id !== undefined) return { ...record, id };
    const { fields, words } = record.operation;
    return { ...record, operation: { fields, words } };
  });
}

/**
 * Names the records of a right batch, by chunk and slot. A signature that is not right gives its record no id: such a batch is
 * right by its proofs.
 *
 * @param state that before the batch, now and afterwards.
 * @throws RollupError with the code of a rule when the batch is not right: whoever replays it says what is wrong.
 */
export function nameRecords(
  crypto: Crypto,
  state: StateView,
  data: WithBlobs<BatchSubmission | AssertionSubmission>,
  { domain, slotsPerChunk }: ReplayDeployment,
): NamedRecord[][] {
  const overlay = new StateOverlay(state);
  return readRecords(data, slotsPerChunk).map((records, chunk) => {
    const feeTokens = unpackFeeTokens(data.feeTokens[chunk]!);
    return giveIds(crypto, runChunk(crypto, overlay, records, { domain, batchTime: data.time, feeTokens }));
  });
}

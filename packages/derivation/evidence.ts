/**
 * What a step proof shows of the disputed record: its bits, its signature and its words, wherever they stand.
 * Source: docs/protocol.md, Disputes.
 */

import type { AssertionSubmission, StepProof, WithBlobs } from '@quittance/chain';
import {
  type AssertedRecord,
  elementPlace,
  elementPoint,
  entriesOf,
  entryHashes,
  invariantBroken,
  isVisibleKind,
  openedElementCount,
  WORD_BYTES,
} from '@quittance/protocol';
import type { ProvableFault } from './fault.ts';

/** What opens the polynomial of a blob (EIP-4844). */
export interface BlobOpener {
  /** Commitment of a blob, 48 bytes. */
  commitment(blob: Uint8Array): Promise<Uint8Array>;
  /** Its polynomial at `z`, with the proof of 48 bytes that L1 checks. */
  open(blob: Uint8Array, z: bigint): Promise<{ readonly y: bigint; readonly proof: Uint8Array }>;
}

/** Where the data of an asserted batch is. */
type StepData = Pick<WithBlobs<AssertionSubmission>, 'form' | 'chunks' | 'authorizations' | 'visible' | 'blobs'>;

/** The parts of a step proof that come from the data of the batch. */
export type StepEvidence = Pick<StepProof, 'data' | 'authorizations' | 'openings' | 'entryHashes' | 'entry'>;

const NOTHING = new Uint8Array();

const numberOf = (bytes: Uint8Array): bigint => bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);

/**
 * Opens the elements on which a record's outcome depends: the blob's commitment, then value and proof of each (48 bytes; 32 and
 * 48 an element).
 *
 * @param slot counted through the whole batch.
 */
async function openSlot(
  kzg: BlobOpener,
  blobs: readonly Uint8Array[],
  slot: number,
  record: Pick<AssertedRecord, 'fields'>,
): Promise<Uint8Array> {
  const place = elementPlace(slot);
  const blob = blobs[place.blob]!;
  const parts: Uint8Array[] = [await kzg.commitment(blob)];
  for (let element = place.element; element < place.element + openedElementCount(record); element += 1) {
    const value = blob.slice(element * WORD_BYTES, (element + 1) * WORD_BYTES);
    const { y, proof } = await kzg.open(blob, elementPoint(element));
    if (y !== numberOf(value)) {
      const message = `element ${element} of a blob was opened as ${y}`;
      throw invariantBroken(message, { expected: numberOf(value), actual: y });
    }
    parts.push(value, proof);
  }
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/**
 * The evidence of a step.
 *
 * @param slotsPerChunk M of the deployment.
 * @throws RollupError INVARIANT_BROKEN when `kzg` finds another value than a blob has.
 */
export async function stepEvidence(
  kzg: BlobOpener,
  { form, chunks, authorizations, visible, blobs }: StepData,
  slotsPerChunk: number,
  { chunk, slot, record, before }: Pick<ProvableFault, 'chunk' | 'slot' | 'record' | 'before'>,
): Promise<StepEvidence> {
  const list = visible[chunk]!;
  const entry = isVisibleKind(record.fields.kind) ? (entriesOf(list)[before.visibleCount] ?? NOTHING) : NOTHING;
  const words = { entryHashes: entryHashes(list), entry };
  if (form === 'calldata') {
    return { ...words, data: chunks[chunk]!, authorizations: authorizations[chunk]!, openings: NOTHING };
  }
  const openings = await openSlot(kzg, blobs, chunk * slotsPerChunk + slot, record);
  return { ...words, data: NOTHING, authorizations: NOTHING, openings };
}

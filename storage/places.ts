/**
 * Which operations of the log stand in the slots of a chunk, as bytes: for each slot its sequence (6, big-endian; 0 for none)
 * and the position of its withdrawal in the batch (4; NO_WITHDRAWAL for none). Slots behind the last operation are left out.
 */

/** The operation of the log in a slot. */
export interface Place {
  readonly sequence: number;
  /** Position among the withdrawals of the batch. */
  readonly withdrawal: number | undefined;
}

const SEQUENCE_BYTES = 6;
const PLACE_BYTES = SEQUENCE_BYTES + 4;
const NO_WITHDRAWAL = 0xffff_ffff;

/** By slot; undefined where no operation of the log stands. */
export function encodePlaces(places: readonly (Place | undefined)[]): Buffer {
  const count = places.findLastIndex((place) => place !== undefined) + 1;
  const bytes = Buffer.alloc(count * PLACE_BYTES);
  for (const [slot, place] of places.slice(0, count).entries()) {
    bytes.writeUIntBE(place?.sequence ?? 0, slot * PLACE_BYTES, SEQUENCE_BYTES);
    bytes.writeUInt32BE(place?.withdrawal ?? NO_WITHDRAWAL, slot * PLACE_BYTES + SEQUENCE_BYTES);
  }
  return bytes;
}

/** The place in one slot; undefined where no operation of the log stands. */
function placeAt(bytes: Buffer, offset: number): Place | undefined {
  const sequence = bytes.readUIntBE(offset, SEQUENCE_BYTES);
  const withdrawal = bytes.readUInt32BE(offset + SEQUENCE_BYTES);
  return sequence === 0 ? undefined : { sequence, withdrawal: withdrawal === NO_WITHDRAWAL ? undefined : withdrawal };
}

/** Inverse of `encodePlaces`, but for undefined places at the end. */
export function decodePlaces(bytes: Buffer): (Place | undefined)[] {
  return Array.from({ length: bytes.length / PLACE_BYTES }, (_, slot) => placeAt(bytes, slot * PLACE_BYTES));
}

/** Where an operation stands in encoded places, without decoding the others. */
export function findPlace(bytes: Buffer, sequence: number): (Place & { readonly slot: number }) | undefined {
  for (let offset = 0; offset < bytes.length; offset += PLACE_BYTES) {
    if (bytes.readUIntBE(offset, SEQUENCE_BYTES) === sequence) {
      return { slot: offset / PLACE_BYTES, ...placeAt(bytes, offset)! };
    }
  }
  return undefined;
}

/** The sequences in encoded places, in the order of their slots. */
export function* sequencesIn(bytes: Buffer): Generator<number> {
  for (let offset = 0; offset < bytes.length; offset += PLACE_BYTES) {
    const sequence = bytes.readUIntBE(offset, SEQUENCE_BYTES);
    if (sequence !== 0) yield sequence;
  }
}

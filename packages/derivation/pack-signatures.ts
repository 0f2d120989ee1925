/**
 * Authorizations of an asserted batch, put into its packed operations: 69 bytes leave out two x that an engine takes, and those
 * of all are computed together.
 */

import {
  AUTHORIZATION_BYTES,
  BLOB_ELEMENT_BYTES,
  ELEMENTS_PER_RECORD,
  elementPlace,
  isSignedKind,
  OPERATION_BYTES,
  RECORD_BYTES,
  RecordKind,
  type SignatureVerifier,
  type StateView,
  TIME_BITS,
  WORD_BYTES,
  xCoordinates,
} from '@quittance/protocol';
import type { AssertedSubmission } from './asserted-chunk.ts';
import { kindAt, reverseInto } from './pack.ts';

/** Places in a packed operation (packages/protocol/engine/operation.ts). */
const TO_OFFSET = 7;
const FROM_OFFSET = 11;
const FLAG_OFFSET = 16;
const VALID_UNTIL_OFFSET = 17;
const WORDS_OFFSET = 32;
const KEY_X_OFFSET = 128;
const R8_X_OFFSET = 160;
const R8_Y_OFFSET = 192;
const S_OFFSET = 224;

const TIME_BYTES = TIME_BITS / 8;
/** Bit of a sign in the last byte of a little-endian number. */
const SIGN = 0x80;
/** No field element ends with it: it stands for no point. */
const NO_POINT = 0xff;

/** The 69 bytes of a signed slot; undefined when the batch has none for it. */
type AuthorizationOf = (chunk: number, slot: number) => Uint8Array | undefined;

/** In calldata, signed slots have them one after the other. Asked for each of them once, in order. */
function inCalldata({ authorizations }: AssertedSubmission): AuthorizationOf {
  const read = authorizations.map(() => 0);
  return (chunk) => {
    const start = read[chunk]!;
    read[chunk] = start + AUTHORIZATION_BYTES;
    const bytes = authorizations[chunk]!.subarray(start, start + AUTHORIZATION_BYTES);
    return bytes.length === AUTHORIZATION_BYTES ? bytes : undefined;
  };
}

/** In blobs they stand behind the record, over three elements whose first byte is 0. */
function inElements({ blobs }: AssertedSubmission, slotsPerChunk: number): AuthorizationOf {
  const slotBytes = new Uint8Array(ELEMENTS_PER_RECORD * BLOB_ELEMENT_BYTES);
  return (chunk, slot) => {
    const { blob, element } = elementPlace(chunk * slotsPerChunk + slot);
    for (let part = 0; part < ELEMENTS_PER_RECORD; part += 1) {
      const start = (element + part) * WORD_BYTES;
      if (blobs[blob]![start] !== 0) return undefined;
      slotBytes.set(blobs[blob]!.subarray(start + 1, start + WORD_BYTES), part * BLOB_ELEMENT_BYTES);
    }
    return slotBytes.subarray(RECORD_BYTES, RECORD_BYTES + AUTHORIZATION_BYTES);
  };
}

function writeKeyY(target: Uint8Array, keyY: bigint): void {
  const view = new DataView(target.buffer, target.byteOffset, WORD_BYTES);
  for (let limb = 0, rest = keyY; limb < WORD_BYTES; limb += 8, rest >>= 64n) view.setBigUint64(limb, rest, true);
}

/** Keys of senders: of the state, or of the record that creates the account earlier in the batch. */
class Keys {
  readonly #state: StateView;
  readonly #known = new Map<number, Uint8Array>();

  constructor(state: StateView) {
    this.#state = state;
  }

  /** Notes the account that a record may create. */
  pass(operations: Uint8Array, offset: number, view: DataView): void {
    const kind = kindAt(operations, offset);
    if (kind !== RecordKind.deposit && kind !== RecordKind.transferToNew) return;
    const to = view.getUint32(offset + TO_OFFSET, true);
    if (this.of(to) === undefined) {
      this.#known.set(to, operations.slice(offset + WORDS_OFFSET, offset + WORDS_OFFSET + WORD_BYTES));
    }
  }

  /** y of an account's key, 32 little-endian bytes. */
  of(index: number): Uint8Array | undefined {
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    const account = this.#state.get(index);
    if (account === undefined) return undefined;
    const bytes = new Uint8Array(WORD_BYTES);
    writeKeyY(bytes, account.keyY);
    this.#known.set(index, bytes);
    return bytes;
  }
}

/** A place that waits for the x of a point. */
interface Wanted {
  readonly operations: Uint8Array;
  readonly offset: number;
  /** Among the points. */
  readonly point: number;
}

/** Points whose x is wanted; a key that signs twice is one point. */
class Points {
  readonly #bytes: Uint8Array[] = [];
  readonly #keys = new Map<number, number>();
  readonly wanted: Wanted[] = [];

  want(operations: Uint8Array, offset: number, point: Uint8Array): void {
    this.wanted.push({ operations, offset, point: this.#bytes.push(point) - 1 });
  }

  /** As `want`, for the key of `sender` whose x has this sign. */
  wantKey(operations: Uint8Array, offset: number, sender: number, keyY: Uint8Array, sign: number): void {
    const name = 2 * sender + (sign === 0 ? 0 : 1);
    const known = this.#keys.get(name);
    if (known !== undefined) {
      this.wanted.push({ operations, offset, point: known });
      return;
    }
    const point = Uint8Array.from(keyY);
    point[WORD_BYTES - 1]! |= sign;
    this.#keys.set(name, this.#bytes.length);
    this.want(operations, offset, point);
  }

  joined(): Uint8Array {
    const joined = new Uint8Array(this.#bytes.length * WORD_BYTES);
    for (const [position, point] of this.#bytes.entries()) joined.set(point, position * WORD_BYTES);
    return joined;
  }
}

/** Writes what the 69 bytes say outright, and asks for the two x. */
function addOne(operations: Uint8Array, offset: number, bytes: Uint8Array, points: Points): number {
  operations[offset + FLAG_OFFSET] = 1;
  reverseInto(operations, offset + VALID_UNTIL_OFFSET, bytes, 0, TIME_BYTES);
  reverseInto(operations, offset + R8_Y_OFFSET, bytes, TIME_BYTES, WORD_BYTES);
  reverseInto(operations, offset + S_OFFSET, bytes, TIME_BYTES + WORD_BYTES, WORD_BYTES);
  points.want(operations, offset + R8_X_OFFSET, operations.slice(offset + R8_Y_OFFSET, offset + S_OFFSET));
  operations[offset + S_OFFSET - 1]! &= ~SIGN;
  const sign = operations[offset + OPERATION_BYTES - 1]! & SIGN;
  operations[offset + OPERATION_BYTES - 1]! &= ~SIGN;
  return sign;
}

/**
 * Adds the authorizations to operations that `packBatch` made of the same batch.
 *
 * @param state before the batch.
 * @returns whether every signed record has one that can be a signature.
 */
export async function addAuthorizations(
  verifier: SignatureVerifier,
  state: StateView,
  submission: AssertedSubmission,
  slotsPerChunk: number,
  chunks: readonly Uint8Array[],
): Promise<boolean> {
  if (submission.form !== 'evaluations' && submission.authorizations.length !== chunks.length) return false;
  const authorizationOf =
    submission.form === 'evaluations' ? inElements(submission, slotsPerChunk) : inCalldata(submission);
  const keys = new Keys(state);
  const points = new Points();
  for (const [chunk, operations] of chunks.entries()) {
    const view = new DataView(operations.buffer, operations.byteOffset, operations.length);
    for (let slot = 0, offset = 0; offset < operations.length; slot += 1, offset += OPERATION_BYTES) {
      if (isSignedKind(kindAt(operations, offset))) {
        const bytes = authorizationOf(chunk, slot);
        const sender = view.getUint32(offset + FROM_OFFSET, true);
        const keyY = keys.of(sender);
        if (bytes === undefined || keyY === undefined) return false;
        const sign = addOne(operations, offset, bytes, points);
        points.wantKey(operations, offset + KEY_X_OFFSET, sender, keyY, sign);
      }
      keys.pass(operations, offset, view);
    }
  }
  const joined = points.joined();
  const x = await (verifier.xCoordinates?.(joined) ?? xCoordinates(joined));
  for (const { operations, offset, point } of points.wanted) {
    const end = (point + 1) * WORD_BYTES;
    if (x[end - 1] === NO_POINT) return false;
    operations.set(x.subarray(point * WORD_BYTES, end), offset);
  }
  return true;
}

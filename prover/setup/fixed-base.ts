/** Multiples of a generator from a table, with ffjavascript's WebAssembly. */

import { ELEMENT_BYTES } from '../formats/field.ts';

export type GroupName = 'g1' | 'g2';

/** Bytes of an affine point in Montgomery form, the encoding of .zkey files. */
const AFFINE_BYTES: Readonly<Record<GroupName, number>> = { g1: 64, g2: 128 };
const JACOBIAN_BYTES: Readonly<Record<GroupName, number>> = { g1: 96, g2: 192 };
const PAGE_BYTES = 65_536;
/** Memory that ffjavascript's module asks for, in pages. */
const INITIAL_PAGES = 25;
/** Points that are made affine together, with one inversion. */
const BLOCK_POINTS = 2048;

/**
 * Multiplies the group's generator by many scalars with a table of all digits of all windows:
 * entry (window, digit) = digit · 2^(window·bits) · G, so a product is one addition for each digit that is not 0.
 */
export class FixedBase {
  readonly #memory = new WebAssembly.Memory({ initial: INITIAL_PAGES });
  readonly #call: Record<string, (...values: number[]) => number>;
  readonly #prefix: string;
  readonly #affineBytes: number;
  readonly #jacobianBytes: number;
  readonly #windowBits: number;
  readonly #windowCount: number;
  readonly #table: number;
  readonly #sums: number;
  readonly #points: number;

  /** `code` is ffjavascript's module for BN254, `generator` the group's in Jacobian Montgomery form. */
  constructor(code: WebAssembly.Module, generator: Uint8Array, group: GroupName, windowBits: number) {
    const instance = new WebAssembly.Instance(code, { env: { memory: this.#memory } });
    this.#call = instance.exports as Record<string, (...values: number[]) => number>;
    this.#prefix = `${group}m`;
    this.#affineBytes = AFFINE_BYTES[group];
    this.#jacobianBytes = JACOBIAN_BYTES[group];
    this.#windowBits = windowBits;
    this.#windowCount = Math.ceil(254 / windowBits);
    const digitCount = 2 ** windowBits;
    this.#table = this.#allocate(this.#windowCount * digitCount * this.#affineBytes);
    this.#sums = this.#allocate(Math.max(BLOCK_POINTS, digitCount) * this.#jacobianBytes);
    this.#points = this.#allocate(BLOCK_POINTS * this.#affineBytes);
    const base = this.#allocate(this.#jacobianBytes);
    // The module takes room for inversions from the free end of its memory, but does not grow it.
    this.#reserve(2 * Math.max(BLOCK_POINTS, digitCount) * this.#jacobianBytes);
    this.#buildTable(generator, base, digitCount);
  }

  /** Products of G with `scalars` (32 little-endian bytes each, below r) as affine points; 0 gives zero bytes. */
  multiply(scalars: Uint8Array): Uint8Array {
    const count = scalars.byteLength / ELEMENT_BYTES;
    const result = new Uint8Array(count * this.#affineBytes);
    for (let first = 0; first < count; first += BLOCK_POINTS) {
      const size = Math.min(BLOCK_POINTS, count - first);
      for (let index = 0; index < size; index++)
        this.#sum(scalars, first + index, this.#sums + index * this.#jacobianBytes);
      this.#call[`${this.#prefix}_batchToAffine`]!(this.#sums, size, this.#points);
      const bytes = new Uint8Array(this.#memory.buffer, this.#points, size * this.#affineBytes);
      result.set(bytes, first * this.#affineBytes);
    }
    return result;
  }

  #sum(scalars: Uint8Array, index: number, target: number): void {
    const addMixed = this.#call[`${this.#prefix}_addMixed`]!;
    this.#call[`${this.#prefix}_zero`]!(target);
    for (let window = 0; window < this.#windowCount; window++) {
      const digit = readDigit(scalars, index * ELEMENT_BYTES, window * this.#windowBits, this.#windowBits);
      if (digit !== 0) addMixed(target, this.#entry(window, digit), target);
    }
  }

  #buildTable(generator: Uint8Array, base: number, digitCount: number): void {
    const zero = this.#call[`${this.#prefix}_zero`]!;
    const add = this.#call[`${this.#prefix}_add`]!;
    const double = this.#call[`${this.#prefix}_double`]!;
    new Uint8Array(this.#memory.buffer).set(generator, base);
    for (let window = 0; window < this.#windowCount; window++) {
      zero(this.#sums);
      for (let digit = 1; digit < digitCount; digit++) {
        const target = this.#sums + digit * this.#jacobianBytes;
        add(target - this.#jacobianBytes, base, target);
      }
      this.#call[`${this.#prefix}_batchToAffine`]!(this.#sums, digitCount, this.#entry(window, 0));
      for (let bit = 0; bit < this.#windowBits; bit++) double(base, base);
    }
  }

  #entry(window: number, digit: number): number {
    return this.#table + (window * 2 ** this.#windowBits + digit) * this.#affineBytes;
  }

  /** Memory grows before it is handed out; views of it are made anew for each use, since growing detaches them. */
  #allocate(byteCount: number): number {
    const pointer = this.#reserve(byteCount);
    new Uint32Array(this.#memory.buffer, 0, 1)[0] = pointer + byteCount;
    return pointer;
  }

  /** Makes sure that `byteCount` bytes are free; returns where they begin. */
  #reserve(byteCount: number): number {
    const pointer = (new Uint32Array(this.#memory.buffer, 0, 1)[0]! + 7) & ~7;
    const missing = pointer + byteCount + PAGE_BYTES - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    return pointer;
  }
}

/** `count` ≤ 16 bits of a little-endian integer of 32 bytes, from bit `from`; bits past its end are 0. */
function readDigit(bytes: Uint8Array, offset: number, from: number, count: number): number {
  const first = from >> 3;
  let word = bytes[offset + first]!;
  if (first < 31) word |= bytes[offset + first + 1]! << 8;
  if (first < 30) word |= bytes[offset + first + 2]! << 16;
  return (word >>> (from & 7)) & (2 ** count - 1);
}

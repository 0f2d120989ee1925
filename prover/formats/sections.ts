/**
 * The container that .r1cs, .wtns and .zkey share (iden3's binary format): a magic of 4 letters, u32 version, u32 section
 * count, then sections of u32 type, u64 byte length and content; all little-endian.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { damaged } from '../damaged.ts';

const FILE_HEADER_BYTES = 12;
const SECTION_HEADER_BYTES = 12;
const BUFFER_BYTES = 1 << 22;

/**
 * Splits a file's bytes into its sections (views, not copies).
 *
 * @throws RollupError ARTIFACT_DAMAGED when the magic or version differs, a length leaves the file or a type occurs twice.
 */
export function readSections(
  bytes: Uint8Array,
  magic: string,
  version: number,
  source: string,
): Map<number, Uint8Array> {
  const refuse = (reason: string): never => {
    throw damaged(source, `it is not a valid .${magic} file: ${reason}`);
  };
  if (bytes.byteLength < FILE_HEADER_BYTES) refuse(`it has ${bytes.byteLength} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const actualMagic = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (actualMagic !== magic) refuse(`it begins with ${JSON.stringify(actualMagic)}`);
  const actualVersion = view.getUint32(4, true);
  if (actualVersion !== version) refuse(`its version is ${actualVersion}, not ${version}`);
  const sections = new Map<number, Uint8Array>();
  let position = FILE_HEADER_BYTES;
  for (let remaining = view.getUint32(8, true); remaining > 0; remaining--) {
    if (position + SECTION_HEADER_BYTES > bytes.byteLength) refuse('it ends within a section header');
    const type = view.getUint32(position, true);
    const length = Number(view.getBigUint64(position + 4, true));
    position += SECTION_HEADER_BYTES;
    if (position + length > bytes.byteLength) refuse(`section ${type} is longer than the file`);
    if (sections.has(type)) refuse(`section ${type} occurs twice`);
    sections.set(type, bytes.subarray(position, position + length));
    position += length;
  }
  return sections;
}

/** Writes such a file piece by piece; section lengths need not be known before. */
export class SectionWriter {
  readonly #file: FileHandle;
  #position = 0;
  #sectionStart = 0;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Creates (or replaces) the file at `path`. */
  static async create(path: string, magic: string, version: number, sectionCount: number): Promise<SectionWriter> {
    const writer = new SectionWriter(await open(path, 'w'));
    const header = Buffer.alloc(FILE_HEADER_BYTES);
    header.write(magic, 'latin1');
    header.writeUInt32LE(version, 4);
    header.writeUInt32LE(sectionCount, 8);
    await writer.write(header);
    return writer;
  }

  /** Begins a section; `end` must follow before the next one begins. */
  async begin(type: number): Promise<void> {
    this.#sectionStart = this.#position;
    const header = Buffer.alloc(SECTION_HEADER_BYTES);
    header.writeUInt32LE(type);
    await this.write(header);
  }

  /** Appends bytes; the caller must not change them afterwards. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    this.#position += bytes.byteLength;
    if (this.#pendingBytes >= BUFFER_BYTES) await this.#flush();
  }

  /** Ends the section and fills its length in. */
  async end(): Promise<void> {
    await this.#flush();
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(this.#position - this.#sectionStart - SECTION_HEADER_BYTES));
    await this.#file.write(length, 0, length.byteLength, this.#sectionStart + 4);
  }

  /** Writes a whole section. */
  async section(type: number, ...pieces: readonly Uint8Array[]): Promise<void> {
    await this.begin(type);
    for (const piece of pieces) await this.write(piece);
    await this.end();
  }

  /** Flushes and closes; called on failure too. */
  async close(): Promise<void> {
    try {
      await this.#flush();
    } finally {
      await this.#file.close();
    }
  }

  async #flush(): Promise<void> {
    let position = this.#position - this.#pendingBytes;
    for (const piece of this.#pending) {
      for (let from = 0; from < piece.byteLength; ) {
        const { bytesWritten } = await this.#file.write(piece, from, piece.byteLength - from, position);
        from += bytesWritten;
        position += bytesWritten;
      }
    }
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}

/** u32 values as little-endian bytes. */
export function encodeU32(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, 4 * index);
  return bytes;
}

/**
 * SQLite's write-ahead log (https://sqlite.org/fileformat2.html#the_write_ahead_log). Checksums run from frame to frame,
 * so SQLite itself takes nothing behind one flipped bit; but each frame holds the checksum that the next one starts
 * from, and so the frames behind a damaged one can still be told good from bad.
 */

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = { little: 0x377f0682, big: 0x377f0683 } as const;

/** Two sums of 32 bits. */
type Checksum = readonly [number, number];

/** One page as a transaction left it. */
export interface Frame {
  readonly pageNumber: number;
  /** Pages of the database after the transaction that this frame ends; 0 within one. */
  readonly databasePages: number;
  readonly page: Buffer;
  /** Whether its checksum is that of its content. */
  readonly isIntact: boolean;
}

/** A -wal that was read. */
export interface Wal {
  readonly pageBytes: number;
  /** Those of its last run: what is left of runs before is in the database already. */
  readonly frames: readonly Frame[];
}

function addTo([first, second]: Checksum, bytes: Buffer, isBig: boolean): Checksum {
  let [s0, s1] = [first, second];
  const word = (offset: number): number => (isBig ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset));
  for (let offset = 0; offset < bytes.length; offset += 8) {
    s0 = (s0 + word(offset) + s1) >>> 0;
    s1 = (s1 + word(offset + 4) + s0) >>> 0;
  }
  return [s0, s1];
}

const checksumAt = (bytes: Buffer, offset: number): Checksum => [
  bytes.readUInt32BE(offset),
  bytes.readUInt32BE(offset + 4),
];

const isPageSize = (size: number): boolean => size >= 512 && size <= 65_536 && (size & (size - 1)) === 0;

/**
 * The frames of a -wal, damaged ones included.
 *
 * @param pageBytes page size of the database; that of the -wal may be damaged.
 */
export function readWal(bytes: Buffer, pageBytes: number | undefined): Wal | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const size = pageBytes ?? bytes.readUInt32BE(8);
  if (!isPageSize(size)) return undefined;
  const isBig = (bytes.readUInt32BE(0) & 1) === 1;
  const frameBytes = FRAME_HEADER_BYTES + size;
  const all = Array.from({ length: Math.floor((bytes.length - HEADER_BYTES) / frameBytes) }, (_, index) =>
    bytes.subarray(HEADER_BYTES + index * frameBytes, HEADER_BYTES + (index + 1) * frameBytes),
  );
  // The first frame is always of the last run; its salt may be damaged, but not that of the second too.
  const saltOf = (frame: Buffer): string => frame.toString('hex', 8, 16);
  const salts = [bytes.toString('hex', 16, 24), ...all.slice(0, 2).map(saltOf)];
  const salt = salts.find((one, index) => salts.indexOf(one) !== index) ?? salts[0]!;
  let before = checksumAt(bytes, 24);
  const frames: Frame[] = [];
  let strangers = 0;
  for (const raw of all) {
    const content = [raw.subarray(0, 8), raw.subarray(FRAME_HEADER_BYTES)];
    const [s0, s1] = content.reduce((sum, part) => addTo(sum, part, isBig), before);
    before = checksumAt(raw, 16);
    const isIntact = s0 === before[0] && s1 === before[1];
    // One salt can be flipped; two in a row are a run before.
    strangers = saltOf(raw) === salt ? 0 : strangers + 1;
    if (strangers > 1) {
      frames.pop();
      break;
    }
    frames.push({
      pageNumber: raw.readUInt32BE(0),
      databasePages: raw.readUInt32BE(4),
      page: raw.subarray(FRAME_HEADER_BYTES),
      isIntact: isIntact && saltOf(raw) === salt,
    });
  }
  return { pageBytes: size, frames };
}

/** A -wal of these frames that SQLite takes in full. */
export function writeWal({ pageBytes, frames }: Wal): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(MAGIC.big, 0);
  header.writeUInt32BE(3_007_000, 4);
  header.writeUInt32BE(pageBytes, 8);
  header.writeUInt32BE(1, 16);
  header.writeUInt32BE(1, 20);
  let sum = addTo([0, 0], header.subarray(0, 24), true);
  header.writeUInt32BE(sum[0], 24);
  header.writeUInt32BE(sum[1], 28);
  const parts: Buffer[] = [header];
  for (const { pageNumber, databasePages, page } of frames) {
    const head = Buffer.alloc(FRAME_HEADER_BYTES);
    head.writeUInt32BE(pageNumber, 0);
    head.writeUInt32BE(databasePages, 4);
    header.copy(head, 8, 16, 24);
    sum = addTo(addTo(sum, head.subarray(0, 8), true), page, true);
    head.writeUInt32BE(sum[0], 16);
    head.writeUInt32BE(sum[1], 20);
    parts.push(head, page);
  }
  return Buffer.concat(parts);
}

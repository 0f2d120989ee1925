/**
 * A state as a file, so that who has it needs the blobs of later batches only. Nobody has to be believed: the accounts
 * hash to the root of a header, and L1 has the header's hash.
 *
 * Bytes: the line `quittance-snapshot-1`, a line with the header as JSON, then the accounts as
 * packages/protocol/tree/account-row.ts has them.
 */

import type { RollupReader } from '@quittance/chain';
import { type ErrorValue, headerHash, isRollupError, RollupError, type StoredHeader } from '@quittance/protocol';
import type { StateAt } from './replay-final.ts';
import type { ReplayCrypto } from './whole-batch.ts';

const MAGIC = 'quittance-snapshot-1\n';
/** A header is much shorter. */
const MAX_HEADER_BYTES = 2_048;

const NUMBER_FIELDS = ['number', 'time', 'withdrawalCount', 'priorityCount', 'transferToNewCount'] as const;
const HASH_FIELDS = ['parentHash', 'chunksHash', 'withdrawalsRoot'] as const;

function damaged(reason: string, cause?: unknown): RollupError<'SNAPSHOT_DAMAGED'> {
  const message = `the snapshot is damaged: ${reason}`;
  return new RollupError('SNAPSHOT_DAMAGED', message, { reason }, cause === undefined ? {} : { cause });
}

/** The file of a state. Inverse of `decodeSnapshot`. */
export function encodeSnapshot({ state, header }: StateAt): Uint8Array {
  const head = new TextEncoder().encode(
    `${MAGIC}${JSON.stringify({ ...header, stateRoot: header.stateRoot.toString() })}\n`,
  );
  const rows = state.rows();
  const bytes = new Uint8Array(head.length + rows.length);
  bytes.set(head);
  bytes.set(rows, head.length);
  return bytes;
}

function headerFrom(line: string): StoredHeader {
  try {
    const { stateRoot, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const numbers = NUMBER_FIELDS.map((name) => fields[name]);
    const hashes = HASH_FIELDS.map((name) => fields[name]);
    if (!numbers.every((value) => Number.isSafeInteger(value) && (value as number) >= 0)) throw damaged('its header');
    if (!hashes.every((value) => /^0x[0-9a-f]{64}$/.test(String(value)))) throw damaged('its header');
    if (typeof stateRoot !== 'string' || !/^\d{1,78}$/.test(stateRoot)) throw damaged('its header');
    const named = [...NUMBER_FIELDS, ...HASH_FIELDS].map((name) => [name, fields[name]]);
    return { ...(Object.fromEntries(named) as Omit<StoredHeader, 'stateRoot'>), stateRoot: BigInt(stateRoot) };
  } catch (error) {
    throw error instanceof RollupError ? error : damaged('its header is no JSON', error);
  }
}

/**
 * What a snapshot says, not yet compared with anything.
 *
 * @throws RollupError SNAPSHOT_DAMAGED.
 */
function decodeSnapshot(bytes: Uint8Array): {
  readonly header: StoredHeader;
  readonly rows: Uint8Array;
} {
  const head = new TextDecoder().decode(bytes.subarray(0, MAGIC.length + MAX_HEADER_BYTES));
  if (!head.startsWith(MAGIC)) throw damaged('it does not begin as a snapshot does');
  const end = head.indexOf('\n', MAGIC.length);
  if (end < 0) throw damaged('its header does not end');
  return { header: headerFrom(head.slice(MAGIC.length, end)), rows: bytes.subarray(end + 1) };
}

/**
 * The state of a snapshot, which L1 confirms.
 *
 * @throws RollupError SNAPSHOT_DAMAGED, SNAPSHOT_FOREIGN when L1 has another header or the header another root, RESOURCES_SHORT,
 * L1_UNREACHABLE.
 */
export async function openSnapshot(
  reader: Pick<RollupReader, 'headerHash'>,
  { engine }: Pick<ReplayCrypto, 'engine'>,
  bytes: Uint8Array,
): Promise<StateAt> {
  const { header, rows } = decodeSnapshot(bytes);
  const hash = headerHash(header);
  const onL1 = await reader.headerHash(header.number);
  if (onL1 !== hash) throw foreign(header.number, `L1 has ${onL1 ?? 'no final batch'} there`, onL1, hash);
  try {
    return { state: engine.restore(rows, header.stateRoot), header };
  } catch (error) {
    if (!isRollupError(error, 'CLAIM_FALSE')) throw error;
    const why = `its accounts do not give the root of its header (${error.message})`;
    throw foreign(header.number, why, header.stateRoot, error.data.actual);
  }
}

function foreign(
  batch: number,
  why: string,
  expected: ErrorValue | undefined,
  actual: ErrorValue | undefined,
): RollupError<'SNAPSHOT_FOREIGN'> {
  const message = `the snapshot of batch ${batch} is not the state on L1: ${why}`;
  return new RollupError('SNAPSHOT_FOREIGN', message, { batch, expected, actual });
}

/** Blobs from a beacon node (Beacon API v4, getBlobs), which drops them after 18 days unless it is told not to. */

import { BLOB_BYTES } from '@quittance/protocol';
import { getBytes, isHexString } from 'ethers';
import { fetchBounded, publicName, urlBelow } from './fetch.ts';
import { type BlobOrigin, MAX_BLOBS_PER_BLOCK, originFailed } from './origin.ts';
import type { BlobRequest } from './source.ts';

export interface BeaconOptions {
  /** Below it are `/eth/v1/…`. */
  readonly url: string;
  readonly timeoutMs?: number;
}

/** How a beacon chain counts time. */
interface SlotClock {
  /** Unix time in milliseconds of slot 0. */
  readonly genesisMs: number;
  readonly slotMs: number;
}

const MAX_BLOBS_BODY = MAX_BLOBS_PER_BLOCK * (2 * BLOB_BYTES + 16) + 4_096;
const MAX_CONFIG_BODY = 256 * 1_024;

/** A decimal of an answer, which the API writes as text. */
function decimalOf(name: string, value: unknown, what: string): number {
  if (typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  throw originFailed(name, `${what} is no number`);
}

/** An entry of the list: bytes of any number. */
function blobOf(name: string, entry: unknown, position: number): Uint8Array {
  if (typeof entry === 'string' && isHexString(entry)) return getBytes(entry);
  throw originFailed(name, `entry ${position} of its answer is no hexadecimal`);
}

/** The slot of a block. @throws RollupError BLOB_SOURCE_FAILED when the chain has none at that time. */
function slotAt(name: string, { genesisMs, slotMs }: SlotClock, timestamp: number): number {
  const slot = (timestamp * 1_000 - genesisMs) / slotMs;
  if (Number.isSafeInteger(slot) && slot >= 0) return slot;
  throw originFailed(name, `it is of another chain: at the time ${timestamp} none of its slots begins`);
}

/** A beacon node. How its chain counts slots is asked for once. */
export function createBeaconOrigin({ url: address, timeoutMs = 15_000 }: BeaconOptions): BlobOrigin {
  const url = new URL(address);
  const name = `beacon node ${publicName(url)}`;
  let known: SlotClock | undefined;

  /** `data` of an answer, or its status when there is none. */
  async function get(target: URL, maxBytes: number, signal: AbortSignal | undefined): Promise<unknown> {
    const { status, body } = await fetchBounded(target, { name, maxBytes, timeoutMs, signal });
    if (status !== 200) return status;
    try {
      return (JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as { data?: unknown } | null)?.data;
    } catch (error) {
      throw originFailed(name, `its answer of ${body.length} bytes is no JSON`, error);
    }
  }

  async function getObject(path: string, signal: AbortSignal | undefined): Promise<Record<string, unknown> | number> {
    const data = await get(urlBelow(url, path), MAX_CONFIG_BODY, signal);
    if (typeof data === 'number' || (typeof data === 'object' && data !== null)) {
      return data as Record<string, unknown> | number;
    }
    throw originFailed(name, `its answer to /${path} has no data`);
  }

  /** anvil has no slots: it knows no /eth/v1/config/spec, and takes the numbers of blocks in their place. */
  async function readClock(signal: AbortSignal | undefined): Promise<SlotClock | 'blocks'> {
    const genesis = await getObject('eth/v1/beacon/genesis', signal);
    if (typeof genesis === 'number') throw originFailed(name, `status ${genesis} for /eth/v1/beacon/genesis`);
    const spec = await getObject('eth/v1/config/spec', signal);
    if (spec === 404) return 'blocks';
    if (typeof spec === 'number') throw originFailed(name, `status ${spec} for /eth/v1/config/spec`);
    const genesisMs = 1_000 * decimalOf(name, genesis['genesis_time'], 'genesis_time');
    const { SLOT_DURATION_MS: ms, SECONDS_PER_SLOT: seconds } = spec;
    const slotMs =
      ms === undefined ? 1_000 * decimalOf(name, seconds, 'SECONDS_PER_SLOT') : decimalOf(name, ms, 'SLOT_DURATION_MS');
    if (slotMs === 0) throw originFailed(name, 'its slots take no time');
    return { genesisMs, slotMs };
  }

  async function slotOf({ blockNumber, timestamp }: BlobRequest, signal?: AbortSignal): Promise<number> {
    const clock = known ?? (await readClock(signal));
    // Asked for again: a proxy may have answered in a node's place.
    if (clock === 'blocks') return blockNumber;
    known = clock;
    return slotAt(name, clock, timestamp);
  }

  async function readAt(slot: number, hashes: readonly string[], signal: AbortSignal | undefined) {
    const target = urlBelow(url, `eth/v1/beacon/blobs/${slot}`);
    for (const hash of hashes) target.searchParams.append('versioned_hashes', hash);
    const data = await get(target, MAX_BLOBS_BODY, signal);
    if (data === 404) throw originFailed(name, `status 404 for slot ${slot}: it has pruned it, or never had it`);
    if (typeof data === 'number') throw originFailed(name, `status ${data} for slot ${slot}`);
    if (!Array.isArray(data)) throw originFailed(name, `its answer for slot ${slot} is no list`);
    if (data.length > MAX_BLOBS_PER_BLOCK) throw originFailed(name, `its answer lists ${data.length} blobs`);
    return data.map((entry, position) => blobOf(name, entry, position));
  }

  return {
    name,
    slotOf,
    async read(request, signal) {
      const slot = await slotOf(request, signal);
      const { versionedHashes } = request;
      const blobs = await readAt(slot, versionedHashes, signal);
      if (blobs.length >= versionedHashes.length) return blobs;
      // Of a repeated parameter some, among them anvil, read only one; others take no list behind commas.
      const single: Uint8Array[] = [];
      for (const hash of versionedHashes) single.push(...(await readAt(slot, [hash], signal)));
      return single;
    },
  };
}

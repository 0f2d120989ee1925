/** What all parts of a forwarder stand on: HTLCs as they are on disk, what is remembered of each hash, and which changed. */

import { asRollupError, type Bytes32, type ChannelChange, isRollupError, type RollupError } from '@quittance/protocol';
import { createKeptMemory, type KeptHtlc, type KeptMemory } from '../exchange/index.ts';
import type { ChannelRecord } from '../record.ts';
import { createLooks, type Looks } from './l1-looks.ts';
import { isReleaseUnderWay, type Memory, newMemory } from './memory.ts';
import type { ForwarderOptions } from './types.ts';

/** Longest pause between two attempts, in seconds. */
const LONGEST_PAUSE = 64;

/** The common part. */
export interface Desk {
  readonly options: ForwarderOptions;
  readonly tables: KeptMemory;
  readonly looks: Looks;
  readonly memories: ReadonlyMap<Bytes32, Memory>;
  memoryOf(hash: Bytes32): Memory;
  /** Forgets what is remembered of a hash that nothing is left of. */
  tidy(hash: Bytes32): void;
  /** There may be something to do about this hash. */
  touch(hash: Bytes32): void;
  /** Whether anything was touched since the last time. */
  readonly isTouched: boolean;
  /** Hashes that were touched since the last time. */
  takeTouched(): readonly Bytes32[];
  /** Is looked at again in a while. */
  later(hash: Bytes32): void;
  /** What failed, and is tried again later. */
  failed(hash: Bytes32, error: unknown): void;
  /** Hashes whose time has come to try again. */
  takeRetries(): readonly Bytes32[];
  /** Channels with this party in this token. */
  channelsWith(address: string, tokenId: number): readonly ChannelRecord[];
  /** There is this channel. */
  know(record: ChannelRecord): void;
  /** Asks for a change, unless that is done already. */
  ask(hash: Bytes32, vault: string, change: ChannelChange): void;
}

/** Address of the other party. */
export const peerOf = ({ terms, party }: ChannelRecord): string => (party === 'a' ? terms.b : terms.a);

/** Whether a change was refused since the parties have swapped their roles meanwhile. */
export const isOfOldRole = (error: unknown): boolean =>
  isRollupError(error, 'CHANNEL_CHANGE_REFUSED') && error.data.reason === 'author';

/** Whether nothing is done any more. */
export const isEnding = (error: unknown): boolean => isRollupError(error, 'SHUTTING_DOWN');

/** The channels of a party, by the other party and the token. */
function createPeers({ exchange }: ForwarderOptions) {
  const vaults = new Map<string, Set<string>>();
  const keyOf = (address: string, tokenId: number): string => `${address.toLowerCase()} ${tokenId}`;
  return {
    know(record: ChannelRecord): void {
      const key = keyOf(peerOf(record), record.terms.tokenId);
      const known = vaults.get(key) ?? new Set();
      vaults.set(key, known.add(record.vault));
    },
    with: (address: string, tokenId: number): readonly ChannelRecord[] =>
      [...(vaults.get(keyOf(address, tokenId)) ?? [])]
        .map((vault) => exchange.record(vault))
        .filter((record) => record !== undefined),
  };
}

/** The desk of a forwarder. @param kept as the store has it. @param wake called when something was touched. */
export function createDesk(options: ForwarderOptions, kept: readonly KeptHtlc[], wake: () => void): Desk {
  const { exchange, now, l1 } = options;
  const trouble = (error: RollupError): void => options.onTrouble?.(error);
  const tables = createKeptMemory(kept);
  const looks = createLooks({ l1, now, onTrouble: trouble });
  const memories = new Map<Bytes32, Memory>();
  const touched = new Set<Bytes32>();
  const retries = new Set<Bytes32>();
  const peers = createPeers(options);
  const take = (hashes: Set<Bytes32>, isDue: (hash: Bytes32) => boolean): Bytes32[] => {
    const taken = [...hashes].filter(isDue);
    for (const hash of taken) hashes.delete(hash);
    return taken;
  };

  const memoryOf = (hash: Bytes32): Memory => {
    const found = memories.get(hash) ?? newMemory();
    memories.set(hash, found);
    return found;
  };
  const touch = (hash: Bytes32): void => {
    touched.add(hash);
    wake();
  };
  const later = (hash: Bytes32): void => {
    const memory = memoryOf(hash);
    memory.retryAt = now() + Math.min(LONGEST_PAUSE, 2 ** memory.failures);
    memory.failures = Math.min(memory.failures + 1, LONGEST_PAUSE);
    retries.add(hash);
  };
  const failed = (hash: Bytes32, error: unknown): void => {
    if (isEnding(error)) return;
    later(hash);
    trouble(asRollupError('passing a payment on', error));
  };

  return {
    ...{ options, tables, looks, memories, memoryOf, touch, later, failed },
    tidy(hash) {
      const memory = memories.get(hash);
      const isBusy = memory !== undefined && (memory.pending ?? memory.payment) !== undefined;
      if (isBusy || (memory?.asking.size ?? 0) > 0 || tables.ofHash(hash).length > 0) return;
      memories.delete(hash);
      retries.delete(hash);
      looks.forget(hash);
    },
    get isTouched() {
      return touched.size > 0;
    },
    takeTouched: () => take(touched, () => true),
    takeRetries: () => take(retries, (hash) => memoryOf(hash).retryAt <= now()),
    channelsWith: peers.with,
    know: peers.know,
    ask(hash, vault, change) {
      const { asking } = memoryOf(hash);
      const key = `${vault} ${change.type}`;
      if (asking.has(key)) return;
      asking.add(key);
      exchange.want(vault, change).then(
        () => {
          asking.delete(key);
          memoryOf(hash).failures = 0;
          touch(hash);
        },
        (error: unknown) => {
          asking.delete(key);
          const isSure = !isEnding(error) && !isReleaseUnderWay(exchange.record(vault), hash);
          if (change.type === 'release' && isSure) memoryOf(hash).givenBack.delete(vault);
          if (isOfOldRole(error)) later(hash);
          else failed(hash, error);
        },
      );
    },
  };
}

/** Two sides of one channel with what they wrote down, and a wire between them that tests cut where they like. */

import { createHash } from 'node:crypto';
import {
  type ChannelChange,
  channelAddress,
  channelStateHash,
  recoverChannelSigner,
  signChannelState,
} from '@quittance/protocol';
import {
  type ChannelMessage,
  type ChannelRecord,
  type ChannelSide,
  createChannelSide,
  type Effects,
  type Party,
  type StateKeys,
} from '../../../packages/sdk/channels/index.ts';

const CONTRACT = { chainId: 31_337n, channels: '0x00000000000000000000000000000000000000c1' };
const VAULT = '0x00000000000000000000000000000000000000fa';
const SECRETS = { a: new Uint8Array(32).fill(0xa1), b: new Uint8Array(32).fill(0xb2) } as const;
const ADDRESSES = { a: channelAddress(SECRETS.a), b: channelAddress(SECRETS.b) } as const;

/** Keys of a party. */
export function keysOf(party: Party): StateKeys {
  return {
    hash: (vault, state) => channelStateHash(CONTRACT, vault, state),
    sign: (hash) => signChannelState(hash, SECRETS[party]),
    recover: recoverChannelSigner,
    now: () => 0,
  };
}

/** Keys that cost nothing, for runs of many steps: a signature names who made it. */
export function quickKeysOf(party: Party): StateKeys {
  const text = (_name: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);
  const digest = (content: string): string => `0x${createHash('sha256').update(content).digest('hex')}`;
  return {
    hash: (vault, state) => digest(JSON.stringify({ vault, state }, text)),
    sign: (hash) => ({ v: 27, r: `0x${ADDRESSES[party].slice(2).padStart(64, '0')}`, s: hash }),
    recover: (hash, { r, s }) => (s === hash ? `0x${r.slice(-40)}` : `0x${'00'.repeat(20)}`),
    now: () => 0,
  };
}

/** A channel that A opened with `capacity`; B orders. */
export function recordOf(party: Party, capacity: bigint, keys: (party: Party) => StateKeys): ChannelRecord {
  const state = { version: 0, claim: 0n, residualIsB: false, htlcs: [] };
  const [a, b] = (['a', 'b'] as const).map((one) => keys(one).sign(keys(one).hash(VAULT, state)));
  return {
    terms: { tokenId: 0, ...ADDRESSES, period: 3_600, nonce: 1n },
    ...{ vault: VAULT, party, capacity },
    isOrderer: party === 'b',
    newest: { state, signatures: [a!, b!] },
    asked: [],
    isMoving: false,
    isClosing: false,
  };
}

/** One end: a side, its disk, and what was applied as the disk has it. */
export interface End {
  side: ChannelSide;
  disk: ChannelRecord;
  readonly applied: ChannelChange[];
  readonly refused: ChannelChange[];
  readonly inbox: ChannelMessage[];
}

/** Both ends, connected. */
export function createPair(capacity: bigint, keys: (party: Party) => StateKeys = keysOf) {
  const endOf = (party: Party): End => {
    const disk = recordOf(party, capacity, keys);
    return { side: createChannelSide(disk, keys(party)), disk, applied: [], refused: [], inbox: [] };
  };
  const ends = { a: endOf('a'), b: endOf('b') };
  const other = (party: Party): End => (party === 'a' ? ends.b : ends.a);

  /** Writes, then sends. */
  const take = (party: Party, { record, applied, refused, send }: Effects): void => {
    const end = ends[party];
    end.disk = record ?? end.disk;
    end.applied.push(...applied);
    end.refused.push(...refused.map(({ change }) => change));
    other(party).inbox.push(...send);
  };

  return {
    ends,
    take,
    /** A new connection: what was on its way is gone. */
    connect(): void {
      for (const party of ['a', 'b'] as const) ends[party].inbox.length = 0;
      for (const party of ['a', 'b'] as const) other(party).inbox.push(ends[party].side.begin());
    },
    /** What is not on disk is gone. */
    crash(party: Party): void {
      ends[party].side = createChannelSide(ends[party].disk, keys(party));
    },
    /** Delivers the next message to a party. @returns whether there was one. */
    deliver(party: Party): boolean {
      const message = ends[party].inbox.shift();
      if (message !== undefined) take(party, ends[party].side.receive(message));
      return message !== undefined;
    },
    propose(): void {
      const effects = ends.b.side.propose();
      if (effects !== undefined) take('b', effects);
    },
    /** Until nothing is left to do. */
    settle(): void {
      for (let isBusy = true; isBusy; ) {
        this.propose();
        const [toA, toB] = [this.deliver('a'), this.deliver('b')];
        isBusy = toA || toB;
      }
    },
  };
}

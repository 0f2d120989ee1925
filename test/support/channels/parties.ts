/** Parties that open and close channels on a ledger in memory, connected by lines that tests cut. */

import { channelAddress, channelStateHash, recoverChannelSigner, signChannelState } from '@quittance/protocol';
import {
  type ChannelDocuments,
  type ChannelParty,
  type ChannelPartyOptions,
  createChannelParty,
  type JudgeOpening,
  type StateKeys,
  type WireEnd,
  type WireSocket,
} from '../../../packages/sdk/channels/index.ts';
import { type Clock, machineClock } from '../../../packages/sdk/wallet/time.ts';
import { createMemoryStore } from './exchanges.ts';
import type { Ledger } from './ledger.ts';

const CONTRACT = { chainId: 31_337n, channels: '0x00000000000000000000000000000000000000c1' };
const IMPLEMENTATION = '0x00000000000000000000000000000000000000c2';

/** Documents in memory. */
function createMemoryDocuments(): ChannelDocuments & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    all: async (kind) =>
      [...texts]
        .filter(([name]) => name.startsWith(`${kind} `))
        .map(([name, text]) => [name.slice(kind.length + 1), text]),
    put: async (kind, vault, text) => void texts.set(`${kind} ${vault}`, text),
    remove: async (kind, vault) => void texts.delete(`${kind} ${vault}`),
  };
}

/** A party, and what it would have on its disk. */
export interface TestParty {
  party: ChannelParty;
  readonly receiver: string;
  readonly index: number;
  readonly troubles: Error[];
  /** Ends it and starts it from its disk. */
  restart(): Promise<void>;
  /** Starts it from its disk, whatever became of the one before. */
  start(): Promise<void>;
}

/** What a party has on its disk. */
export type PartyDisk = Pick<ChannelPartyOptions, 'store' | 'documents'>;

export interface TestPartyOptions {
  readonly judge?: JudgeOpening;
  readonly tokenId?: number;
  readonly now?: () => number;
  readonly clock?: Clock;
  /** What each start of the party gets instead of its disk. */
  readonly diskOf?: (disk: PartyDisk) => PartyDisk;
}

/** A party whose key is all `seed`. */
export async function createTestParty(
  ledger: Ledger,
  seed: number,
  options: TestPartyOptions = {},
): Promise<TestParty> {
  const secret = new Uint8Array(32).fill(seed);
  const address = channelAddress(secret);
  const keys: StateKeys = {
    hash: (vault, state) => channelStateHash(CONTRACT, vault, state),
    sign: (hash) => signChannelState(hash, secret),
    recover: recoverChannelSigner,
    now: options.now ?? (() => Math.floor(Date.now() / 1_000)),
  };
  const receiver = `${address}:0x${seed.toString(16).padStart(64, '0')}`;
  const index = ledger.credit(receiver, 1n, options.tokenId);
  const { owner, keyY } = ledger.leaves[index]!;
  const troubles: Error[] = [];
  const disk: PartyDisk = { store: createMemoryStore(), documents: createMemoryDocuments() };
  const paidIn = new Set<string>();
  const partyOptions: Omit<ChannelPartyOptions, keyof PartyDisk> = {
    ...{ address, contract: CONTRACT, implementation: IMPLEMENTATION, keys },
    ...{ rollup: ledger.rollup, clock: options.clock ?? machineClock },
    judge: options.judge ?? (() => undefined),
    policy: () => ({}),
    async fund({ receiver: to, amount, tokenId, kept, keep }) {
      const signed = kept ?? `${to} ${amount} ${tokenId}`;
      if (kept === undefined) await keep(signed);
      // Sent again as often as you like, it is executed once.
      if (!paidIn.has(signed)) ledger.credit(to, amount, tokenId);
      paidIn.add(signed);
    },
    receiver: async () => ({ index, owner, keyY }),
    listener: {
      applied: () => undefined,
      failed: (error) => troubles.push(error),
      trouble: (_, error) => troubles.push(error),
    },
  };
  const open = () => createChannelParty({ ...partyOptions, ...(options.diskOf?.(disk) ?? disk) });
  const made: TestParty = {
    ...{ party: await open(), receiver, index, troubles },
    async restart() {
      await made.party.stop();
      await made.start();
    },
    async start() {
      made.party = await open();
    },
  };
  return made;
}

/** What becomes of a text on its way: it arrives, or the line is cut before it does or after. */
export type TextFate = 'arrives' | 'lost' | 'last';

/** A line between two parties. @returns how to cut it. */
export async function connectParties(
  caller: ChannelParty,
  listener: ChannelParty,
  fateOf: () => TextFate = () => 'arrives',
): Promise<() => void> {
  const ends: { caller?: WireEnd; listener?: WireEnd } = {};
  let isCut = false;
  const cut = (): void => {
    if (isCut) return;
    isCut = true;
    ends.caller?.ended();
    ends.listener?.ended();
  };
  const socketTo = (whom: 'caller' | 'listener'): WireSocket => ({
    waitingBytes: 0,
    send: (text) =>
      void setImmediate(() => {
        if (isCut) return;
        const fate = fateOf();
        if (fate !== 'lost') ends[whom]?.receive(text);
        if (fate !== 'arrives') cut();
      }),
    close: cut,
  });
  ends.listener = listener.accept(socketTo('caller'));
  ends.caller = caller.call(socketTo('listener'));
  await Promise.all([ends.caller.known, ends.listener.known]);
  return cut;
}

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
import { machineClock } from '../../../packages/sdk/wallet/time.ts';
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
}

export interface TestPartyOptions {
  readonly judge?: JudgeOpening;
  readonly tokenId?: number;
  readonly now?: () => number;
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
  const store = createMemoryStore();
  const documents = createMemoryDocuments();
  const partyOptions: ChannelPartyOptions = {
    ...{ address, contract: CONTRACT, implementation: IMPLEMENTATION, keys, store, documents },
    ...{ rollup: ledger.rollup, clock: machineClock },
    judge: options.judge ?? (() => undefined),
    policy: () => ({}),
    async fund({ receiver: to, amount, tokenId, kept, keep }) {
      if (kept !== undefined) return;
      await keep('signed');
      ledger.credit(to, amount, tokenId);
    },
    receiver: async () => ({ index, owner, keyY }),
    listener: {
      applied: () => undefined,
      failed: (error) => troubles.push(error),
      trouble: (_, error) => troubles.push(error),
    },
  };
  const made: TestParty = {
    ...{ party: await createChannelParty(partyOptions), receiver, index, troubles },
    async restart() {
      await made.party.stop();
      made.party = await createChannelParty(partyOptions);
    },
  };
  return made;
}

/** A line between two parties. @returns how to cut it. */
export async function connectParties(caller: ChannelParty, listener: ChannelParty): Promise<() => void> {
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
    send: (text) => void setImmediate(() => isCut || ends[whom]?.receive(text)),
    close: cut,
  });
  ends.listener = listener.accept(socketTo('caller'));
  ends.caller = caller.call(socketTo('listener'));
  await Promise.all([ends.caller.known, ends.listener.known]);
  return cut;
}

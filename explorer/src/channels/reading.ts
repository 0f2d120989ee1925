/** Reads from L1 where channels stand, each of one block; and from a sequencer, if one is known, what their accounts have. */

import { type Bytes32, type ChannelState, isRollupError } from '@quittance/protocol';
import type { TokenInfo } from '@quittance/sdk';
import type { ChannelClose, ChannelsOnL1, ChannelsReader } from '@quittance/sdk/channels';
import { client } from '../data/client.ts';
import type { CheckedChannel } from './file.ts';
import type { Sight, VaultAccount } from './standing.ts';

/** What the past of a close tells, which does not change while the same state stands. */
interface Past {
  readonly shown: ChannelState | undefined;
  readonly requested: readonly number[];
}

/** A look at all channels. */
export interface Look {
  readonly sights: ReadonlyMap<string, Sight>;
  /** Tokens of these channels by their ids. */
  readonly tokens: ReadonlyMap<number, TokenInfo>;
  /** Unix seconds of L1's newest block, and when it was read by our clock, in Unix milliseconds. */
  readonly block: number;
  readonly readMs: number;
}

/** Reads again and again. */
export interface ChannelReading {
  /** @throws RollupError L1_UNREACHABLE, and what else L1 says wrongly. */
  look(channels: readonly CheckedChannel[]): Promise<Look>;
  /** The next look reads the past again, too. */
  forget(): void;
}

/** Channels that are read at once: a page must not be what a node limits. */
const AT_ONCE = 8;

/** The first block whose time is not before `time`. */
async function blockAt(reader: ChannelsReader, time: number, head: number): Promise<number> {
  let [low, high] = [0, head];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const block = await reader.block(middle);
    if (block !== undefined && block.timestamp < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function readPast(
  reader: ChannelsReader,
  { vault, terms }: CheckedChannel,
  close: ChannelClose,
  head: number,
): Promise<Past> {
  const fromBlock = await blockAt(reader, close.periodEnd - terms.period, head);
  const range = { vault, fromBlock, toBlock: head };
  const [events, exits] = await Promise.all([reader.events(range), reader.exitRequests(range)]);
  const event = events.find(
    (one) => (one.type === 'closing' || one.type === 'challenged') && one.stateHash === close.stateHash,
  );
  const isShowing = event?.type === 'closing' || event?.type === 'challenged';
  return {
    shown: isShowing ? await reader.shownState(event) : undefined,
    requested: exits.map(({ accountIndex }) => accountIndex),
  };
}

/** Accounts of a vault; undefined where no sequencer of this rollup answers. What it says is shown, and can cost fees only. */
async function readAccounts(vault: string, tokenId: number): Promise<readonly VaultAccount[] | undefined> {
  try {
    const accounts = await client!.call('rollup_getAccounts', { owner: vault.toLowerCase() });
    return accounts
      .filter((account) => account.tokenId === tokenId)
      .map(({ index, balance }) => ({ index, balance: BigInt(balance) }));
  } catch {
    return undefined; // the page says that none is known
  }
}

/** Whether the sequencer of this page is one of the rollup that the channels are of. */
async function isOfRollup(rollup: string): Promise<boolean> {
  if (client === undefined) return false;
  try {
    return (await client.call('rollup_getConfig', {})).contract.toLowerCase() === rollup.toLowerCase();
  } catch {
    return false; // as none
  }
}

/** A token; one that the rollup does not have counts in base units. @throws RollupError L1_UNREACHABLE. */
async function readToken(l1: ChannelsOnL1, tokenId: number): Promise<TokenInfo> {
  try {
    return await l1.token(tokenId);
  } catch (error) {
    if (isRollupError(error, 'L1_UNREACHABLE')) throw error;
    return { tokenId, address: '', symbol: '', decimals: 0 };
  }
}

/** @param l1 the contract. */
export function createReading(l1: ChannelsOnL1): ChannelReading {
  const { reader, constants } = l1;
  const tokens = new Map<number, TokenInfo>();
  const pasts = new Map<string, Past>();
  let hasSequencer: boolean | undefined;

  async function past(channel: CheckedChannel, close: ChannelClose | undefined, head: number): Promise<Past> {
    if (close === undefined || close.isSettled) return { shown: undefined, requested: [] };
    const key = `${channel.vault} ${close.stateHash}`;
    const found = pasts.get(key) ?? (await readPast(reader, channel, close, head));
    pasts.set(key, found);
    return found;
  }

  async function sightOf(channel: CheckedChannel, head: { number: number; hash: Bytes32 }): Promise<Sight> {
    const { terms, vault, party, state: ours, secrets, hash } = channel;
    const [close, held, accounts] = await Promise.all([
      reader.closeOf(vault, head.hash),
      reader.heldBy(vault, terms.tokenId, head.hash),
      hasSequencer === true ? readAccounts(vault, terms.tokenId) : undefined,
    ]);
    const { shown, requested } = await past(channel, close, head.number);
    const standing = close?.stateHash === hash ? ours : shown;
    const hashes = new Set([...ours.htlcs, ...(standing?.htlcs ?? [])].map((htlc) => htlc.hash));
    const times = await Promise.all([...hashes].map((one) => reader.revealedAt(one, head.hash)));
    const revealed = new Map(
      [...hashes].flatMap((one, place) => (times[place] === undefined ? [] : [[one, times[place]!] as const])),
    );
    return { terms, vault, party, ours, secrets, close, standing, revealed, held, accounts, requested };
  }

  return {
    async look(channels) {
      hasSequencer ??= await isOfRollup(constants.rollup);
      for (const tokenId of new Set(channels.map(({ terms }) => terms.tokenId))) {
        if (!tokens.has(tokenId)) tokens.set(tokenId, await readToken(l1, tokenId));
      }
      const head = await reader.head();
      const readMs = Date.now();
      const sights = new Map<string, Sight>();
      for (let from = 0; from < channels.length; from += AT_ONCE) {
        const some = channels.slice(from, from + AT_ONCE);
        const read = await Promise.all(some.map((channel) => sightOf(channel, head)));
        for (const sight of read) sights.set(sight.vault, sight);
      }
      return { sights, tokens, block: head.timestamp, readMs };
    },
    forget() {
      pasts.clear();
      hasSequencer = undefined;
    },
  };
}

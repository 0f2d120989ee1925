/** A party with its channels: opens and closes them, keeps them connected, and looks at the rollup for their money. */

import { type Address, asRollupError, isSameAddress, RollupError } from '@quittance/protocol';
import { formatReceiver } from '../../wallet/receiver.ts';
import { createExchange } from '../exchange/index.ts';
import type { ChannelRecord } from '../record.ts';
import { disconnected } from '../wire/peer.ts';
import { type ClosingParts, closeTogether, createClosingAnswers, otherParty, submitClosing } from './closing.ts';
import { holding } from './closing-plan.ts';
import { acceptConnection, type ConnectionOptions, callParty, type PartyConnection } from './connection.ts';
import {
  type ChannelAccount,
  type ChannelClosing,
  decodeAccount,
  decodeClosing,
  encodeAccount,
  encodeClosing,
  openKept,
} from './documents.ts';
import { createInTurn } from './in-turn.ts';
import { createOpeningAnswers, openChannel } from './opening.ts';
import type { ChannelParty, ChannelPartyOptions, ChannelSummary } from './types.ts';

type Parts = Awaited<ReturnType<typeof openParts>> & Pick<ClosingParts, 'refresh'>;

async function openParts(options: ChannelPartyOptions) {
  const { address, contract, implementation, keys, store, documents, listener, rollup, clock, receiver } = options;
  const gathering = options.gather === undefined ? {} : { gather: options.gather };
  const exchange = await createExchange({ store, keys, listener, ...gathering });
  const accounts = await openKept<ChannelAccount>(documents, 'account', {
    encode: encodeAccount,
    decode: decodeAccount,
  });
  const closings = await openKept<ChannelClosing>(documents, 'closing', {
    encode: encodeClosing,
    decode: decodeClosing,
  });
  return {
    ...{ exchange, accounts, closings, keys, rollup, clock, receiver, implementation, inTurn: createInTurn() },
    /** Of each channel, the last batch that its account was seen after. */
    seen: new Map<string, number>(),
    ...{ us: address, channels: contract.channels },
  };
}

/** Pays our money into the account of a channel. */
async function fund({ accounts, exchange }: Parts, { fund: pay }: ChannelPartyOptions, vault: string): Promise<void> {
  const account = accounts.get(vault)!;
  const { terms } = exchange.record(vault)!;
  await pay({
    receiver: formatReceiver({ owner: BigInt(vault), keyY: account.joint.publicKey.y }),
    ...{ amount: account.amount, tokenId: terms.tokenId, kept: account.funding },
    keep: (funding) => accounts.put(vault, { ...accounts.get(vault)!, funding }),
    async forget() {
      const { funding: _, ...rest } = accounts.get(vault)!;
      await accounts.put(vault, rest);
    },
  });
  await accounts.put(vault, { ...accounts.get(vault)!, isFunded: true });
}

/** What is final of a channel's account, taken over. */
async function takeFinal(
  parts: Omit<Parts, 'refresh'>,
  { isClosed }: Pick<ChannelPartyOptions, 'isClosed'>,
  vault: string,
  record: ChannelRecord,
): Promise<void> {
  const { accounts, closings, exchange, rollup, seen } = parts;
  const kept = accounts.get(vault)!;
  const of = { owner: vault, keyY: kept.joint.publicKey.y, tokenId: record.terms.tokenId };
  const account = await rollup.account(of);
  if (account === undefined) return;
  // Of several sequencers behind one URL, one may be behind: what was is no news.
  if (account.batch < (seen.get(vault) ?? kept.seen ?? 0)) return;
  seen.set(vault, account.batch);
  const isOtherBalance = account.balance !== record.capacity;
  // With what was kept meanwhile; of what the balance was once, a restart must not forget when.
  if (kept.index === undefined || isOtherBalance) {
    await accounts.put(vault, { ...accounts.get(vault)!, index: account.index, seen: account.batch });
  }
  const closing = closings.get(vault);
  const last = closing?.transfers.at(-1);
  if (closing !== undefined && last !== undefined && account.nonce > last.nonce) {
    if (!closing.isFinal) await closings.put(vault, { ...closing, isFinal: true });
    return;
  }
  if (!isOtherBalance) return;
  // The first money: its vault may have been closed before there was any.
  if (record.capacity === 0n && !record.isClosing && (await isClosed?.(vault)) === true)
    await exchange.setClosing(vault);
  // Less can only come of a close on L1.
  if (account.balance < record.capacity && !record.isClosing) await exchange.setClosing(vault);
  await exchange.setFunds(vault, { capacity: account.balance, isMoving: false });
}

/** Looks at the account of a channel: one look at a time, however many ask. */
function createRefresh(
  parts: Omit<Parts, 'refresh'>,
  options: Pick<ChannelPartyOptions, 'isClosed'>,
): Parts['refresh'] {
  const looks = new Map<string, Promise<void>>();
  return (vault) => {
    const record = parts.exchange.record(vault);
    if (record === undefined) return Promise.resolve();
    const look = looks.get(vault) ?? takeFinal(parts, options, vault, record).finally(() => looks.delete(vault));
    looks.set(vault, look);
    return look;
  };
}

/** One look at a channel. */
async function lookAt(parts: Parts, options: ChannelPartyOptions, vault: string, record: ChannelRecord): Promise<void> {
  const account = parts.accounts.get(vault)!;
  const isOurs = account.funder === record.party;
  const isToBeFunded = isOurs && account.isConfirmed && !account.isFunded && !record.isClosing;
  // What is final is looked at whether or not the sequencer takes our money now.
  const funded = isToBeFunded ? fund(parts, options, vault) : Promise.resolve();
  const [paid] = await Promise.allSettled([funded]);
  await takeFinal(parts, options, vault, record);
  if (paid.status === 'rejected') throw paid.reason;
  const closing = parts.closings.get(vault);
  const isValid = closing !== undefined && closing.validUntil > parts.keys.now();
  if (isValid && !closing.isFinal) await submitClosing(parts, vault, closing);
}

function summaryOf(parts: Parts, record: ChannelRecord, isConnected: boolean): ChannelSummary {
  const { vault, newest, capacity, party, terms } = record;
  const { state } = newest;
  const account = parts.accounts.get(vault);
  const closing = parts.closings.get(vault);
  const isClosed = closing?.isFinal === true;
  const isSigned = closing?.transfers.every(({ signature }) => signature !== undefined) === true;
  const stage = isClosed ? 'closed' : record.isClosing ? 'closing' : capacity === 0n ? 'opening' : 'open';
  return {
    ...{ vault, stage, isConnected, capacity },
    ...{ peer: otherParty(record), tokenId: terms.tokenId, version: state.version },
    ours: isClosed ? 0n : holding(state, capacity, party),
    theirs: isClosed ? 0n : holding(state, capacity, party === 'a' ? 'b' : 'a'),
    locked: state.htlcs.reduce((sum, { amount }) => sum + amount, 0n),
    index: account?.index,
    isOurs: account?.funder === party,
    paidIn: account?.amount ?? 0n,
    closesUntil: isSigned ? closing?.validUntil : undefined,
  };
}

/**
 * Which of two connections with one party counts: the newest. Of two parties that call each other at once, both keep the one that
 * the lower address began.
 */
function isKept(us: Address, before: PartyConnection | undefined, after: PartyConnection): boolean {
  if (before === undefined || before.isOurs === after.isOurs) return true;
  return after.isOurs === us.toLowerCase() < after.address.toLowerCase();
}

/** Who is connected, each once. */
function createConnections(us: Address, listener: ChannelPartyOptions['listener']) {
  const present = new Map<string, PartyConnection>();
  return {
    of: (address: Address): PartyConnection | undefined => present.get(address.toLowerCase()),
    all: () => present.values(),
    /** @returns whether it counts. */
    arrived(connection: PartyConnection): boolean {
      const name = connection.address.toLowerCase();
      const before = present.get(name);
      if (!isKept(us, before, connection)) {
        connection.peer.close(disconnected('there is a connection already'));
        return false;
      }
      present.set(name, connection);
      before?.peer.close(disconnected('it has connected anew'));
      listener.connected?.(connection);
      return true;
    },
    left(connection: PartyConnection): void {
      const name = connection.address.toLowerCase();
      if (present.get(name) !== connection) return;
      present.delete(name);
      listener.disconnected?.(connection);
    },
  };
}

/** Whether a look is due: a channel that rests is looked at with `all` only. */
function isDue({ accounts, closings, exchange, keys }: Parts, record: ChannelRecord, all: boolean): boolean {
  const account = accounts.get(record.vault);
  if (account === undefined || closings.get(record.vault)?.isFinal === true) return false;
  const isNew = record.capacity === 0n && keys.now() - account.openedAt < NEW_SECONDS;
  // One whose money has left for L1 has nothing more to come here.
  const isLeaving = record.isClosing && (record.capacity > 0n || closings.get(record.vault) !== undefined);
  return all || isNew || isLeaving || exchange.isBehind(record.vault);
}

/** Seconds in which money is waited for with every look; then now and then. */
const NEW_SECONDS = 600;
/** Seconds after which a channel is forgotten that somebody opened with us and never paid in. Its first state closes it alone. */
const FORGOTTEN_SECONDS = 86_400;

/** Whether nobody will pay it in any more, and nothing of ours is in it. */
function isAbandoned({ accounts, keys }: Parts, { vault, party, capacity, newest, proposal }: ChannelRecord): boolean {
  const account = accounts.get(vault);
  const isTheirs = party === 'b' && account?.funder === 'a' && account.index === undefined;
  const isUnused = capacity === 0n && newest.state.version === 0 && proposal === undefined;
  return isTheirs && isUnused && keys.now() - account.openedAt > FORGOTTEN_SECONDS;
}

/** Says again that a channel is open: the other party, which pays it in, may not have heard it. */
async function confirmAgain(
  { accounts }: Parts,
  connection: PartyConnection | undefined,
  { vault, party, capacity }: ChannelRecord,
): Promise<void> {
  const isTheirs = party === 'a' && accounts.get(vault)?.funder === 'b';
  if (isTheirs && capacity === 0n) await connection?.peer.request('channel_opened', { vault });
}

async function forgetAbandoned(parts: Parts, vault: string): Promise<void> {
  const record = parts.exchange.record(vault);
  if (record === undefined || !isAbandoned(parts, record)) return;
  await parts.exchange.remove(vault);
  await parts.accounts.remove(vault);
}

/** Opens what a party has. @throws RollupError as the store and the documents. */
export async function createChannelParty(options: ChannelPartyOptions): Promise<ChannelParty> {
  const { address, contract, keys, clock, judge, policy, listener } = options;
  const opened = await openParts(options);
  const parts: Parts = { ...opened, refresh: createRefresh(opened, options) };
  const { exchange } = parts;
  const connections = createConnections(address, listener);
  let looking: Promise<void> = Promise.resolve();

  const wire: ConnectionOptions = {
    ...{ identity: { contract, address, keys }, clock, exchange },
    arrived: connections.arrived,
    left: connections.left,
    methodsFor: (peer) => ({
      channel_policy: async () => policy(),
      ...createOpeningAnswers(parts, peer, { judge, opened: (vault) => connections.of(peer)?.join(vault) }),
      ...createClosingAnswers(parts, (record) => isSameAddress(otherParty(record), peer)),
    }),
  };
  const peerOf: ChannelParty['peerOf'] = (whom) => {
    const connection = connections.of(whom);
    if (connection === undefined) throw disconnected(`${whom} is not there; connect to it, or close alone`);
    return connection.peer;
  };
  const recordOf = (vault: string): ChannelRecord => {
    const record = exchange.record(vault);
    if (record !== undefined) return record;
    throw new RollupError('NOT_FOUND', `there is no channel with vault ${vault} here`, { actual: vault });
  };

  async function lookAtAll(all: boolean): Promise<void> {
    for (const [vault, record] of exchange.records) {
      if (!isDue(parts, record, all)) continue;
      try {
        await lookAt(parts, options, vault, record);
        await confirmAgain(parts, connections.of(otherParty(record)), record);
        await forgetAbandoned(parts, vault);
      } catch (error) {
        listener.trouble?.(vault, asRollupError('a look at a channel', error));
      }
    }
  }

  return {
    address,
    exchange,
    peerOf,
    accept: (socket) => acceptConnection(wire, socket),
    call: (socket, expected) => callParty(wire, socket, expected),
    isConnected: (vault) => connections.of(otherParty(recordOf(vault))) !== undefined,
    channelsWith: (whom, tokenId) =>
      [...exchange.records.values()]
        .filter((record) => record.terms.tokenId === tokenId && isSameAddress(otherParty(record), whom))
        .filter(({ isClosing, capacity }) => !isClosing && capacity > 0n)
        .map(({ vault }) => vault),
    channels: () =>
      [...exchange.records.values()].map((record) =>
        summaryOf(parts, record, connections.of(otherParty(record)) !== undefined),
      ),
    async open(whom, request) {
      const vault = await openChannel(parts, peerOf(whom), whom, request);
      connections.of(whom)?.join(vault);
      return vault;
    },
    closeTogether: (vault) => closeTogether(parts, peerOf(otherParty(recordOf(vault))), vault),
    stopChannel: async (vault) => {
      if (!recordOf(vault).isClosing) await exchange.setClosing(vault);
    },
    look(all = false) {
      // One after the other: a channel is paid in once.
      looking = looking.then(() => lookAtAll(all));
      return looking;
    },
    async stop() {
      for (const { peer } of connections.all()) peer.close(new RollupError('SHUTTING_DOWN', 'the party is stopping'));
      await looking.catch(() => undefined);
      await exchange.stop();
    },
  };
}

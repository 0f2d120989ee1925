/** Connections to other parties: each is dialed once, by the URL that is kept of it or that it is first met at. */

import { type Address, isRollupError, RollupError } from '@quittance/protocol';
import {
  askTerms,
  type ChannelDocuments,
  type ChannelParty,
  type Dialing,
  dialParty,
  openPeers,
  type PartyConnection,
  type PartyPeer,
} from '@quittance/sdk/channels';
import type { Clock } from '../../runtime/index.ts';

/** Who is reached, and how. */
export interface Peers {
  /** Connects to whoever is at a URL. @throws RollupError CHANNEL_PEER_AWAY, or CHANNEL_PEER_WRONG at once. */
  call(url: string, timeoutMs: number, expected?: Address): Promise<PartyConnection>;
  /** Connects to a party that is known. @throws as `call`. */
  reach(address: Address, timeoutMs: number): Promise<PartyConnection>;
  /** How a party is reached that is known. */
  known(address: Address): PartyPeer | undefined;
  /** Keeps how a party is reached, and what it says of itself. */
  remember(address: Address, peer: PartyPeer): Promise<void>;
  /** Begins to connect to all with whom there are channels that are not closed. */
  callAll(): void;
  /** Resolves once all who are there have taken what was said to them. */
  flush(): Promise<void>;
  stop(): void;
}

/** How long an answer is waited for at the end. */
const FLUSH_MS = 3_000;

/** A connection that is tried again and again; who is not who it should be is not. */
interface Line {
  readonly dialing: Dialing;
  readonly refused: Promise<RollupError>;
}

const nameOf = (address: Address): string => address.toLowerCase();

/** Ends when it ends, or after some time. */
async function within(clock: Clock, timeoutMs: number, work: Promise<unknown>): Promise<void> {
  const timer = Promise.withResolvers<void>();
  const { cancel } = clock.schedule(timeoutMs, timer.resolve);
  await Promise.race([work.catch(() => undefined), timer.promise]);
  cancel();
}

/** Opens what is kept of other parties. @throws RollupError DATABASE_DAMAGED. */
export async function createPeers(options: {
  readonly party: ChannelParty;
  readonly documents: ChannelDocuments;
  readonly clock: Clock;
  readonly onTrouble?: (error: RollupError) => void;
}): Promise<Peers> {
  const { party, documents, clock, onTrouble } = options;
  const kept = await openPeers(documents);
  const lines = new Map<string, Line>();

  function dial(url: string, expected: Address | undefined): Line {
    const refused = Promise.withResolvers<RollupError>();
    const dialing = dialParty({
      ...{ url, party, clock },
      ...(expected === undefined ? {} : { expected }),
      onTrouble(error) {
        if (isRollupError(error, 'CHANNEL_PEER_WRONG')) refused.resolve(error);
        onTrouble?.(error);
      },
    });
    return { dialing, refused: refused.promise };
  }
  const connected = async ({ dialing, refused }: Line, timeoutMs: number): Promise<PartyConnection> => {
    const refusal = refused.then((error): never => {
      throw error;
    });
    return Promise.race([dialing.connected(timeoutMs), refusal]);
  };
  const lineOf = (address: Address, url: string): Line => {
    const name = nameOf(address);
    const line = lines.get(name) ?? dial(url, address);
    lines.set(name, line);
    return line;
  };

  return {
    known: (address) => kept.get(nameOf(address)),
    remember: (address, peer) => kept.put(nameOf(address), peer),
    async call(url, timeoutMs, expected) {
      if (expected !== undefined) return connected(lineOf(expected, url), timeoutMs);
      const line = dial(url, undefined);
      try {
        const connection = await connected(line, timeoutMs);
        // Two lines to one party would cut each other off.
        lines.get(nameOf(connection.address))?.dialing.stop();
        lines.set(nameOf(connection.address), line);
        return connection;
      } catch (error) {
        line.dialing.stop();
        throw error;
      }
    },
    async reach(address, timeoutMs) {
      const url = kept.get(nameOf(address))?.url;
      const line = lines.get(nameOf(address)) ?? (url === undefined ? undefined : lineOf(address, url));
      if (line !== undefined) return connected(line, timeoutMs);
      const reason = `it is not known how ${address} is reached: its URL is not in the store`;
      throw new RollupError('CHANNEL_PEER_AWAY', reason, { reason });
    },
    callAll() {
      for (const { peer, stage } of party.channels()) {
        const url = kept.get(nameOf(peer))?.url;
        if (stage !== 'closed' && url !== undefined) lineOf(peer, url);
      }
    },
    async flush() {
      const present = [
        ...new Set(
          party
            .channels()
            .filter((one) => one.isConnected)
            .map(({ peer }) => nameOf(peer)),
        ),
      ];
      // What is said on a connection is taken in its order: an answer means that all before it was.
      const asked = present.map(async (address) => askTerms(party.peerOf(address)));
      await within(clock, FLUSH_MS, Promise.allSettled(asked));
    },
    stop() {
      for (const { dialing } of lines.values()) dialing.stop();
    },
  };
}

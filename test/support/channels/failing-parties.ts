/** Two parties whose disks, processes and lines fail by a seed, until they are let. */

import { isRollupError, RollupError } from '@quittance/protocol';
import { machineClock } from '../../../packages/sdk/wallet/time.ts';
import { createRandom, type Random } from '../property/random.ts';
import { createLedger, type Ledger } from './ledger.ts';
import { connectParties, createTestParty, type PartyDisk, type TestParty, type TextFate } from './parties.ts';

/** A party that may be down. */
export interface FailingParty {
  readonly name: 'wallet' | 'hub';
  readonly test: TestParty;
  isUp: boolean;
}

/** Both parties and what is between them. */
export interface FailingPair {
  readonly random: Random;
  readonly ledger: Ledger;
  readonly wallet: FailingParty;
  readonly hub: FailingParty;
  /** Whether things fail. */
  isFailing: boolean;
  /** Seconds go by. */
  pass(seconds: number): void;
  /** Starts whoever is down, and connects them if they are not connected. */
  revive(): Promise<void>;
  /** Ends a party in the middle of whatever it does. */
  crash(party: FailingParty): void;
  /** Lets it go on for some turns; what waits for the other party goes on behind that. */
  attempt(work: () => Promise<unknown>): Promise<void>;
  /** What failed for reasons that no party may have. */
  readonly faults: readonly unknown[];
  /** Why something was not done, the last ones. */
  readonly refusals: readonly string[];
}

/** What a failure may be told as. */
const EXPECTED = [
  ...['CHANNEL_PEER_AWAY', 'CHANNEL_CHANGE_REFUSED', 'CHANNEL_FUNDS_SHORT', 'CHANNEL_CLOSED', 'NOT_FOUND'],
  ...['SHUTTING_DOWN', 'DISK_FULL', 'CHANNEL_PEER_WRONG'],
] as const;

/** Waits are turns of the event loop. */
const hastyClock = { ...machineClock, sleep: () => new Promise<void>((resolve) => void setImmediate(resolve)) };

/** Turns in which an action is looked at, before another one begins beside it. */
const MOST_TURNS = 400;

/** How often what fails. */
const CHANCES = { text: 0.04, disk: 0.03 } as const;

const lost = (): RollupError => new RollupError('DISK_FULL', 'the process ended here', { file: 'x' });

/** A party whose writes may be the last thing that it does. */
async function createFailingParty(
  name: FailingParty['name'],
  ledger: Ledger,
  pair: Pick<FailingPair, 'random' | 'isFailing' | 'crash'> & { readonly now: () => number },
): Promise<FailingParty> {
  let life = 0;
  const diskOf = ({ store, documents }: PartyDisk): PartyDisk => {
    life += 1;
    const ours = life;
    // One that has ended writes nothing more; what it was about to write is there, or not.
    const fail = (): void => {
      if (ours !== life || !party.isUp) throw lost();
      if (!pair.isFailing || !pair.random.chance(CHANCES.disk)) return;
      pair.crash(party);
      throw lost();
    };
    const around = async <T>(write: () => Promise<T>): Promise<T> => {
      fail();
      const written = await write();
      fail();
      return written;
    };
    return {
      store: {
        ...store,
        commit: (writes) => around(() => store.commit(writes)),
        remove: (vault) => around(() => store.remove(vault)),
      },
      documents: {
        all: documents.all,
        put: (kind, vault, text) => around(() => documents.put(kind, vault, text)),
        remove: (kind, vault) => around(() => documents.remove(kind, vault)),
      },
    };
  };
  const party = { name, isUp: true } as { -readonly [Key in keyof FailingParty]: FailingParty[Key] };
  const seed = name === 'wallet' ? 0xa1 : 0xb2;
  party.test = await createTestParty(ledger, seed, { now: pair.now, clock: hastyClock, diskOf });
  return party;
}

/** Both, connected. */
export async function createFailingPair(seed: string): Promise<FailingPair> {
  const random = createRandom(seed);
  const faults: unknown[] = [];
  const refusals: string[] = [];
  const ledger = createLedger();
  let now = 1_800_000_000;
  let cut: () => void = () => undefined;
  let isConnected = false;
  const fateOf = (): TextFate => {
    if (!pair.isFailing || !random.chance(CHANCES.text)) return 'arrives';
    isConnected = false;
    return random.pick(['lost', 'last']);
  };
  const pair = {
    ...{ random, ledger, faults, refusals, isFailing: false, now: () => now },
    pass(seconds: number) {
      now += seconds;
    },
    crash(party: FailingParty) {
      party.isUp = false;
      isConnected = false;
      cut();
    },
    async attempt(work: () => Promise<unknown>): Promise<void> {
      let isOver = false;
      const end = (): void => {
        isOver = true;
      };
      work()
        .catch((error: unknown) => {
          if (!EXPECTED.some((code) => isRollupError(error, code))) faults.push(error);
          refusals.push(String(error));
          if (refusals.length > 4) refusals.shift();
        })
        .finally(end);
      for (let turn = 0; turn < MOST_TURNS && !isOver; turn += 1) await hastyClock.sleep();
    },
    async revive() {
      for (const party of [pair.wallet, pair.hub]) {
        if (party.isUp) continue;
        party.isUp = true;
        await party.test.start();
      }
      if (isConnected) return;
      cut();
      isConnected = true;
      const connecting = async () => {
        cut = await connectParties(pair.wallet.test.party, pair.hub.test.party, fateOf);
      };
      await pair.attempt(connecting);
    },
  } as unknown as Omit<FailingPair, 'wallet' | 'hub'> & {
    wallet: FailingParty;
    hub: FailingParty;
    readonly now: () => number;
  };
  pair.wallet = await createFailingParty('wallet', ledger, pair);
  pair.hub = await createFailingParty('hub', ledger, pair);
  await pair.revive();
  return pair;
}

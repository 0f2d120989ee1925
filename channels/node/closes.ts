/**
 * Looks at L1 for channels that somebody closes alone, and stops them: what is signed in one from then on counts only if it is
 * shown before its period ends, and after that never. Who does not see L1 must not sign at all.
 */

import type { ChannelsReader } from '@quittance/chain';
import { asRollupError, RollupError } from '@quittance/protocol';
import type { ChannelParty, ChannelRecord } from '@quittance/sdk/channels';
import { type Clock, createLoop, type Logger } from '../../runtime/index.ts';

export interface CloseWatchOptions {
  readonly reader: Pick<ChannelsReader, 'head' | 'events' | 'closeOf'>;
  readonly party: Pick<ChannelParty, 'exchange' | 'stopChannel'>;
  /** Whether a head says the time: blocks come by themselves, and not on demand. */
  readonly areBlocksRegular: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lookMs: number;
  /** L1 was not seen for so long that what is signed may count for nothing. */
  readonly onBlind: (error: RollupError) => void;
}

/** Stops channels that are closed alone. */
export interface CloseWatch {
  /** Looks now; a look that is under way is waited for. @throws RollupError L1_UNREACHABLE. */
  look(): Promise<void>;
  /** Seconds since L1 was seen, or since this began. */
  unseenSeconds(): number;
  /** Looks again and again. */
  start(): void;
  stop(): Promise<void>;
}

/** Blocks behind the head that are read again: a reorganization may bring a close into one that was read. */
const OVERLAP_BLOCKS = 64;
/** Channels that are asked for at the same time. */
const AT_ONCE = 20;
/** Every so many looks each channel is asked for by itself: events that a node left out are found, too. */
const THOROUGH_LOOKS = 30;

function blind(seconds: number, limit: number): RollupError<'L1_UNREACHABLE'> {
  const message =
    `L1 was not seen for ${seconds} s, at most ${limit} s are safe with the periods of the channels here: a state that is signed ` +
    'now may never count. Check --l1-url, and start again; quittance channel watch needs L1 as well';
  return new RollupError('L1_UNREACHABLE', message, { seconds, limit });
}

/** Channels in which money can change hands. Of the others, the close is asked for before the first money in them counts. */
const openIn = ({ records }: CloseWatchOptions['party']['exchange']): ChannelRecord[] =>
  [...records.values()].filter(({ isClosing, capacity }) => !isClosing && capacity > 0n);

/** Seconds without L1 that are safe: half of the shortest period in which something can still be signed. */
function limitOf({ exchange }: CloseWatchOptions['party']): number | undefined {
  const periods = openIn(exchange).map(({ terms }) => terms.period);
  return periods.length === 0 ? undefined : Math.floor(Math.min(...periods) / 2);
}

/** What came of a look: what was found counts, also where something else could not be asked. */
interface Found {
  readonly vaults: Set<string>;
  /** Why not all could be asked. */
  problem?: unknown;
}

/** Of these vaults, those that L1 says are being closed, each asked for by itself. */
async function askEach({ reader }: CloseWatchOptions, vaults: readonly string[], found: Found): Promise<void> {
  for (let first = 0; first < vaults.length; first += AT_ONCE) {
    const some = vaults.slice(first, first + AT_ONCE);
    const closes = await Promise.allSettled(some.map((vault) => reader.closeOf(vault)));
    for (const [place, close] of closes.entries()) {
      if (close.status === 'rejected') found.problem ??= close.reason;
      else if (close.value !== undefined) found.vaults.add(some[place]!);
    }
    if (found.problem !== undefined) return;
  }
}

/** Notes why something could not be asked, and goes on with nothing. */
const failed =
  (found: Found) =>
  (error: unknown): [] => {
    found.problem ??= error;
    return [];
  };

/** A watch that does not look by itself yet. */
export function createCloseWatch(options: CloseWatchOptions): CloseWatch {
  const { reader, party, areBlocksRegular, clock, logger, lookMs, onBlind } = options;
  // A vault that is new here may have been closed long ago: of its close, no event comes any more.
  const asked = new Set<string>();
  let seenAtMs = clock.monotonicMs();
  let readThrough = 0;
  let looks = 0;
  let looking: Promise<void> | undefined;

  async function lookOnce(): Promise<void> {
    const head = await reader.head();
    const open = openIn(party.exchange).map(({ vault }) => vault);
    const isThorough = looks % THOROUGH_LOOKS === 0;
    const found: Found = { vaults: new Set() };
    await askEach(options, isThorough ? open : open.filter((vault) => !asked.has(vault)), found);
    const fromBlock = Math.max(0, Math.min(readThrough, head.number) - OVERLAP_BLOCKS);
    const events =
      readThrough === 0 ? [] : await reader.events({ fromBlock, toBlock: head.number }).catch(failed(found));
    for (const { type, vault } of events) if (type === 'closing') found.vaults.add(vault.toLowerCase());
    for (const vault of open.filter((one) => found.vaults.has(one))) {
      await party.stopChannel(vault);
      logger.warn(
        'a channel is being closed on L1: nothing more is signed in it; quittance channel watch shows its newest state',
        {
          vault,
        },
      );
    }
    if (found.problem !== undefined) throw found.problem;
    looks += 1;
    for (const vault of open) asked.add(vault);
    readThrough = head.number;
    // A node that stands still shows L1 as it was.
    const ageMs = areBlocksRegular ? Math.max(0, clock.nowMs() - head.timestamp * 1_000) : 0;
    seenAtMs = clock.monotonicMs() - ageMs;
  }

  const look = (): Promise<void> => {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const looker = createLoop({
    ...{ clock, intervalMs: lookMs, run: look },
    onError: (error) =>
      logger.warn('L1 could not be looked at for closes; trying again', {
        error: asRollupError('a look at L1', error),
      }),
  });
  const unseenSeconds = (): number => Math.floor((clock.monotonicMs() - seenAtMs) / 1_000);
  // By itself: a look that waits for an answer tells nothing.
  const guard = createLoop({
    ...{ clock, intervalMs: lookMs },
    run: async () => {
      const [seconds, limit] = [unseenSeconds(), limitOf(party)];
      if (limit !== undefined && seconds > limit) onBlind(blind(seconds, limit));
    },
    onError: (error) => onBlind(asRollupError('watching for closes', error) as RollupError<'L1_UNREACHABLE'>),
  });

  return {
    look,
    unseenSeconds,
    start() {
      looker.start();
      guard.start();
    },
    async stop() {
      await Promise.all([looker.stop(), guard.stop()]);
    },
  };
}

/** What the page says of a channel and of each move: pure. */

import { amountText } from '../text/amounts.ts';
import type { Move, Standing } from './standing.ts';

/** A line at the top of a channel. `tone` is its colour: `bad` is said at once to who does not see it. */
export interface StandingWords {
  readonly title: string;
  readonly text: string;
  readonly tone: 'plain' | 'warn' | 'bad' | 'good';
}

/** @param money writes base units of the channel's token. */
export function standingWords(standing: Standing, ourVersion: number, money: (units: bigint) => string): StandingWords {
  switch (standing.state) {
    case 'open':
      return {
        title: 'Open',
        text: 'L1 knows nothing of this channel: nobody is closing it.',
        tone: 'plain',
      };
    case 'old':
      return {
        title: 'An OLDER state than yours is being shown: challenge now',
        text: `Somebody closes with version ${standing.version}; yours is ${ourVersion}. Challenge before the time is over, or the older state counts.`,
        tone: 'bad',
      };
    case 'closing':
      return standing.isNewer
        ? {
            title: `Closing with version ${standing.version}, newer than yours`,
            text: `Both of you signed it, and your file has only version ${ourVersion}. Get a newer file: a still newer state can be shown until then.`,
            tone: 'warn',
          }
        : {
            title: `Closing with version ${standing.version}`,
            text: 'That is your newest state. There is nothing to do until the period is over.',
            tone: 'plain',
          };
    case 'pending':
      return {
        title: `To be settled with version ${standing.version}, once its HTLCs have ended`,
        text: 'The period is over, but the secret of an HTLC can still come.',
        tone: 'plain',
      };
    case 'due':
      return standing.isLate
        ? {
            title: `To be settled with version ${standing.version}, older than yours`,
            text: `The period is over: it is too late to show your version ${ourVersion}. The older one counts.`,
            tone: 'bad',
          }
        : {
            title: `To be settled with version ${standing.version}`,
            text: 'The period is over. Anybody can settle; then what is there is paid out.',
            tone: 'plain',
          };
    case 'unknown':
      return {
        title: `To be settled with version ${standing.version}, which is not in your file`,
        text: 'Whoever settles has to show that state again, and L1 does not tell it here. Get a newer file, or let the other party settle.',
        tone: 'warn',
      };
    case 'owed':
      return { title: 'Settled: yours to collect', text: `${money(standing.amount)} waits for you.`, tone: 'good' };
    case 'paid':
      return standing.paid === 0n
        ? {
            title: 'Settled',
            text: 'Nothing has come for you yet. What the vault has on the rollup arrives when its exit is executed and claimed.',
            tone: 'plain',
          }
        : {
            title: 'Paid',
            text: `${money(standing.paid)} was paid to you. If more reaches the vault, it is collected in the same way.`,
            tone: 'good',
          };
  }
}

/** What is known beside a move to say what it costs and means. */
export interface MoveContext {
  readonly money: (units: bigint) => string;
  /** Wei as text. */
  readonly ether: (wei: bigint) => string;
  readonly bond: bigint;
  readonly exitFee: bigint;
  /** Seconds of the period as text. */
  readonly period: string;
  /** Of the newest state of the file. */
  readonly version: number;
}

/** What a button says, and what is said before anything is sent. */
export interface MoveWords {
  readonly button: string;
  readonly title: string;
  readonly says: readonly string[];
  /** What the transaction sends along, part by part. */
  readonly sends: readonly { readonly name: string; readonly value: string }[];
  readonly isGrave: boolean;
  /** What is said when it is done. */
  readonly done: string;
}

const accountsText = (indices: readonly number[]): string =>
  indices.length === 0
    ? 'an account'
    : indices.length === 1
      ? `account ${indices[0]}`
      : `accounts ${indices.join(', ')}`;

/** The words of a move. */
export function moveWords(move: Move, context: MoveContext): MoveWords {
  const { money, ether, bond, exitFee, period, version } = context;
  const plain = { sends: [], isGrave: false } as const;
  const fees = (indices: readonly number[]) => ({
    name: `Exit of ${accountsText(indices)}`,
    value: `${ether(exitFee * BigInt(indices.length))} ETH`,
  });
  switch (move.kind) {
    case 'close':
      return {
        button: 'Close alone',
        title: 'Close this channel alone?',
        says: [
          `Shows version ${version} on L1, for good: nothing can be paid in this channel any more.`,
          `Your money is kept back for ${period}, in which anybody can show a newer state, and longer while HTLCs wait for their secrets. If one is more than one version newer, you lose the bond to the other party.`,
          'Closing together, by two ordinary transfers, is faster and free: ask the other party first, if it answers.',
          move.indices.length === 0
            ? 'No exit is requested with it, as no account of this channel is named: request it afterwards, or the money stays on the rollup.'
            : `Asks L1 to pay out ${accountsText(move.indices)} into the vault of this channel.`,
        ],
        sends: [
          { name: 'Bond, which the settlement gives back', value: `${ether(bond)} ETH` },
          ...(move.indices.length === 0 ? [] : [fees(move.indices)]),
        ],
        isGrave: true,
        done: 'The close stands on L1.',
      };
    case 'challenge':
      return {
        ...plain,
        button: `Challenge with version ${version}`,
        title: 'Challenge the older state?',
        says: [
          `Shows your version ${version} in place of the older one. The period does not become longer.`,
          'If yours is more than one version newer, the bond of whoever closed goes to the other party.',
        ],
        done: `Version ${version} stands on L1 now.`,
      };
    case 'reveal':
      return {
        ...plain,
        button: `Show the secret for ${money(move.amount)}`,
        title: 'Show this secret on L1?',
        says: [
          `Everybody sees it, and ${money(move.amount)} of this channel is yours by it. It counts for every HTLC with the same hash that has not expired.`,
        ],
        done: 'The secret stands on L1.',
      };
    case 'settle':
      return {
        ...plain,
        button: 'Settle',
        title: 'Settle this channel?',
        says: [
          `Fixes both shares by version ${move.state.version}, for good. The bond is credited to whom it belongs.`,
          'Nothing is paid by it: each party collects afterwards.',
        ],
        done: 'The channel is settled.',
      };
    case 'payout':
      return {
        ...plain,
        button: `Collect ${money(move.amount)}`,
        title: 'Collect what is yours?',
        says: [`Pays ${money(move.amount)} to the L1 address of your party, whoever sends it.`],
        done: `${money(move.amount)} was paid out.`,
      };
    case 'requestExits':
      return {
        button: `Request the exit of ${accountsText(move.indices)}`,
        title: 'Request the exit?',
        says: [
          `Asks L1 to pay out ${accountsText(move.indices)} of the rollup into the vault of this channel.`,
          'The sequencer has to execute it by its deadline. Then the withdrawal is claimed for the vault, by anybody.',
        ],
        sends: move.indices.length === 0 ? [] : [fees(move.indices)],
        isGrave: false,
        done: 'The exit is requested.',
      };
  }
}

const WEI_DECIMALS = 18;

/** Wei as ETH with three digits that count: nobody knows a price better. */
export function roughEther(wei: bigint): string {
  const digits = String(wei);
  const dropped = 10n ** BigInt(Math.max(0, digits.length - 3));
  return amountText(((wei + dropped / 2n) / dropped) * dropped, WEI_DECIMALS);
}

/** Steps of what is told to who does not see the countdown, in seconds: it must not be read out each second. */
const STEPS: readonly (readonly [seconds: number, text: string])[] = [
  [60, 'less than a minute'],
  [300, 'less than 5 minutes'],
  [1_800, 'less than 30 minutes'],
  [3_600, 'less than an hour'],
  [21_600, 'less than 6 hours'],
  [86_400, 'less than a day'],
];

/** How much time is left, roughly. */
export function roughlyLeft(seconds: number): string {
  if (seconds <= 0) return 'the time is over';
  return `${STEPS.find(([most]) => seconds < most)?.[1] ?? 'more than a day'} left`;
}

/** `1 d 2 h`, `60 min`, `90 s`: a period, by its two largest units. */
export function periodText(seconds: number): string {
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const;
  let left = seconds;
  const parts: string[] = [];
  for (const [name, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** What `./dev bench channels` measures, and how it is said. */

import type { GasResult } from './gas.ts';
import type { HubResult } from './hub.ts';
import type { PairResult } from './pair.ts';

export interface ChannelsResult {
  /** Payments of one party to another in their channel. */
  readonly pair: PairResult;
  /** Payments by HTLCs over a hub, whose wallets have their stores elsewhere. */
  readonly hub: HubResult;
  /** The same when the stores of all wallets are on the hub's disk. */
  readonly hubOnOneDisk: HubResult;
  /** Whether "elsewhere" is memory, as each wallet has a disk of its own; else it is this machine's only disk. */
  readonly areWalletsInMemory: boolean;
  readonly gas: GasResult;
  readonly seed: string;
  /** Schedules that were played on the contracts. */
  readonly schedules: number;
  /** Schedules in which a promise was broken, and payments that are not where they should be. */
  readonly violations: number;
}

/** For people. */
export function channelsLines({ pair, hub, hubOnOneDisk, gas, schedules, violations, seed }: ChannelsResult): string[] {
  const cpu = (milliseconds: number): string => `${milliseconds.toFixed(2)} ms of CPU a payment`;
  return [
    `pair    ${pair.perSecond.toFixed(0)} payments a second with ${pair.inFlight} at a time, ${cpu(pair.cpuMsPerPayment)}`,
    `        at ${pair.loadPerSecond.toFixed(0)} a second: p50 ${pair.p50Ms.toFixed(1)} ms, p99 ${pair.p99Ms.toFixed(1)} ms, ${cpu(pair.loadCpuMsPerPayment)}`,
    `hub     ${hub.perSecond.toFixed(0)} payments a second over ${hub.channels} channels with ${hub.inFlight} at a time, p50 ${hub.p50Ms.toFixed(1)} ms, p99 ${hub.p99Ms.toFixed(1)} ms`,
    `        ${cpu(hub.cpuMsPerPayment)}, ${hub.hubCpuMsPerPayment.toFixed(2)} ms of it the hub's`,
    `        ${hubOnOneDisk.perSecond.toFixed(0)} payments a second when the wallets' stores are on the hub's disk`,
    `gas     ${gas.lonelyClose} close with one exit, ${gas.challenge} challenge, ${gas.htlc} an HTLC`,
    `${schedules} schedules (seed ${seed}), ${violations} violations`,
  ];
}

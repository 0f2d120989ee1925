/** A result of `./dev bench channels`. */

import type { ChannelsResult } from '../../../scripts/bench/parts/channels/result.ts';

export const MEASURED_CHANNELS: ChannelsResult = {
  pair: {
    ...{ perSecond: 5_000, payments: 20_000, inFlight: 256, closedP50Ms: 40, closedP99Ms: 80, cpuMsPerPayment: 0.12 },
    ...{ loadPerSecond: 4_000, p50Ms: 9, p99Ms: 21.5, loadCpuMsPerPayment: 0.15, lost: 0 },
  },
  hub: {
    ...{ perSecond: 612, channels: 200, payments: 10_000, inFlight: 400, p50Ms: 300, p99Ms: 700 },
    ...{ cpuMsPerPayment: 2.5, hubCpuMsPerPayment: 1, givenBack: 0, lost: 0 },
  },
  hubOnOneDisk: {
    ...{ perSecond: 110, channels: 200, payments: 2_000, inFlight: 400, p50Ms: 3_000, p99Ms: 7_000 },
    ...{ cpuMsPerPayment: 3.5, hubCpuMsPerPayment: 1.5, givenBack: 0, lost: 0 },
  },
  areWalletsInMemory: true,
  gas: { lonelyClose: 255_580, challenge: 50_459, htlc: 5_730 },
  ...{ seed: '1', schedules: 1_000, violations: 0 },
};

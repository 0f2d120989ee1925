/**
 * `./dev bench channels [--payments N] [--in-flight N] [--channels N] [--routed N] [--routed-in-flight N] [--schedules N] [--seed S]
 * [--json] [--save]`: payments in one channel and over a hub, each party with its store on disk, over WebSockets, in processes of
 * their own; what closing alone costs on L1; and random schedules on the contracts. Ends with code 1 when money is not where it
 * should be, or a schedule breaks a promise.
 */

import { join } from 'node:path';
import { runSchedules } from '../../test/support/channels/model/index.ts';
import { createStoreFolders } from '../channels/folders.ts';
import { readArguments } from './parts/arguments.ts';
import { measureGas } from './parts/channels/gas.ts';
import { runHub } from './parts/channels/hub.ts';
import { runPair } from './parts/channels/pair.ts';
import { type ChannelsResult, channelsLines } from './parts/channels/result.ts';
import { printResult } from './parts/options.ts';

const USAGE =
  'usage: ./dev bench channels [--payments N] [--in-flight N] [--channels N] [--routed N] [--routed-in-flight N] [--schedules N] ' +
  '[--seed S] [--json] [--save]';

const DEFAULTS = {
  ...{ payments: '20000', 'in-flight': '256', channels: '200', routed: '10000', 'routed-in-flight': '800' },
  ...{ schedules: '1000', seed: '1' },
};

const { json, save, ...options } = readArguments(USAGE, DEFAULTS, (whole, { seed }) => ({
  payments: whole('payments', 1),
  inFlight: whole('in-flight', 1, 1_000),
  pairs: Math.ceil(whole('channels', 2, 2_000) / 2),
  routed: whole('routed', 1),
  routedInFlight: whole('routed-in-flight', 1, 10_000),
  schedules: whole('schedules', 1),
  seed,
}));

/** Of the payments over the hub, for those whose wallets have their stores on the hub's disk. */
const SHARE_ON_ONE_DISK = 0.2;

const folders = createStoreFolders('quittance-bench-channels');
const { areWalletsInMemory } = folders;
try {
  const { payments, inFlight, pairs, routed, routedInFlight, schedules, seed } = options;
  const pair = await runPair({ folder: join(folders.hubs, 'pair'), payments, inFlight });
  console.error('the pair has paid');
  const sizes = { channels: 2 * pairs, inFlight: routedInFlight };
  const runHubWith = (name: string, payments: number, walletsFolder: string) =>
    runHub({ ...sizes, folder: join(folders.hubs, name), walletsFolder, payments });
  const hub = await runHubWith('hub', routed, join(folders.wallets, 'wallets'));
  const fewer = Math.ceil(SHARE_ON_ONE_DISK * routed);
  const hubOnOneDisk = await runHubWith('one-disk', fewer, join(folders.hubs, 'one-disk'));
  console.error('the hub has passed on');
  const gas = await measureGas();
  const played = await runSchedules(schedules, seed);
  for (const failure of played.failures) console.error(failure);
  const wrong = [pair.lost, hub.lost, hubOnOneDisk.lost].filter((lost) => lost !== 0).length;
  const result: ChannelsResult = {
    ...{ pair, hub, hubOnOneDisk, areWalletsInMemory, gas, seed, schedules: played.schedules },
    violations: played.violations + wrong,
  };
  printResult(result, { name: 'channels', json, save, slots: 0 }, channelsLines(result));
  process.exitCode = result.violations === 0 ? 0 : 1;
} finally {
  folders.remove();
}

/** A hub in a process of its own, over which wallets in two others pay each other. */

import { type Members, startMembers } from './processes.ts';

export interface HubOptions {
  /** Of the hub's store. */
  readonly folder: string;
  /** Of the wallets' stores. */
  readonly walletsFolder: string;
  /** Half of them pay the other half. */
  readonly channels: number;
  readonly payments: number;
  readonly inFlight: number;
}

export interface HubResult {
  readonly perSecond: number;
  readonly channels: number;
  readonly payments: number;
  readonly inFlight: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of all three processes, and of the hub. */
  readonly cpuMsPerPayment: number;
  readonly hubCpuMsPerPayment: number;
  /** Attempts that came back, and were followed by others. */
  readonly givenBack: number;
  /** Base units that are not where they should be. */
  readonly lost: number;
}

/** Payments of each channel before, which compile what runs in a hurry later. */
const WARM_UP = 5;
/** What a payee gets, and the hub. */
const [AMOUNT, FEE] = [10n, 1n];

/** Runs it. */
export async function runHub({ folder, walletsFolder, channels, payments, inFlight }: HubOptions): Promise<HubResult> {
  const payerCount = channels / 2;
  const plan = { payers: payerCount, wallets: channels };
  const hub = await startMembers({ ...plan, folder, first: 0, last: 0 });
  const wallets = { ...plan, folder: walletsFolder, url: hub.url };
  const payers = await startMembers({ ...wallets, first: 1, last: payerCount });
  const payees = await startMembers({ ...wallets, first: payerCount + 1, last: channels });
  const all = [hub, payers, payees];
  const look = (one: Members) => one.ask({ does: 'look' });
  const run = async (count: number) => {
    const texts = await payees.ask({ does: 'invoice', count });
    const before = await Promise.all(all.map(look));
    const load = await payers.ask({ does: 'payInvoices', texts, inFlight });
    const after = await Promise.all(all.map(look));
    const cpuMs = after.map((one, place) => (1_000 * (one.cpuSeconds - before[place]!.cpuSeconds)) / count);
    return { load, cpuMs };
  };
  const begin = await Promise.all(all.map(look));
  const warmUp = WARM_UP * payerCount;
  await run(warmUp);
  const { load, cpuMs } = await run(payments);
  const end = await Promise.all(all.map(look));
  for (const one of [payers, payees, hub]) await one.stop();
  const count = BigInt(payments + warmUp);
  const changes = end.map(({ ours }, place) => BigInt(ours) - BigInt(begin[place]!.ours));
  const expected = [count * FEE, -count * (AMOUNT + FEE), count * AMOUNT];
  const wrong = changes.map((change, place) => change - expected[place]!);
  return {
    ...{ perSecond: load.perSecond, channels, payments, inFlight, p50Ms: load.p50Ms, p99Ms: load.p99Ms },
    cpuMsPerPayment: cpuMs.reduce((sum, one) => sum + one, 0),
    hubCpuMsPerPayment: cpuMs[0]!,
    givenBack: load.givenBack,
    lost: Number(wrong.reduce((sum, one) => sum + (one < 0n ? -one : one), 0n)),
  };
}

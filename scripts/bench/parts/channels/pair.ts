/** Two parties in processes of their own, with a channel between them. */

import { CAPACITY } from './members.ts';
import { type Members, startMembers } from './processes.ts';

export interface PairOptions {
  readonly folder: string;
  readonly payments: number;
  readonly inFlight: number;
}

export interface PairResult {
  /** With `inFlight` at a time. */
  readonly perSecond: number;
  readonly payments: number;
  readonly inFlight: number;
  /** Of a payment then. */
  readonly closedP50Ms: number;
  readonly closedP99Ms: number;
  /** Of both processes. */
  readonly cpuMsPerPayment: number;
  /** The load under which the times of payments were measured: a little below that. */
  readonly loadPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly loadCpuMsPerPayment: number;
  /** Base units that are not where they should be. */
  readonly lost: number;
}

/** Share of what there can be. */
const LOAD = 0.5;
/** Compiles what runs in a hurry later. */
const WARM_UP = 3_000;
/** What a party pays the other at once. */
const AMOUNT = 10n;

const looksOf = (all: readonly Members[]) => Promise.all(all.map((one) => one.ask({ does: 'look' })));
const cpuOf = (looks: Awaited<ReturnType<typeof looksOf>>) => looks.reduce((sum, one) => sum + one.cpuSeconds, 0);

/** Runs it. */
export async function runPair({ folder, payments, inFlight }: PairOptions): Promise<PairResult> {
  const plan = { folder, payers: 1, wallets: 1 };
  const payee = await startMembers({ ...plan, first: 0, last: 0 });
  const payer = await startMembers({ ...plan, first: 1, last: 1, url: payee.url });
  const both = [payer, payee];
  const measure = async (count: number, perSecond?: number) => {
    const before = cpuOf(await looksOf(both));
    const rate = perSecond === undefined ? {} : { perSecond };
    const load = await payer.ask({ does: 'pay', count, inFlight, ...rate });
    const cpuMs = (1_000 * (cpuOf(await looksOf(both)) - before)) / count;
    return { ...load, cpuMs };
  };
  await measure(WARM_UP);
  const most = await measure(payments);
  const loadPerSecond = LOAD * most.perSecond;
  const below = await measure(payments, loadPerSecond);
  const [ours, theirs] = (await looksOf(both)).map((look) => BigInt(look.ours)) as [bigint, bigint];
  for (const one of both) await one.stop();
  const paid = AMOUNT * BigInt(WARM_UP + 2 * payments);
  const wrong = [CAPACITY - paid - ours, paid - theirs];
  return {
    perSecond: most.perSecond,
    ...{ payments, inFlight, closedP50Ms: most.p50Ms, closedP99Ms: most.p99Ms },
    ...{ cpuMsPerPayment: most.cpuMs, loadPerSecond },
    ...{ p50Ms: below.p50Ms, p99Ms: below.p99Ms, loadCpuMsPerPayment: below.cpuMs },
    lost: Number(wrong.reduce((sum, one) => sum + (one < 0n ? -one : one), 0n)),
  };
}

/** `./dev bench accept --hostile`: how long honest callers wait while nothing happens, and in each flood. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProfileName } from '@quittance/protocol';
import { JSON_TYPE } from '@quittance/rpc';
import { encodeTransfer } from '@quittance/sdk';
import { runChild } from '../children.ts';
import type { AttackReport } from './attack.ts';
import { type ConnectionTarget, callerAddress } from './connection.ts';
import type { FloodName } from './floods.ts';
import type { LoadPlan, LoadReport } from './load.ts';
import { presign, signAll } from './presign.ts';
import { type AcceptRollup, FEE, openAcceptRollup } from './rollup.ts';
import { countLost } from './run.ts';
import type { FundedWallet } from './wallets.ts';

/** What an attacker's process is told. */
export interface FloodPlan {
  readonly name: FloodName;
  readonly target: ConnectionTarget;
  readonly seconds: number;
  readonly sockets: number;
  /** Bodies as text. */
  readonly badLists: readonly string[];
}

export interface HostileOptions {
  readonly floods: readonly FloodName[];
  /** Of each flood, and of the time without any. */
  readonly seconds: number;
  /** Transfers a second of all honest callers. */
  readonly rate: number;
  /** Most connections of a flood. */
  readonly sockets: number;
  readonly profile: ProfileName;
}

/** Milliseconds that honest callers waited. */
export interface HonestReport {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Longest time for which the sequencer's main thread did nothing else. */
  readonly longestBlockMs: number;
}

/** What the bench shows. */
export interface HostileReport {
  readonly quiet: HonestReport;
  readonly floods: Readonly<
    Partial<
      Record<FloodName, HonestReport & AttackReport & { /** p99 against the quiet one. */ readonly ratio: number }>
    >
  >;
  readonly seconds: number;
  readonly rate: number;
  readonly lost: number;
}

/** Honest callers, each with a connection, an address and two accounts of its own. */
const CALLERS = 16;
const WALLETS_PER_CALLER = 2;
const LIST = 1_000;
const SETTLE_MS = 2_000;
/** Far from those of the honest. */
const ATTACKER = 2_000;

const rounded = (value: number): number => Number(value.toFixed(1));

/** The load of one phase, signed. */
async function prepareHonest(
  rollup: AcceptRollup,
  phase: number,
  { seconds, rate }: HostileOptions,
): Promise<LoadPlan> {
  const { sequencer, wallets, folder } = rollup;
  const first = phase * CALLERS * WALLETS_PER_CALLER;
  const connections = [];
  for (let number = 0; number < CALLERS; number++) {
    const name = join(folder, `phase-${phase}-${number}`);
    const at = first + number * WALLETS_PER_CALLER;
    const calls = Math.ceil((rate * seconds) / CALLERS) + 2;
    const own = wallets.slice(at, at + WALLETS_PER_CALLER);
    await presign(name, {
      domain: sequencer.domain,
      wallets: own,
      fee: FEE,
      transfersPerCall: 1,
      format: 'single',
      calls,
    });
    connections.push({ name, localAddress: callerAddress(number) });
  }
  const { host, port } = sequencer;
  return { target: { host, port, contentType: JSON_TYPE }, connections, seconds, callsPerSecond: rate };
}

/** A list of transfers that only the check of their signatures refuses. */
async function badList(domain: bigint, [payer, payee]: readonly FundedWallet[]): Promise<string> {
  const receiver = { keyY: payee!.keyPair.publicKey.y, owner: payee!.owner };
  const common = { kind: 'transfer', from: payer!.index, to: payee!.index, receiver, amount: 1n, fee: FEE } as const;
  const unsigned = Array.from({ length: LIST }, (_, nonce) => ({
    wallet: payer!,
    intent: { ...common, nonce, validUntil: 0 },
  }));
  const transfers = (await signAll(unsigned, domain)).map((transfer) => {
    const { s } = transfer.authorization;
    return encodeTransfer({ ...transfer, authorization: { ...transfer.authorization, s: s ^ 1n } });
  });
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rollup_sendTransfers', params: { transfers } });
}

/** Runs the honest load of a phase, beside a flood if there is one. */
async function runPhase(rollup: AcceptRollup, plan: LoadPlan, flood: FloodPlan | undefined) {
  const loadFile = join(rollup.folder, 'load.json');
  writeFileSync(loadFile, JSON.stringify(plan));
  const floodFile = join(rollup.folder, 'flood.json');
  if (flood !== undefined) writeFileSync(floodFile, JSON.stringify(flood));
  await rollup.sequencer.ask('begin');
  const [load, attacked] = await Promise.all([
    runChild<LoadReport>('./accept-load-child.ts', [loadFile]),
    flood === undefined ? undefined : runChild<AttackReport>('./accept-flood-child.ts', [floodFile]),
  ]);
  const { longestBlockMs } = await rollup.sequencer.ask('measure');
  const { p50Ms, p99Ms, maxMs, transfers, seconds } = load;
  const honest = {
    perSecond: rounded(transfers / seconds),
    p50Ms,
    p99Ms,
    maxMs,
    longestBlockMs: rounded(longestBlockMs),
  };
  return { load, honest, attacked };
}

/** Without a flood first, then in each. */
export async function runHostile(options: HostileOptions): Promise<HostileReport> {
  const { floods: names, seconds, rate, sockets, profile } = options;
  const perPhase = CALLERS * WALLETS_PER_CALLER;
  const rollup = await openAcceptRollup({ profile, wallets: (names.length + 1) * perPhase + 2 });
  try {
    const { sequencer, wallets } = rollup;
    const badLists = [await badList(sequencer.domain, wallets.slice(-2))];
    const { host, port } = sequencer;
    const target = { host, port, contentType: JSON_TYPE, localAddress: callerAddress(ATTACKER) };
    const plans: LoadPlan[] = [];
    for (const phase of [0, ...names.map((_, position) => position + 1)]) {
      plans.push(await prepareHonest(rollup, phase, options));
    }
    const quiet = await runPhase(rollup, plans[0]!, undefined);
    const loads = [quiet.load];
    const floods: Partial<Record<FloodName, HostileReport['floods'][FloodName] & object>> = {};
    for (const [position, name] of names.entries()) {
      await sleep(SETTLE_MS);
      const flood = { name, target, seconds, sockets, badLists };
      const { load, honest, attacked } = await runPhase(rollup, plans[position + 1]!, flood);
      loads.push(load);
      floods[name] = { ...honest, ...attacked!, ratio: rounded(honest.p99Ms / quiet.honest.p99Ms) };
    }
    await sequencer.kill();
    const counts = plans.map((plan, position) => countLost(rollup.database, plan, loads[position]!).lost);
    const lost = counts.reduce((sum, count) => sum + count, 0);
    return { quiet: quiet.honest, floods, seconds, rate, lost };
  } finally {
    await rollup.stop();
  }
}

/**
 * What `./dev start --nodes` shows: wallets pay through all nodes, two provers on machines of their own prove, the leader is
 * killed, the primary of PostgreSQL is killed, and at the end all nodes and L1 have one root.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { createRollupReader } from '@quittance/chain';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import type { Progress } from '../devnet/progress.ts';
import { createLocalCluster, type LocalCluster } from './cluster.ts';
import { strike } from './faults.ts';
import { createPayers, type Payers } from './payers.ts';
import { createRandom } from './random.ts';
import { createVerifier, type Findings } from './verify.ts';
import { startWorkers, tokensFileIn } from './workers.ts';

/** What came of it. */
export interface ClusterReport extends Findings {
  readonly nodes: number;
  readonly provers: number;
  readonly batches: number;
  /** From the kill to the next acknowledgement. */
  readonly leaderFailoverSeconds: number;
  readonly primaryFailoverSeconds: number;
  readonly epoch: number;
  /** Of each node, by its name, and of L1. */
  readonly roots: Readonly<Record<string, string>>;
  readonly rootsEqual: boolean;
  /** Whether all is as it must be. */
  readonly final: boolean;
}

export interface ClusterScenarioOptions {
  readonly nodeCount: number;
  /** Least payments. */
  readonly transfers: number;
  readonly progress: Progress;
}

const WALLETS = 12;
const PROVERS = 2;
const FINAL_WITHIN_MS = 300_000;

/** Resolves once so many payments were acknowledged. */
async function untilPaid(payers: Payers, count: number): Promise<void> {
  while (payers.acknowledged.length < count) {
    if (payers.failure !== undefined) throw payers.failure;
    await pause(50);
  }
}

/** Resolves once all nodes say that everything is final. */
async function untilFinal(cluster: LocalCluster): Promise<number> {
  for (const end = performance.now() + FINAL_WITHIN_MS; performance.now() < end; await pause(200)) {
    const stats = await cluster.stats();
    const [first] = stats;
    const isFinal = stats.every(
      (node) =>
        node !== undefined &&
        node.openTransfers === 0 &&
        node.sealedBatch === node.finalBatch &&
        node.sealedBatch === first?.sealedBatch,
    );
    if (isFinal) return first!.finalBatch;
  }
  throw new Error(`not all is final after ${FINAL_WITHIN_MS / 1_000} s: ${JSON.stringify(await cluster.stats())}`);
}

/** The root after the last final batch, as each node says and as L1 has it. */
async function readRoots({ nodes, provider, deployed }: LocalCluster, batch: number): Promise<Record<string, string>> {
  const roots: Record<string, string> = {};
  for (const { name, url } of nodes) {
    const answer = (await (await fetch(`${url}/v1/batches/${batch}`)).json()) as { header: { stateRoot: string } };
    roots[name] = answer.header.stateRoot;
  }
  const reader = createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract: deployed.contract });
  const onL1 = await reader.findBatch(batch, deployed.block, (await reader.head()).number);
  roots['L1'] = String(onL1?.header.stateRoot);
  return roots;
}

/** Runs everything on a cluster that was made. */
async function play(cluster: LocalCluster, { transfers, progress }: ClusterScenarioOptions): Promise<ClusterReport> {
  const { nodes } = cluster;
  progress.begin(`${nodes.length} nodes and ${PROVERS} provers`);
  for (const node of nodes) await node.start();
  const workers = await startWorkers(cluster, PROVERS);
  const verifier = await createVerifier(cluster);
  let payers: Payers | undefined;
  try {
    const first = await cluster.untilLed();
    progress.end(`${first.name} leads`);
    progress.begin(`${WALLETS} wallets pay through all nodes`);
    payers = await createPayers(cluster, WALLETS, 20, createRandom('wallets'));
    await payers.pay(true);
    await untilPaid(payers, Math.ceil(transfers / 3));
    progress.end(`${payers.acknowledged.length} acknowledged`);
    progress.begin(`the leader, ${first.name}, is killed`);
    const context = { cluster, payers, random: Math.random };
    const leaderLost = await strike('kill', context);
    progress.end(
      `${(await cluster.untilLed()).name} leads, acknowledged again after ${leaderLost.seconds.toFixed(1)} s`,
    );
    await untilPaid(payers, Math.ceil((2 * transfers) / 3));
    progress.begin('the primary of PostgreSQL is killed, and its standby promoted');
    const primaryLost = await strike('primary', context);
    progress.end(`acknowledged again after ${primaryLost.seconds.toFixed(1)} s`);
    await untilPaid(payers, transfers);
    await payers.pay(false);
    progress.begin('proofs, and finality on L1');
    const batches = await untilFinal(cluster);
    progress.end(`${batches} batches`);
    const findings = await verifier.verify(payers.acknowledged);
    const roots = await readRoots(cluster, batches);
    const rootsEqual = new Set(Object.values(roots)).size === 1;
    const { lost, doubled, forks, headersEqual } = findings;
    return {
      ...{ nodes: nodes.length, provers: PROVERS, batches, ...findings },
      leaderFailoverSeconds: Number(leaderLost.seconds.toFixed(2)),
      primaryFailoverSeconds: Number(primaryLost.seconds.toFixed(2)),
      epoch: Math.max(...(await cluster.stats()).map((node) => node?.epoch ?? 0)),
      ...{ roots, rootsEqual },
      final: rootsEqual && headersEqual && lost + doubled + forks === 0,
    };
  } finally {
    await payers?.pay(false);
    await payers?.stop();
    await verifier.close();
    await workers.stop();
  }
}

/** Starts a cluster, and runs everything on it. @throws Error saying how to install PostgreSQL where there is none. */
export async function runClusterScenario(options: ClusterScenarioOptions): Promise<ClusterReport> {
  const { nodeCount, progress } = options;
  const cluster = await createLocalCluster({
    ...{ nodeCount, mode: 'zk', sealAfterSeconds: 3, hasFleet: true, say: (text) => progress.say(text) },
    settings: (folder) => ['--prover-tokens', tokensFileIn(folder)],
  });
  try {
    return await play(cluster, options);
  } catch (error) {
    for (const node of cluster.nodes) progress.say(`${node.name}, last lines of its log:\n${node.log()}`);
    throw error;
  } finally {
    await cluster.stop();
  }
}

/** The table, for people. */
export function formatClusterReport(report: ClusterReport): string {
  const { roots, rootsEqual } = report;
  const rows: readonly (readonly [string, string])[] = [
    ['nodes, provers', `${report.nodes}, ${report.provers}, each a process; PostgreSQL with a synchronous standby`],
    ['payments acknowledged', `${report.acknowledged}, ${report.lost} lost, ${report.doubled} executed twice`],
    ['leader killed', `acknowledged again after ${report.leaderFailoverSeconds} s (epoch ${report.epoch} now)`],
    ['primary killed', `acknowledged again after ${report.primaryFailoverSeconds} s, by the promoted standby`],
    [
      'batches',
      `${report.batches}, proven and final; headers ${report.headersEqual ? 'equal' : 'NOT EQUAL'} on all nodes`,
    ],
    ['nodes with another log', String(report.forks)],
    ...Object.entries(roots).map(([name, root]) => [`state root, ${name}`, root] as const),
    ['roots', rootsEqual ? 'equal' : 'NOT EQUAL'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join('\n');
}

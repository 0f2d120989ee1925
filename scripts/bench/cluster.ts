/**
 * `./dev bench cluster [--runs N] [--seed S] [--fault NAME] [--json] [--save]`: nodes in processes of their own on a real PostgreSQL
 * with a synchronous standby, to which something happens in each run, while wallets pay through all of them. Ends with code 1 when
 * anything acknowledged was lost or executed twice, when there is more than one log, or when a failover takes too long.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { createLocalCluster } from '../cluster/cluster.ts';
import { type FaultName, type FaultReport, strike } from '../cluster/faults.ts';
import { createPayers } from '../cluster/payers.ts';
import { createRandom } from '../cluster/random.ts';
import { createVerifier, type Findings } from '../cluster/verify.ts';
import { readArguments } from './parts/arguments.ts';
import type { ClusterResult } from './parts/cluster/result.ts';
import { printResult } from './parts/options.ts';

/** Most are what happens most. */
const FAULTS: readonly FaultName[] = [
  'kill',
  'freeze',
  'partition',
  'kill',
  'cancel',
  'primary',
  'clock',
  'kill',
  'jump',
];
/** These too, when they are named: what a node with an empty disk reads grows with the runs. */
const NAMED: readonly FaultName[] = [...new Set(FAULTS), 'disk'];
const NODES = 3;
const WALLETS = 12;
/** How long wallets pay before something happens. */
const CALM_MS = 700;

/** Seconds: a lease of ten, and what it takes to become a leader; a promotion, and what it takes to find it. */
const MOST_SECONDS = { leader: 15, primary: 45 } as const;

const options = readArguments(
  'usage: ./dev bench cluster [--runs N] [--seed S] [--fault NAME] [--json] [--save]',
  { runs: '200', seed: '1', fault: '' },
  (whole, texts) => {
    const fault = NAMED.find((name) => name === texts.fault);
    if (texts.fault === '' || fault !== undefined) return { runs: whole('runs', 1), seed: texts.seed, fault };
    throw new Error(`--fault takes one of ${NAMED.join(', ')}, not ${texts.fault}`);
  },
);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function run() {
  const cluster = await createLocalCluster({
    ...{ nodeCount: NODES, mode: 'optimistic', sealAfterSeconds: 1, hasFleet: false, say },
    settings: () => ['--shadow', '0'],
  });
  const reports: FaultReport[] = [];
  let findings: Findings | undefined;
  try {
    say(`${NODES} nodes`);
    for (const node of cluster.nodes) await node.start();
    await cluster.untilLed();
    const payers = await createPayers(cluster, WALLETS, 50, createRandom(`${options.seed} wallets`));
    const verifier = await createVerifier(cluster);
    try {
      for (let number = 1; number <= options.runs; number++) {
        const random = createRandom(`${options.seed} ${number}`);
        const drawn = FAULTS[Math.floor(random() * FAULTS.length)]!;
        const fault = options.fault ?? drawn;
        await payers.pay(true);
        await pause(CALM_MS * (0.5 + random()));
        const report = await strike(fault, { cluster, payers, random });
        reports.push(report);
        await payers.pay(false);
        if (payers.failure !== undefined) throw payers.failure;
        findings = await verifier.verify(payers.acknowledged);
        say(
          `run ${number}: ${fault}, acknowledged again after ${report.seconds.toFixed(1)} s; ` +
            `${findings.acknowledged} acknowledged, ${findings.lost} lost, ${findings.doubled} doubled, ${findings.forks} forks`,
        );
        const { lost, doubled, forks, headersEqual } = findings;
        if (lost + doubled + forks > 0 || !headersEqual) break;
      }
    } finally {
      await payers.pay(false);
      await payers.stop();
      await verifier.close();
    }
  } catch (error) {
    for (const node of cluster.nodes) say(`--- ${node.name}\n${node.log()}`);
    throw error;
  } finally {
    await cluster.stop();
  }
  return { reports, findings: findings! };
}

const { reports, findings } = await run();
const { acknowledged, lost, doubled, forks, headersEqual } = findings;
/** The longest of the runs in which this fails over. */
const longest = (faults: readonly FaultName[]): number =>
  Number(
    Math.max(0, ...reports.filter(({ fault }) => faults.includes(fault)).map(({ seconds }) => seconds)).toFixed(2),
  );
const leaderFailoverSeconds = longest(['kill', 'freeze', 'partition', 'clock', 'jump', 'disk']);
const primaryFailoverSeconds = longest(['primary']);
const counts = Object.fromEntries(NAMED.map((name) => [name, reports.filter(({ fault }) => fault === name).length]));
const result: ClusterResult = {
  ...{ runs: reports.length, acknowledged, lost, doubled, forks, headersEqual },
  ...{ leaderFailoverSeconds, primaryFailoverSeconds, faults: counts, seed: options.seed },
};
printResult(result, { name: 'cluster', json: options.json, save: options.save, slots: 0 }, [
  `${reports.length} runs: ${Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')}`,
  `${acknowledged} payments acknowledged: ${lost} lost, ${doubled} doubled; ${forks} nodes with another log`,
  `headers of all batches on all nodes: ${headersEqual ? 'equal' : 'NOT EQUAL'}`,
  `acknowledged again at the latest ${leaderFailoverSeconds} s after the leader was lost, ${primaryFailoverSeconds} s after the primary`,
]);
const isSound = lost + doubled + forks === 0 && headersEqual && reports.length === options.runs;
const isInTime = leaderFailoverSeconds <= MOST_SECONDS.leader && primaryFailoverSeconds <= MOST_SECONDS.primary;
process.exit(isSound && isInTime ? 0 : 1);

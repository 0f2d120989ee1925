/** A cluster on this machine: L1, contracts, a PostgreSQL with a synchronous standby, and nodes in processes of their own. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider } from '@quittance/chain';
import { ExitCode, PROFILES, type Profile } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';
import { LOCAL_CHAIN_ID, startAnvil } from '../../cli/devnet/anvil.ts';
import { type DeployedRollup, deployLocally } from '../../cli/devnet/deploy.ts';
import { l1Wallet, PRODUCER_POSITION } from '../../cli/devnet/people.ts';
import { admitProducer } from '../../cli/devnet/producers.ts';
import { shippedKey } from '../../cli/setup/key.ts';
import { decodeVerifyingKey } from '../../prover/index.ts';
import type { Stats } from '../../sequencer/index.ts';
import { type PostgresPair, startPostgresPair } from '../postgres/pair.ts';
import { freePort } from '../postgres/server.ts';
import { type ClusterNode, createClusterNode } from './node.ts';
import { startProxy } from './proxy.ts';

/** Positions of the producers on the development mnemonic, one a node. */
const PRODUCERS = [PRODUCER_POSITION, 5, 6, 7, 8] as const;

/** What stands for one run of the program. */
export interface LocalCluster {
  readonly folder: string;
  readonly provider: JsonRpcProvider;
  readonly l1Url: string;
  readonly deployed: DeployedRollup;
  readonly postgres: PostgresPair;
  readonly nodes: readonly ClusterNode[];
  /** What the nodes say that are up, in their order. */
  stats(): Promise<(Stats | undefined)[]>;
  /** The node that leads, once the nodes agree on one that is up. */
  untilLed(): Promise<ClusterNode>;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly nodeCount: number;
  readonly mode: 'zk' | 'optimistic';
  readonly sealAfterSeconds: number;
  /** Whether each node has a prover API. */
  readonly hasFleet: boolean;
  readonly say: (text: string) => void;
  /** Further settings of each node. @param folder of the cluster. */
  readonly settings?: (folder: string) => readonly string[];
}

/** Undoes what was started, the last first. */
function createUndo() {
  const steps: (() => unknown)[] = [];
  return {
    add: (step: () => unknown) => void steps.push(step),
    async run() {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        await Promise.resolve(step()).catch((error: unknown) => process.stderr.write(`while stopping: ${error}\n`));
      }
    },
  };
}

/** Contracts on a local L1, with all nodes as producers. */
async function deploy(provider: JsonRpcProvider, { mode, nodeCount }: ClusterOptions, profile: Profile) {
  const key = shippedKey('quick');
  if (key === undefined) throw new Error('there is no development key of profile quick');
  const deployed = await deployLocally(provider, profile, decodeVerifyingKey(key), {
    ownerDelay: 1,
    ...(mode === 'zk' ? {} : { challengePeriod: 20, answerWindow: 15, stepWindow: 15 }),
  });
  for (const position of PRODUCERS.slice(1, nodeCount)) {
    await admitProducer(provider, deployed.contract, l1Wallet(position).address);
  }
  return deployed;
}

/** What a node says of itself; undefined when it does not answer. */
async function statsOf(url: string): Promise<Stats | undefined> {
  try {
    return (await (await fetch(`${url}/stats`, { signal: AbortSignal.timeout(2_000) })).json()) as Stats;
  } catch {
    return undefined;
  }
}

/** Ends everything when this process is told to end: nodes and servers would outlive it. @returns how to stop listening. */
function onInterrupt(end: () => Promise<void>): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const listener = (): void => void end().finally(() => process.exit(ExitCode.interrupted));
  for (const signal of signals) process.once(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

const LOOK_MS = 100;
const LED_WITHIN_MS = 90_000;

/** The files of a node: its key, and where its journal is, by ways of its own. */
async function nodeOf(
  position: number,
  options: ClusterOptions,
  parts: Pick<LocalCluster, 'folder' | 'postgres' | 'deployed' | 'l1Url'>,
): Promise<ClusterNode> {
  const { folder, postgres, deployed, l1Url } = parts;
  const name = `node${position + 1}`;
  const keystore = join(folder, `${name}.key`);
  writeFileSync(keystore, l1Wallet(PRODUCERS[position]!).privateKey, { mode: 0o600 });
  const servers = [postgres.primary, postgres.standby!];
  const network = await Promise.all(servers.map(({ port }) => startProxy(port)));
  const hosts = network.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const journalFile = join(folder, `${name}.journal`);
  const { password } = postgres.primary;
  writeFileSync(journalFile, `postgres://postgres:${password}@${hosts}/postgres?target_session_attrs=read-write\n`, {
    mode: 0o600,
  });
  const settings = [
    ...['--l1-url', l1Url, '--contract', deployed.contract, '--from-block', String(deployed.block)],
    ...['--keystore', keystore, '--journal-file', journalFile, '--mode', options.mode, '--fee-tokens', '0:0'],
    ...['--seal-after', `${options.sealAfterSeconds}s`, '--l1-poll-ms', '250', '--log-level', 'info'],
    ...(options.mode === 'zk' ? ['--prover', 'none'] : ['--defend', 'elsewhere']),
    ...(options.settings?.(folder) ?? []),
  ];
  const proverPort = options.hasFleet ? await freePort() : undefined;
  const port = await freePort();
  const peers = await startProxy(port);
  const peerUrl = `http://127.0.0.1:${peers.port}`;
  return createClusterNode({ name, folder, port, proverPort, network: [...network, peers], peerUrl, settings });
}

/** Starts everything but the nodes. @throws Error saying how to install PostgreSQL where there is none. */
export async function createLocalCluster(options: ClusterOptions): Promise<LocalCluster> {
  const { say, nodeCount } = options;
  const undo = createUndo();
  undo.add(onInterrupt(() => undo.run()));
  try {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-cluster-'));
    undo.add(() => rmSync(folder, { recursive: true, force: true }));
    say('PostgreSQL with a synchronous standby');
    const postgres = await startPostgresPair();
    undo.add(() => postgres.stop());
    say('local L1 and contracts');
    const l1 = await startAnvil({ blockSeconds: 1 });
    undo.add(() => l1.stop());
    const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    undo.add(() => provider.destroy());
    const deployed = await deploy(provider, options, PROFILES.quick);
    const common = { folder, postgres, deployed, provider, l1Url: l1.url };
    const nodes: ClusterNode[] = [];
    for (let position = 0; position < nodeCount; position++) nodes.push(await nodeOf(position, options, common));
    undo.add(() => Promise.all(nodes.flatMap(({ network }) => network.map((proxy) => proxy.stop()))));
    undo.add(() => Promise.all(nodes.map((node) => node.stop())));
    const stats = () => Promise.all(nodes.map(({ url, isUp }) => (isUp ? statsOf(url) : undefined)));
    return {
      ...common,
      nodes,
      stats,
      async untilLed() {
        for (const end = performance.now() + LED_WITHIN_MS; performance.now() < end; ) {
          const leading = (await stats()).find((node) => node?.role === 'leader');
          const node = nodes.find(({ name }) => name === leading?.node);
          if (node !== undefined) return node;
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
        }
        const logs = nodes.map((node) => `${node.name}:\n${node.log()}`).join('\n');
        throw new Error(`no node leads after ${LED_WITHIN_MS / 1_000} s\n${logs}`);
      },
      stop: () => undo.run(),
    };
  } catch (error) {
    await undo.run();
    throw error;
  }
}

/** `quittance devnet`: L1, contracts, sequencer, watcher and accounts with money, started and stopped together. */

import { join } from 'node:path';
import { createProvider } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { warningsOf } from '../process/log.ts';
import { type Cleanup, createCleanup } from '../sequencer/cleanup.ts';
import { userAccounts, writeConfigs, writeKey } from './accounts.ts';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from './anvil.ts';
import { banner } from './banner.ts';
import { type DeployedRollup, deployChannels } from './deploy.ts';
import { type DevnetFolder, type KeptRollup, openFolder } from './folder.ts';
import { createFrontRunning, type FrontRunning } from './front-running.ts';
import { describe } from './info.ts';
import { startLiar } from './liar.ts';
import { DEVNET_POSITIONS, l1Wallet } from './people.ts';
import { requireFreePort } from './ports.ts';
import { programName } from './program-name.ts';
import { type Ground, startSequencer, startWatcher } from './services.ts';
import type { DevnetValues } from './settings.ts';
import { layFoundations, requireStanding, untilFunded } from './stage.ts';
import { notesOf } from './terms.ts';

/** L1 makes a block this often when nobody sends anything: challenge periods are seconds here. */
const BLOCK_SECONDS = 1;

/** More than anvil’s ten: those of the devnet’s own roles have ETH too. */
const FUNDED_ACCOUNTS = 20;

/** @throws UsageError for what cannot be, before anything is started. */
async function check({ port, l1Port, mode, data, lie, state }: DevnetValues): Promise<void> {
  if (lie && mode !== 'optimistic')
    throw new UsageError('--lie needs --mode optimistic: where proofs decide, nobody can lie');
  if (mode === 'hybrid' && data === 'blobs') {
    throw new UsageError('hybrid batches are asserted by calldata: give --data calldata, or another --mode');
  }
  if (state !== undefined && data === 'blobs') {
    throw new UsageError('anvil keeps no blobs: --state goes with --data calldata only');
  }
  if (port !== 0 && port === l1Port) throw new UsageError(`--port and --l1-port are both ${port}: they must differ`);
  await requireFreePort('--port', port, 'the JSON-RPC');
  await requireFreePort('--l1-port', l1Port, 'L1');
}

/** Resolves when the signal is aborted. */
function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** @throws RollupError L1_UNREACHABLE once anvil has ended by itself. */
async function failWithL1(l1: LocalChain): Promise<never> {
  await l1.ended;
  throw new RollupError('L1_UNREACHABLE', 'anvil has ended');
}

/** What an earlier run deployed; one of an earlier version had no channels. */
async function withChannels(
  { output, signal }: Context,
  folder: DevnetFolder,
  provider: JsonRpcProvider,
  kept: KeptRollup,
): Promise<DeployedRollup> {
  const { channels } = kept;
  if (channels !== undefined) return { ...kept, channels };
  output.say('deploying the contracts of channels');
  const deployed = { ...kept, channels: await deployChannels(provider, kept.contract, signal) };
  folder.note(deployed);
  return deployed;
}

/** Contracts, and money on its way to the accounts; or what an earlier run left of both. */
async function stand(
  context: Context,
  values: DevnetValues,
  folder: DevnetFolder,
  provider: JsonRpcProvider,
): Promise<DeployedRollup> {
  if (folder.deployed !== undefined) {
    await requireStanding(provider, folder.deployed, folder.path);
    return withChannels(context, folder, provider, folder.deployed);
  }
  context.output.say('deploying the contracts');
  const deployed = await layFoundations(provider, values, context.signal);
  folder.note(deployed);
  return deployed;
}

/** A file with the key of one of the devnet's own roles. */
const keyFile = ({ folder }: Ground, role: 'producer' | 'watcher'): string =>
  writeKey(folder.path, role, l1Wallet(DEVNET_POSITIONS[role]).privateKey);

/** Starts the sequencer, and the watcher unless there is a liar: then that calls it. */
async function startServices(ground: Ground, cleanup: Cleanup) {
  const { values } = ground;
  let frontRunning: FrontRunning | undefined;
  const sequencer = startSequencer(ground, keyFile(ground, 'producer'), (chain) => {
    frontRunning = createFrontRunning(chain);
    return frontRunning.chain;
  });
  cleanup.add('the sequencer', () => sequencer.stop());
  const { url: rpcUrl } = await sequencer.ready;
  const failures = [sequencer.ended];
  if (values.mode !== 'zk' && !values.lie) {
    const watcher = startWatcher(ground, keyFile(ground, 'watcher'));
    cleanup.add('the watcher', () => watcher.stop());
    failures.push(watcher.ended);
  }
  return { sequencer, rpcUrl, failures, frontRunning: frontRunning! };
}

/** Runs until it is interrupted, or a part of it fails. @throws why. */
async function serve(context: Context, values: DevnetValues, folder: DevnetFolder, cleanup: Cleanup): Promise<void> {
  const { output, signal, sources } = context;
  const { l1State: stateFile } = folder;
  const l1 = await startAnvil({
    port: values.l1Port,
    blockSeconds: BLOCK_SECONDS,
    accounts: FUNDED_ACCOUNTS,
    ...(stateFile === undefined ? {} : { stateFile }),
  });
  cleanup.add('L1', () => l1.stop());
  const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
  cleanup.add('the connection to L1', () => provider.destroy());
  const deployed = await stand(context, values, folder, provider);
  signal.throwIfAborted();
  output.say('starting the sequencer');
  const ground: Ground = { context, values, folder, l1Url: l1.url, deployed };
  const services = await startServices(ground, cleanup);
  const { sequencer, rpcUrl, failures } = services;
  const interrupted = untilAborted(signal);
  const running = Promise.race([interrupted, failWithL1(l1), ...failures]);
  const accounts = await userAccounts(deployed.contract);
  await Promise.race([untilFunded(sequencer.parts().sequencer, accounts, signal), running]);
  if (signal.aborted) return;
  const configs = writeConfigs(
    join(folder.path, 'accounts'),
    { l1Url: l1.url, rpcUrl, deployed, data: values.data },
    accounts,
  );
  const info = await describe({ ground, provider, rpcUrl, accounts, configs });
  const program = programName(sources.environment, process.cwd());
  output.result(info, () => banner(info, { program, isLying: values.lie, notes: notesOf(values) }));
  const { lie } = values;
  const liar = lie
    ? await startLiar({ ...services, ground, provider, watcherKey: keyFile(ground, 'watcher') })
    : undefined;
  if (liar !== undefined) cleanup.add('the liar', () => liar.stop());
  await Promise.race([running, ...(liar === undefined ? [] : [liar.ended])]);
}

/** Runs a devnet in this process, or in the background. */
export async function runDevnet(context: Context, values: DevnetValues): Promise<void> {
  await check(values);
  if (values.detach) {
    await (await import('./detach.ts')).runDetached(context, values);
    return;
  }
  const folder = openFolder(values);
  const cleanup = createCleanup(warningsOf(context.output));
  cleanup.add('the folder', () => folder.close());
  try {
    await serve(context, values, folder, cleanup);
  } finally {
    await cleanup.run();
  }
}

/** A sequencer as a process: database, prover, sequencer and JSON-RPC, started and stopped together. */

import {
  type AssertionChain,
  createAssertionChain,
  createRollupChain,
  createTransactionManager,
  type Kzg,
} from '@quittance/chain';
import { type Profile, RollupError } from '@quittance/protocol';
import { type BackendName, createProver, defaultBackend, type Prover, parseProverCommand } from '../../prover/index.ts';
import { createMetrics, type Listening, type Logger, type Metrics, systemClock } from '../../runtime/index.ts';
import { type Api, type PriceBound, type Sequencer, type SequencerSettings, startApi } from '../../sequencer/index.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { chooseCrypto, chooseKzg, lazyKzg } from '../crypto.ts';
import { type L1Account, openAccount } from '../l1/account.ts';
import { connectRollup, isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import { openRollupKey } from '../l1/rollup-key.ts';
import { EXPLORER_DIRECTORY } from '../paths.ts';
import { addBuildInfo } from '../process/build-info.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { openLog } from '../process/log.ts';
import { untilBegun } from '../process/signals.ts';
import { verifyingKeyHash } from '../setup/key.ts';
import { createCleanup } from './cleanup.ts';
import { type CopyServerOptions, startCopyServer } from './copy/serve.ts';
import { readCopyToken } from './copy/token.ts';
import { type Defender, type DefenderOptions, startDefender } from './defender.ts';
import { feeTokensOf, metricsOf } from './derived.ts';
import { type Judge, openFleet, openJudge, requireFleet } from './fleet.ts';
import { apiSettingsOf, gapLimitsOf } from './limits.ts';
import { type Running, startRunning } from './node.ts';
import { membershipOf } from './node-settings.ts';
import { checkBonds, checkProducer, checkVerifyingKey, profileOf } from './preflight.ts';
import type { SequencerValues } from './settings.ts';
import { untilEnd } from './until-end.ts';

/** What a process adds that holds more than a sequencer: `quittance devnet`. */
export interface SequencerExtras {
  /** Serves while circuits and keys are made; batches are proven once they are there. */
  readonly preparesBehind?: boolean;
  /** Stands between the sequencer and the contract that it asserts to. */
  readonly wrapAssertions?: (chain: AssertionChain) => AssertionChain;
  /** Hears of the parts once the JSON-RPC is up. */
  readonly onServing?: (parts: {
    readonly sequencer: Sequencer;
    readonly storage: Storage;
    readonly api: Api;
    readonly kzg: Kzg | undefined;
  }) => void;
}

/** Which way of proving these settings mean. @throws UsageError when they contradict each other. */
function backendOf({ prover, proverCommand }: SequencerValues): BackendName | 'none' {
  if ((prover === 'command') !== (proverCommand !== undefined) && prover !== undefined) {
    throw new UsageError('--prover command and --prover-command go together');
  }
  if (prover !== undefined) return prover;
  return proverCommand === undefined ? defaultBackend() : 'command';
}

/** Up to which prices batches are posted at once; undefined without patience. */
function priceBoundOf({ patience, patientFeePerGas, patientFeePerBlobGas }: SequencerValues): PriceBound | undefined {
  if (patience === 0) return undefined;
  return { feePerGas: patientFeePerGas, feePerBlobGas: patientFeePerBlobGas, mostSeconds: patience };
}

/** Circuits and keys, unless it is interrupted: that ends what is being made. */
async function prepareKeys({ output, signal }: Context, prover: Prover): Promise<void> {
  let lastStage = '';
  const cancel = (): void => void prover.close();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await prover.prepare(({ stage }) => {
      if (stage !== lastStage) output.say(`circuits and keys: ${stage}`);
      lastStage = stage;
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Compares the key with the contract's, before anything is accepted. */
async function checkKey(
  { output }: Context,
  l1: L1,
  prover: Pick<Judge, 'verifyingKey' | 'verifyingKeyJson'>,
  contract: string,
): Promise<void> {
  await checkVerifyingKey(l1, contract, verifyingKeyHash(prover.verifyingKey));
  if (prover.verifyingKeyJson.development !== true) return;
  if (!isLocalChain(l1.chainId)) {
    throw new RollupError(
      'INSECURE_KEY',
      'this contract takes proofs of the public development key: its money is lost',
    );
  }
  output.warn('INSECURE development key: anyone can forge proofs; nothing here has value');
}

/** Fees need somewhere to go: without an account in a token, only transfers without a fee are taken in it. */
function warnOfMissingAccounts({ output }: Context, sequencer: Sequencer, owner: bigint): void {
  const accounts = sequencer.queries.accountsOf(owner, 'latest', 1_000, -1);
  const { keyY } = sequencer.config.operator;
  for (const { tokenId } of sequencer.config.feeTokens) {
    if (accounts.some(({ account }) => account.tokenId === tokenId && account.keyY === keyY)) continue;
    output.warn(
      `the operator has no account in token ${tokenId} yet, so it cannot take fees in it: deposit a little with the ` +
        `operator's keystore: quittance wallet deposit --token ${tokenId} --amount …`,
    );
  }
}

interface Parts {
  readonly profile: Profile;
  readonly wallet: L1Account;
  /** None in optimistic mode. */
  readonly prover: Prover | Judge | undefined;
  /** Where the deployment allows blobs. */
  readonly kzg: Kzg | undefined;
  readonly logger: Logger;
  readonly extras: SequencerExtras;
  /** Called before anything is opened that has to be closed. @throws the signal's reason when it is interrupted. */
  readonly begun: () => void;
}

/** Starts the server of this sequencer. @throws UsageError when a port is taken. */
async function openDoors(
  values: SequencerValues,
  running: Running,
  parts: {
    readonly logger: Logger;
    readonly metrics: Metrics;
    /** How provers do, for /stats. */
    readonly fleet?: () => Readonly<Record<string, unknown>>;
  },
): Promise<Api> {
  const { host, port } = values;
  const { logger, metrics: own, fleet } = parts;
  const metrics = metricsOf(values);
  const config = { host, port, metrics, allowOrigins: values.allowOrigin, ...apiSettingsOf(values) };
  const { cluster } = running;
  const nodes = cluster === undefined ? {} : { cluster, metrics: own };
  const sequencer = running.present();
  const doors = { sequencer, clock: systemClock, logger, config, explorer: EXPLORER_DIRECTORY, ...nodes };
  const provers = fleet === undefined ? {} : { fleet };
  const api = await startApi({ ...doors, ...provers }).catch((error: unknown) => {
    const other = metrics === undefined ? '' : `, or for /metrics on ${metrics.host}:${metrics.port}`;
    throw new UsageError(`cannot listen on ${host}:${port}${other}: ${(error as Error).message}`);
  });
  running.onChange(api.serve);
  // It may have got another role while the ports were opened.
  if (running.present() !== sequencer) api.serve(running.present());
  return api;
}

/** The settings of the sequencer itself. */
function configOf(
  values: SequencerValues,
  profile: Profile,
  operator: SequencerSettings['operator'],
): SequencerSettings {
  return {
    profile,
    mode: values.mode,
    data: values.data,
    ...(values.maxChunks === undefined ? {} : { maxChunksPerBatch: values.maxChunks }),
    resealRejected: values.resealRejected,
    shadow: values.shadow,
    operator,
    feeTokens: feeTokensOf(values),
    feeMarginPercent: values.feeMargin,
    sealAfterMs: values.sealAfter * 1_000,
    confirmations: values.confirmations,
    deploymentBlock: values.fromBlock,
    l1PollMs: values.l1PollMs,
    maxIntake: values.maxIntake,
    gaps: gapLimitsOf(values),
    provingConcurrency: values.provingConcurrency,
    priceBound: priceBoundOf(values),
    ...(values.maxUnposted === undefined ? {} : { maxUnpostedTransfers: values.maxUnposted }),
  };
}

/** Defends what this process asserts, unless somebody else does. */
function defendHere(
  values: SequencerValues,
  { profile, logger }: Parts,
  means: Pick<DefenderOptions, 'reader' | 'assertions' | 'storage' | 'running' | 'metrics'>,
): Defender | undefined {
  if (values.mode === 'zk' || values.defend === 'elsewhere') return undefined;
  return startDefender({
    ...{ ...means, profile, logger, kzg: lazyKzg(), crypto: chooseCrypto(), clock: systemClock },
    file: `${values.database}.defender`,
    blobPlaces: values.blobSource,
    deploymentBlock: values.fromBlock,
    confirmations: values.confirmations,
    pollMs: values.l1PollMs,
    maxFeePerGas: values.maxFeePerGas,
  });
}

/** The port for copies, where there is one. @throws UsageError when it is taken. */
async function openCopies(
  { copyPort: port, copyHost: host, copyTokenFile }: SequencerValues,
  { output }: Context,
  parts: Pick<CopyServerOptions, 'storage' | 'logger'>,
): Promise<Listening | undefined> {
  if (port === undefined) return undefined;
  if (copyTokenFile === undefined) throw new UsageError('--copy-port needs --copy-token-file: a copy has everything');
  const tokens = [readCopyToken(copyTokenFile, output)];
  return await startCopyServer({ ...parts, host, port, tokens, clock: systemClock }).catch((error: unknown) => {
    throw new UsageError(`cannot give copies on ${host}:${port}: ${(error as Error).message}`);
  });
}

/** Opens the database, starts sequencer and JSON-RPC, and serves until the end. */
async function serve(context: Context, l1: L1, values: SequencerValues, parts: Parts): Promise<void> {
  const { output, signal } = context;
  const { profile, wallet, prover, kzg, logger, extras } = parts;
  parts.begun();
  const membership = membershipOf(values);
  const cleanup = createCleanup(logger);
  try {
    const storage = openStorage({ file: values.database, trustWithoutWitness: values.trustWithoutHead });
    cleanup.add('the database', () => storage.close());
    const deployment = { chainId: l1.chainId, contract: values.contract };
    const keyPair = await openRollupKey(values.rollupKey, wallet, deployment, output);
    const { publicKey } = keyPair;
    const owner = BigInt(wallet.address);
    const signer = wallet.connect(l1.provider);
    const { maxFeePerGas, maxFeePerBlobGas } = values;
    // One account, one manager: two would take each other's nonce.
    const manager = createTransactionManager({
      provider: l1.provider,
      signer,
      clock: systemClock,
      logger,
      maxFeePerGas,
      maxFeePerBlobGas,
    });
    const door = { ...deployment, provider: l1.provider, signer, clock: systemClock, logger, manager };
    const metrics = createMetrics('quittance', true);
    addBuildInfo(metrics, 'sequencer', values.mode);
    const assertions = await createAssertionChain(door);
    const provers = prover && openFleet({ values, deployment, profile, prover, logger, metrics });
    if (provers !== undefined) cleanup.add('the fleet of provers', () => provers.close());
    const chain = createRollupChain(door);
    const running = await startRunning({
      ...{ deployment, membership, metrics, cleanup },
      options: {
        config: configOf(values, profile, { keyY: publicKey.y, owner }),
        chain,
        assertions: extras.wrapAssertions?.(assertions) ?? assertions,
        ...(prover === undefined ? {} : { prover }),
        ...(provers === undefined ? {} : { fleet: provers.fleet, payoutKey: keyPair }),
        ...(kzg === undefined ? {} : { kzg }),
        storage,
        crypto: chooseCrypto(),
        logger,
      },
    });
    const defender = defendHere(values, parts, { reader: chain, assertions, storage, running, metrics });
    cleanup.add('the defender', () => defender?.stop());
    const sequencer = running.present();
    warnOfMissingAccounts(context, sequencer, owner);
    const api = await openDoors(values, running, { logger, metrics, ...(provers && { fleet: provers.summary }) });
    cleanup.add('the JSON-RPC', () => api.stop());
    const proverApi = await provers?.open(chooseCrypto(), () => running.cluster?.cluster.leader()?.url);
    if (proverApi !== undefined) cleanup.add('the prover API', () => proverApi.stop());
    const copies = await openCopies(values, context, { storage, logger });
    cleanup.add('the port for copies', () => copies?.stop());
    extras.onServing?.({ sequencer, storage, api, kzg });
    output.result(
      {
        url: api.url,
        metricsUrl: api.metricsUrl,
        ...deployment,
        producer: wallet.address,
        profile: profile.name,
        mode: values.mode,
        prover: prover?.backend ?? null,
        ...(proverApi === undefined ? {} : { proverUrl: proverApi.url }),
        ...(copies === undefined ? {} : { copyUrl: copies.url }),
      },
      () => api.url,
    );
    await untilEnd(() => running.present().status(), systemClock, output, signal);
  } finally {
    await cleanup.run();
  }
}

/** Serves at once, and ends when `preparing` fails. @throws why. */
async function serveMeanwhile(
  preparing: Promise<void>,
  context: Context,
  serving: (context: Context) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  preparing.catch((error: unknown) => failed.abort(error));
  await serving({ ...context, signal: AbortSignal.any([context.signal, failed.signal]) });
  if (failed.signal.aborted) throw failed.signal.reason;
}

/** Runs until it is interrupted. @throws whatever stopped it; the signal's reason when that comes before it is ready. */
export function runSequencer(context: Context, values: SequencerValues, extras: SequencerExtras = {}): Promise<void> {
  return untilBegun(context.signal, (begun) => startSequencer(context, values, extras, begun));
}

async function startSequencer(
  context: Context,
  values: SequencerValues,
  extras: SequencerExtras,
  begun: () => void,
): Promise<void> {
  const { output } = context;
  const backend = backendOf(values);
  requireFleet(values);
  membershipOf(values);
  feeTokensOf(values); // settings that contradict each other are refused before anything else
  const logger = openLog(context, values);
  const wallet = await openAccount(values, output);
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const reader = await connectRollup(l1, values.contract);
    const constants = await reader.connect();
    const profile = profileOf(constants);
    const kzg = constants.blobsAllowed ? await chooseKzg() : undefined;
    await checkProducer(l1, values.contract, wallet.address, output);
    if (values.mode !== 'zk') await checkBonds(l1, values.contract, wallet.address, output);
    if (values.mode === 'optimistic') {
      await serve(context, l1, values, { profile, wallet, prover: undefined, kzg, logger, extras, begun });
      return;
    }
    if (backend === 'none') {
      const judge = await openJudge(values, profile, output);
      await checkKey(context, l1, judge, values.contract);
      await serve(context, l1, values, { profile, wallet, prover: judge, kzg, logger, extras, begun });
      return;
    }
    const prover = createProver({
      profile,
      backend,
      logger,
      ceremonyZkeyPath: values.zkey,
      command: values.proverCommand === undefined ? undefined : parseProverCommand(values.proverCommand),
    });
    try {
      const preparing = prepareKeys(context, prover).then(() => checkKey(context, l1, prover, values.contract));
      if (extras.preparesBehind !== true) await preparing;
      await serveMeanwhile(preparing, context, (running) =>
        serve(running, l1, values, { profile, wallet, prover, kzg, logger, extras, begun }),
      );
    } finally {
      await prover.close();
    }
  });
}

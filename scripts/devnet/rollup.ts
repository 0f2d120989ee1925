/** One rollup on this machine: L1, contracts, prover, sequencer and its API, started and stopped together. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AssertionConstants,
  type BlobSource,
  createAssertionChain,
  createBeaconOrigin,
  createBlobSource,
  createProvider,
  createRollupChain,
  createTransactionManager,
  type Kzg,
} from '@quittance/chain';
import { ETH_TOKEN_ID, type Profile } from '@quittance/protocol';
import type { JsonRpcProvider } from 'ethers';
import { chooseCrypto, chooseKzg } from '../../cli/crypto.ts';
import { LOCAL_CHAIN_ID, startAnvil } from '../../cli/devnet/anvil.ts';
import { type DeployedRollup, deployLocally, localSigner } from '../../cli/devnet/deploy.ts';
import { createFrontRunning, type FrontRunning } from '../../cli/devnet/front-running.ts';
import { createOperator, PRODUCER_POSITION } from '../../cli/devnet/people.ts';
import { EXPLORER_DIRECTORY } from '../../cli/paths.ts';
import {
  type BackendName,
  type ChunkProof,
  createProver,
  type Prover,
  type ProverCommand,
} from '../../prover/index.ts';
import { createLogger, systemClock } from '../../runtime/index.ts';
import {
  type Api,
  type BatchProver,
  createSequencer,
  type Sequencer,
  type SequencerMode,
  startApi,
} from '../../sequencer/index.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import type { Progress } from './progress.ts';

/** Fees of the devnet, in base units: small round numbers that a float16 holds. */
export const DEVNET_FEE = { eth: 10n ** 12n, token: 10n ** 15n } as const;

/** Only sealed by the scenario itself, so that each run makes the same batches. */
const NEVER_SEAL_AFTER_MS = 24 * 3_600_000;

export interface RollupOptions {
  readonly profile: Profile;
  readonly backend: BackendName;
  /** The program of the backend `command`. */
  readonly command?: ProverCommand | undefined;
  /** Hears of every proof. */
  readonly onProof?: (proof: ChunkProof) => void;
  /** Port of the API; 0 takes a free one. */
  readonly port: number;
  readonly progress: Progress;
  /** Seal by time, for a devnet that people use by hand. */
  readonly sealAfterMs?: number;
  readonly mode?: SequencerMode;
  /** Whether the deployment allows blobs, and every batch uses them; calldata if not given. */
  readonly data?: 'calldata' | 'blobs';
}

/** Times of one chunk's proof in seconds. */
export interface ProofTimes {
  readonly witness: number;
  readonly prove: number;
  readonly verify: number;
  /** Seconds of all cores, whatever else the process did meanwhile included. */
  readonly cpu: number;
}

/** Optimistic mode of the devnet. */
export interface DevnetOptimistic {
  readonly terms: AssertionConstants;
  readonly frontRunning: FrontRunning;
}

export interface LocalRollup {
  readonly provider: JsonRpcProvider;
  readonly l1Url: string;
  readonly deployed: DeployedRollup;
  readonly sequencer: Sequencer;
  readonly storage: Storage;
  readonly prover: Prover;
  /** What stands between the sequencer and the Assertions contract; undefined in mode zk. */
  readonly optimistic: DevnetOptimistic | undefined;
  /** What L1 serves of its blobs; undefined where data is in calldata. */
  readonly blobs: BlobSource | undefined;
  /** Undefined likewise. */
  readonly kzg: Kzg | undefined;
  readonly api: Api;
  /** In the order in which chunks were proven. */
  readonly proofTimes: readonly ProofTimes[];
  stop(): Promise<void>;
}

/** Undoes what was started, the last first; every step is tried. */
function createCleanup() {
  const steps: (() => unknown)[] = [];
  return {
    add: (step: () => unknown) => steps.push(step),
    async run() {
      for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
        await Promise.resolve(step()).catch((error: unknown) =>
          process.stderr.write(`while stopping: ${String(error)}\n`),
        );
      }
    },
  };
}

/**
 * Short periods, in seconds: on a public chain hours and days. In hybrid mode the challenge period is so long that only
 * proofs can make a batch final here. The owner's delay lets a second producer in.
 */
const PERIODS = {
  optimistic: { challengePeriod: 20, answerWindow: 15, stepWindow: 15, ownerDelay: 1 },
  hybrid: { challengePeriod: 3_600, answerWindow: 60, stepWindow: 60 },
} as const;

async function prepareProver(prover: Prover, { progress, profile, backend }: RollupOptions): Promise<void> {
  progress.begin(`circuits and keys (${profile.name}, ${backend})`, 100);
  let lastStage = '';
  await prover.prepare(({ stage, done, total }) => {
    progress.update(total === 0 ? 0 : Math.floor((100 * done) / total), 100);
    if (stage !== lastStage) progress.say(`  ${stage}`);
    lastStage = stage;
  });
  progress.end(`${prover.constraintCount.toLocaleString('en')} constraints a chunk`);
  if (prover.verifyingKeyJson.development === true) {
    progress.say(
      '  INSECURE development key: anyone can forge proofs for it; the contracts refuse it off local chains',
    );
  }
}

/** The prover as the sequencer sees it; how long each proof took is kept in `times`. */
function measured(prover: Prover, times: ProofTimes[], onProof: RollupOptions['onProof']): BatchProver {
  return {
    async proveChunk(trace, challenge, proveOptions) {
      const before = process.cpuUsage();
      const chunkProof = await prover.proveChunk(trace, challenge, proveOptions);
      const { proof, timings } = chunkProof;
      onProof?.(chunkProof);
      const { user, system } = process.cpuUsage(before);
      times.push({
        witness: timings['witness'] ?? 0,
        prove: timings['prove'] ?? 0,
        verify: timings['verify'] ?? 0,
        cpu: (user + system) / 1e6,
      });
      return { proof };
    },
    verifyChunk: (trace, challenge, proof) => prover.verifyChunk(trace, challenge, proof),
  };
}

function sequencerConfig(
  { profile, mode = 'zk', data = 'calldata', sealAfterMs }: RollupOptions,
  deployed: DeployedRollup,
) {
  const operator = createOperator();
  return {
    profile,
    operator: { keyY: operator.keyPair.publicKey.y, owner: BigInt(operator.owner) },
    feeTokens: [
      { tokenId: ETH_TOKEN_ID, minimumFee: DEVNET_FEE.eth },
      { tokenId: deployed.tokenId, minimumFee: DEVNET_FEE.token },
    ],
    sealAfterMs: sealAfterMs ?? NEVER_SEAL_AFTER_MS,
    deploymentBlock: deployed.block,
    l1PollMs: 200,
    mode,
    data,
  };
}

/** Starts everything; when a part fails, the others are stopped again. */
export async function startRollup(options: RollupOptions): Promise<LocalRollup> {
  const { profile, backend, port, progress, mode = 'zk', data = 'calldata' } = options;
  const cleanup = createCleanup();
  try {
    // That the sequencer loses a race is part of the show in optimistic mode.
    const logger = createLogger({ level: mode === 'optimistic' ? 'error' : 'warn' });
    const prover = createProver({ profile, backend, command: options.command, logger });
    cleanup.add(() => prover.close());
    await prepareProver(prover, options);

    progress.begin('local L1 and contracts');
    const l1 = await startAnvil(mode === 'optimistic' ? { blockSeconds: 1 } : {});
    cleanup.add(() => l1.stop());
    const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    cleanup.add(() => provider.destroy());
    const deployed = await deployLocally(provider, profile, prover.verifyingKey, {
      ...(mode === 'zk' ? {} : PERIODS[mode]),
      blobsAllowed: data === 'blobs',
    });
    progress.end(`${l1.url}, rollup ${deployed.contract}`);

    const directory = mkdtempSync(join(tmpdir(), 'quittance-devnet-'));
    cleanup.add(() => rmSync(directory, { recursive: true, force: true }));
    const storage = openStorage({ file: join(directory, 'sequencer.db') });
    cleanup.add(() => storage.close());
    const kzg = data === 'blobs' ? await chooseKzg() : undefined;
    const proofTimes: ProofTimes[] = [];
    const signer = localSigner(provider, PRODUCER_POSITION);
    const manager = createTransactionManager({ provider, signer, clock: systemClock, logger });
    const { contract } = deployed;
    const door = { provider, chainId: LOCAL_CHAIN_ID, contract, signer, clock: systemClock, logger, manager };
    const frontRunning = createFrontRunning(await createAssertionChain(door));
    const terms = await frontRunning.chain.connect();
    const sequencer = await createSequencer({
      config: sequencerConfig(options, deployed),
      chain: createRollupChain(door),
      assertions: frontRunning.chain,
      prover: measured(prover, proofTimes, options.onProof),
      storage,
      clock: systemClock,
      crypto: chooseCrypto(),
      ...(kzg === undefined ? {} : { kzg }),
      logger,
    });
    cleanup.add(() => sequencer.stop());
    const api = await startApi({
      sequencer,
      clock: systemClock,
      logger,
      config: { port },
      explorer: EXPLORER_DIRECTORY,
    });
    cleanup.add(() => api.stop());
    return {
      provider,
      l1Url: l1.url,
      deployed,
      sequencer,
      storage,
      prover,
      optimistic: mode === 'zk' || terms === undefined ? undefined : { terms, frontRunning },
      kzg,
      blobs:
        kzg === undefined
          ? undefined
          : createBlobSource({ origins: [createBeaconOrigin({ url: l1.url })], kzg, logger }),
      api,
      proofTimes,
      stop: () => cleanup.run(),
    };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

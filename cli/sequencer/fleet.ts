/** The fleet of a sequencer's process: who may prove, and the API that they call. */

import type { Profile, ProfileName } from '@quittance/protocol';
import { chunkPublicInputs, publicInputsOf, type VerifyingKey } from '@quittance/protocol';
import { createProofChecker, isProofValid, KEY_FILE, type VerifyingKeyJson } from '../../prover/index.ts';
import { type Listening, type Logger, type Metrics, systemClock } from '../../runtime/index.ts';
import {
  createArtifacts,
  createFleet,
  createFleetSummary,
  createMarket,
  type Fleet,
  openFleetLedger,
  type ProofVerifier,
  type SequencerCrypto,
  startFleetApi,
} from '../../sequencer/index.ts';
import { UsageError } from '../process/errors.ts';
import type { Output } from '../process/output.ts';
import { chooseKey, verifyingKeyHash } from '../setup/key.ts';
import type { SequencerValues } from './settings.ts';

/** Judges proofs, and makes none. */
export interface Judge extends ProofVerifier {
  readonly backend: 'none';
  readonly verifyingKey: VerifyingKey;
  readonly verifyingKeyJson: VerifyingKeyJson;
}

/** The key that proofs of others must verify under, without its proving key. @throws as `chooseKey`. */
export async function openJudge(values: SequencerValues, profile: Profile, output: Output): Promise<Judge> {
  const { zkey, verifyingKey } = values;
  const source = { profile: profile.name as ProfileName, zkey, verifyingKey, isShippedEnough: true };
  const { key, json, isDevelopment } = await chooseKey(source, output);
  return {
    backend: 'none',
    verifyingKey: key,
    verifyingKeyJson: { ...json, ...(isDevelopment ? { development: true } : {}) },
    verifyChunk: (trace, challenge, proof) =>
      isProofValid(key, publicInputsOf(chunkPublicInputs(trace, challenge)), proof),
  };
}

/** A fleet whose API is not open yet. */
export interface FleetPart {
  readonly fleet: Fleet;
  /**
   * Opens the port.
   *
   * @param leaderUrl the node that leads, where this one does not. @throws UsageError when the port is taken.
   */
  open(crypto: SequencerCrypto, leaderUrl: () => string | undefined): Promise<Listening>;
  /** For `/stats`. */
  summary(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface FleetPartOptions {
  readonly values: SequencerValues;
  readonly deployment: { readonly chainId: bigint; readonly contract: string };
  readonly profile: Profile;
  /** Its key is that of the contract. */
  readonly prover: Pick<Judge, 'verifyingKey' | 'verifyingKeyJson'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Where the tokens of provers are. */
export function tokensFileOf({
  proverTokens,
  database,
}: {
  proverTokens: string | undefined;
  database: string;
}): string {
  return proverTokens ?? `${database}.provers.json`;
}

/** Settings that contradict each other are refused before anything else. @throws UsageError. */
export function requireFleet({
  prover,
  proverPort,
  proverMarket,
  proverReward,
  mode,
  feeTokens,
}: SequencerValues): void {
  if (proverPort !== undefined && mode === 'optimistic') {
    throw new UsageError('--prover-port has nothing to hand out in mode optimistic: nothing is proven');
  }
  if (prover === 'none' && proverPort === undefined && mode !== 'optimistic') {
    throw new UsageError('--prover none needs --prover-port: nobody would prove');
  }
  if (proverMarket && (proverPort === undefined || proverReward === undefined)) {
    throw new UsageError('--prover-market needs --prover-port and --prover-reward: nobody proves for nothing');
  }
  if (proverReward === undefined || feeTokens.some(({ tokenId }) => tokenId === proverReward.tokenId)) return;
  throw new UsageError(`--prover-reward is in token ${proverReward.tokenId}, which is none of --fee-tokens`);
}

/** The fleet, where there is a port for it. @throws RollupError DATABASE_DAMAGED, CONFIG_INVALID. */
export function openFleet(options: FleetPartOptions): FleetPart | undefined {
  const { values, deployment, profile, prover, logger, metrics } = options;
  const { proverPort: port, proverHost: host, proverReward, proverMarket: isMarket } = values;
  if (port === undefined) return undefined;
  const reward = proverReward && { tokenId: proverReward.tokenId, amount: proverReward.units };
  const circuit = verifyingKeyHash(prover.verifyingKey);
  const checker = createProofChecker(prover.verifyingKey);
  const ledger = openFleetLedger({ file: `${values.database}.fleet`, ...deployment });
  const clock = systemClock;
  const fleet = createFleet({
    ...{ circuit, profile, checker, ledger, clock, logger, metrics, reward, isMarket },
    tokensFile: tokensFileOf(values),
    window: values.provingWindow,
    localLeases: values.prover === 'none' ? 0 : values.provingConcurrency,
  });
  const summary = createFleetSummary(fleet, clock);
  return {
    fleet,
    summary: () => ({ ...summary() }),
    open(crypto, leaderUrl) {
      const development = prover.verifyingKeyJson.development === true;
      const files = values.zkey === undefined ? {} : { [KEY_FILE]: values.zkey };
      const rollup = `${deployment.chainId}:${deployment.contract.toLowerCase()}`;
      return startFleetApi({
        ...{ fleet, host, port, clock, logger, leaderUrl, trustedProxies: values.trustedProxies },
        artifacts: createArtifacts({ circuit, profile, development, files }),
        ...(isMarket ? { market: createMarket({ ledger, verifier: crypto.verifier, clock, rollup }) } : {}),
      }).catch((error: unknown) => {
        throw new UsageError(`the prover API cannot listen on ${host}:${port}: ${(error as Error).message}`);
      });
    },
    async close() {
      await checker.close();
      ledger.close();
    },
  };
}

/** Deploys the contracts through the same Ignition module that the tests use. */

import { join } from 'node:path';
import { createRollupReader, translateChainError } from '@quittance/chain';
import { isRollupError, PROFILES, RollupError } from '@quittance/protocol';
import type { Wallet } from 'ethers';
import { isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import { openKeystore } from '../l1/keystore.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { type Output, table } from '../process/output.ts';
import { type ChosenKey, chooseKey, evmVerifyingKey } from '../setup/key.ts';
import { firstBlockOf } from './first-block.ts';
import { type DeployedAddresses, runIgnition } from './ignition.ts';
import { checkOptimistic, checkParameters, checkWait, checkWindows } from './parameters.ts';
import type { DeployValues } from './settings.ts';
import { createSigningProvider } from './signing-provider.ts';

/** Blocks on top of each transaction: on a public chain a reorg must not undo what the next one stands on. */
const PUBLIC_CONFIRMATIONS = 5;
const POLL_MS = { local: 100, public: 3_000 } as const;

/** A deployment as it was asked for. */
interface Request extends ReturnType<typeof parametersOf> {
  readonly values: DeployValues;
  readonly output: Output;
  /** The deployer. */
  readonly wallet: Wallet;
}

/** Before anything is compiled, asked or sent. */
function refuseDevelopmentKey(l1: L1): never {
  throw new RollupError(
    'INSECURE_KEY',
    `chain ${l1.chainId} is no local chain, and a development key lets anyone forge proofs: ` +
      'run a ceremony (docs/how-to/run-a-ceremony.md) and give its key with --zkey or --verifying-key',
    { chainId: l1.chainId },
  );
}

async function requireMoney({ provider }: L1, address: string): Promise<void> {
  const balance = await provider.getBalance(address).catch((error: unknown) => {
    throw translateChainError('reading the balance of the deployer', error);
  });
  if (balance === 0n) throw new UsageError(`the deployer ${address} has no ETH on this chain; fund it first`);
}

/** Checks that the contract deployed is the one that was asked for, and finds its block. */
async function confirm(l1: L1, deployed: DeployedAddresses, fromBlock: number, slotsPerChunk: number): Promise<number> {
  const reader = createRollupReader({ ...l1, contract: deployed.rollup });
  const constants = await reader.connect();
  const genesis = await reader.findBatch(0, fromBlock, (await reader.head()).number);
  if (constants.slotsPerChunk !== slotsPerChunk || genesis === undefined) {
    throw new RollupError(
      'DEPLOYMENT_MISMATCH',
      `the contract at ${deployed.rollup} is not the one that was asked for`,
      {
        expected: slotsPerChunk,
        actual: constants.slotsPerChunk,
      },
    );
  }
  return genesis.blockNumber;
}

/** The key for the verifier contract; on a public chain never a development key. */
async function keyFor(l1: L1, isLocal: boolean, { values, output }: Request): Promise<ChosenKey> {
  const key = await chooseKey(values, output);
  if (key.isDevelopment && !isLocal) refuseDevelopmentKey(l1);
  if (key.isDevelopment) output.warn('INSECURE development key: anyone can forge proofs; nothing here has value');
  return key;
}

/** Values of the Ignition module, by their names there; those of optimistic mode apart. */
function parametersOf(values: DeployValues, deployer: string) {
  const { slotsPerChunk, maxChunks } = PROFILES[values.profile];
  const { maxBatchAge, priorityDelay, priorityInterval, livenessTimeout, exodusDelay } = values;
  const { ownerDelay, priorityFee, maxPriorityFee, proposer = deployer, producer = deployer } = values;
  const { challengePeriod, answerWindow, stepWindow, assertionBond, disputeBond, maxPending } = values;
  return {
    parameters: {
      ...{ slotsPerChunk, maxChunks, ownerDelay, maxBatchAge, priorityDelay, priorityInterval },
      ...{ livenessTimeout, exodusDelay, priorityFee, maxPriorityFee, proposer, producer },
      blobsAllowed: values.data === 'blobs',
    },
    optimistic: values.zkOnly
      ? undefined
      : { challengePeriod, answerWindow, stepWindow, assertionBond, disputeBond, maxPending },
  };
}

/** Writes what stands on L1 now, as one JSON object or as lines. */
function report(l1: L1, request: Request, key: ChosenKey, deployed: DeployedAddresses, block: number): void {
  const { parameters, optimistic } = request;
  const view = {
    chainId: l1.chainId,
    contract: deployed.rollup,
    block,
    verifier: deployed.verifier,
    poseidon: deployed.poseidon,
    assertions: deployed.assertions ?? null,
    timelock: deployed.timelock,
    keyHash: key.hash,
    developmentKey: key.isDevelopment,
    parameters: { ...parameters, optimistic: optimistic ?? null },
  };
  request.output.result(view, () =>
    table([
      ['rollup', view.contract],
      ['block', String(block)],
      ['verifier', view.verifier],
      ['poseidon', view.poseidon],
      ['assertions', view.assertions ?? 'none: without optimistic mode'],
      ['timelock (owner)', view.timelock],
      ['proposer', parameters.proposer],
      ['producer', parameters.producer],
      ['key hash', key.hash],
      ['data', parameters.blobsAllowed ? 'in calldata or blobs' : 'in calldata'],
    ]),
  );
}

/** Sends what the module says and what a record of an earlier run does not have yet. */
function deploy(l1: L1, isLocal: boolean, request: Request, key: ChosenKey, record: string | undefined) {
  const { values, wallet, parameters, optimistic, output } = request;
  output.say(`deploying to chain ${l1.chainId} from ${wallet.address}`);
  return runIgnition({
    provider: createSigningProvider(l1.provider, wallet, l1.chainId),
    sender: wallet.address,
    module: values.zkOnly ? 'ZkRollup' : 'Rollup',
    parameters: {
      ...parameters,
      ...optimistic,
      verifyingKey: evmVerifyingKey(key.key),
      isDevelopmentKey: key.isDevelopment,
    },
    record,
    confirmations: isLocal ? 1 : PUBLIC_CONFIRMATIONS,
    pollMs: isLocal ? POLL_MS.local : POLL_MS.public,
  }).catch((error: unknown) => {
    throw isRollupError(error) || error instanceof UsageError ? error : translateChainError('deploying', error);
  });
}

/** Deploys, or resumes a deployment that was interrupted. */
export async function runDeploy({ output }: Context, values: DeployValues): Promise<void> {
  checkParameters(values);
  if (!values.zkOnly) checkOptimistic(values, PROFILES[values.profile]);
  if (!values.zkOnly && values.data === 'blobs') checkWait(values);
  const wallet = await openKeystore(values, output);
  const request: Request = { values, output, wallet, ...parametersOf(values, wallet.address) };
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const isLocal = isLocalChain(l1.chainId);
    if (!isLocal && !values.zkOnly) checkWindows(values, values.data === 'blobs');
    if (!isLocal && values.zkey === undefined && values.verifyingKey === undefined) refuseDevelopmentKey(l1);
    await requireMoney(l1, wallet.address);
    const key = await keyFor(l1, isLocal, request);
    const record = values.record ?? (isLocal ? undefined : join('deployments', `chain-${l1.chainId}`));
    const head = await createRollupReader({ ...l1, contract: wallet.address }).head();
    const fromBlock = firstBlockOf(record, head.number);
    const deployed = await deploy(l1, isLocal, request, key, record);
    const block = await confirm(l1, deployed, fromBlock, request.parameters.slotsPerChunk);
    report(l1, request, key, deployed, block);
    output.say(`next: quittance sequencer --contract ${deployed.rollup} --from-block ${block} …`);
  });
}

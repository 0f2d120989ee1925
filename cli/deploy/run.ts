/** Deploys the contracts through the same Ignition module that the tests use. */

import { join } from 'node:path';
import { createRollupReader, translateChainError } from '@quittance/chain';
import { isRollupError, PROFILES, RollupError } from '@quittance/protocol';
import { isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import { openKeystore } from '../l1/keystore.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { type ChosenKey, chooseKey, evmVerifyingKey } from '../setup/key.ts';
import { firstBlockOf } from './first-block.ts';
import { type DeployedAddresses, runIgnition } from './ignition.ts';
import { checkOptimistic, checkParameters } from './parameters.ts';
import type { DeployValues } from './settings.ts';
import { createSigningProvider } from './signing-provider.ts';

/** Blocks on top of each transaction: on a public chain a reorg must not undo what the next one stands on. */
const PUBLIC_CONFIRMATIONS = 5;
const POLL_MS = { local: 100, public: 3_000 } as const;

/** Before anything is compiled, asked or sent. */
function refuseDevelopmentKey(l1: L1): never {
  throw new RollupError(
    'INSECURE_KEY',
    `chain ${l1.chainId} is no local chain, and a development key lets anyone forge proofs: ` +
      'run a ceremony (docs/operations.md) and give its key with --zkey or --verifying-key',
    { chainId: l1.chainId },
  );
}

async function requireMoney({ provider }: L1, address: string): Promise<void> {
  const balance = await provider.getBalance(address).catch((error: unknown) => {
    throw translateChainError('reading the balance of the deployer', error);
  });
  if (balance === 0n) throw new UsageError(`the deployer ${address} has no ETH on this chain; fund it first`);
}

/** The contract that stands there now is the one that was asked for. */
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

/** Deploys, or goes on with a deployment that was broken off. */
export async function runDeploy({ output }: Context, values: DeployValues): Promise<void> {
  checkParameters(values);
  if (!values.zkOnly) checkOptimistic(values, PROFILES[values.profile]);
  const wallet = await openKeystore(values, output);
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    const isLocal = isLocalChain(l1.chainId);
    if (!isLocal && values.zkey === undefined && values.verifyingKey === undefined) refuseDevelopmentKey(l1);
    await requireMoney(l1, wallet.address);
    const key: ChosenKey = await chooseKey(values, output);
    if (key.isDevelopment && !isLocal) refuseDevelopmentKey(l1);
    if (key.isDevelopment) output.warn('INSECURE development key: anyone can forge proofs; nothing here has value');

    const { slotsPerChunk, maxChunks } = PROFILES[values.profile];
    const record = values.record ?? (isLocal ? undefined : join('deployments', `chain-${l1.chainId}`));
    const fromBlock = firstBlockOf(
      record,
      (await createRollupReader({ ...l1, contract: wallet.address }).head()).number,
    );
    const proposer = values.proposer ?? wallet.address;
    const producer = values.producer ?? wallet.address;
    output.say(`deploying to chain ${l1.chainId} from ${wallet.address}`);
    const { maxBatchAge, priorityDelay, priorityInterval, livenessTimeout, exodusDelay } = values;
    const { ownerDelay, priorityFee, maxPriorityFee } = values;
    const parameters = {
      slotsPerChunk,
      maxChunks,
      ownerDelay,
      maxBatchAge,
      priorityDelay,
      priorityInterval,
      livenessTimeout,
      exodusDelay,
      priorityFee,
      maxPriorityFee,
      proposer,
      producer,
    };
    const { challengePeriod, answerWindow, stepWindow, assertionBond, disputeBond, maxPending } = values;
    const optimistic = values.zkOnly
      ? undefined
      : { challengePeriod, answerWindow, stepWindow, assertionBond, disputeBond, maxPending };
    const deployed = await runIgnition({
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
    const block = await confirm(l1, deployed, fromBlock, slotsPerChunk);
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
    output.result(view, () =>
      table([
        ['rollup', view.contract],
        ['block', String(block)],
        ['verifier', view.verifier],
        ['poseidon', view.poseidon],
        ['assertions', view.assertions ?? 'none: without optimistic mode'],
        ['timelock (owner)', view.timelock],
        ['proposer', proposer],
        ['producer', producer],
        ['key hash', key.hash],
      ]),
    );
    output.say(`next: quittance sequencer --contract ${view.contract} --from-block ${block} …`);
  });
}

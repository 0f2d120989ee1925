/** `quittance deploy`, and `deploy apply`: sends the contracts through the same Ignition module that the tests use. */

import { createRollupReader, translateChainError } from '@quittance/chain';
import { isRollupError, RollupError } from '@quittance/protocol';
import { type L1Account, openAccount } from '../l1/account.ts';
import { isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { type Output, table } from '../process/output.ts';
import { firstBlockOf } from './first-block.ts';
import { type DeployedAddresses, runIgnition } from './ignition.ts';
import { claimRecord } from './record.ts';
import {
  checkOnChain,
  checkValues,
  type DeployRequest,
  keyFor,
  moduleParametersOf,
  recordedOf,
  recordOf,
  requestOf,
} from './request.ts';
import type { DeployValues } from './settings.ts';
import { createSigningProvider } from './signing-provider.ts';

/** Blocks on top of each transaction: on a public chain a reorg must not undo what the next one stands on. */
const PUBLIC_CONFIRMATIONS = 5;
const POLL_MS = { local: 100, public: 3_000 } as const;

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

/** Writes what stands on L1 now, as one JSON object or as lines. */
function report(l1: L1, output: Output, request: DeployRequest, deployed: DeployedAddresses, block: number): void {
  const { parameters, optimistic, key } = request;
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
      ['proposer', parameters.proposer],
      ['producer', parameters.producer],
      ['key hash', key.hash],
      ['data', parameters.blobsAllowed ? 'in calldata or blobs' : 'in calldata'],
    ]),
  );
}

/** Sends what the module says and what a record of an earlier run does not have yet. */
function deploy(
  l1: L1,
  { output, signal }: Context,
  wallet: L1Account,
  request: DeployRequest,
  record: string | undefined,
): Promise<DeployedAddresses> {
  const isLocal = isLocalChain(l1.chainId);
  output.say(`deploying to chain ${l1.chainId} from ${wallet.address}`);
  return runIgnition({
    provider: createSigningProvider(l1.provider, wallet, l1.chainId),
    sender: wallet.address,
    module: request.module,
    parameters: moduleParametersOf(request),
    record,
    confirmations: isLocal ? 1 : PUBLIC_CONFIRMATIONS,
    pollMs: isLocal ? POLL_MS.local : POLL_MS.public,
    signal,
    progress: {
      onSent: ({ name, position, count }, hash) => output.say(`[${position}/${count}] ${name}: sent in ${hash}`),
      onDeployed: ({ name, position, count }, address) => output.say(`[${position}/${count}] ${name}: at ${address}`),
    },
  }).catch((error: unknown) => {
    if (signal.aborted) {
      output.warn(
        record === undefined
          ? 'stopped between two transactions. Without --record nothing is kept: the next run starts over'
          : `stopped between two transactions. The record ${record} has what was sent: the same command goes on from there`,
      );
      throw error;
    }
    throw isRollupError(error) || error instanceof UsageError ? error : translateChainError('deploying', error);
  });
}

/** Deploys, or resumes a deployment that was interrupted. */
export async function runDeploy(context: Context, values: DeployValues): Promise<void> {
  const { output } = context;
  checkValues(values);
  const wallet = await openAccount(values, output);
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    checkOnChain(values, l1);
    await requireMoney(l1, wallet.address);
    const key = await keyFor(values, l1, output);
    if (key.isDevelopment) output.warn('INSECURE development key: anyone can forge proofs; nothing here has value');
    const request = requestOf(values, wallet.address, key);
    const record = recordOf(values, l1);
    if (record !== undefined) claimRecord(record, { chainId: String(l1.chainId), ...recordedOf(request) });
    const head = await createRollupReader({ ...l1, contract: wallet.address }).head();
    const fromBlock = firstBlockOf(record, head.number);
    const deployed = await deploy(l1, context, wallet, request, record);
    const block = await confirm(l1, deployed, fromBlock, request.parameters.slotsPerChunk);
    report(l1, output, request, deployed, block);
    output.say(`next: quittance deploy verify --contract ${deployed.rollup} --from-block ${block} …`);
    output.say(`then: quittance sequencer --contract ${deployed.rollup} --from-block ${block} …`);
  });
}

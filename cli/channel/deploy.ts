/** `quittance channel deploy`: rehearses, then sends the contracts of channels through the same machinery as the rollup's. */

import { join } from 'node:path';
import { createChannelsReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { formatEther } from 'ethers';
import type { DeployedBy } from '../deploy/ignition.ts';
import { claimRecord } from '../deploy/record.ts';
import { type RehearsedContract, rehearse } from '../deploy/rehearse.ts';
import { requireMoney, sendModule } from '../deploy/send-module.ts';
import { addressOf, hasAccount, openAccount } from '../l1/account.ts';
import { connectRollup, isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { askBalance, askFeePerGas } from '../watch/funds.ts';
import type { DeployValues } from './settings.ts';

/** Gas of a challenge, at most. Source: docs/channels.md, Costs. */
const CHALLENGE_GAS = 80_000n;
/** A bond below so many challenges hardly frightens anybody, and hardly pays whoever has to challenge. */
const LEAST_CHALLENGES = 4n;

/** What is sent, and what it costs. */
interface ChannelPlan {
  readonly chainId: bigint;
  readonly rollup: string;
  /** Wei. */
  readonly bond: bigint;
  readonly contracts: readonly RehearsedContract[];
  readonly gas: bigint;
  readonly feePerGas: bigint;
  readonly cost: bigint;
  /** Of the deployer; null where none was named. */
  readonly balance: bigint | null;
  readonly warnings: readonly string[];
}

function warningsOf(bond: bigint, cost: bigint, feePerGas: bigint, balance: bigint | undefined): string[] {
  const challenge = CHALLENGE_GAS * feePerGas;
  return [
    balance !== undefined && balance < cost && 'the deployer has less than the deployment costs at today’s price',
    bond < LEAST_CHALLENGES * challenge &&
      `a bond of ${formatEther(bond)} ETH is little: a challenge costs ${formatEther(challenge)} ETH at today’s price, and an ` +
        'old state should cost more than that',
  ].filter((warning) => warning !== false);
}

async function planOf(
  l1: L1,
  { output, signal }: Context,
  { contract, bond }: DeployValues,
  deployer: string | undefined,
): Promise<ChannelPlan> {
  output.say('rehearsing on a chain of its own');
  const contracts = await rehearse({ module: 'Channels', parameters: { rollup: contract, bond } }, signal);
  const gas = contracts.reduce((sum, { gas: own }) => sum + own, 0n);
  const feePerGas = await askFeePerGas(l1.provider);
  const cost = gas * feePerGas;
  const balance = deployer === undefined ? undefined : await askBalance(l1.provider, deployer);
  return {
    ...{ chainId: l1.chainId, rollup: contract, bond, contracts, gas, feePerGas, cost },
    balance: balance ?? null,
    warnings: warningsOf(bond, cost, feePerGas, balance),
  };
}

function planText({ rollup, bond, contracts, gas, cost, warnings, feePerGas }: ChannelPlan): string {
  return [
    table([
      ['contract', 'gas', 'cost'],
      ...contracts.map(({ name, gas: own }) => [name, own.toLocaleString('en'), `${formatEther(own * feePerGas)} ETH`]),
      ['all', gas.toLocaleString('en'), `${formatEther(cost)} ETH`],
    ]),
    '',
    table([
      ['rollup', rollup],
      ['bond', `${formatEther(bond)} ETH`],
    ]),
    ...(warnings.length === 0 ? [] : ['', ...warnings.map((warning) => `! ${warning}`)]),
  ].join('\n');
}

/** Where the record is kept: always on a public chain. */
function recordOf({ record }: DeployValues, { chainId }: L1): string | undefined {
  return record ?? (isLocalChain(chainId) ? undefined : join('deployments', `chain-${chainId}-channels`));
}

/** @throws RollupError DEPLOYMENT_MISMATCH unless the contract is what was asked for. */
async function confirm(
  l1: L1,
  { contract: rollup, bond }: DeployValues,
  { channels, preimages }: DeployedBy['Channels'],
) {
  const found = await createChannelsReader({ ...l1, contract: channels, rollup }).connect();
  if (found.bond === bond && found.preimages === preimages) return found;
  throw new RollupError('DEPLOYMENT_MISMATCH', `the contract at ${channels} is not the one that was asked for`, {
    expected: `${bond} ${preimages}`,
    actual: `${found.bond} ${found.preimages}`,
  });
}

async function deploy(context: Context, values: DeployValues, l1: L1): Promise<void> {
  const { output } = context;
  const { contract: rollup, bond } = values;
  const wallet = await openAccount(values, output);
  await requireMoney(l1, wallet.address);
  const { warnings } = await planOf(l1, context, values, wallet.address);
  for (const warning of warnings) output.warn(warning);
  const record = recordOf(values, l1);
  if (record !== undefined) {
    const { chainId } = l1;
    claimRecord(record, { chainId: String(chainId), module: 'Channels', deployer: wallet.address, rollup, bond });
  }
  const sent = { module: 'Channels', parameters: { rollup, bond }, record } as const;
  const found = await confirm(l1, values, await sendModule(l1, context, wallet, sent));
  const { contract: channels, preimages, implementation } = found;
  output.result({ chainId: l1.chainId, rollup, channels, preimages, implementation, bond }, () =>
    table([
      ['channels', channels],
      ['preimages', preimages],
      ['vaults are clones of', implementation],
      ['rollup', rollup],
      ['bond', `${formatEther(bond)} ETH`],
    ]),
  );
  output.say(`next: put "channels": "${channels}" into the config file of whoever has channels, or give --channels`);
}

/** Deploys, resumes a deployment that was interrupted, or says what it would send. */
export async function runChannelDeploy(context: Context, values: DeployValues): Promise<void> {
  const { contract, bond, plan } = values;
  if (bond === 0n) throw new UsageError('--bond is 0: showing an old state would cost nothing');
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    await connectRollup(l1, contract);
    if (!plan) return deploy(context, values, l1);
    const deployer = hasAccount(values) ? await addressOf(values, context.output) : undefined;
    const planned = await planOf(l1, context, values, deployer);
    context.output.result(planned, () => planText(planned));
  });
}

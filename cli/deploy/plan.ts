/** `quittance deploy plan`: what a deployment would send and cost. Nothing is sent. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatEther, formatUnits, ZeroAddress } from 'ethers';
import { addressOf, hasAccount } from '../l1/account.ts';
import { isLocalChain, type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import { askBalance, askFeePerGas } from '../watch/funds.ts';
import { parameterText } from './parameter-text.ts';
import { type RehearsedContract, rehearse } from './rehearse.ts';
import {
  checkOnChain,
  checkValues,
  type DeployRequest,
  keyFor,
  moduleParametersOf,
  recordOf,
  requestOf,
} from './request.ts';
import type { DeployValues } from './settings.ts';
import { warningsOf } from './warnings.ts';

/** Stands for a deployer whom nobody named. Not the zero address, which the contracts refuse as producer. */
const STAND_IN = `${ZeroAddress.slice(0, -1)}1`;

/** The plan. */
export interface DeployPlan {
  readonly chainId: bigint;
  /** null where no account was given. */
  readonly deployer: string | null;
  readonly contracts: readonly RehearsedContract[];
  readonly gas: bigint;
  readonly feePerGas: bigint;
  /** Wei at today's price. */
  readonly cost: bigint;
  readonly balance: bigint | null;
  readonly keyHash: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

function textOf(plan: DeployPlan): string {
  const { contracts, parameters, feePerGas, gas, cost, balance, deployer, warnings, keyHash } = plan;
  const costOf = (amount: bigint) => `${formatEther(amount * feePerGas)} ETH`;
  return [
    `on chain ${plan.chainId}, from ${deployer ?? 'a deployer that --keystore or --signer-url names'}`,
    '',
    table([
      ['contract', 'gas', 'cost'],
      ...contracts.map(({ name, gas: own }) => [name, own.toLocaleString('en'), costOf(own)]),
      ['all', gas.toLocaleString('en'), `${formatEther(cost)} ETH`],
    ]),
    `at ${formatUnits(feePerGas, 'gwei')} gwei per gas${balance === null ? '' : `; the deployer has ${formatEther(balance)} ETH`}`,
    '',
    table([
      ['key hash', keyHash],
      ...Object.entries(parameters).map(([name, value]) => [name, parameterText(name, value)]),
    ]),
    ...(warnings.length === 0 ? [] : ['', ...warnings.map((warning) => `! ${warning}`)]),
  ].join('\n');
}

async function planOn(l1: L1, context: Context, values: DeployValues, request: DeployRequest, hasDeployer: boolean) {
  context.output.say('rehearsing on a chain of its own');
  const contracts = await rehearse({ module: request.module, parameters: moduleParametersOf(request) }, context.signal);
  const gas = contracts.reduce((sum, { gas: own }) => sum + own, 0n);
  const feePerGas = await askFeePerGas(l1.provider);
  const cost = gas * feePerGas;
  const balance = hasDeployer ? await askBalance(l1.provider, request.deployer) : undefined;
  const folder = recordOf(values, l1);
  const record = folder !== undefined && existsSync(join(folder, 'journal.jsonl')) ? folder : undefined;
  const warnings = warningsOf(request, { isLocal: isLocalChain(l1.chainId), cost, balance, record });
  const { deployer, key, parameters, optimistic } = request;
  const plan: DeployPlan = {
    ...{ chainId: l1.chainId, deployer: hasDeployer ? deployer : null, contracts, gas, feePerGas, cost },
    ...{ balance: balance ?? null, keyHash: key.hash, parameters: { ...parameters, ...optimistic }, warnings },
  };
  context.output.result(plan, () => textOf(plan));
}

/** Checks, rehearses and prints. */
export async function runPlan(context: Context, values: DeployValues): Promise<void> {
  const { output } = context;
  checkValues(values);
  // A plan can do without an account: then it says nothing of its balance.
  const deployer = hasAccount(values) ? await addressOf(values, output) : undefined;
  await withL1({ url: values.l1Url, expected: values.chainId }, async (l1) => {
    checkOnChain(values, l1);
    const key = await keyFor(values, l1, output);
    // Who deploys by default proposes and produces: an account that nobody has stands for them in the rehearsal.
    const request = requestOf(values, deployer ?? STAND_IN, key);
    await planOn(l1, context, values, request, deployer !== undefined);
  });
}

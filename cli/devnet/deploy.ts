/** Deploys to the local L1: rollup and channels through the same Ignition modules as anywhere else, and a token to play with. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRollupReader, rollupInterface } from '@quittance/chain';
import type { Profile, VerifyingKey } from '@quittance/protocol';
import { Contract, ContractFactory, type InterfaceAbi, type JsonRpcProvider, NonceManager, Wallet } from 'ethers';
import { DEFAULT_BOND } from '../channel/settings.ts';
import { type DeployedBy, type IgnitionRun, runIgnition } from '../deploy/ignition.ts';
import { createSigningProvider } from '../deploy/signing-provider.ts';
import { CONTRACT_ARTIFACTS } from '../paths.ts';
import { evmVerifyingKey } from '../setup/key.ts';
import { LOCAL_CHAIN_ID } from './anvil.ts';
import { DEPLOYER_POSITION, l1Wallet, PRODUCER_POSITION } from './people.ts';

export interface DeployedRollup {
  readonly contract: string;
  readonly token: string;
  readonly tokenId: number;
  /** Contract of payment channels. */
  readonly channels: string;
  /** Block of the rollup's creation. */
  readonly block: number;
}

const TOKEN_ARTIFACT = join(CONTRACT_ARTIFACTS, 'mocks', 'TestToken.sol', 'TestToken.json');
const POLL_MS = 50;

/** A signer of the development mnemonic that counts its nonces itself. */
export function localSigner(provider: JsonRpcProvider, position: number): NonceManager {
  return new NonceManager(l1Wallet(position).connect(provider));
}

/** Runs a module with the key of the deployer. */
function runLocally<Module extends keyof DeployedBy>(
  provider: JsonRpcProvider,
  module: Module,
  parameters: IgnitionRun['parameters'],
  signal: AbortSignal | undefined,
): Promise<DeployedBy[Module]> {
  const deployer = new Wallet(l1Wallet(DEPLOYER_POSITION).privateKey);
  return runIgnition({
    provider: createSigningProvider(provider, deployer, LOCAL_CHAIN_ID),
    sender: deployer.address,
    module,
    parameters,
    record: undefined,
    confirmations: 1,
    pollMs: POLL_MS,
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Creates an ERC-20 and gives it its id in the rollup. */
async function addToken(
  provider: JsonRpcProvider,
  contract: string,
): Promise<Pick<DeployedRollup, 'token' | 'tokenId'>> {
  const deployer = localSigner(provider, DEPLOYER_POSITION);
  const { abi, bytecode } = JSON.parse(readFileSync(TOKEN_ARTIFACT, 'utf8')) as { abi: InterfaceAbi; bytecode: string };
  const token = await new ContractFactory(abi, bytecode, deployer).deploy('Devnet dollar', 'DUSD');
  await token.waitForDeployment();
  const address = await token.getAddress();
  const rollup = new Contract(contract, rollupInterface, deployer);
  await (await rollup.getFunction('registerToken')(address)).wait();
  return { token: address, tokenId: Number(await rollup.getFunction('tokenIdOf')(address)) };
}

/** Deploys the contracts of payment channels. @throws the signal's reason. */
export async function deployChannels(provider: JsonRpcProvider, rollup: string, signal?: AbortSignal): Promise<string> {
  const { channels } = await runLocally(provider, 'Channels', { rollup, bond: DEFAULT_BOND }, signal);
  return channels;
}

/** Parameters of the deployment beside shape and key, by their names in the Ignition module. */
export type DeploymentOverrides = Readonly<Record<string, string | number | bigint | boolean>>;

/** Deploys everything. The development key is accepted because the chain is local. @throws the signal's reason. */
export async function deployLocally(
  provider: JsonRpcProvider,
  { slotsPerChunk, maxChunks }: Profile,
  verifyingKey: VerifyingKey,
  overrides: DeploymentOverrides = {},
  signal?: AbortSignal,
): Promise<DeployedRollup> {
  const parameters = {
    slotsPerChunk,
    maxChunks,
    verifyingKey: evmVerifyingKey(verifyingKey),
    isDevelopmentKey: true,
    producer: l1Wallet(PRODUCER_POSITION).address,
    ...overrides,
  };
  const { rollup: contract } = await runLocally(provider, 'Rollup', parameters, signal);
  const reader = createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract });
  const genesis = await reader.findBatch(0, 0, (await reader.head()).number);
  const token = await addToken(provider, contract);
  return {
    contract,
    channels: await deployChannels(provider, contract, signal),
    block: genesis!.blockNumber,
    ...token,
  };
}

/** Deploys the contracts to the local L1: the verifier with this build's key, the rollup, and a token to play with. */

import { readFileSync } from 'node:fs';
import {
  type BaseContract,
  Contract,
  ContractFactory,
  type InterfaceAbi,
  type JsonRpcApiProvider,
  NonceManager,
  type Signer,
} from 'ethers';
import { rollupInterface } from '../../chain/index.ts';
import { L1_DEFAULTS, type Profile, type VerifyingKey } from '../../protocol/index.ts';
import { DEPLOYER_POSITION, l1Wallet, PRODUCER_POSITION } from './people.ts';

export interface DeployedRollup {
  readonly contract: string;
  readonly token: string;
  readonly tokenId: number;
  /** Block of the rollup's creation. */
  readonly block: number;
}

interface Artifact {
  readonly abi: InterfaceAbi;
  readonly bytecode: string;
}

function artifactOf(source: string, name: string): Artifact {
  return JSON.parse(readFileSync(`build/contracts/artifacts/contracts/${source}/${name}.json`, 'utf8')) as Artifact;
}

/** A signer of the development mnemonic that counts its nonces itself. */
export function localSigner(provider: JsonRpcApiProvider, position: number): NonceManager {
  return new NonceManager(l1Wallet(position).connect(provider));
}

async function create(
  signer: Signer,
  source: string,
  name: string,
  parameters: readonly unknown[],
): Promise<BaseContract> {
  const { abi, bytecode } = artifactOf(source, name);
  const contract = await new ContractFactory(abi, bytecode, signer).deploy(...parameters);
  return contract.waitForDeployment();
}

/** The key as the verifier's constructor takes it: imaginary parts first. */
function evmVerifyingKey({ alpha, beta, gamma, delta, ic }: VerifyingKey) {
  const g2 = ([x, y]: VerifyingKey['beta']) => [x[1], x[0], y[1], y[0]];
  return { alpha: [...alpha], beta: g2(beta), gamma: g2(gamma), delta: g2(delta), ic: ic.map((point) => [...point]) };
}

/** Deploys everything. The development key is accepted because the chain is local. */
export async function deployLocally(
  provider: JsonRpcApiProvider,
  profile: Profile,
  verifyingKey: VerifyingKey,
): Promise<DeployedRollup> {
  const deployer = localSigner(provider, DEPLOYER_POSITION);
  const verifier = await create(deployer, 'verifiers/Groth16BatchVerifier.sol', 'Groth16BatchVerifier', [
    evmVerifyingKey(verifyingKey),
    true,
  ]);
  const poseidon = await create(deployer, 'hash/Poseidon4.sol', 'Poseidon4', []);
  const rollup = await create(deployer, 'Rollup.sol', 'Rollup', [
    {
      owner: l1Wallet(DEPLOYER_POSITION).address,
      verifier: await verifier.getAddress(),
      poseidon: await poseidon.getAddress(),
      slotsPerChunk: profile.slotsPerChunk,
      maxChunks: profile.maxChunks,
      maxBatchAge: L1_DEFAULTS.maxBatchAgeSeconds,
      priorityDelay: L1_DEFAULTS.priorityDelaySeconds,
      priorityInterval: L1_DEFAULTS.priorityIntervalSeconds,
      livenessTimeout: L1_DEFAULTS.livenessTimeoutSeconds,
      exodusDelay: L1_DEFAULTS.exodusDelaySeconds,
      priorityFee: L1_DEFAULTS.priorityFeeWei,
      maxPriorityFee: L1_DEFAULTS.maxPriorityFeeWei,
      producers: [l1Wallet(PRODUCER_POSITION).address],
    },
  ]);
  const receipt = await rollup.deploymentTransaction()!.wait();
  const token = await create(deployer, 'mocks/TestToken.sol', 'TestToken', ['Devnet dollar', 'DUSD']);
  const contract = await rollup.getAddress();
  const tokenAddress = await token.getAddress();
  const writable = new Contract(contract, rollupInterface, deployer);
  await (await writable.getFunction('registerToken')(tokenAddress)).wait();
  const tokenId = Number(await writable.getFunction('tokenIdOf')(tokenAddress));
  return { contract, token: tokenAddress, tokenId, block: receipt!.blockNumber };
}

/** Lets a second producer in, as the owner of a rollup does it: announced to the timelock, then executed. */

import { setTimeout as sleep } from 'node:timers/promises';
import { rollupInterface } from '@quittance/chain';
import { Contract, type JsonRpcProvider, toBeHex, ZeroHash } from 'ethers';
import { localSigner } from './deploy.ts';
import { DEPLOYER_POSITION } from './people.ts';

const TIMELOCK = [
  'function getMinDelay() view returns (uint256)',
  'function schedule(address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay)',
  'function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt) payable',
];

/** The devnet's owner waits a second or so. */
export async function admitProducer(provider: JsonRpcProvider, contract: string, producer: string): Promise<void> {
  const deployer = localSigner(provider, DEPLOYER_POSITION);
  const rollup = new Contract(contract, ['function owner() view returns (address)'], provider);
  const timelock = new Contract((await rollup.getFunction('owner')()) as string, TIMELOCK, deployer);
  const delay = (await timelock.getFunction('getMinDelay')()) as bigint;
  const data = rollupInterface.encodeFunctionData('setProducer', [producer, true]);
  const change = [contract, 0, data, ZeroHash, toBeHex(1, 32)] as const;
  await (await timelock.getFunction('schedule')(...change, delay)).wait();
  await sleep(1_000 * (Number(delay) + 1));
  await (await timelock.getFunction('execute')(...change)).wait();
}

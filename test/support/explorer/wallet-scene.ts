/** A rollup on a real L1 whose sequencer serves the explorer: for pages that pay and leave. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider, rollupInterface } from '@quittance/chain';
import { Contract, ContractFactory, type InterfaceAbi, type JsonRpcProvider } from 'ethers';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../../cli/devnet/anvil.ts';
import { localSigner } from '../../../cli/devnet/deploy.ts';
import { DEPLOYER_POSITION, l1Wallet } from '../../../cli/devnet/people.ts';
import { ensureExplorer } from '../../../scripts/explorer/build.ts';
import { rollupAt } from '../contracts/types.ts';
import { depositFor } from '../l1/deposits.ts';
import { createPerson } from '../rollup/person.ts';
import { type RunningRollup, startRollup } from '../sequencer/running.ts';

const PRODUCER = 1;

export interface WalletScene {
  readonly l1: LocalChain;
  readonly provider: JsonRpcProvider;
  readonly rollup: RunningRollup;
  /** A page of the explorer by its path, told which L1 to read. */
  page(path: string, withL1?: boolean): string;
  /** Deploys a token of the mocks, gives all of it to an account, and registers it. @returns its id. */
  addToken(
    artifact: string,
    holder: string,
    args: readonly unknown[],
  ): Promise<{ readonly address: string; readonly tokenId: number }>;
  /** ETH for gas. */
  fund(address: string, wei: bigint): Promise<void>;
  /** Moves L1's clock. */
  pass(seconds: number): Promise<void>;
  /** Requests in the queue so far. */
  requested(): Promise<number>;
  /** Ends the sequencer for good. */
  stopSequencer(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it; the operator has its accounts for fees. */
export async function createWalletScene(): Promise<WalletScene> {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-purse-'));
  const l1 = await startAnvil();
  const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
  const explorer = await ensureExplorer();
  const rollup = await startRollup(provider, join(folder, 'rollup.sqlite'), PRODUCER, explorer);
  const deployer = localSigner(provider, DEPLOYER_POSITION);
  const contract = new Contract(rollup.contract, rollupInterface, deployer);
  const operator = createPerson(`operator ${PRODUCER}`);
  // The operator's account in ETH, which takes the fees.
  await depositFor(rollupAt(rollup.contract, deployer), operator, 1n);
  await rollup.settle(1);
  const requested = async (): Promise<number> => Number((await contract.getFunction('queueState')())[0]);

  let isRunning = true;
  const stopSequencer = async (): Promise<void> => {
    if (isRunning) await rollup.stop();
    isRunning = false;
  };

  return {
    ...{ l1, provider, rollup, requested },
    page: (path, withL1 = false) =>
      `${rollup.url}/explorer/${withL1 ? `?l1=${encodeURIComponent(l1.url)}` : ''}#${path}`,
    async addToken(artifact, holder, args) {
      const path = `build/contracts/artifacts/contracts/mocks/${artifact}.sol/${artifact}.json`;
      const { abi, bytecode } = JSON.parse(readFileSync(path, 'utf8')) as { abi: InterfaceAbi; bytecode: string };
      const token = await new ContractFactory(abi, bytecode, deployer).deploy(...args);
      await token.waitForDeployment();
      const address = await token.getAddress();
      await (await (token as Contract).getFunction('mint')(holder, 10n ** 24n)).wait();
      await (await contract.getFunction('registerToken')(address)).wait();
      return { address, tokenId: Number(await contract.getFunction('tokenIdOf')(address)) };
    },
    async fund(address, wei) {
      await provider.send('anvil_setBalance', [address, `0x${wei.toString(16)}`]);
    },
    async pass(seconds) {
      await provider.send('evm_increaseTime', [seconds]);
      await provider.send('evm_mine', []);
    },
    stopSequencer,
    async close() {
      await stopSequencer();
      provider.destroy();
      await l1.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A key of the development mnemonic, which has ETH. */
export function personOf(position: number): { readonly key: string; readonly address: string } {
  const { privateKey: key, address } = l1Wallet(position);
  return { key, address };
}

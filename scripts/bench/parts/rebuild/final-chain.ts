/** A local L1 with a rollup on it that has any number of final batches. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  assertionsInterface,
  createAssertionReader,
  createProvider,
  createRollupReader,
  encodeAssertion,
  MAX_FINALIZED_AT_ONCE,
  rollupInterface,
} from '@quittance/chain';
import {
  addressText,
  type Engine,
  ETH_TOKEN_ID,
  genesisHeader,
  L1_DEFAULTS,
  type Operation,
  type Profile,
  RollupError,
  type StoredHeader,
} from '@quittance/protocol';
import type { JsonRpcProvider, TransactionReceipt } from 'ethers';
import { LOCAL_CHAIN_ID, startAnvil } from '../../../../cli/devnet/anvil.ts';
import { type DeployedRollup, deployLocally } from '../../../../cli/devnet/deploy.ts';
import { l1Wallet, PRODUCER_POSITION } from '../../../../cli/devnet/people.ts';
import { createGroth16Simulator } from '../../../../test/support/contracts/groth16-simulator.ts';
import { createBatchMaker, createOf, firstDeposit, holderOf, transferOf, withdrawOf } from './final-batches.ts';

/** What the chain is to have. */
export interface FinalChainOptions {
  readonly engine: Engine;
  readonly profile: Profile;
  /** Batches of transfers. */
  readonly batches: number;
  /** Transfers of each. */
  readonly transfers: number;
  /** Accounts, at least two. */
  readonly accounts: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface FinalChain {
  readonly url: string;
  readonly contract: string;
  /** Block of the deployment. */
  readonly block: number;
  /** Of the last final batch. */
  readonly header: StoredHeader;
  /** L1 address of who takes something out in each batch of transfers. */
  readonly withdrawer: string;
  stop(): Promise<void>;
}

/** Seconds on L1; public chains have hours and days. */
const PERIODS = { challengePeriod: 20, answerWindow: 15, stepWindow: 15 };
/** Accounts that one batch creates: their entries in the visible list are most of what a transaction may hold. */
const MAX_CREATED_AT_ONCE = 400;
const DEPOSIT = 10n ** 22n;
/** Below what a transaction may use (EIP-7825). */
const GAS = 16_000_000n;
/** Between two looks for a receipt, and how long a block may take to come. */
const POLL_MS = 5;
const INCLUSION_MS = 30_000;
const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/**
 * The receipt of a transaction. Asked for again and again: ethers' `waitForTransaction` waits for the block after the one that
 * came between its first look and its first poll, and here none comes.
 *
 * @throws RollupError TIMEOUT.
 */
async function receiptOf(provider: JsonRpcProvider, hash: string): Promise<TransactionReceipt> {
  for (let waitedMs = 0; waitedMs < INCLUSION_MS; waitedMs += POLL_MS) {
    const receipt = await provider.getTransactionReceipt(hash);
    if (receipt !== null) return receipt;
    await sleep(POLL_MS);
  }
  const data = { hash, timeoutMs: INCLUSION_MS };
  throw new RollupError('TIMEOUT', `transaction ${hash} was in no block after ${INCLUSION_MS} ms`, data);
}

/** Sends transactions of the producer, which the node signs itself; each makes a block. */
function createSender(provider: JsonRpcProvider) {
  const from = l1Wallet(PRODUCER_POSITION).address;
  return async (to: string, data: string, value = 0n): Promise<void> => {
    const transaction = { from, to, data, value: hex(value), gas: hex(GAS) };
    const hash = (await provider.send('eth_sendTransaction', [transaction])) as string;
    if ((await receiptOf(provider, hash)).status === 1) return;
    await provider.call({ from, to, data, value }); // says why
    throw new RollupError('TRANSACTION_FAILED', `transaction ${hash} failed`, { hash });
  };
}

/** Accounts that one batch creates, at most. */
function createdAtOnce({ slotsPerChunk, maxChunks }: Profile): number {
  return Math.min(MAX_CREATED_AT_ONCE, maxChunks * (slotsPerChunk - 1));
}

/** Batches in all: the deposit, the accounts, the transfers. */
function batchCount({ batches, accounts, profile }: FinalChainOptions): number {
  return 1 + Math.ceil((accounts - 1) / createdAtOnce(profile)) + batches;
}

/** The operations of each batch, in order. */
function* batchesOf({ batches, transfers, accounts, profile }: FinalChainOptions): Generator<readonly Operation[]> {
  yield [firstDeposit(DEPOSIT)];
  const atOnce = createdAtOnce(profile);
  for (let first = 1; first < accounts; first += atOnce) {
    yield Array.from({ length: Math.min(atOnce, accounts - first) }, (_, position) => createOf(first + position));
  }
  for (let batch = 0; batch < batches; batch += 1) {
    // The last of the transfers takes money out.
    const sent = Array.from({ length: transfers - 1 }, (_, position) =>
      transferOf(batch * transfers + position, accounts),
    );
    yield [...sent, withdrawOf(1)];
  }
}

/** Asserts all batches, in groups that become final together. */
async function post(
  options: FinalChainOptions,
  provider: JsonRpcProvider,
  { contract }: DeployedRollup,
): Promise<StoredHeader> {
  const endpoint = { provider, chainId: LOCAL_CHAIN_ID, contract };
  const [{ domain }, constants, block] = await Promise.all([
    createRollupReader(endpoint).connect(),
    createAssertionReader(endpoint).connect(),
    createRollupReader(endpoint).findBatch(0, 0, await provider.getBlockNumber()),
  ]);
  const { address, assertionBond } = constants!;
  const send = createSender(provider);
  const { keyY, owner } = holderOf(0);
  const deposit = [ETH_TOKEN_ID, DEPOSIT, keyY, addressText(owner)];
  await send(contract, rollupInterface.encodeFunctionData('deposit', deposit), DEPOSIT + L1_DEFAULTS.priorityFeeWei);

  const genesis = genesisHeader(options.engine.createState().root, block!.header.time);
  const maker = createBatchMaker(options.engine, domain, genesis, options.profile);
  let waiting: StoredHeader[] = [];
  const finalize = async (): Promise<void> => {
    if (waiting.length === 0) return;
    await provider.send('evm_increaseTime', [PERIODS.challengePeriod + 1]);
    await send(address, assertionsInterface.encodeFunctionData('finalizeBatches', [waiting]));
    waiting = [];
  };
  const total = batchCount(options);
  let done = 0;
  for (const operations of batchesOf(options)) {
    const { timestamp } = (await provider.getBlock('latest'))!;
    const submission = await maker.next(operations, timestamp);
    await send(address, encodeAssertion(submission), assertionBond);
    waiting.push(maker.header);
    if (waiting.length === MAX_FINALIZED_AT_ONCE) await finalize();
    done += 1;
    options.onProgress?.(done, total);
  }
  await finalize();
  return maker.header;
}

/** Starts an L1 and puts the batches there. */
export async function createFinalChain(options: FinalChainOptions): Promise<FinalChain> {
  const l1 = await startAnvil();
  const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
  try {
    // Nothing is proven, and a key has to be there.
    const { verifyingKey } = createGroth16Simulator('final chain');
    const deployed = await deployLocally(provider, options.profile, verifyingKey, PERIODS);
    const header = await post(options, provider, deployed);
    const { contract, block } = deployed;
    return { url: l1.url, contract, block, header, withdrawer: addressText(holderOf(1).owner), stop: () => l1.stop() };
  } catch (error) {
    await l1.stop();
    throw error;
  } finally {
    provider.destroy();
  }
}

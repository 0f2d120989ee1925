/** The rollup of one run: a local L1, the contracts, the sequencer's process, and wallets with money in it. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider, rollupInterface } from '@quittance/chain';
import { ETH_TOKEN_ID, L1_DEFAULTS, PROFILES, type ProfileName } from '@quittance/protocol';
import { createClient, encodeTransfer, type Intent } from '@quittance/sdk';
import { Contract, type JsonRpcProvider, toBeHex } from 'ethers';
import { LOCAL_CHAIN_ID, startAnvil } from '../../../../cli/devnet/anvil.ts';
import { type DeployedRollup, deployLocally, localSigner } from '../../../../cli/devnet/deploy.ts';
import { FUNDER_POSITION } from '../../../../cli/devnet/people.ts';
import { createGroth16Simulator } from '../../../../test/support/contracts/groth16-simulator.ts';
import { until } from '../../../../test/support/until.ts';
import { signAll, type Unsigned } from './presign.ts';
import { type SequencerProcess, startSequencerProcess } from './sequencer-process.ts';
import { createWallet, type FundedWallet, type Wallet } from './wallets.ts';

/** Of each transfer, base units. */
export const FEE = 1_000_000n;
/** What each wallet has: enough for any number of transfers of a run. */
const WALLET_AMOUNT = 10n ** 14n;
/** Wallets that L1 funds; the others get their money from these. */
const FUNDERS = 16;
/** Clocks of L1 that play no part: nothing is posted. */
const PERIODS = { challengePeriod: 3_600, answerWindow: 60, stepWindow: 60 } as const;
const TRANSFERS_PER_CALL = 250;

/** A rollup to load. */
export interface AcceptRollup {
  readonly sequencer: SequencerProcess;
  readonly wallets: readonly FundedWallet[];
  /** For files of the run; removed at the end. */
  readonly folder: string;
  /** Of the sequencer. */
  readonly database: string;
  stop(): Promise<void>;
}

export interface AcceptRollupOptions {
  readonly profile: ProfileName;
  readonly wallets: number;
}

async function deposit(
  provider: JsonRpcProvider,
  { contract: address }: DeployedRollup,
  wallets: readonly Wallet[],
  amount: bigint,
): Promise<void> {
  const contract = new Contract(address, rollupInterface, localSigner(provider, FUNDER_POSITION));
  const value = amount + L1_DEFAULTS.priorityFeeWei;
  const sent = [];
  for (const { keyPair, owner } of wallets) {
    const to = toBeHex(owner, 20);
    sent.push(await contract.getFunction('deposit')(ETH_TOKEN_ID, amount, keyPair.publicKey.y, to, { value }));
  }
  await Promise.all(sent.map((transaction) => transaction.wait()));
}

/** Creates the accounts of `wallets` with transfers from the funders. @returns the wallets with their indices. */
async function createAccounts(
  url: string,
  domain: bigint,
  funders: readonly FundedWallet[],
  wallets: readonly Wallet[],
): Promise<FundedWallet[]> {
  const client = createClient({ url, timeoutMs: 300_000 });
  const unsigned = wallets.map((wallet, position): Unsigned => {
    const funder = funders[position % funders.length]!;
    const { nonce, index: from } = funder;
    funder.nonce += 1;
    const receiver = { keyY: wallet.keyPair.publicKey.y, owner: wallet.owner };
    const common = { from, amount: WALLET_AMOUNT, fee: FEE, nonce, validUntil: 0 };
    return { wallet: funder, intent: { kind: 'transferToNew', receiver, ...common } satisfies Intent };
  });
  const signed = await signAll(unsigned, domain);
  const indices: number[] = [];
  for (let start = 0; start < signed.length; start += TRANSFERS_PER_CALL) {
    const transfers = signed.slice(start, start + TRANSFERS_PER_CALL).map((transfer) => encodeTransfer(transfer));
    for (const answer of await client.call('rollup_sendTransfers', { transfers })) {
      if ('error' in answer) throw new Error(`an account was not created: ${answer.error.message}`);
      indices.push(answer.to!);
    }
  }
  return wallets.map((wallet, position) => ({ ...wallet, index: indices[position]!, nonce: 0 }));
}

/** Funds the operator and the funders from L1, and finds their accounts. */
async function fundFromL1(
  provider: JsonRpcProvider,
  deployed: DeployedRollup,
  sequencer: SequencerProcess,
  url: string,
  walletCount: number,
): Promise<FundedWallet[]> {
  const operator = createWallet('operator');
  const funders = Array.from({ length: FUNDERS }, (_, number) => createWallet(`funder ${number}`));
  const shares = BigInt(Math.ceil(walletCount / FUNDERS)) + 1n;
  await deposit(provider, deployed, [operator, ...funders], (shares * WALLET_AMOUNT * 101n) / 100n);
  const client = createClient({ url });
  await sequencer.ask('look');
  await until(async () => {
    const { priorityOperations } = await client.call('rollup_syncStatus', {});
    return priorityOperations > FUNDERS;
  }, 'the deposits');
  const found = funders.map(async (funder) => {
    const [account] = await client.call('rollup_getAccounts', { owner: toBeHex(funder.owner, 20) });
    return { ...funder, index: account!.index, nonce: account!.nonce };
  });
  return Promise.all(found);
}

/** Starts everything; all of it is sealed when this resolves. */
export async function openAcceptRollup({ profile, wallets: count }: AcceptRollupOptions): Promise<AcceptRollup> {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-accept-'));
  const cleanup: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (let step = cleanup.pop(); step !== undefined; step = cleanup.pop()) await step();
  };
  try {
    const l1 = await startAnvil();
    cleanup.push(() => l1.stop());
    const provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    cleanup.push(() => provider.destroy());
    // No proof is ever sent: any key does.
    const { verifyingKey } = createGroth16Simulator('bench accept');
    const deployed = await deployLocally(provider, PROFILES[profile], verifyingKey, PERIODS);
    const database = join(folder, 'sequencer.db');
    const { contract, block: deploymentBlock } = deployed;
    const plan = { l1Url: l1.url, contract, deploymentBlock, profile, file: database, fee: String(FEE) };
    const sequencer = await startSequencerProcess(plan);
    cleanup.push(() => sequencer.kill());
    const url = `http://${sequencer.host}:${sequencer.port}`;
    const funders = await fundFromL1(provider, deployed, sequencer, url, count);
    const people = Array.from({ length: count }, (_, number) => createWallet(`wallet ${number}`));
    const wallets = await createAccounts(url, sequencer.domain, funders, people);
    await sequencer.ask('seal');
    return { sequencer, wallets, folder, database, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

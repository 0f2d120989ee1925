/** What people do on L1: deposit, ask for their exit, claim. */

import { createRollupReader, rollupInterface } from '@quittance/chain';
import { rebuildRollup, withdrawalsOf } from '@quittance/derivation';
import { ETH_TOKEN_ID, L1_DEFAULTS, type StoredHeader } from '@quittance/protocol';
import { Contract } from 'ethers';
import { chooseCrypto } from '../../cli/crypto.ts';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { localSigner } from '../../cli/devnet/deploy.ts';
import { depositFor } from '../../cli/devnet/deposits.ts';
import { FUNDER_POSITION, l1Wallet, type Person } from '../../cli/devnet/people.ts';
import type { LocalRollup } from './rollup.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const TOKEN_ABI = ['function balanceOf(address) view returns (uint256)'];
const ETH_FOR_GAS = 10n ** 17n;

/** Account indices of people are found by their owner, as a wallet finds them. */
function accountIndex({ sequencer }: LocalRollup, person: Person, tokenId: number): number {
  const accounts = sequencer.queries.accountsOf(BigInt(person.owner), 'latest', 10, -1);
  return accounts.find(({ account }) => account.tokenId === tokenId)!.index;
}

export interface DepositRequest {
  readonly person: Person;
  readonly tokenId: number;
  readonly amount: bigint;
}

/** One L1 account deposits for everyone, as an exchange would. */
export function deposit(
  rollup: LocalRollup,
  requests: readonly DepositRequest[],
  onDone: (count: number) => void,
): Promise<void> {
  const deposits = requests.map(({ person: { owner, keyPair }, tokenId, amount }) => {
    return { receiver: { owner, keyY: keyPair.publicKey.y }, tokenId, amount };
  });
  return depositFor(rollup, localSigner(rollup.provider, FUNDER_POSITION), deposits, onDone);
}

/** The owner asks L1 for everything in one account, whatever the sequencer does. */
export async function requestExit(rollup: LocalRollup, person: Person, tokenId: number): Promise<void> {
  const { provider, deployed } = rollup;
  const funder = localSigner(provider, FUNDER_POSITION);
  await (await funder.sendTransaction({ to: person.owner, value: ETH_FOR_GAS })).wait();
  const owner = l1Wallet(person.l1Position).connect(provider);
  const contract = new Contract(deployed.contract, rollupInterface, owner);
  const request = contract.getFunction('requestExit');
  await (await request(accountIndex(rollup, person, tokenId), tokenId, { value: FEE })).wait();
}

export interface Claimed {
  readonly claims: { readonly count: number; readonly gas: bigint };
  /** Header of the last final batch, from L1. */
  readonly header: StoredHeader;
  /** Withdrawals whose owner's balance on L1 grew by exactly the amount. */
  readonly paid: number;
}

/** Claims everything that these people can claim, with proofs made from L1 alone, and checks that the money came. */
export async function claimAll(rollup: LocalRollup, people: readonly Person[]): Promise<Claimed> {
  const { provider, deployed, blobs } = rollup;
  const reader = createRollupReader({ provider, chainId: LOCAL_CHAIN_ID, contract: deployed.contract });
  const rebuilt = await rebuildRollup({ reader, crypto: chooseCrypto(), fromBlock: deployed.block, blobs });
  // A third party claims: the money goes to the owners all the same.
  const contract = new Contract(deployed.contract, rollupInterface, localSigner(provider, FUNDER_POSITION));
  const token = new Contract(deployed.token, TOKEN_ABI, provider);
  const balanceOf = (owner: string, tokenId: number): Promise<bigint> =>
    tokenId === ETH_TOKEN_ID ? provider.getBalance(owner) : token.getFunction('balanceOf')(owner);
  let count = 0;
  let paid = 0;
  let gas = 0n;
  for (const { owner } of people) {
    for (const { header, ...withdrawal } of withdrawalsOf(rebuilt, BigInt(owner))) {
      const tokenId = Number(withdrawal.ownerAndToken >> 160n);
      const before = await balanceOf(owner, tokenId);
      const receipt = await (await contract.getFunction('claimWithdrawals')(header, [withdrawal])).wait();
      count += 1;
      gas += receipt.gasUsed;
      if ((await balanceOf(owner, tokenId)) - before === withdrawal.amount) paid += 1;
    }
  }
  return { claims: { count, gas }, header: rebuilt.header, paid };
}

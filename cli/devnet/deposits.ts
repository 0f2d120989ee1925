/** Deposits on the local L1, paid by one account for many. */

import { rollupInterface } from '@quittance/chain';
import { ETH_TOKEN_ID, L1_DEFAULTS } from '@quittance/protocol';
import { Contract, type ContractTransactionResponse, type JsonRpcProvider, type NonceManager } from 'ethers';
import type { DeployedRollup } from './deploy.ts';

const FEE = L1_DEFAULTS.priorityFeeWei;
const TOKEN_ABI = [
  'function mint(address account, uint256 amount)',
  'function approve(address spender, uint256 amount)',
];

/** One deposit. */
export interface LocalDeposit {
  readonly receiver: { readonly owner: string; readonly keyY: bigint };
  readonly tokenId: number;
  /** Base units. */
  readonly amount: bigint;
}

/** What the deposits are made on. */
export interface DepositPlace {
  readonly provider: JsonRpcProvider;
  readonly deployed: Pick<DeployedRollup, 'contract' | 'token'>;
}

/** `funder` mints what it needs of the token, and deposits for everyone, in order. @param onDone hears how many are sent. */
export async function depositFor(
  { deployed }: DepositPlace,
  funder: NonceManager,
  deposits: readonly LocalDeposit[],
  onDone: (count: number) => void = () => undefined,
): Promise<void> {
  const token = new Contract(deployed.token, TOKEN_ABI, funder);
  const contract = new Contract(deployed.contract, rollupInterface, funder);
  const total = deposits.reduce((sum, { tokenId, amount }) => (tokenId === ETH_TOKEN_ID ? sum : sum + amount), 0n);
  await (await token.getFunction('mint')(await funder.getAddress(), total)).wait();
  await (await token.getFunction('approve')(deployed.contract, total)).wait();
  const sent: ContractTransactionResponse[] = [];
  for (const { receiver, tokenId, amount } of deposits) {
    const value = tokenId === ETH_TOKEN_ID ? amount + FEE : FEE;
    sent.push(await contract.getFunction('deposit')(tokenId, amount, receiver.keyY, receiver.owner, { value }));
    onDone(sent.length);
  }
  await Promise.all(sent.map((transaction) => transaction.wait()));
}

/** Mints the token to each of these on L1. */
export async function mintTo(
  { deployed }: DepositPlace,
  funder: NonceManager,
  owners: readonly string[],
  amount: bigint,
): Promise<void> {
  const mint = new Contract(deployed.token, TOKEN_ABI, funder).getFunction('mint');
  const sent: ContractTransactionResponse[] = [];
  for (const owner of owners) sent.push(await mint(owner, amount));
  await Promise.all(sent.map((transaction) => transaction.wait()));
}

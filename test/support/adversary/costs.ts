import type { DeployedOptimistic } from '../contracts/deployment.ts';
/** What somebody's transactions cost. */

/** Of one account. */
export interface Cost {
  readonly transactions: number;
  readonly gas: number;
}

/** Transactions of an account in the blocks after `block`, failed ones too. */
export async function costOf({ ethers }: DeployedOptimistic, account: string, block: number): Promise<Cost> {
  const { provider } = ethers;
  let [transactions, gas] = [0, 0];
  for (let number = block + 1; number <= (await provider.getBlockNumber()); number += 1) {
    for (const hash of (await provider.getBlock(number))!.transactions) {
      const receipt = (await provider.getTransactionReceipt(hash))!;
      if (receipt.from.toLowerCase() !== account.toLowerCase()) continue;
      transactions += 1;
      gas += Number(receipt.gasUsed);
    }
  }
  return { transactions, gas };
}

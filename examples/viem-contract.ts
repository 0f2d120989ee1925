/**
 * Deposits with viem alone, by the typed ABI of the contract, and waits until a batch with it is final on L1.
 * usage: node examples/viem-contract.ts <l1Url> <contract> <privateKey> <receiver>
 */

import { parseReceiver, rollupAbi } from '@quittance/sdk';
import {
  createPublicClient,
  createWalletClient,
  formatEther,
  getAddress,
  http,
  parseEther,
  parseEventLogs,
  toHex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const [l1Url, address, privateKey, receiver] = process.argv.slice(2) as [string, `0x${string}`, `0x${string}`, string];

const transport = http(l1Url);
const client = createPublicClient({ transport, pollingInterval: 500 });
const wallet = createWalletClient({ account: privateKeyToAccount(privateKey), transport });
const rollup = { abi: rollupAbi, address } as const;

const { keyY, owner } = parseReceiver(receiver);
const amount = parseEther('0.5');
const fee = await client.readContract({ ...rollup, functionName: 'priorityFee' });
const hash = await wallet.writeContract({
  ...{ ...rollup, chain: null, functionName: 'deposit' },
  args: [0, amount, keyY, getAddress(toHex(owner, { size: 20 }))],
  value: amount + fee,
});
const { logs } = await client.waitForTransactionReceipt({ hash });
const [requested] = parseEventLogs({ abi: rollupAbi, logs, eventName: 'PriorityRequested' });
if (requested === undefined) throw new Error(`transaction ${hash} made no deposit`);
const { operationId, earliestDeadline } = requested.args;
console.log(
  `deposit ${operationId} of ${formatEther(amount)} ETH, due by ${new Date(earliestDeadline * 1_000).toISOString()}`,
);

/** Batches, and operations of the queue that they executed. */
const finalState = () => client.readContract({ ...rollup, functionName: 'finalState' });
for (;;) {
  const [batch, executed] = await finalState();
  if (executed > operationId) {
    console.log(`final in batch ${batch} or before`);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
}

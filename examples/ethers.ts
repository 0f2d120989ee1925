/**
 * Deposits, pays, withdraws and claims with a signer of ethers.
 * usage: node examples/ethers.ts <l1Url> <rpcUrl> <privateKey> <receiver>
 */

import { createWallet } from '@quittance/sdk';
import { formatEther, parseEther, Wallet } from 'ethers';

const [l1Url, rpcUrl, privateKey, receiver] = process.argv.slice(2) as [string, string, string, string];

// One signature derives the rollup key; in a page give window.ethereum in place of this signer.
const wallet = await createWallet({ signer: new Wallet(privateKey), rpcUrl, l1: { url: l1Url } });
console.log(`others pay me at ${wallet.receiver}`);

const deposit = await wallet.deposit({ amount: parseEther('1') });
await deposit.sealed();
console.log(`${formatEther((await wallet.balance()).soft)} ETH in the rollup`);

const payment = await wallet.transfer({ to: receiver, amount: parseEther('0.25'), reference: 'invoice 2026-7' });
console.log(`payment ${payment.id} for a fee of ${formatEther(payment.fee)} ETH`);
await payment.final(); // what nobody can take back; payment.accepted() is the sequencer's promise

const withdrawal = await wallet.withdraw({ amount: parseEther('0.5') });
await withdrawal.final();
for (const { amount, token, transactionHash } of await wallet.claim()) {
  console.log(`${formatEther(amount)} ${token.symbol} on L1 by ${transactionHash}`);
}
wallet.close();

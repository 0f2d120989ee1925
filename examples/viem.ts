/**
 * Pays in a token with a wallet client of viem, and says what went wrong without throwing.
 * usage: node examples/viem.ts <l1Url> <rpcUrl> <privateKey> <receiver> <token>
 */

import { createWallet, roundAmount } from '@quittance/sdk';
import { createWalletClient, formatUnits, http, parseUnits } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

type Arguments = [string, string, `0x${string}`, string, string];
const [l1Url, rpcUrl, privateKey, receiver, token] = process.argv.slice(2) as Arguments;

const signer = createWalletClient({ account: privateKeyToAccount(privateKey), transport: http(l1Url) });
const wallet = await createWallet({ signer, rpcUrl, l1: { url: l1Url } });
const { symbol, decimals } = await wallet.token(token);

const deposit = await wallet.deposit({ amount: parseUnits('10', decimals), token });
await deposit.sealed();

// A record states 35 significant bits: a third of ten is rounded down to the next amount that it can state.
const amount = roundAmount(parseUnits('10', decimals) / 3n);
const fee = await wallet.estimateFee(token);
const payment = await wallet.transfer({ to: receiver, amount, token, fee });
console.log(`paying ${formatUnits(payment.amount, decimals)} ${symbol}`);

const outcome = await payment.outcome('final', { timeoutMs: 120_000 });
if (outcome.ok) console.log(`final in batch ${outcome.value.batch}`);
else console.log(`${outcome.error.code}: ${outcome.error.message} (${outcome.error.docs})`);

for await (const { kind, status, amount: moved, referenceText } of wallet.history()) {
  console.log([kind, status, moved, referenceText].join(' '));
}
wallet.close();

/**
 * The hot wallet of an exchange: pays out, and credits deposits by their references. It can be killed at any time and started
 * again: nothing is paid twice, and nothing is credited twice.
 * usage: node examples/hot-wallet.ts <rpcUrl> <privateKey> <payouts.json> <journal>
 */

import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { createWallet, isRollupError, type SignedPayment } from '@quittance/sdk';

type Payout = { id: string; to: string; amount: string };
type Line =
  | { signed: SignedPayment; payout: string }
  | { paid: string }
  | { credited: string; amount: string; token: number; sequence: number };
const [rpcUrl, secret, payoutsFile, journal] = process.argv.slice(2) as [string, string, string, string];

// All that is known stands in the journal, a line each; what a crash left unfinished at its end was never known.
const signed = new Map<string, SignedPayment>();
const paid = new Set<string>();
let last = 0;
const learn = (line: Line): void => {
  if ('signed' in line) signed.set(line.payout, line.signed);
  else if ('paid' in line) paid.add(line.paid);
  else last = line.sequence;
};
const keep = (line: Line): void => {
  appendFileSync(journal, `${JSON.stringify(line)}\n`, { flush: true });
  learn(line);
};
const text = existsSync(journal) ? readFileSync(journal, 'utf8') : '';
const whole = text.slice(0, text.lastIndexOf('\n') + 1);
if (whole !== text) truncateSync(journal, Buffer.byteLength(whole));
for (const line of whole.split('\n').slice(0, -1)) learn(JSON.parse(line) as Line);

const wallet = await createWallet({ secret, rpcUrl });
const payouts = (JSON.parse(readFileSync(payoutsFile, 'utf8')) as Payout[]).filter(({ id }) => !paid.has(id));

/** Pays by a transfer that is kept before it is sent. */
async function pay({ id, to, amount }: Payout): Promise<void> {
  const onSigned = (payment: SignedPayment) => keep({ signed: payment, payout: id });
  await wallet.transfer({ to, amount: BigInt(amount), reference: `payout ${id}`, onSigned });
  keep({ paid: id });
}
// What was signed before a crash may have been sent: the same is sent again, and a new one only if it is certain that the first
// never will be paid. What is not certain is left for the next start.
for (const payout of payouts.filter(({ id }) => signed.has(id))) {
  const resumed = await wallet.resume(signed.get(payout.id)!).catch((error: unknown) => error);
  if (!isRollupError(resumed)) keep({ paid: payout.id });
  else if (['NONCE_USED', 'EXPIRED'].includes(resumed.code)) await pay(payout);
  else if (resumed.code === 'TRANSFER_UNCERTAIN') console.log(`payout ${payout.id} stays open: ${resumed.message}`);
  else throw resumed;
}
await Promise.all(payouts.filter(({ id }) => !signed.has(id)).map(pay));
console.log('all payouts are made');

for await (const { sequence, referenceText, amount, token } of wallet.watch({ fromSequence: last + 1 })) {
  keep({ credited: referenceText ?? 'nobody', amount: String(amount), token: token.tokenId, sequence });
  console.log(`credited ${amount} of token ${token.tokenId} to ${referenceText ?? 'nobody'}`);
}

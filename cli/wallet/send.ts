/** `quittance wallet send` and `quittance wallet withdraw`: signed transfers to the sequencer; `move` is one too. */

import {
  formatReceiver,
  roundAmount,
  type TokenInfo,
  type TransferHandle,
  type TransferRequest,
  type Wallet,
} from '@quittance/sdk';
import * as parse from '../config/parse.ts';
import { optional, required, type Values, withDefault } from '../config/setting.ts';
import { rpcUrl } from '../config/settings.ts';
import type { L1Account } from '../l1/account.ts';
import { type Context, defineCommand } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { withWallet } from './open.ts';
import { parseReceiver } from './receiver.ts';
import { sendSigned } from './send-signed.ts';
import { WALLET_SETTINGS } from './session.ts';
import { amountOf, amountText, baseUnits, refOf, token, unitsOf } from './tokens.ts';

const DEFAULT_VALIDITY_SECONDS = 3_600;
const DEFAULT_TIMEOUT_SECONDS = 600;
/** States to wait for, in their order. */
const STAGES = ['accepted', 'sealed', 'proving', 'posted', 'final'] as const;

/** What every transfer asks for. */
export const TRANSFER_SETTINGS = {
  ...WALLET_SETTINGS,
  rpcUrl,
  token,
  amount: required('<amount>', amountText, 'how much, in units of the token'),
  fee: optional('<amount>', amountText, 'fee; what the sequencer proposes if not given'),
  baseUnits,
  validFor: withDefault(
    '<duration>',
    parse.duration,
    DEFAULT_VALIDITY_SECONDS,
    'how long the signature stays valid; 0 is forever',
  ),
  wait: withDefault('<state>', parse.choice(...STAGES), 'accepted', 'state to wait for; all before final are promises'),
  timeout: withDefault('<duration>', parse.duration, DEFAULT_TIMEOUT_SECONDS, 'how long to wait for it'),
} as const;

/** What a payment to somebody asks for on top. */
export const RECEIVER_SETTINGS = {
  to: required('<receiver>', parseReceiver, 'the receiver: what `quittance wallet address` prints for them'),
  reference: optional('<text>', parse.text, 'what the payment is for: up to 140 bytes that the receiver is told'),
} as const;

type TransferValues = Values<typeof TRANSFER_SETTINGS>;

/** What every transfer is made of. */
export type Terms = Pick<TransferRequest, 'amount' | 'token' | 'fee' | 'validForSeconds' | 'signal' | 'onSigned'>;

/** A transfer that was asked for: how it is called, and how it is sent. */
export interface Kind {
  readonly name: 'transfer' | 'withdraw' | 'move';
  readonly send: (wallet: Wallet, terms: Terms, token: TokenInfo, keystore: L1Account) => Promise<TransferHandle>;
}

/** @throws UsageError for an amount that no record can state, with those next to it. */
function requireStatable(amount: bigint, token: TokenInfo): void {
  const [below, above] = [roundAmount(amount, 'down'), roundAmount(amount, 'up')];
  if (below === above) return;
  const [less, more] = [below, above].map((units) => amountOf(units, token));
  throw new UsageError(
    `a transfer cannot state ${amountOf(amount, token)} ${token.symbol}: the amounts next to it are ${less} and ${more}`,
  );
}

/** Sends a transfer of the settings, and waits as long as was asked for. */
export async function runTransfer(context: Context, values: TransferValues, { name, send }: Kind): Promise<void> {
  const { output, signal } = context;
  await withWallet(context, values, async (wallet, keystore) => {
    const coin = await wallet.token(refOf(values.token));
    const amount = unitsOf(values.amount, coin, values.baseUnits);
    requireStatable(amount, coin);
    const fee = values.fee === undefined ? {} : { fee: unitsOf(values.fee, coin, values.baseUnits) };
    const terms = { amount, token: coin.tokenId, validForSeconds: values.validFor, signal, ...fee };
    const sent = await sendSigned(output, values.rpcUrl, (onSigned) =>
      send(wallet, { ...terms, onSigned }, coin, keystore),
    );
    output.say(`accepted: ${amountOf(amount, coin)} ${coin.symbol}, fee ${amountOf(sent.fee, coin)}`);
    const timeoutMs = values.timeout * 1_000;
    const outcome = await sent.outcome(values.wait, { timeoutMs, signal });
    if (!outcome.ok) throw outcome.error;
    const { id, nonce } = sent;
    const { status, to } = outcome.value;
    const kind = name === 'transfer' && to !== undefined ? 'transferToNew' : name;
    output.result({ id, status, kind, amount, fee: sent.fee, nonce }, () => [id, status].join('  '));
  });
}

export const walletSend = defineCommand({
  name: 'wallet send',
  summary: 'pay somebody in the rollup, and open their account if they have none',
  examples: [
    'quittance wallet send --config rollup.json --to "$BOB" --amount 0.1 --reference order-4711 --wait posted',
  ],
  settings: {
    ...TRANSFER_SETTINGS,
    ...RECEIVER_SETTINGS,
  },
  run: (context, { to, reference, ...values }) =>
    runTransfer(context, values, {
      name: 'transfer',
      send: (wallet, terms) =>
        wallet.transfer({ to: formatReceiver(to), ...terms, ...(reference === undefined ? {} : { reference }) }),
    }),
});

export const walletWithdraw = defineCommand({
  name: 'wallet withdraw',
  summary: 'withdraw to your L1 address: this first, then `quittance wallet claim` once it is final',
  examples: ['quittance wallet withdraw --config rollup.json --amount 0.1 --wait final'],
  settings: TRANSFER_SETTINGS,
  run: (context, values) =>
    runTransfer(context, values, { name: 'withdraw', send: (wallet, terms) => wallet.withdraw(terms) }),
});

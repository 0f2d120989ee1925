/** Who a name stands for and what a payment is, before anybody signs it. */

import { addressText, type ErrorCode, isRollupError } from '@quittance/protocol';
import { findPayee, requireProportion, type TokenInfo } from '@quittance/sdk';
import { type OwnAccount, partsOf, payingAccount } from '../money/accounts.ts';
import { helpAmount, parseAmount } from '../money/amounts.ts';
import { moneyText, symbolOf } from '../money/text.ts';
import type { Purse } from '../session.ts';
import { type NamedReceiver, parseReceiver } from './receivers.ts';
import { referenceProblem } from './reference.ts';

/** What stands in the form. */
export interface Draft {
  readonly to: string;
  readonly amount: string;
  readonly tokenId: number;
  readonly reference: string;
  /** Empty: what the sequencer suggests. */
  readonly fee: string;
}

/** Whom a name stands for. `index` is null for one whose account the payment opens. */
export interface Payee {
  readonly index: number | null;
  readonly owner: string;
  /** The key as 0x hexadecimal. */
  readonly key: string;
  /** Whether the name that was given has the key; else only the sequencer says that it is theirs. */
  readonly isKeyGiven: boolean;
}

/** A payment with all that will be signed. `payee` is null for a withdrawal to the own L1 address. */
export interface Payment {
  readonly payee: Payee | null;
  readonly from: OwnAccount;
  readonly token: TokenInfo;
  readonly amount: bigint;
  readonly fee: bigint;
  /** What was changed about the amount; undefined when nothing was. */
  readonly helped: string | undefined;
  readonly reference: string;
}

/** What is wrong, by field. */
export type Problems = Partial<Record<'to' | 'amount' | 'reference' | 'fee', string>>;

const keyText = (keyY: bigint): string => `0x${keyY.toString(16).padStart(64, '0')}`;

async function byIndex({ place }: Purse, index: number, token: TokenInfo): Promise<Payee | string> {
  const account = await place.client.call('rollup_getAccount', { index });
  if (account === null) return `There is no account ${index}.`;
  if (account.tokenId !== token.tokenId) return `Account ${index} does not hold ${symbolOf(token)}.`;
  const { owner, keyY } = account;
  return { index: account.index, owner, key: keyText(BigInt(keyY)), isKeyGiven: false };
}

/** Names that pay nobody, as whoever pays reads it. */
const REFUSALS: Partial<Record<ErrorCode, string>> = {
  NOT_FOUND:
    'This address has no account here. Ask for its receiver (0x…:0x…): with that, your payment opens its account.',
  RECEIVER_AMBIGUOUS:
    'Accounts of several keys are under this address, and anybody can open one there. Ask its owner for the receiver (0x…:0x…): it says which key is theirs.',
  INVALID_ADDRESS: 'This address has a typo: its checksum is wrong.',
  INVALID_KEY: 'Nobody can sign with the key of this receiver: check for a typo.',
  ZERO_OWNER: 'This is address 0, which is nobody’s.',
};

/** By address or receiver, as the SDK finds it: among all accounts of the owner, whatever tokens they hold. */
async function byName({ place }: Purse, { kind, to }: { kind: string; to: string }, token: TokenInfo) {
  try {
    const { receiver, index = null } = await findPayee(place.client, to, token.tokenId);
    const owner = addressText(receiver.owner);
    return { index, owner, key: keyText(receiver.keyY), isKeyGiven: kind === 'receiver' };
  } catch (error) {
    const refusal = isRollupError(error) ? REFUSALS[error.code] : undefined;
    if (refusal === undefined) throw error;
    return refusal;
  }
}

/** The payee of a name, or a sentence that says why there is none. @throws RollupError of the connection. */
function payeeOf(purse: Purse, named: NamedReceiver, token: TokenInfo): Promise<Payee | string> {
  return named.kind === 'index' ? byIndex(purse, named.index, token) : byName(purse, named, token);
}

async function readPayee(purse: Purse, text: string, token: TokenInfo): Promise<Payee | string> {
  const parsed = parseReceiver(text);
  if ('problem' in parsed) return parsed.problem;
  const payee = await payeeOf(purse, parsed.receiver, token);
  if (typeof payee === 'string') return payee;
  const own = partsOf(purse.wallet.receiver);
  const isSelf = BigInt(payee.owner) === BigInt(own.owner) && BigInt(payee.key) === own.keyY;
  return isSelf ? 'This is your own account.' : payee;
}

/** Whether a fee that nobody wrote may be signed: it is sent as if somebody had, so the SDK asks no more. */
function isInProportion(fee: bigint, amount: bigint): boolean {
  try {
    requireProportion(fee, amount);
    return true;
  } catch (error) {
    if (isRollupError(error, 'FEE_DISPROPORTIONATE')) return false;
    throw error;
  }
}

/** What is wrong with amount, fee and balance; else the two numbers. */
async function readMoney(
  purse: Purse,
  draft: Draft,
  token: TokenInfo,
  balance: bigint,
): Promise<{ readonly problems: Problems } | Pick<Payment, 'amount' | 'fee' | 'helped'>> {
  const symbol = symbolOf(token);
  const amount = parseAmount(draft.amount, token.decimals, symbol);
  if ('problem' in amount) return { problems: { amount: amount.problem } };
  if (amount.units === 0n) return { problems: { amount: 'The amount is zero.' } };
  // More than anybody has need not be rounded.
  if (amount.units > balance) {
    return { problems: { amount: `You have ${moneyText(balance, token)}.` } };
  }
  const { units, sentence } = helpAmount(amount.units, token.decimals, symbol);
  const written = draft.fee.trim() === '' ? undefined : parseAmount(draft.fee, token.decimals, symbol);
  if (written !== undefined && 'problem' in written) return { problems: { fee: written.problem } };
  const fee = written?.units ?? (await purse.wallet.estimateFee(token.tokenId));
  if (written === undefined && !isInProportion(fee, units)) {
    const problem = `The sequencer asks for ${moneyText(fee, token)}, more than a tenth of what you pay: write the fee here if that is what you want.`;
    return { problems: { fee: problem } };
  }
  if (units + fee > balance) {
    const problem = `You have ${moneyText(balance, token)}; with the fee of ${moneyText(fee, token)} this needs ${moneyText(units + fee, token)}.`;
    return { problems: { amount: problem } };
  }
  return { amount: units, fee, helped: sentence };
}

/**
 * The payment that a draft describes, or what is wrong with it.
 *
 * @param kind a withdrawal needs no payee.
 * @throws RollupError of the connection.
 */
export async function resolvePayment(
  purse: Purse,
  accounts: readonly OwnAccount[],
  draft: Draft,
  kind: 'transfer' | 'withdraw',
): Promise<{ readonly payment: Payment } | { readonly problems: Problems }> {
  const token = purse.tokens.find(({ tokenId }) => tokenId === draft.tokenId);
  if (token === undefined) return { problems: { amount: 'Choose a token.' } };
  const from = payingAccount(accounts, token.tokenId);
  if (from === undefined) return { problems: { amount: `You have no account in ${symbolOf(token)} yet.` } };
  const payee = kind === 'withdraw' ? null : await readPayee(purse, draft.to, token);
  const money = await readMoney(purse, draft, token, from.soft);
  const reference = referenceProblem(draft.reference);
  const problems: Problems = {
    ...('problems' in money ? money.problems : {}),
    ...(typeof payee === 'string' ? { to: payee } : {}),
    ...(reference === undefined ? {} : { reference }),
  };
  if ('problems' in money || typeof payee === 'string' || reference !== undefined) return { problems };
  return { payment: { payee, from, token, reference: draft.reference, ...money } };
}

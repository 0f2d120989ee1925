/** `quittance wallet sign`: a signed transfer as JSON, which anybody may send; nothing is sent here. */

import { formatReceiver, type SignedPayment } from '@quittance/sdk';
import { defineCommand } from '../process/command.ts';
import { toJson } from '../process/output.ts';
import { withWallet } from './open.ts';
import { RECEIVER_SETTINGS, TRANSFER_SETTINGS } from './send.ts';
import { refOf, unitsOf } from './tokens.ts';

/** Ends a payment between its signature and its sending: what `onSigned` throws is never sent (`Sender.send`). */
class KeptBack extends Error {
  override readonly name = 'KeptBack';
  readonly signed: SignedPayment;

  constructor(signed: SignedPayment) {
    super('signed and not sent');
    this.signed = signed;
  }
}

/** What was signed of a payment that is not sent. @throws whatever ends it before it is signed. */
async function signedOf(pay: (onSigned: (signed: SignedPayment) => void) => Promise<unknown>): Promise<SignedPayment> {
  try {
    await pay((signed) => {
      throw new KeptBack(signed);
    });
  } catch (error) {
    if (error instanceof KeptBack) return error.signed;
    throw error;
  }
  throw new Error('a payment ended before it was signed');
}

const { wait: _, timeout: __, ...SIGN_SETTINGS } = { ...TRANSFER_SETTINGS, ...RECEIVER_SETTINGS };

export const walletSign = defineCommand({
  name: 'wallet sign',
  summary: 'print a signed payment as the JSON that rollup_sendTransfer takes, and send nothing',
  notes:
    'Asks the sequencer for the nonce and the fee. Whoever has what is printed can send it until it expires, and another ' +
    'payment with the same nonce makes it worthless.',
  examples: ['quittance wallet sign --config rollup.json --to "$BOB" --amount 0.1 > payment.json'],
  settings: SIGN_SETTINGS,
  async run({ output, signal, ...context }, { to, reference, ...values }) {
    await withWallet({ output, signal, ...context }, values, async (wallet) => {
      const coin = await wallet.token(refOf(values.token));
      const units = (text: string): bigint => unitsOf(text, coin, values.baseUnits);
      const request = {
        to: formatReceiver(to),
        amount: units(values.amount),
        token: coin.tokenId,
        validForSeconds: values.validFor,
        signal,
        ...(values.fee === undefined ? {} : { fee: units(values.fee) }),
        ...(reference === undefined ? {} : { reference }),
      };
      const { id, transfer } = await signedOf((onSigned) => wallet.transfer({ ...request, onSigned }));
      output.say(`signed, not sent: transfer ${id}`);
      output.result(transfer, () => toJson(transfer));
    });
  },
});

/** All that is about to be signed, and the one button that signs it. */

import { useEffect, useRef } from 'preact/hooks';
import { Fact, Facts } from '../../parts/layout.tsx';
import { Hash } from '../../parts/values.tsx';
import { harmless } from '../../text/untrusted.ts';
import { useAction } from '../action.ts';
import { moneyText } from '../money/text.ts';
import type { Purse } from '../session.ts';
import { ActionButton, Note, ProblemNote } from '../ui.tsx';
import { byteLength } from './reference.ts';
import type { Payee, Payment } from './resolve.ts';
import { type Sending, sendPayment } from './send.ts';

function PayeeFacts({ payee }: { readonly payee: Payee }) {
  return (
    <>
      <Fact name="To">
        {payee.index === null ? 'a new account, which this payment opens' : `account ${payee.index}`}
      </Fact>
      <Fact name="Their address">
        <Hash value={payee.owner} what="their address" isWhole />
      </Fact>
      <Fact name="Their key">
        <Hash value={payee.key} what="their key" isWhole />
      </Fact>
    </>
  );
}

function PaymentFacts({ payment, purse }: { readonly payment: Payment; readonly purse: Purse }) {
  const { payee, from, token, amount, fee, reference } = payment;
  const { config } = purse.place;
  return (
    <Facts>
      <Fact name="From">account {from.index}</Fact>
      {payee === null ? (
        <Fact name="To">
          your L1 address <Hash value={purse.wallet.address} what="your L1 address" isWhole />
        </Fact>
      ) : (
        <PayeeFacts payee={payee} />
      )}
      <Fact name="Amount">
        <strong>{moneyText(amount, token)}</strong>
      </Fact>
      <Fact name="Fee">{moneyText(fee, token)}</Fact>
      <Fact name="You pay">{moneyText(amount + fee, token)}</Fact>
      <Fact name="Reference">
        {reference === '' ? (
          'none'
        ) : (
          <>
            <q>{harmless(reference, byteLength(reference))}</q> ({byteLength(reference)} bytes; everybody can read it)
          </>
        )}
      </Fact>
      <Fact name="Valid for">one hour, if nobody takes it before</Fact>
      <Fact name="Rollup">
        chain {config.chainId}, contract <Hash value={config.contract} what="contract" />
      </Fact>
    </Facts>
  );
}

/** Asks for the last word. */
export function ConfirmPayment(props: {
  readonly purse: Purse;
  readonly payment: Payment;
  readonly onBack: () => void;
  /** It was signed: there is nothing to confirm any more. */
  readonly onSent: (sending: Sending) => void;
}) {
  const { purse, payment, onBack, onSent } = props;
  const send = useAction(async () => onSent(await sendPayment(purse, payment)));
  const heading = useRef<HTMLHeadingElement>(null);
  // What is new on the page is read out, and the keyboard goes on from there.
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="confirm">
      <h3 ref={heading} tabIndex={-1}>
        Check what you sign
      </h3>
      {payment.helped !== undefined && (
        <Note>
          <p>{payment.helped}</p>
        </Note>
      )}
      <PaymentFacts payment={payment} purse={purse} />
      <p class="muted">Your rollup key signs it here, in this page. Nobody can take it back afterwards.</p>
      <ProblemNote error={send.error} retry={send.start} />
      <div class="form-end">
        <ActionButton action={send} busy="Sending…">
          Sign and send
        </ActionButton>
        <button type="button" aria-disabled={send.isBusy} onClick={() => send.isBusy || onBack()}>
          Back
        </button>
      </div>
    </div>
  );
}

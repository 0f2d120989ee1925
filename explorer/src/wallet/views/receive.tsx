/** Being paid: the receiver to give to payers, as text, as a link and as a QR code. */

import { useState } from 'preact/hooks';
import { endpoints } from '../../data/endpoints.ts';
import { Fact, Facts, Section } from '../../parts/layout.tsx';
import { Hash } from '../../parts/values.tsx';
import { hostOf } from '../../text/urls.ts';
import { parseAmount } from '../money/amounts.ts';
import { symbolOf } from '../money/text.ts';
import { TokenSelect } from '../money/tokens.tsx';
import { linkFor } from '../pay/payment-link.ts';
import { QrCode } from '../pay/qr.tsx';
import { referenceProblem } from '../pay/reference.ts';
import type { Purse } from '../session.ts';
import { Field } from '../ui.tsx';

/** Makes a link that fills in somebody's payment. */
export function Receive({ purse }: { readonly purse: Purse }) {
  const { wallet, tokens } = purse;
  const [tokenId, setTokenId] = useState(0);
  const [amount, setAmount] = useState('');
  const [reference, setReference] = useState('');
  const token = tokens.find((one) => one.tokenId === tokenId) ?? tokens[0];
  const parsed =
    amount.trim() === '' || token === undefined ? undefined : parseAmount(amount, token.decimals, symbolOf(token));
  const amountProblem = parsed !== undefined && 'problem' in parsed ? parsed.problem : undefined;
  const problem = referenceProblem(reference);
  // A page that its sequencer serves needs not name it.
  const rpc = hostOf(location) === endpoints.rpc ? undefined : endpoints.rpc;
  const ask = {
    to: wallet.receiver,
    amount: amountProblem === undefined ? amount.trim() : '',
    token: String(tokenId),
    reference: problem === undefined ? reference : '',
  };
  const link = linkFor(location, ask, rpc);
  return (
    <Section title="Receive">
      <Facts>
        <Fact name="Your receiver">
          <Hash value={wallet.receiver} what="your receiver" isWhole />
        </Fact>
        <Fact name="Link">
          <Hash value={link} what="the payment link" isWhole />
        </Fact>
      </Facts>
      <QrCode text={link} label="The payment link as a QR code" />
      <p class="muted">
        The first payment to a receiver opens its account. The link fills a payment in; its payer confirms it.
      </p>
      <div class="form">
        <Field label="Token">
          {({ id }) => <TokenSelect id={id} tokens={tokens} value={tokenId} onChange={setTokenId} />}
        </Field>
        <Field label="Amount to ask for" hint="Empty: the payer says how much." problem={amountProblem}>
          {(attributes) => (
            <input
              {...attributes}
              inputMode="decimal"
              autoComplete="off"
              value={amount}
              onInput={({ currentTarget }) => setAmount(currentTarget.value)}
            />
          )}
        </Field>
        <Field
          label="Reference to ask for"
          hint="By which you know the payment again: an invoice number."
          problem={problem}
        >
          {(attributes) => (
            <input
              {...attributes}
              autoComplete="off"
              value={reference}
              onInput={({ currentTarget }) => setReference(currentTarget.value)}
            />
          )}
        </Field>
      </div>
    </Section>
  );
}

/** The form of a payment or a withdrawal. It checks as people would, and sends nothing: the next step does. */

import { MAX_REFERENCE_BYTES } from '@quittance/protocol';
import type { TargetedEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { useQuery } from '../../data/query.ts';
import { amountText } from '../../text/amounts.ts';
import { useAction } from '../action.ts';
import { type OwnAccount, payingAccount } from '../money/accounts.ts';
import { moneyText, symbolOf } from '../money/text.ts';
import { TokenSelect } from '../money/tokens.tsx';
import { Scanner } from '../scan/scanner.tsx';
import type { Purse } from '../session.ts';
import { Field, type FieldAttributes, ProblemNote } from '../ui.tsx';
import { askOfLink } from './payment-link.ts';
import { byteLength } from './reference.ts';
import { type Draft, type Payment, type Problems, resolvePayment } from './resolve.ts';

interface FormProps {
  readonly purse: Purse;
  readonly accounts: readonly OwnAccount[];
  readonly kind: 'transfer' | 'withdraw';
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  /** Told what to confirm. */
  readonly onPayment: (payment: Payment) => void;
}

/** One line of text. */
function Line(props: {
  readonly attributes: FieldAttributes;
  readonly value: string;
  readonly onInput: (text: string) => void;
  readonly mode?: 'decimal' | 'text';
}) {
  const { attributes, value, onInput, mode = 'text' } = props;
  return (
    <input
      {...attributes}
      value={value}
      inputMode={mode}
      autoComplete="off"
      spellcheck={false}
      onInput={({ currentTarget }) => onInput(currentTarget.value)}
    />
  );
}

/** Text that is longer names nobody, and is no link of ours. */
const MAX_SCANNED = 2_000;

function ToField({
  draft,
  onDraft,
  problem,
  purse,
}: Pick<FormProps, 'draft' | 'onDraft' | 'purse'> & { readonly problem: string | undefined }) {
  // A pasted payment link fills in all that it says.
  const change = (text: string): void => {
    const ask = askOfLink(text);
    if (ask === undefined) {
      onDraft({ ...draft, to: text });
      return;
    }
    const tokenId = purse.tokens.find((token) => String(token.tokenId) === ask.token)?.tokenId ?? draft.tokenId;
    onDraft({ ...draft, to: ask.to, amount: ask.amount, reference: ask.reference, tokenId });
  };
  const [isScanning, setScanning] = useState(false);
  const field = useRef<HTMLDivElement>(null);
  /** The camera goes, and the keyboard is where its text is. */
  const close = (): void => {
    setScanning(false);
    field.current?.querySelector('input')?.focus();
  };
  const scanned = (text: string): void => {
    close();
    change(text.slice(0, MAX_SCANNED).trim());
  };
  return (
    <div class="field" ref={field}>
      <Field
        label="To"
        hint={
          <>
            A receiver (0x…:0x…) or a payment link. An L1 address or an account index will do, but only a receiver says
            whose key is paid.{' '}
            {!isScanning && (
              <button type="button" class="link" onClick={() => setScanning(true)}>
                Scan a QR code
              </button>
            )}
          </>
        }
        problem={problem}
      >
        {(attributes) => <Line attributes={attributes} value={draft.to} onInput={change} />}
      </Field>
      {isScanning && <Scanner onText={scanned} onClose={close} />}
    </div>
  );
}

function AmountFields({
  purse,
  accounts,
  draft,
  onDraft,
  problems,
}: Omit<FormProps, 'kind' | 'onPayment'> & { readonly problems: Problems }) {
  const token = purse.tokens.find(({ tokenId }) => tokenId === draft.tokenId);
  const fee = useQuery('rollup_estimateFee', token === undefined ? undefined : { tokenId: token.tokenId }).data;
  const balance = payingAccount(accounts, draft.tokenId)?.soft ?? 0n;
  const suggested = fee === undefined ? undefined : BigInt(fee.suggestedFee);
  const all = (): void => {
    if (token === undefined || suggested === undefined || balance <= suggested) return;
    const text = amountText(balance - suggested, token.decimals).replaceAll(',', '');
    onDraft({ ...draft, amount: text, fee: '' });
  };
  return (
    <>
      <Field label="Token">
        {({ id }) => (
          <TokenSelect
            id={id}
            tokens={purse.tokens}
            value={draft.tokenId}
            onChange={(tokenId) => onDraft({ ...draft, tokenId })}
          />
        )}
      </Field>
      <Field
        label="Amount"
        hint={
          token !== undefined && (
            <>
              You have {moneyText(balance, token)}.{' '}
              <button type="button" class="link" onClick={all}>
                Send all
              </button>
            </>
          )
        }
        problem={problems.amount}
      >
        {(attributes) => (
          <Line
            attributes={attributes}
            mode="decimal"
            value={draft.amount}
            onInput={(amount) => onDraft({ ...draft, amount })}
          />
        )}
      </Field>
      <Field
        label={`Fee${token === undefined ? '' : ` in ${symbolOf(token)}`}`}
        hint={
          token === undefined || suggested === undefined
            ? 'The sequencer suggests one.'
            : `Empty: ${moneyText(suggested, token)}, as the sequencer suggests now.`
        }
        problem={problems.fee}
      >
        {(attributes) => (
          <Line
            attributes={attributes}
            mode="decimal"
            value={draft.fee}
            onInput={(text) => onDraft({ ...draft, fee: text })}
          />
        )}
      </Field>
    </>
  );
}

function ReferenceField({
  draft,
  onDraft,
  problem,
}: Pick<FormProps, 'draft' | 'onDraft'> & { readonly problem: string | undefined }) {
  const length = byteLength(draft.reference);
  const over = length > MAX_REFERENCE_BYTES ? 'This is too long: shorten it.' : undefined;
  return (
    <Field
      label="Reference"
      hint={
        <>
          What it is for: the receiver, and everybody else, can read it.{' '}
          <output>
            {length} of {MAX_REFERENCE_BYTES} bytes
          </output>
        </>
      }
      problem={over ?? problem}
    >
      {(attributes) => (
        <Line
          attributes={attributes}
          value={draft.reference}
          onInput={(reference) => onDraft({ ...draft, reference })}
        />
      )}
    </Field>
  );
}

/** What is filled in before a payment is confirmed. */
export function PaymentForm({ purse, accounts, kind, draft, onDraft, onPayment }: FormProps) {
  const [problems, setProblems] = useState<Problems>({});
  const check = useAction(async () => {
    const result = await resolvePayment(purse, accounts, draft, kind);
    if ('payment' in result) onPayment(result.payment);
    else setProblems(result.problems);
  });
  const change = (next: Draft): void => {
    setProblems({});
    check.clear();
    onDraft(next);
  };
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    check.start();
  };
  return (
    <form class="form" onSubmit={submit} autocomplete="off" novalidate>
      {kind === 'transfer' && <ToField draft={draft} onDraft={change} problem={problems.to} purse={purse} />}
      <AmountFields purse={purse} accounts={accounts} draft={draft} onDraft={change} problems={problems} />
      <ReferenceField draft={draft} onDraft={change} problem={problems.reference} />
      <ProblemNote error={check.error} retry={check.start} />
      <div class="form-end">
        <button type="submit" class="primary" aria-disabled={check.isBusy}>
          {check.isBusy ? 'Checking…' : 'Go on'}
        </button>
      </div>
    </form>
  );
}

/** Paying and withdrawing: a form, a look at what is signed, and a word when it is sent. */

import { useEffect } from 'preact/hooks';
import { Section } from '../../parts/layout.tsx';
import { ErrorNote, Loading } from '../../parts/notes.tsx';
import { createStore, type Store, useStore } from '../../store.ts';
import { useOwnAccounts } from '../money/own-accounts.ts';
import type { Purse } from '../session.ts';
import { Note } from '../ui.tsx';
import { ConfirmPayment } from './confirm.tsx';
import { PaymentForm } from './form.tsx';
import { askOf, type PaymentAsk } from './payment-link.ts';
import type { Draft, Payment } from './resolve.ts';
import { type Sending, summaryOf } from './send.ts';

type Kind = 'transfer' | 'withdraw';

/** How far the payment of a panel is. */
interface PanelState {
  readonly draft: Draft;
  /** What waits for the last word. */
  readonly payment: Payment | undefined;
  /** What was sent last, and what became of that. */
  readonly sent: { readonly summary: string; readonly sending: Sending } | undefined;
  /** The link that the draft was filled in from. */
  readonly asked: string;
}

const EMPTY: Draft = { to: '', amount: '', tokenId: 0, reference: '', fee: '' };
const start = (): PanelState => ({ draft: EMPTY, payment: undefined, sent: undefined, asked: '' });

/** They outlive the component: what was typed is still there after a look at another page. */
const panels: Readonly<Record<Kind, Store<PanelState>>> = {
  transfer: createStore(start()),
  withdraw: createStore(start()),
};

/** Forgets what was typed: another wallet was opened. */
export function clearPanels(): void {
  panels.transfer.set(start());
  panels.withdraw.set(start());
}

function draftOf(ask: PaymentAsk, { tokens }: Purse): Draft {
  const { to, amount, reference } = ask;
  const tokenId = tokens.find((token) => String(token.tokenId) === ask.token)?.tokenId ?? EMPTY.tokenId;
  return { to, amount, reference, tokenId, fee: '' };
}

const TITLES = { transfer: 'Pay', withdraw: 'Withdraw' } as const;

/** An index or an address names no key: what is signed pays the one that the sequencer names. */
function UnnamedKeyNote({ payee }: Pick<Payment, 'payee'>) {
  if (payee === null || payee.isKeyGiven) return null;
  return (
    <Note>
      <p>
        <strong>You did not say whose key this is.</strong> The key below is what the sequencer knows, and anybody can
        open an account under any address. If you are not sure that it is theirs, go back and pay to their receiver
        (0x…:0x…).
      </p>
    </Note>
  );
}

/** What became of what was signed last. */
function SentNote({ summary, sending }: { readonly summary: string; readonly sending: Sending }) {
  return (
    <Note isLive>
      {sending === 'taken' ? (
        <p>
          <strong>Sent: {summary}.</strong> It is under way: see above.
        </p>
      ) : (
        <p>
          <strong>Not known: {summary}.</strong> It was signed, and no answer says whether it was taken. Do not pay it
          again. It is listed above under its id: what the sequencer has shows there, and what it lacks can be sent
          again from there, as it was signed: that is paid once at most.
        </p>
      )}
    </Note>
  );
}

/** A payment, or a withdrawal. @param query of the address: a payment link fills the form in, and sends nothing. */
export function PaymentPanel({
  purse,
  kind,
  query,
}: {
  readonly purse: Purse;
  readonly kind: Kind;
  readonly query: URLSearchParams;
}) {
  const panel = panels[kind];
  const { draft, payment, sent } = useStore(panel);
  const { accounts, error } = useOwnAccounts(purse);
  const ask = askOf(query);
  const asked = JSON.stringify(ask);
  // A link is taken in once.
  useEffect(() => {
    if (kind !== 'transfer' || ask.to === '' || panel.get().asked === asked) return;
    panel.set({ ...start(), draft: draftOf(ask, purse), asked });
  }, [asked]);
  const change = (part: Partial<PanelState>): void => panel.set({ ...panel.get(), ...part });
  const isFromLink = kind === 'transfer' && ask.to !== '' && draft.to === ask.to && payment === undefined;
  return (
    <Section title={TITLES[kind]}>
      {sent !== undefined && <SentNote {...sent} />}
      {isFromLink && (
        <Note>
          <p>A link filled this in. Check whom it pays: nothing is sent before you confirm.</p>
        </Note>
      )}
      {accounts === undefined ? (
        error === undefined ? (
          <Loading rows={5} />
        ) : (
          <ErrorNote what="Your accounts could not be read" error={error} />
        )
      ) : payment === undefined ? (
        <PaymentForm
          purse={purse}
          accounts={accounts}
          kind={kind}
          draft={draft}
          onDraft={(next) => change({ draft: next, sent: undefined })}
          onPayment={(next) => change({ payment: next, sent: undefined })}
        />
      ) : (
        <>
          <UnnamedKeyNote payee={payment.payee} />
          <ConfirmPayment
            purse={purse}
            payment={payment}
            onBack={() => change({ payment: undefined })}
            onSent={(sending) => panel.set({ ...start(), sent: { summary: summaryOf(payment), sending }, asked })}
          />
        </>
      )}
    </Section>
  );
}

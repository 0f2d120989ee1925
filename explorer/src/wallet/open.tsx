/** An open wallet: what it has, what is under way, and what can be done. */

import type { ComponentChildren } from 'preact';
import { Fact, Facts, Section } from '../parts/layout.tsx';
import { Hash } from '../parts/values.tsx';
import { useStore } from '../store.ts';
import { href } from '../text/places.ts';
import { askedText } from './connect/asked-text.ts';
import { PaymentPanel } from './pay/panel.tsx';
import { asked, close, type Purse } from './session.ts';
import { Note } from './ui.tsx';
import { AttemptList } from './views/attempts.tsx';
import { Balances } from './views/balances.tsx';
import { Deposit } from './views/deposit.tsx';
import { History } from './views/history.tsx';
import { Receive } from './views/receive.tsx';
import { Withdraw } from './views/withdraw.tsx';

interface ViewProps {
  readonly purse: Purse;
  readonly query: URLSearchParams;
}

const VIEWS: readonly (readonly [name: string, title: string, view: (props: ViewProps) => ComponentChildren])[] = [
  ['pay', 'Pay', ({ purse, query }) => <PaymentPanel purse={purse} kind="transfer" query={query} />],
  ['receive', 'Receive', ({ purse }) => <Receive purse={purse} />],
  ['deposit', 'Deposit', ({ purse }) => <Deposit purse={purse} />],
  ['withdraw', 'Withdraw', ({ purse, query }) => <Withdraw purse={purse} query={query} />],
  ['history', 'History', ({ purse }) => <History purse={purse} />],
];

/** Says what the wallet is asking, while it asks. */
function AskedNote({ purse }: { readonly purse: Purse }) {
  const request = useStore(asked);
  return (
    <div role="status" aria-live="polite">
      {request !== undefined && (
        <Note>
          <p>
            <strong>Look at your wallet.</strong> It asks you to{' '}
            {askedText(request, purse.place.config.contract, purse.tokens)}.
          </p>
        </Note>
      )}
    </div>
  );
}

/** The whole of it. */
export function OpenWallet({ purse, query }: ViewProps) {
  const chosen = query.get('view') ?? 'pay';
  const [name, , view] = VIEWS.find(([candidate]) => candidate === chosen) ?? VIEWS[0]!;
  const { connection } = purse;
  return (
    <>
      <Section
        title="Your wallet"
        aside={
          <button type="button" onClick={() => close()}>
            Close
          </button>
        }
      >
        <Facts>
          <Fact name={connection.name}>
            <Hash value={connection.address} what="your address" to={href(`/owner/${connection.address}`)} />
          </Fact>
        </Facts>
      </Section>
      <AskedNote purse={purse} />
      <Balances purse={purse} />
      <AttemptList purse={purse} />
      <nav class="views" aria-label="Wallet">
        {VIEWS.map(([candidate, title]) => (
          <a
            key={candidate}
            href={href('/wallet', { view: candidate })}
            aria-current={candidate === name ? 'page' : undefined}
          >
            {title}
          </a>
        ))}
      </nav>
      {view({ purse, query })}
    </>
  );
}

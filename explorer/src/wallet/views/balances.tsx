/** What the wallet has, by how sure that is. */

import { Section } from '../../parts/layout.tsx';
import { Empty, ErrorNote, Loading } from '../../parts/notes.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { AccountLink, Amount } from '../../parts/values.tsx';
import { href } from '../../text/places.ts';
import { MOST_SHOWN, type OwnAccount } from '../money/accounts.ts';
import { useOwnAccounts } from '../money/own-accounts.ts';
import type { Purse } from '../session.ts';

const columnsOf = ({ place }: Purse): readonly Column<OwnAccount>[] => {
  const amount = (tokenId: number, units: bigint) => (
    <Amount config={place.config} tokenId={tokenId} amount={String(units)} />
  );
  return [
    {
      head: 'Account',
      cell: ({ index, isOwnKey }) => (
        <span class="stack">
          <AccountLink index={index} />
          {!isOwnKey && <span class="muted">of another key: leaves by L1 only</span>}
        </span>
      ),
    },
    { head: 'Soft', isNumeric: true, cell: ({ tokenId, soft }) => amount(tokenId, soft) },
    { head: 'Posted', isNumeric: true, isWide: true, cell: ({ tokenId, posted }) => amount(tokenId, posted) },
    { head: 'Final', isNumeric: true, cell: ({ tokenId, final }) => amount(tokenId, final) },
  ];
};

/** Balances by token. */
export function Balances({ purse }: { readonly purse: Purse }) {
  const { accounts, error } = useOwnAccounts(purse);
  return (
    <Section title="Balances">
      {accounts === undefined ? (
        error === undefined ? (
          <Loading rows={2} />
        ) : (
          <ErrorNote what="Your accounts could not be read" error={error} />
        )
      ) : accounts.length === 0 ? (
        <Empty title="This wallet has no account yet">
          <p>
            <a href={href('/wallet', { view: 'deposit' })}>Deposit</a> from L1, or{' '}
            <a href={href('/wallet', { view: 'receive' })}>be paid</a> by somebody: the first payment opens your
            account.
          </p>
        </Empty>
      ) : (
        <>
          <Table
            caption="Your accounts"
            columns={columnsOf(purse)}
            rows={accounts.slice(0, MOST_SHOWN)}
            keyOf={({ index }) => index}
          />
          {accounts.length > MOST_SHOWN && (
            <p>
              There are {accounts.length - MOST_SHOWN} more: anybody can open accounts under your address.{' '}
              <a href={href(`/owner/${purse.wallet.address}`)}>All of them</a>
            </p>
          )}
          <p class="muted">Soft is the sequencer’s promise. Posted is on L1 and can be replaced. Final is yours.</p>
        </>
      )}
    </Section>
  );
}

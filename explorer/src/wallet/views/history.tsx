/** What happened to the accounts of the wallet. */

import { useState } from 'preact/hooks';
import { useQuery } from '../../data/query.ts';
import { HistoryTable } from '../../parts/history-table.tsx';
import { Section } from '../../parts/layout.tsx';
import { Answer, Empty, Loading } from '../../parts/notes.tsx';
import { MOST_SHOWN } from '../money/accounts.ts';
import { useOwnAccounts } from '../money/own-accounts.ts';
import { symbolOf } from '../money/text.ts';
import type { Purse } from '../session.ts';
import { Field } from '../ui.tsx';

const PER_PAGE = 25;

function AccountHistory({ purse, account }: { readonly purse: Purse; readonly account: number }) {
  // Where each page that was turned begins: the last one is shown.
  const [starts, setStarts] = useState<readonly number[]>([]);
  const before = starts.at(-1);
  const page = useQuery('rollup_getHistory', { account, limit: PER_PAGE, ...(before === undefined ? {} : { before }) });
  return (
    <Answer query={page} what="The history could not be read">
      {({ entries, next }) => (
        <>
          {entries.length === 0 ? (
            <Empty title="Nothing has happened to this account" />
          ) : (
            <HistoryTable
              entries={entries}
              config={purse.place.config}
              account={account}
              caption={`History of account ${account}`}
            />
          )}
          <div class="form-end">
            {starts.length > 0 && (
              <button type="button" onClick={() => setStarts(starts.slice(0, -1))}>
                Newer
              </button>
            )}
            {next !== null && (
              <button type="button" onClick={() => setStarts([...starts, next])}>
                Older
              </button>
            )}
          </div>
        </>
      )}
    </Answer>
  );
}

/** Deposits and exits that the sequencer has not taken yet, or took: by the owner, whichever account they are for. */
function Requests({ purse }: { readonly purse: Purse }) {
  const { data } = useQuery('rollup_getPriorityOperations', { owner: purse.wallet.address.toLowerCase() });
  const open = (data ?? []).filter(({ status }) => status !== 'final' && status !== 'dropped');
  if (open.length === 0) return null;
  return (
    <p class="muted" role="status">
      {open.length === 1 ? 'One request' : `${open.length} requests`} on L1 not final yet:{' '}
      {open
        .map(
          ({ operationId, kind, status }) =>
            `${kind === 'deposit' ? 'deposit' : 'forced exit'} ${operationId} (${status})`,
        )
        .join(', ')}
    </p>
  );
}

/** The panel. */
export function History({ purse }: { readonly purse: Purse }) {
  const { accounts } = useOwnAccounts(purse);
  const [chosen, setChosen] = useState<number>();
  const account = chosen ?? accounts?.[0]?.index;
  return (
    <Section title="History">
      <Requests purse={purse} />
      {accounts === undefined ? (
        <Loading />
      ) : account === undefined ? (
        <Empty title="This wallet has no account yet" />
      ) : (
        <>
          {accounts.length > 1 && (
            <Field label="Account">
              {({ id }) => (
                <select
                  id={id}
                  value={String(account)}
                  onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
                >
                  {accounts.slice(0, MOST_SHOWN).map(({ index, tokenId }) => {
                    const token = purse.tokens.find((one) => one.tokenId === tokenId);
                    return (
                      <option key={index} value={String(index)}>
                        {index} ({token === undefined ? `token ${tokenId}` : symbolOf(token)})
                      </option>
                    );
                  })}
                </select>
              )}
            </Field>
          )}
          <AccountHistory key={account} purse={purse} account={account} />
        </>
      )}
    </Section>
  );
}

/** What a text names: everything that it can mean is looked up at once. */

import type { ComponentChildren } from 'preact';
import { useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import type { PageProps } from '../page-props.ts';
import { HistoryTable } from '../parts/history-table.tsx';
import { Page, Section } from '../parts/layout.tsx';
import { Status } from '../parts/life.tsx';
import { Empty, ErrorNote, Loading } from '../parts/notes.tsx';
import { Amount, Hash } from '../parts/values.tsx';
import { href } from '../text/places.ts';
import { meaningsOf } from '../text/search.ts';
import { harmless } from '../text/untrusted.ts';

/** As many batches as are looked through for a hash. */
const BATCHES = 100;

interface Lookup {
  readonly data: unknown;
  readonly error: unknown;
}

const isOpen = (isAsked: boolean, { data, error }: Lookup): boolean =>
  isAsked && data === undefined && error === undefined;

/** Looks up all that the text can mean. */
function useLookups(text: string) {
  const { account, batch, owner, id, hash, reference } = meaningsOf(text);
  const answers = {
    account: useQuery('rollup_getAccount', account === undefined ? undefined : { index: account }),
    batch: useQuery('rollup_getBatch', batch === undefined ? undefined : { batch }),
    owner: useQuery('rollup_getAccounts', owner === undefined ? undefined : { owner }),
    transfer: useQuery('rollup_getTransaction', id === undefined ? undefined : { id }),
    batches: useQuery('rollup_getBatches', hash === undefined ? undefined : { limit: BATCHES }),
    references: useQuery('rollup_findTransactions', reference === undefined ? undefined : { reference }),
  };
  const isAsking =
    isOpen(account !== undefined, answers.account) ||
    isOpen(batch !== undefined, answers.batch) ||
    isOpen(owner !== undefined, answers.owner) ||
    isOpen(id !== undefined, answers.transfer) ||
    isOpen(hash !== undefined, answers.batches) ||
    isOpen(reference !== undefined, answers.references);
  const hashed =
    answers.batches.data?.batches.filter((one) => one.headerHash === hash || one.l1Transaction === hash) ?? [];
  return {
    ...answers,
    owner: owner === undefined ? undefined : { address: owner, ...answers.owner },
    hashed,
    isAsking,
  };
}

/** One thing that was found. */
function Found({
  to,
  title,
  children,
}: {
  readonly to: string;
  readonly title: string;
  readonly children: ComponentChildren;
}) {
  return (
    <li class="found">
      <a href={to}>{title}</a>
      <span class="muted">{children}</span>
    </li>
  );
}

function Results({ text }: { readonly text: string }) {
  const config = useConfig();
  const { account, batch, owner, transfer, references, hashed, isAsking } = useLookups(text);
  const entries = references.data?.entries ?? [];
  const items: ComponentChildren[] = [];
  if (account.data != null) {
    const { index, tokenId, balance } = account.data;
    items.push(
      <Found key="account" to={href(`/account/${index}`)} title={`Account ${index}`}>
        <Amount config={config} tokenId={tokenId} amount={balance} />
      </Found>,
    );
  }
  for (const { number, state } of [
    ...(batch.data === undefined ? [] : [{ number: batch.data.header.number, state: batch.data.state }]),
    ...hashed,
  ]) {
    items.push(
      <Found key={`batch ${number}`} to={href(`/batch/${number}`)} title={`Batch #${number}`}>
        <Status status={state} />
      </Found>,
    );
  }
  if (owner !== undefined) {
    items.push(
      <Found key="owner" to={href(`/owner/${owner.address}`)} title="Owner on L1">
        <Hash value={owner.address} what="address" /> {owner.data?.length ?? 0} accounts
      </Found>,
    );
  }
  if (transfer.data !== undefined) {
    items.push(
      <Found key="transfer" to={href(`/tx/${transfer.data.id}`)} title="Transfer">
        <Status status={transfer.data.status} />
      </Found>,
    );
  }
  if (items.length === 0 && entries.length === 0) {
    if (isAsking) return <Loading rows={3} />;
    // A reference is looked up whatever the text is: that it cannot be is what to tell.
    if (references.error !== undefined && references.data === undefined && transfer.error === undefined) {
      return <ErrorNote what="The search could not be made" error={references.error} retry={references.reload} />;
    }
    return (
      <Empty title="Nothing was found">
        <p>
          Search for the index of an account, the number of a batch, an L1 address, the id of a transfer, the hash of a
          header or of an L1 transaction among the last {BATCHES} batches, or a payment reference, as text or as 0x
          hexadecimal.
        </p>
      </Empty>
    );
  }
  return (
    <>
      {items.length > 0 && <ul class="founds">{items}</ul>}
      {entries.length > 0 && (
        <Section title="Payments with this reference">
          <HistoryTable entries={entries} config={config} caption="Payments with this reference" />
        </Section>
      )}
    </>
  );
}

/** The results of a search. */
export function SearchPage({ query }: PageProps) {
  const text = query.get('q') ?? '';
  const isLong = text.trim() !== '' && Object.keys(meaningsOf(text)).length === 0;
  return (
    <Page title="Search" lead={text.trim() === '' ? undefined : <>For “{harmless(text, 140)}”</>}>
      {text.trim() === '' || isLong ? (
        <Empty title={isLong ? 'That is longer than anything here' : 'Search for something'}>
          <p>An account, a batch, an address, a hash, an id, or a payment reference of at most 140 bytes.</p>
        </Empty>
      ) : (
        <Results key={text} text={text} />
      )}
    </Page>
  );
}

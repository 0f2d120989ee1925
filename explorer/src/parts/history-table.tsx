/** What happened to an account, or what has a reference. */

import type { ConfigJson, HistoryEntryJson } from '@quittance/rpc';
import { href } from '../text/places.ts';
import { Status } from './life.tsx';
import { type Column, Table } from './table.tsx';
import { AccountLink, Amount, BatchLink, None, Reference, shorten, Time } from './values.tsx';

const WORDS: Readonly<Record<HistoryEntryJson['kind'], string>> = {
  transfer: 'Payment',
  transferToNew: 'Payment to a new account',
  withdraw: 'Withdrawal to L1',
  move: 'Move to another rollup',
  deposit: 'Deposit from L1',
  forcedExit: 'Forced exit to L1',
};

/** Who is on the other side, from the point of view of an account; both sides where there is none. */
function Sides({ entry, account }: { readonly entry: HistoryEntryJson; readonly account: number | undefined }) {
  const { from, to } = entry;
  const isFrom = from?.index === account;
  if (account === undefined) {
    return (
      <>
        {from === null ? 'L1' : <AccountLink index={from.index} />}
        {' → '}
        {to === null ? 'L1' : <AccountLink index={to.index} />}
      </>
    );
  }
  const other = isFrom ? to : from;
  return (
    <>
      {isFrom ? 'to ' : 'from '}
      {other === null ? 'L1' : <AccountLink index={other.index} />}
    </>
  );
}

const signOf = ({ from }: HistoryEntryJson, account: number | undefined): '+' | '−' | undefined =>
  account === undefined ? undefined : from?.index === account ? '−' : '+';

const columnsOf = (
  config: ConfigJson | undefined,
  account: number | undefined,
): readonly Column<HistoryEntryJson>[] => [
  {
    head: 'What',
    cell: (entry) => (
      <span class="stack">
        {entry.id === null ? (
          <span>{WORDS[entry.kind]}</span>
        ) : (
          <a href={href(`/tx/${entry.id}`)} title={entry.id}>
            {WORDS[entry.kind]}
          </a>
        )}
        <span class="muted">
          <Sides entry={entry} account={account} />
        </span>
        {entry.reference !== null && <Reference bytes={entry.reference} />}
        {entry.reason !== null && <span class="bad">{entry.reason}</span>}
      </span>
    ),
  },
  {
    head: 'Amount',
    isNumeric: true,
    cell: (entry) => (
      <span class="stack">
        <Amount config={config} tokenId={entry.tokenId} amount={entry.amount} sign={signOf(entry, account)} />
        {entry.fee !== '0' && entry.from?.index === account && (
          <span class="muted wide">
            fee <Amount config={config} tokenId={entry.tokenId} amount={entry.fee} />
          </span>
        )}
      </span>
    ),
  },
  {
    head: 'State',
    cell: ({ status, receivedMs }) => (
      <span class="stack">
        <Status status={status} />
        <span class="muted">
          <Time atMs={receivedMs} />
        </span>
      </span>
    ),
  },
  {
    head: 'Batch',
    isNumeric: true,
    isWide: true,
    cell: ({ batch }) => (batch === null ? <None>not yet</None> : <BatchLink number={batch} />),
  },
  {
    head: 'Id',
    isWide: true,
    cell: ({ id, operationId }) =>
      id === null ? <span>request {operationId}</span> : <span class="mono">{shorten(id)}</span>,
  },
];

interface HistoryTableProps {
  readonly entries: readonly HistoryEntryJson[];
  readonly config: ConfigJson | undefined;
  /** Whose history it is; undefined where it is nobody’s. */
  readonly account?: number | undefined;
  readonly caption: string;
}

/** A table of entries, newest first. */
export function HistoryTable({ entries, config, account, caption }: HistoryTableProps) {
  return (
    <Table caption={caption} columns={columnsOf(config, account)} rows={entries} keyOf={({ sequence }) => sequence} />
  );
}

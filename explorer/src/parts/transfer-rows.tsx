/** Transfers by their ids, each read when it comes into the list. */

import type { ConfigJson, TransactionJson } from '@quittance/rpc';
import { useState } from 'preact/hooks';
import { useQuery } from '../data/query.ts';
import { countText } from '../text/amounts.ts';
import { href } from '../text/places.ts';
import { Empty } from './notes.tsx';
import { AccountLink, Amount, None, Reference, shorten } from './values.tsx';

/** Words for the kinds of transfers. */
export const KIND_WORDS: Readonly<Record<TransactionJson['kind'], string>> = {
  transfer: 'Payment',
  transferToNew: 'Payment to a new account',
  withdraw: 'Withdrawal to L1',
  move: 'Move to another rollup',
};

/** Where the money of a transfer goes. */
export function Target({ transfer }: { readonly transfer: TransactionJson }) {
  if (transfer.to !== null) return <AccountLink index={transfer.to} />;
  return <>{transfer.move === null ? 'L1' : `rollup ${transfer.move.destination}`}</>;
}

function Row({ id, config }: { readonly id: string; readonly config: ConfigJson | undefined }) {
  const { data } = useQuery('rollup_getTransaction', { id }, false);
  return (
    <tr>
      <td>
        <a class="mono" href={href(`/tx/${id}`)} title={id}>
          {shorten(id)}
        </a>
      </td>
      <td class="wide">{data === undefined ? <None /> : KIND_WORDS[data.kind]}</td>
      <td>
        {data === undefined ? (
          <None />
        ) : (
          <>
            <AccountLink index={data.from} /> → <Target transfer={data} />
          </>
        )}
      </td>
      <td class="numeric">
        {data === undefined || data.tokenId === null ? (
          <None />
        ) : (
          <Amount config={config} tokenId={data.tokenId} amount={data.amount} />
        )}
      </td>
      <td class="wide">{data?.reference == null ? <None /> : <Reference bytes={data.reference} />}</td>
    </tr>
  );
}

interface TransferRowsProps {
  readonly ids: readonly string[];
  readonly config: ConfigJson | undefined;
  /** Rows at first, and more each time. */
  readonly step: number;
}

/** A table of transfers. */
export function TransferRows({ ids, config, step }: TransferRowsProps) {
  const [shown, setShown] = useState(step);
  if (ids.length === 0) return <Empty title="No transfer is in this batch: it holds what L1 asked for" />;
  return (
    <>
      <table class="table">
        <caption class="visually-hidden">Transfers</caption>
        <thead>
          <tr>
            <th scope="col">Id</th>
            <th scope="col" class="wide">
              Kind
            </th>
            <th scope="col">From and to</th>
            <th scope="col" class="numeric">
              Amount
            </th>
            <th scope="col" class="wide">
              Reference
            </th>
          </tr>
        </thead>
        <tbody>
          {ids.slice(0, shown).map((id) => (
            <Row key={id} id={id} config={config} />
          ))}
        </tbody>
      </table>
      {shown < ids.length && (
        <button type="button" class="more" onClick={() => setShown(shown + step)}>
          Show more of {countText(ids.length)}
        </button>
      )}
    </>
  );
}

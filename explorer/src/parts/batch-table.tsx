/** Batches in short. */

import type { BatchSummaryJson, ConfigJson } from '@quittance/rpc';
import { countText } from '../text/amounts.ts';
import { LifeBar } from './life.tsx';
import { type Column, Table } from './table.tsx';
import { BatchLink, L1Transaction, None, Time } from './values.tsx';

/** How many proofs are made, while they are being made. */
export function proofsText({ state, provenCount, chunkCount }: BatchSummaryJson): string | undefined {
  return state === 'proving' ? `${provenCount} of ${chunkCount} proofs` : undefined;
}

const columnsOf = (mode: ConfigJson['mode']): readonly Column<BatchSummaryJson>[] => [
  { head: 'Batch', cell: ({ number }) => <BatchLink number={number} /> },
  {
    head: 'State',
    cell: (batch) => <LifeBar status={batch.state} mode={mode} note={proofsText(batch)} />,
  },
  { head: 'Transfers', isNumeric: true, cell: ({ transferCount }) => countText(transferCount) },
  { head: 'From L1', isNumeric: true, isWide: true, cell: ({ priorityCount }) => countText(priorityCount) },
  { head: 'To L1', isNumeric: true, isWide: true, cell: ({ withdrawalCount }) => countText(withdrawalCount) },
  { head: 'Sealed', isNumeric: true, cell: ({ sealedMs }) => <Time atMs={sealedMs} /> },
  {
    head: 'L1 transaction',
    isWide: true,
    cell: ({ l1Transaction }) =>
      l1Transaction === null ? <None>not yet</None> : <L1Transaction hash={l1Transaction} />,
  },
  {
    head: 'Gas',
    isNumeric: true,
    isWide: true,
    cell: ({ l1GasUsed }) => (l1GasUsed === null ? <None /> : countText(BigInt(l1GasUsed))),
  },
];

interface BatchTableProps {
  readonly batches: readonly BatchSummaryJson[];
  readonly mode: ConfigJson['mode'];
  readonly caption: string;
}

/** A table of batches, each with a link to all of it. */
export function BatchTable({ batches, mode, caption }: BatchTableProps) {
  const columns = columnsOf(mode);
  return <Table layout="batches" caption={caption} columns={columns} rows={batches} keyOf={({ number }) => number} />;
}

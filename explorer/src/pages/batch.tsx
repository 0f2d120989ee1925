/** One batch: how far it is, what is in it, and what L1 has of it. */

import type { BatchJson, BatchSummaryJson, ConfigJson } from '@quittance/rpc';
import { useState } from 'preact/hooks';
import { tokenOf, useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import type { PageProps } from '../page-props.ts';
import { proofsText } from '../parts/batch-table.tsx';
import { Fact, Facts, Page, Section } from '../parts/layout.tsx';
import { Life } from '../parts/life.tsx';
import { Answer, Empty } from '../parts/notes.tsx';
import { Table } from '../parts/table.tsx';
import { TransferRows } from '../parts/transfer-rows.tsx';
import { Amount, Hash, L1Transaction, None, Time } from '../parts/values.tsx';
import { countText, parseCount } from '../text/amounts.ts';
import { href } from '../text/places.ts';
import { absoluteText, durationText } from '../text/times.ts';

/** Rows that a list shows at first, and more each time. */
const STEP = 20;

const FORMS: Readonly<Record<BatchJson['form'], string>> = {
  calldata: 'in calldata',
  coefficients: 'in a blob',
  evaluations: 'in blobs, with all signatures',
};

interface PartProps {
  readonly batch: BatchJson;
  readonly config: ConfigJson | undefined;
}

function WholeLife({ batch, summary, config }: PartProps & { readonly summary: BatchSummaryJson | undefined }) {
  const { sealedMs, postedMs, finalMs } = batch;
  const notes = {
    sealed: <Time atMs={sealedMs} />,
    proving:
      summary === undefined
        ? undefined
        : (proofsText(summary) ?? `${summary.provenCount} of ${summary.chunkCount} proofs`),
    posted: postedMs === null ? undefined : <Time atMs={postedMs} />,
    final: finalMs === null ? undefined : `after ${durationText(finalMs - sealedMs)}`,
  };
  return <Life status={batch.state} mode={config?.mode ?? 'zk'} notes={notes} />;
}

function BatchFacts({ batch, summary }: PartProps & { readonly summary: BatchSummaryJson | undefined }) {
  const { header, headerHash, l1Transaction, l1BlockNumber, blobHashes, form, sealedMs, finalMs } = batch;
  return (
    <Facts>
      <Fact name="Sealed">{absoluteText(sealedMs)}</Fact>
      <Fact name="Final">{finalMs === null ? <None>not yet</None> : absoluteText(finalMs)}</Fact>
      <Fact name="L1 transaction">
        {l1Transaction === null ? <None>not yet</None> : <L1Transaction hash={l1Transaction} />}
      </Fact>
      <Fact name="L1 block">{l1BlockNumber === null ? <None>not yet</None> : countText(l1BlockNumber)}</Fact>
      <Fact name="Gas">
        {summary?.l1GasUsed == null ? <None>not known yet</None> : countText(BigInt(summary.l1GasUsed))}
      </Fact>
      <Fact name="Records">{FORMS[form]}</Fact>
      {blobHashes.map((hash, index) => (
        <Fact key={hash} name={blobHashes.length === 1 ? 'Blob' : `Blob ${index + 1}`}>
          <Hash value={hash} what="versioned hash of the blob" />
        </Fact>
      ))}
      <Fact name="Header hash">
        <Hash value={headerHash} what="header hash" />
      </Fact>
      <Fact name="State root">
        <Hash value={header.stateRoot} what="state root" />
      </Fact>
      <Fact name="Requests from L1">{countText(batch.priorityCount)}</Fact>
    </Facts>
  );
}

function Withdrawals({ batch, config }: PartProps) {
  const [shown, setShown] = useState(STEP);
  const { withdrawals } = batch;
  if (withdrawals.length === 0) return <Empty title="This batch pays nothing out on L1" />;
  return (
    <>
      <Table
        caption="Withdrawals"
        rows={withdrawals.slice(0, shown)}
        keyOf={({ index }) => index}
        columns={[
          { head: 'No.', cell: ({ index }) => index },
          {
            head: 'To',
            cell: ({ owner, move }) => (
              <span class="stack">
                <Hash value={owner} what="owner" to={href(`/owner/${owner}`)} />
                {move !== null && <span class="muted">in rollup {move.destination}</span>}
              </span>
            ),
          },
          {
            head: 'Amount',
            isNumeric: true,
            cell: ({ tokenId, amount }) => <Amount config={config} tokenId={tokenId} amount={amount} />,
          },
          { head: 'Token', isWide: true, cell: ({ tokenId }) => tokenOf(config, tokenId).symbol },
        ]}
      />
      {shown < withdrawals.length && (
        <button type="button" class="more" onClick={() => setShown(shown + STEP)}>
          Show more of {countText(withdrawals.length)}
        </button>
      )}
    </>
  );
}

function Content({ batch, summary, config }: PartProps & { readonly summary: BatchSummaryJson | undefined }) {
  const { number } = batch.header;
  return (
    <>
      <WholeLife batch={batch} summary={summary} config={config} />
      <Section title="What L1 has of it" aside={<a href={href(`/verify/${number}`)}>Verify a proof</a>}>
        <BatchFacts batch={batch} summary={summary} config={config} />
      </Section>
      <Section title={`Transfers (${countText(batch.transfers.length)})`}>
        <TransferRows ids={batch.transfers} config={config} step={STEP} />
      </Section>
      <Section title={`Withdrawals (${countText(batch.withdrawals.length)})`}>
        <Withdrawals batch={batch} config={config} />
      </Section>
    </>
  );
}

/** The page of a batch: by number, or `latest`, `safe`, `finalized`. */
export function BatchPage({ parameters }: PageProps) {
  const given = parameters['number'] ?? '';
  const selector = given === 'latest' || given === 'safe' || given === 'finalized' ? given : parseCount(given);
  const config = useConfig();
  const batch = useQuery('rollup_getBatch', selector === undefined ? undefined : { batch: selector });
  const number = batch.data?.header.number;
  const page = useQuery('rollup_getBatches', number === undefined ? undefined : { before: number + 1, limit: 1 });
  const summary = page.data?.batches.find((found) => found.number === number);
  if (selector === undefined) {
    return (
      <Page title="Batch">
        <Empty title={`“${given.slice(0, 80)}” is no number of a batch`}>
          <a href={href('/batches')}>All batches</a>
        </Empty>
      </Page>
    );
  }
  const missing = (
    <Empty title="There is no such batch yet">
      <a href={href('/batches')}>All batches</a>
    </Empty>
  );
  const aside =
    typeof selector !== 'number' ? undefined : (
      <nav class="beside" aria-label="Batches beside this one">
        {selector > 0 && <a href={href(`/batch/${selector - 1}`)}>← #{selector - 1}</a>}
        <a href={href(`/batch/${selector + 1}`)}>#{selector + 1} →</a>
      </nav>
    );
  return (
    <Page title={number === undefined ? 'Batch' : `Batch #${countText(number)}`} aside={aside}>
      <Answer query={batch} what="The batch could not be read" missing={missing} rows={12}>
        {(data) => <Content batch={data} summary={summary} config={config} />}
      </Answer>
    </Page>
  );
}

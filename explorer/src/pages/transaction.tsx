/** One transfer. */

import type { ConfigJson, TransactionJson } from '@quittance/rpc';
import { useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import type { PageProps } from '../page-props.ts';
import { Fact, Facts, Page, Section } from '../parts/layout.tsx';
import { Life } from '../parts/life.tsx';
import { Answer, Empty } from '../parts/notes.tsx';
import { KIND_WORDS, Target } from '../parts/transfer-rows.tsx';
import { AccountLink, Amount, BatchLink, Hash, L1Transaction, None, Reference, Time } from '../parts/values.tsx';
import { MEANINGS } from '../text/life.ts';
import { href } from '../text/places.ts';
import { absoluteText } from '../text/times.ts';
import { harmless } from '../text/untrusted.ts';

/** An id in either of its forms. */
const ID_PATTERN = /^(?:0|[1-9][0-9]{0,77}|0x[0-9a-fA-F]{1,64})$/;

interface PartProps {
  readonly transfer: TransactionJson;
  readonly config: ConfigJson | undefined;
}

function Parties({ transfer, config }: PartProps) {
  const { from, fromOwner, toOwner, tokenId, amount, fee, reference } = transfer;
  return (
    <Facts>
      <Fact name="From">
        <span class="stack">
          <AccountLink index={from} />
          {fromOwner !== null && <Hash value={fromOwner} what="owner" to={href(`/owner/${fromOwner}`)} />}
        </span>
      </Fact>
      <Fact name="To">
        <span class="stack">
          <Target transfer={transfer} />
          {toOwner !== null && <Hash value={toOwner} what="owner" to={href(`/owner/${toOwner}`)} />}
        </span>
      </Fact>
      <Fact name="Amount">
        {tokenId === null ? `${amount} base units` : <Amount config={config} tokenId={tokenId} amount={amount} />}
      </Fact>
      <Fact name="Fee">
        {tokenId === null ? `${fee} base units` : <Amount config={config} tokenId={tokenId} amount={fee} />}
      </Fact>
      <Fact name="Reference">{reference === null ? <None>none</None> : <Reference bytes={reference} />}</Fact>
    </Facts>
  );
}

function Place({ transfer }: PartProps) {
  const { id, nonce, validUntil, receivedMs, batch, chunk, slot, withdrawal, l1Transaction } = transfer;
  return (
    <Facts>
      <Fact name="Id">
        <Hash value={id} what="id" isWhole />
      </Fact>
      <Fact name="Received">{absoluteText(receivedMs)}</Fact>
      <Fact name="Nonce">{nonce}</Fact>
      <Fact name="Valid until">{validUntil === 0 ? 'always' : absoluteText(validUntil * 1_000)}</Fact>
      <Fact name="Batch">
        {batch === null ? (
          <None>not yet</None>
        ) : (
          <>
            <BatchLink number={batch} />
            {chunk !== null && slot !== null && `, chunk ${chunk}, slot ${slot}`}
          </>
        )}
      </Fact>
      {withdrawal !== null && <Fact name="Withdrawal">no. {withdrawal} of the batch</Fact>}
      <Fact name="L1 transaction">
        {l1Transaction === null ? <None>not yet</None> : <L1Transaction hash={l1Transaction} />}
      </Fact>
    </Facts>
  );
}

function Content({ transfer, config }: PartProps) {
  const { status, drop, receivedMs } = transfer;
  return (
    <>
      <Life status={status} mode={config?.mode ?? 'zk'} hasPending notes={{ pending: <Time atMs={receivedMs} /> }} />
      <p class="lead">{MEANINGS[status]}</p>
      {drop !== null && (
        <div class="error-note" role="note">
          <p class="empty-title">It was dropped</p>
          <p>
            {harmless(drop.message, 500)} <code>{drop.reason}</code>
          </p>
        </div>
      )}
      <Section title={KIND_WORDS[transfer.kind]}>
        <Parties transfer={transfer} config={config} />
      </Section>
      <Section title="Where it stands">
        <Place transfer={transfer} config={config} />
      </Section>
    </>
  );
}

/** The page of a transfer. */
export function TransactionPage({ parameters }: PageProps) {
  const id = parameters['id'] ?? '';
  const isId = ID_PATTERN.test(id);
  const config = useConfig();
  const transfer = useQuery('rollup_getTransaction', isId ? { id } : undefined);
  const missing = (
    <Empty title={isId ? 'This sequencer knows no such transfer' : 'That is no id of a transfer'}>
      <p>An id is a decimal number, or 0x and hexadecimal. A transfer that was never acknowledged is not known here.</p>
    </Empty>
  );
  return (
    <Page title="Transfer">
      {isId ? (
        <Answer query={transfer} what="The transfer could not be read" missing={missing} rows={12}>
          {(data) => <Content transfer={data} config={config} />}
        </Answer>
      ) : (
        missing
      )}
    </Page>
  );
}

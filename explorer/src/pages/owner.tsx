/** All accounts of an L1 address, and what it asked for on L1. */

import type { AccountJson, ConfigJson, PriorityOperationJson } from '@quittance/rpc';
import { useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import type { PageProps } from '../page-props.ts';
import { Page, Section } from '../parts/layout.tsx';
import { Status } from '../parts/life.tsx';
import { Answer, Empty } from '../parts/notes.tsx';
import { type Column, Pager, Table } from '../parts/table.tsx';
import { AccountLink, Amount, BatchLink, Hash, None } from '../parts/values.tsx';
import { parseCount } from '../text/amounts.ts';
import { href } from '../text/places.ts';

const ADDRESS_PATTERN = /^0x[0-9a-fA-F]{40}$/;
/** As many as one answer has at most. */
const PER_PAGE = 100;

const accountColumns = (config: ConfigJson | undefined): readonly Column<AccountJson>[] => [
  { head: 'Account', cell: ({ index }) => <AccountLink index={index} /> },
  {
    head: 'Balance',
    isNumeric: true,
    cell: ({ tokenId, balance }) => <Amount config={config} tokenId={tokenId} amount={balance} />,
  },
  { head: 'Next nonce', isNumeric: true, isWide: true, cell: ({ nonce }) => nonce },
  { head: 'Key', isWide: true, cell: ({ keyY }) => <Hash value={keyY} what="key" /> },
];

const requestColumns = (config: ConfigJson | undefined): readonly Column<PriorityOperationJson>[] => [
  {
    head: 'Request',
    cell: ({ operationId, kind, reason }) => (
      <span class="stack">
        <span>{kind === 'deposit' ? 'Deposit' : 'Forced exit'}</span>
        <span class="muted">no. {operationId}</span>
        {reason !== null && <span class="bad">{reason}</span>}
      </span>
    ),
  },
  {
    head: 'Amount',
    isNumeric: true,
    cell: ({ tokenId, amount }) => <Amount config={config} tokenId={tokenId} amount={amount} />,
  },
  { head: 'State', cell: ({ status }) => <Status status={status} /> },
  {
    head: 'Account',
    isWide: true,
    cell: ({ account }) => (account === null ? <None>not yet</None> : <AccountLink index={account} />),
  },
  {
    head: 'Batch',
    isNumeric: true,
    isWide: true,
    cell: ({ batch }) => (batch === null ? <None>not yet</None> : <BatchLink number={batch} />),
  },
];

interface ListProps {
  readonly owner: string;
  readonly after: number | undefined;
  readonly config: ConfigJson | undefined;
}

function Accounts({ owner, after, config }: ListProps) {
  const accounts = useQuery('rollup_getAccounts', { owner, ...(after === undefined ? {} : { after }) });
  return (
    <Answer query={accounts} what="The accounts could not be read" rows={3}>
      {(data) =>
        data.length === 0 ? (
          <Empty title="This address has no account here">
            <p>
              A deposit to it makes one: in the <a href={href('/wallet')}>wallet</a>, or by{' '}
              <code>quittance wallet deposit</code>.
            </p>
          </Empty>
        ) : (
          <>
            <Table caption="Accounts" columns={accountColumns(config)} rows={data} keyOf={({ index }) => index} />
            <Pager
              what="accounts"
              newer={after === undefined ? undefined : href(`/owner/${owner}`)}
              older={
                data.length < PER_PAGE ? undefined : href(`/owner/${owner}`, { after: String(data.at(-1)!.index) })
              }
            />
          </>
        )
      }
    </Answer>
  );
}

function Requests({ owner, config }: Omit<ListProps, 'after'>) {
  const requests = useQuery('rollup_getPriorityOperations', { owner });
  return (
    <Answer query={requests} what="The requests could not be read" rows={3}>
      {(data) =>
        data.length === 0 ? (
          <Empty title="It has asked for nothing on L1" />
        ) : (
          <Table
            caption="Requests on L1"
            columns={requestColumns(config)}
            rows={data}
            keyOf={({ operationId }) => operationId}
          />
        )
      }
    </Answer>
  );
}

/** The page of an owner. */
export function OwnerPage({ parameters, query }: PageProps) {
  const given = parameters['address'] ?? '';
  const config = useConfig();
  if (!ADDRESS_PATTERN.test(given)) {
    return (
      <Page title="Owner">
        <Empty title={`“${given.slice(0, 80)}” is no L1 address`}>
          <p>An address is 0x and 40 hexadecimal digits.</p>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Owner" lead={<Hash value={given} what="address" isWhole />}>
      <Section title="Accounts">
        <Accounts owner={given} after={parseCount(query.get('after') ?? '')} config={config} />
      </Section>
      <Section title="Requests on L1">
        <Requests owner={given} config={config} />
      </Section>
    </Page>
  );
}

/** One account: what it holds by how sure that is, and all that happened to it. */

import type { AccountJson, ConfigJson } from '@quittance/rpc';
import type { ComponentChildren } from 'preact';
import { tokenOf, useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import type { PageProps } from '../page-props.ts';
import { HistoryTable } from '../parts/history-table.tsx';
import { Fact, Facts, Figure, Page, Section } from '../parts/layout.tsx';
import { Answer, Empty } from '../parts/notes.tsx';
import { Pager } from '../parts/table.tsx';
import { Amount, Hash, None } from '../parts/values.tsx';
import { parseCount } from '../text/amounts.ts';
import { href } from '../text/places.ts';

const PER_PAGE = 25;
/** Leaves of the tree: 4^12. */
const CAPACITY = 4 ** 12;

type Found = { readonly data: AccountJson | null | undefined };

function Balance({
  found,
  config,
  fallback,
}: {
  readonly found: Found;
  readonly config: ConfigJson | undefined;
  readonly fallback: ComponentChildren;
}) {
  if (found.data === undefined) return <None />;
  if (found.data === null) return <>{fallback}</>;
  return <Amount config={config} tokenId={found.data.tokenId} amount={found.data.balance} />;
}

function Balances({ index, config }: { readonly index: number; readonly config: ConfigJson | undefined }) {
  const soft = useQuery('rollup_getAccount', { index, tag: 'latest' });
  const posted = useQuery('rollup_getAccount', { index, tag: 'safe' });
  const final = useQuery('rollup_getAccount', { index, tag: 'finalized' });
  const none = <None>not there yet</None>;
  return (
    <dl class="figures">
      <Figure name="Soft" note="as the sequencer promises">
        <Balance found={soft} config={config} fallback={none} />
      </Figure>
      <Figure name="Posted" note="on L1, can still be replaced">
        <Balance found={posted} config={config} fallback={none} />
      </Figure>
      <Figure name="Final" note="nobody can take it back">
        <Balance found={final} config={config} fallback={none} />
      </Figure>
    </dl>
  );
}

function AccountFacts({ account, config }: { readonly account: AccountJson; readonly config: ConfigJson | undefined }) {
  return (
    <Facts>
      <Fact name="Owner">
        <Hash value={account.owner} what="owner" to={href(`/owner/${account.owner}`)} />
      </Fact>
      <Fact name="Token">{tokenOf(config, account.tokenId).symbol}</Fact>
      <Fact name="Next nonce">{account.nonce}</Fact>
      <Fact name="Key">
        <Hash value={account.keyY} what="key" />
      </Fact>
    </Facts>
  );
}

function History({
  index,
  before,
  config,
}: {
  readonly index: number;
  readonly before: number | undefined;
  readonly config: ConfigJson | undefined;
}) {
  const page = useQuery('rollup_getHistory', {
    account: index,
    limit: PER_PAGE,
    ...(before === undefined ? {} : { before }),
  });
  return (
    <Answer query={page} what="The history could not be read" rows={6}>
      {({ entries, next }) => (
        <>
          {entries.length === 0 ? (
            <Empty title={before === undefined ? 'Nothing has happened to this account' : 'Nothing came before'} />
          ) : (
            <HistoryTable entries={entries} config={config} account={index} caption={`History of account ${index}`} />
          )}
          <Pager
            what="the history"
            newer={before === undefined ? undefined : href(`/account/${index}`)}
            older={next === null ? undefined : href(`/account/${index}`, { before: String(next) })}
          />
        </>
      )}
    </Answer>
  );
}

/** The page of an account. */
export function AccountPage({ parameters, query }: PageProps) {
  const given = parameters['index'] ?? '';
  const parsed = parseCount(given);
  const index = parsed !== undefined && parsed < CAPACITY ? parsed : undefined;
  const before = parseCount(query.get('before') ?? '');
  const config = useConfig();
  const account = useQuery('rollup_getAccount', index === undefined ? undefined : { index });
  if (index === undefined) {
    return (
      <Page title="Account">
        <Empty title={`“${given.slice(0, 80)}” is no index of an account`}>
          <p>An index is a number below {CAPACITY.toLocaleString('en')}.</p>
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title={`Account ${index}`}
      aside={<a href={href('/verify/finalized', { account: given })}>Verify its proof</a>}
    >
      <Answer query={account} what="The account could not be read" rows={6}>
        {(data) =>
          data === null ? (
            <Empty title="Nobody has this account">
              <p>The next deposit or payment to a new key may take it.</p>
            </Empty>
          ) : (
            <>
              <Balances index={index} config={config} />
              <Section title="Whose it is">
                <AccountFacts account={data} config={config} />
              </Section>
            </>
          )
        }
      </Answer>
      <Section title="History">
        <History index={index} before={before} config={config} />
      </Section>
    </Page>
  );
}

/** Verifies in the browser what the sequencer says of an account, each step to be looked at. */

import type { BatchJson, ConfigJson, ProofJson } from '@quittance/rpc';
import type { TargetedEvent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useConfig } from '../data/config.ts';
import { endpoints } from '../data/endpoints.ts';
import { readHeaderHash } from '../data/l1.ts';
import { useQuery } from '../data/query.ts';
import type { PageProps } from '../page-props.ts';
import { Icon } from '../parts/icons.tsx';
import { Page, Section } from '../parts/layout.tsx';
import { Answer, Empty, ErrorNote, Loading } from '../parts/notes.tsx';
import { Amount, BatchLink } from '../parts/values.tsx';
import { navigate } from '../router.ts';
import { parseCount } from '../text/amounts.ts';
import { href } from '../text/places.ts';
import { type Check, headerChecks, l1Check, proofChecks } from '../verify/checks.ts';

const CAPACITY = 4 ** 12;

function Steps({ checks }: { readonly checks: readonly Check[] }) {
  return (
    <ol class="checks">
      {checks.map(({ title, isTrue, values }) => (
        <li key={title} data-true={isTrue}>
          <details>
            <summary>
              <Icon name={isTrue ? 'check' : 'cross'} />
              <span class="visually-hidden">{isTrue ? 'True: ' : 'False: '}</span>
              {title}
            </summary>
            <dl class="values">
              {values.map(([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd class="mono">{value}</dd>
                </div>
              ))}
            </dl>
          </details>
        </li>
      ))}
    </ol>
  );
}

/** What L1 says of the header; undefined while it is asked. */
function useL1(contract: string, batch: BatchJson): { readonly hash?: string; readonly error?: unknown } {
  const [answer, setAnswer] = useState<{ hash?: string; error?: unknown }>({});
  const { number } = batch.header;
  useEffect(() => {
    if (endpoints.l1 === undefined) return;
    let isOver = false;
    readHeaderHash(endpoints.l1, contract, number).then(
      (hash) => isOver || setAnswer({ hash }),
      (error: unknown) => isOver || setAnswer({ error }),
    );
    return () => {
      isOver = true;
    };
  }, [contract, number]);
  return answer;
}

function OnL1({ config, batch }: { readonly config: ConfigJson; readonly batch: BatchJson }) {
  const { hash, error } = useL1(config.contract, batch);
  if (endpoints.l1 === undefined) {
    return (
      <Empty title="L1 was not asked">
        <p>
          What the sequencer says fits together, which a liar can arrange. Name an L1 node of your own under{' '}
          <a href={href('/connection')}>Connection</a> to compare the header with what the contract has.
        </p>
      </Empty>
    );
  }
  if (error !== undefined) return <ErrorNote what="L1 could not be asked" error={error} />;
  if (hash === undefined) return <Loading rows={1} />;
  if (batch.state !== 'final') {
    return <Empty title="L1 has only final batches: this one is not final yet" />;
  }
  return <Steps checks={[l1Check(batch, hash)]} />;
}

function Verdict({ checks }: { readonly checks: readonly Check[] }) {
  const wrong = checks.filter(({ isTrue }) => !isTrue).length;
  return (
    <p class="verdict" data-true={wrong === 0} role="status">
      <Icon name={wrong === 0 ? 'check' : 'cross'} />
      {wrong === 0
        ? 'Everything that the sequencer says of this account fits together'
        : `${wrong} of ${checks.length} steps are false: do not believe this sequencer`}
    </p>
  );
}

function Verified({
  proof,
  batch,
  config,
}: {
  readonly proof: ProofJson;
  readonly batch: BatchJson;
  readonly config: ConfigJson;
}) {
  const tree = proofChecks(proof);
  const header = headerChecks(proof, batch);
  const { account } = proof;
  return (
    <>
      <p class="lead">
        Account {proof.index}{' '}
        {account === null ? (
          'is empty'
        ) : (
          <>
            holds <Amount config={config} tokenId={account.tokenId} amount={account.balance} />
          </>
        )}{' '}
        in the state after batch <BatchLink number={proof.batch} />, which is {batch.state}.
      </p>
      <Verdict checks={[...tree, ...header]} />
      <Section title="From the account to the root">
        <Steps checks={tree} />
      </Section>
      <Section title="From the root to the header">
        <Steps checks={header} />
      </Section>
      <Section title="From the header to L1">
        <OnL1 config={config} batch={batch} />
      </Section>
    </>
  );
}

function Choice({ batch, account }: { readonly batch: string; readonly account: string }) {
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    navigate(`/verify/${form.get('state')}`, { account: String(form.get('account') ?? '').trim() });
  };
  return (
    <form class="form inline" onSubmit={submit}>
      <div class="field">
        <label for="verify-account">Account</label>
        <input
          id="verify-account"
          name="account"
          inputMode="numeric"
          autoComplete="off"
          required
          defaultValue={account}
        />
      </div>
      <div class="field">
        <label for="verify-state">State</label>
        <select id="verify-state" name="state" defaultValue={batch === 'sealed' ? 'sealed' : 'finalized'}>
          <option value="finalized">final, which nobody can take back</option>
          <option value="sealed">sealed, which is a promise</option>
        </select>
      </div>
      <button type="submit" class="primary">
        Verify
      </button>
    </form>
  );
}

/** The page that verifies a proof: against the last final batch, the last sealed one, or one of these by its number. */
export default function VerifyPage({ parameters, query }: PageProps) {
  const given = parameters['batch'] ?? '';
  const account = query.get('account') ?? '';
  const parsed = parseCount(account);
  const index = parsed !== undefined && parsed < CAPACITY ? parsed : undefined;
  const config = useConfig();
  const status = useQuery('rollup_syncStatus', parseCount(given) === undefined ? undefined : {}, false);
  const number = parseCount(given);
  const isSealed = given === 'sealed' || (number !== undefined && number === status.data?.sealedBatch);
  const state = isSealed ? 'sealed' : 'finalized';
  // Asked once: a proof that changes while somebody reads it cannot be followed.
  const isKnown = number === undefined || status.data !== undefined;
  const proof = useQuery('rollup_getProof', index === undefined || !isKnown ? undefined : { index, state }, false);
  const batch = useQuery('rollup_getBatch', proof.data === undefined ? undefined : { batch: proof.data.batch }, false);
  const isOther = number !== undefined && proof.data !== undefined && proof.data.batch !== number;
  return (
    <Page title="Verify a proof" lead="Your browser computes every hash itself. Open a step to see its values.">
      <Section title="What to verify">
        <Choice key={`${given} ${account}`} batch={state} account={account} />
      </Section>
      {index === undefined ? (
        <Empty title={account === '' ? 'Name an account' : 'That is no index of an account'} />
      ) : (
        <>
          {isOther && (
            <p class="lead">
              Sequencers prove against the last final and the last sealed state; batch <BatchLink number={number} /> is
              neither now, so this is the last final one.
            </p>
          )}
          <Answer query={proof} what="The proof could not be read" rows={14}>
            {(proven) => (
              <Answer query={batch} what="The batch could not be read" rows={14}>
                {(found) =>
                  config === undefined ? <Loading /> : <Verified proof={proven} batch={found} config={config} />
                }
              </Answer>
            )}
          </Answer>
        </>
      )}
    </Page>
  );
}

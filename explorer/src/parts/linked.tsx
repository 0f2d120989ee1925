/** What a link chose, and nobody here: said in full before a wallet has to do with it. */

import type { ConfigJson } from '@quittance/rpc';
import type { ComponentChildren } from 'preact';
import { endpoints, linked, ownEndpoints } from '../data/endpoints.ts';
import { createStore, useStore } from '../store.ts';
import { href } from '../text/places.ts';
import type { EndpointName } from '../text/urls.ts';
import { Fact, Facts, Section } from './layout.tsx';
import { Hash } from './values.tsx';

const NAMES: Readonly<Record<EndpointName, string>> = {
  rpc: 'Sequencer',
  l1: 'L1 node',
  blobs: 'Blobs',
  l1explorer: 'Block explorer of L1',
};

/** Addresses in full, each with whose choice it is. @param names those that matter. */
export function EndpointFacts({ names }: { readonly names: readonly EndpointName[] }) {
  return (
    <>
      {names.map((name) => {
        const url = endpoints[name];
        if (url === undefined) return null;
        return (
          <Fact key={name} name={NAMES[name]}>
            <Hash value={url} what={NAMES[name]} isWhole />
            <span class="muted">{linked.includes(name) ? 'from the link' : 'this page’s own'}</span>
          </Fact>
        );
      })}
    </>
  );
}

/** Until the page is loaded anew. */
const isAgreed = createStore(false);

/** Shows what is behind it only once whoever is there has seen what a link chose, and wants it. */
export function AskLinked({ config, children }: { readonly config: ConfigJson; readonly children: ComponentChildren }) {
  const agreed = useStore(isAgreed);
  if (agreed || linked.length === 0) return <>{children}</>;
  return (
    <Section title="A link chose this rollup">
      <p>
        The link that opened this page says what your wallet would talk to. You did not choose it here. Whoever made the
        link may own it, show you balances and payments that are none, and name a contract that keeps what you deposit.{' '}
        <strong>Go on only if you know these addresses.</strong>
      </p>
      <Facts>
        <EndpointFacts names={['rpc', 'l1', 'l1explorer']} />
        <Fact name="Chain">{config.chainId}</Fact>
        <Fact name="Contract">
          <Hash value={config.contract} what="contract" isWhole />
        </Fact>
      </Facts>
      <div class="form-end">
        <button type="button" onClick={() => isAgreed.set(true)}>
          Use these for this visit
        </button>
        {ownEndpoints.rpc !== undefined && <a href={location.pathname}>Do not: read {ownEndpoints.rpc}</a>}
      </div>
      <p class="muted">
        To have this page use them each time, name them under <a href={href('/connection')}>Connection</a>.
      </p>
    </Section>
  );
}

/** Says on every page that a link, in place of its person, chose whose word the page shows. */
export function LinkedNote() {
  if (ownEndpoints.rpc === undefined || !linked.includes('rpc')) return null;
  return (
    <div class="note linked">
      <p>
        A link chose the sequencer that you read here: <strong>{endpoints.rpc}</strong>. This page’s own is another:{' '}
        <a href={location.pathname}>read {ownEndpoints.rpc}</a>
      </p>
    </div>
  );
}

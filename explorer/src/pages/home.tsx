/** The overview: how far everything is, and the newest batches. */

import type { ConfigJson, SyncStatusJson } from '@quittance/rpc';
import { useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import { BatchTable } from '../parts/batch-table.tsx';
import { Figure, Page, Section } from '../parts/layout.tsx';
import { Answer, Command, Empty } from '../parts/notes.tsx';
import { BatchLink, Hash } from '../parts/values.tsx';
import { countText } from '../text/amounts.ts';
import { href } from '../text/places.ts';
import { durationText } from '../text/times.ts';
import { harmless } from '../text/untrusted.ts';

const NEWEST = 10;

const FINALITY: Readonly<Record<ConfigJson['mode'], string>> = {
  zk: 'by a proof',
  optimistic: 'after a challenge period',
  hybrid: 'by a proof, after an assertion',
};

/** What keeps the sequencer from its work, if anything. */
function Trouble({ status: { halted, trouble } }: { readonly status: SyncStatusJson }) {
  const what = halted ?? trouble;
  if (what === null) return null;
  return (
    <div class="error-note" role="status">
      <p class="empty-title">{halted === null ? 'The sequencer is in trouble' : 'The sequencer has halted'}</p>
      <p>
        {harmless(what.message, 500)} <code>{what.reason}</code>
      </p>
      {halted !== null && (
        <p>
          It takes no transfers. Money can still <a href={href('/exit')}>leave by L1</a>.
        </p>
      )}
    </div>
  );
}

function Figures({ status }: { readonly status: SyncStatusJson }) {
  const { sealedBatch, finalBatch, openTransfers, priorityOperations, l1Block, l1AgeSeconds } = status;
  const age = l1AgeSeconds === null ? 'not seen yet' : `${durationText(l1AgeSeconds * 1_000)} old`;
  return (
    <dl class="figures">
      <Figure name="Final" note="nobody can take it back">
        <BatchLink number={finalBatch} />
      </Figure>
      <Figure name="Sealed" note={`${countText(sealedBatch - finalBatch)} on the way`}>
        <BatchLink number={sealedBatch} />
      </Figure>
      <Figure name="Transfers not final" note={`${countText(status.unpostedTransfers)} not on L1 yet`}>
        {countText(openTransfers)}
      </Figure>
      <Figure name="Requests from L1" note="deposits and forced exits">
        {countText(priorityOperations)}
      </Figure>
      <Figure name="L1 block" note={age}>
        {countText(l1Block)}
      </Figure>
    </dl>
  );
}

function Rollup({ config }: { readonly config: ConfigJson }) {
  return (
    <p class="lead long">
      Chain {config.chainId}, profile {harmless(config.profile, 20)}. Batches become final {FINALITY[config.mode]}.
      Contract <Hash value={config.contract} what="contract" />
    </p>
  );
}

/** The overview. */
export function HomePage() {
  const config = useConfig();
  const status = useQuery('rollup_syncStatus', {});
  const page = useQuery('rollup_getBatches', { limit: NEWEST });
  return (
    <Page title="Overview" aside={<a href={href('/charts')}>Charts</a>}>
      <div class="lead-room">{config !== undefined && <Rollup config={config} />}</div>
      <div class="figures-room">
        <Answer query={status} what="The state of the sequencer could not be read" rows={2}>
          {(data) => (
            <>
              <Trouble status={data} />
              <Figures status={data} />
            </>
          )}
        </Answer>
      </div>
      <Section title="Newest batches" aside={<a href={href('/batches')}>All batches</a>}>
        <div class="rows-room">
          <Answer query={page} what="The batches could not be read" rows={NEWEST}>
            {({ batches }) =>
              batches.length === 0 ? (
                <Empty title="No batch has been sealed yet">
                  <p>The first deposit makes the first one. On a devnet:</p>
                  <Command>./dev quittance wallet deposit --keystore alice.key --amount 10</Command>
                </Empty>
              ) : (
                <BatchTable batches={batches} mode={config?.mode ?? 'zk'} caption="The newest batches" />
              )
            }
          </Answer>
        </div>
      </Section>
    </Page>
  );
}

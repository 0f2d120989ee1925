/** All batches, newest first, by page. */

import { useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import type { PageProps } from '../page-props.ts';
import { BatchTable } from '../parts/batch-table.tsx';
import { Page, Section } from '../parts/layout.tsx';
import { Answer, Command, Empty } from '../parts/notes.tsx';
import { Pager } from '../parts/table.tsx';
import { parseCount } from '../text/amounts.ts';
import { href } from '../text/places.ts';

const PER_PAGE = 25;

/** A page of batches. */
export function BatchesPage({ query }: PageProps) {
  const config = useConfig();
  const before = parseCount(query.get('before') ?? '');
  const page = useQuery('rollup_getBatches', { limit: PER_PAGE, ...(before === undefined ? {} : { before }) });
  return (
    <Page title="Batches" lead="Each is a block of transfers that becomes final on L1 as a whole.">
      <Section title={before === undefined ? 'Newest first' : `Before #${before}`}>
        <Answer query={page} what="The batches could not be read" rows={PER_PAGE}>
          {({ batches, next }) => (
            <>
              {batches.length === 0 ? (
                <Empty title="There is no batch here">
                  <p>The first deposit makes the first one. On a devnet:</p>
                  <Command>./dev quittance wallet deposit --keystore alice.key --amount 10</Command>
                </Empty>
              ) : (
                <BatchTable batches={batches} mode={config?.mode ?? 'zk'} caption="Batches" />
              )}
              <Pager
                what="batches"
                newer={before === undefined ? undefined : href('/batches')}
                older={next === null ? undefined : href('/batches', { before: String(next) })}
              />
            </>
          )}
        </Answer>
      </Section>
    </Page>
  );
}

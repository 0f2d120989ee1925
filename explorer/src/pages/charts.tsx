/** Figures over time. */

import { useMemo } from 'preact/hooks';
import { Chart } from '../charts/chart.tsx';
import { chartsOf } from '../charts/series.ts';
import { tokenOf, useConfig } from '../data/config.ts';
import { useQuery } from '../data/query.ts';
import { Page } from '../parts/layout.tsx';
import { Answer, Command, Empty } from '../parts/notes.tsx';
import { durationText } from '../text/times.ts';

/** The page of charts. */
export default function ChartsPage() {
  const config = useConfig();
  const statistics = useQuery('rollup_getStatistics', {});
  const charts = useMemo(
    () =>
      statistics.data === undefined
        ? []
        : chartsOf(
            statistics.data,
            (tokenId) => tokenOf(config, tokenId).decimals ?? 0,
            (tokenId) => tokenOf(config, tokenId).symbol,
          ),
    [statistics.data, config],
  );
  return (
    <Page
      title="Charts"
      lead="Since the sequencer started, an hour at most. For longer, read its metrics with Prometheus."
    >
      <Answer query={statistics} what="The figures could not be read" rows={16}>
        {({ points, intervalMs }) =>
          points.length === 0 ? (
            <Empty title="There is nothing to draw yet">
              <p>The first figures come {durationText(intervalMs)} after the start. To have something happen:</p>
              <Command>./dev bench accept</Command>
            </Empty>
          ) : (
            <div class="charts">
              {charts.map((chart) => (
                <Chart key={chart.title} chart={chart} />
              ))}
            </div>
          )
        }
      </Answer>
    </Page>
  );
}

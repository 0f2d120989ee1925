/** What the charts draw, from the figures of the sequencer. */

import type { StatisticsJson, StatisticsPointJson } from '@quittance/rpc';
import { amountNumber } from '../text/amounts.ts';

/** One line of a chart. */
export interface Line {
  readonly label: string;
  /** Null where there is nothing to draw. */
  readonly values: readonly (number | null)[];
}

/** One chart. */
export interface ChartData {
  readonly title: string;
  readonly unit: string;
  /** Unix seconds, one for each value. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
}

type Pick = (point: StatisticsPointJson) => number | null;

/** Decimals of ETH in gwei. */
const GWEI = 9;

/** The four charts. @param decimalsOf of a token, for its fees. @param symbolOf its name. */
export function chartsOf(
  { intervalMs, points }: StatisticsJson,
  decimalsOf: (tokenId: number) => number,
  symbolOf: (tokenId: number) => string,
): readonly ChartData[] {
  const times = points.map(({ atMs }) => atMs / 1_000);
  const seconds = intervalMs / 1_000;
  const line = (label: string, pick: Pick): Line => ({ label, values: points.map(pick) });
  const perSecond = (label: string, pick: (point: StatisticsPointJson) => number): Line =>
    line(label, (point) => pick(point) / seconds);
  const tokens = [...new Set(points.flatMap(({ fees }) => fees.map(({ tokenId }) => tokenId)))].sort((a, b) => a - b);
  return [
    {
      title: 'Throughput',
      unit: 'transfers a second',
      times,
      lines: [
        perSecond('accepted', ({ acceptedCount }) => acceptedCount),
        perSecond('sealed', ({ sealedCount }) => sealedCount),
        perSecond('final', ({ finalCount }) => finalCount),
        perSecond('refused', ({ refusedCount }) => refusedCount),
      ],
    },
    {
      title: 'Latency',
      unit: 'ms until acknowledged',
      times,
      lines: [
        line('median', ({ latencyP50Ms }) => latencyP50Ms),
        line('99 of 100', ({ latencyP99Ms }) => latencyP99Ms),
      ],
    },
    {
      title: 'Cost of L1',
      unit: 'gwei',
      times,
      lines: [line('batches', ({ gasCost }) => amountNumber(BigInt(gasCost), GWEI))],
    },
    { title: 'Gas', unit: 'gas for batches', times, lines: [line('gas', ({ gasUsed }) => Number(gasUsed))] },
    ...tokens.map((tokenId): ChartData => {
      const amountAt = ({ fees }: StatisticsPointJson): number =>
        amountNumber(BigInt(fees.find((fee) => fee.tokenId === tokenId)?.amount ?? '0'), decimalsOf(tokenId));
      return { title: `Fees in ${symbolOf(tokenId)}`, unit: symbolOf(tokenId), times, lines: [line('fees', amountAt)] };
    }),
  ];
}

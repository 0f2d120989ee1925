/** One chart, drawn by uPlot in the colours of the page, and the same as a table for those who do not see it. */

import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { Section } from '../parts/layout.tsx';
import { onColours } from '../parts/theme.ts';
import { shortText } from '../text/amounts.ts';
import { absoluteText, clockText } from '../text/times.ts';
import type { ChartData } from './series.ts';

const HEIGHT = 220;
const SECOND = 1_000;
/** A chart shows at least as much time. */
const LEAST_SECONDS = 300;
/** Fewer values than this are shown as points. */
const SHORT = 3;
const COLOURS = ['--accent', '--line-2', '--line-3', '--line-4'] as const;
/** Lines are told apart without their colours, too. */
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 4, 2, 4]];
/** Rows of the table: the newest. */
const TABLE_ROWS = 30;

/** From the first to the last, and no less than a chart shows. */
function rangeOf(times: ArrayLike<number>): [number, number] {
  const last = times[times.length - 1] ?? 0;
  return [Math.min(times[0] ?? 0, last - LEAST_SECONDS), last];
}

function optionsOf({ unit, times, lines }: ChartData, width: number): uPlot.Options {
  const isShort = times.length < SHORT;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--rule'), width: 1 },
    ticks: { stroke: colour('--rule'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  return {
    width,
    height: HEIGHT,
    legend: { show: true, live: true },
    cursor: { drag: { x: false, y: false } },
    scales: {
      x: { range: ({ data: [times] }) => rangeOf(times) },
      y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] },
    },
    axes: [
      { ...axis, space: 90, values: (_plot, splits) => splits.map((split) => clockText(split * SECOND)) },
      { ...axis, size: 56, values: (_plot, splits) => splits.map((split) => shortText(split)) },
    ],
    series: [
      {
        label: 'time',
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : clockText(value * SECOND)),
      },
      ...lines.map(({ label, values }, index) => ({
        label: lines.length === 1 ? unit : label,
        stroke: colour(COLOURS[index % COLOURS.length]!),
        dash: [...DASHES[index % DASHES.length]!],
        width: 2,
        // A line needs two values beside each other.
        points: { show: isShort || values.includes(null), size: 5 },
        value: (_plot: uPlot, value: number | null) => (value === null ? '–' : shortText(value)),
      })),
    ],
  };
}

const dataOf = ({ times, lines }: ChartData): uPlot.AlignedData => [
  [...times],
  ...lines.map(({ values }) => [...values]),
];

function Drawing({ chart }: { readonly chart: ChartData }) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [colours, setColours] = useState(0);
  const shape = `${colours} ${chart.title} ${chart.lines.length} ${chart.times.length < SHORT} ${chart.lines.some(({ values }) => values.includes(null))}`;
  useEffect(() => onColours(() => setColours((count) => count + 1)), []);
  // Drawn anew when its shape changes; data come below.
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    plot.current = new uPlot(optionsOf(chart, element.clientWidth), dataOf(chart), element);
    const observer = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(dataOf(chart)), [chart]);
  return <div class="drawing" ref={frame} aria-hidden="true" />;
}

function Numbers({ chart }: { readonly chart: ChartData }) {
  const positions = chart.times
    .map((_, position) => position)
    .slice(-TABLE_ROWS)
    .reverse();
  return (
    <details class="numbers">
      <summary>As a table</summary>
      <table class="table">
        <caption class="visually-hidden">
          {chart.title}, {chart.unit}
        </caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {chart.lines.map(({ label }) => (
              <th key={label} scope="col" class="numeric">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {positions.map((position) => (
            <tr key={chart.times[position]}>
              <td>{absoluteText(chart.times[position]! * SECOND)}</td>
              {chart.lines.map(({ label, values }) => (
                <td key={label} class="numeric">
                  {values[position] == null ? '–' : shortText(values[position])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

/** A chart in its frame. */
export function Chart({ chart }: { readonly chart: ChartData }) {
  return (
    <Section title={chart.title} aside={<span class="muted">{chart.unit}</span>}>
      <Drawing chart={chart} />
      <Numbers chart={chart} />
    </Section>
  );
}

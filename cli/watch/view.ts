/** A watcher's findings as text for people. */

import { describeRecord } from '@quittance/derivation';
import type { StepState } from '@quittance/protocol';
import { formatEther } from 'ethers';
import type { ChunkCase, DisputeCase, Forecast, ReportedBatch, WatchReport } from '../../watcher/index.ts';
import { table } from '../process/output.ts';

/** "in 12 min", "8 s ago". */
function clockText(untilSeconds: number | undefined, nowSeconds: number): string {
  if (untilSeconds === undefined) return '';
  const left = untilSeconds - nowSeconds;
  const size = Math.abs(left);
  const text =
    size < 120 ? `${size} s` : size < 7_200 ? `${Math.round(size / 60)} min` : `${Math.round(size / 3_600)} h`;
  return left >= 0 ? `in ${text}` : `${text} ago`;
}

/** Ether with the unit. */
export function etherText(wei: bigint): string {
  return `${formatEther(wei)} ETH`;
}

/** Every fault of a batch, one line each. */
export function faultLines({ number, faults }: ReportedBatch): string[] {
  return faults.map(({ explanation, isConclusive }) => {
    const proof = isConclusive ? '' : ' A validity proof with true signatures could still make it good.';
    return `batch ${number}: ${explanation}.${proof}`;
  });
}

/** The waiting batches. */
export function waitingText(report: WatchReport, nowSeconds: number): string {
  const { waiting } = report;
  if (waiting.length === 0) return 'no batch waits';
  return table([
    ['batch', 'id', 'verdict', 'disputable', 'asserter'],
    ...waiting.map(({ number, assertionId, verdict, disputableUntil, asserter }) => [
      String(number),
      String(assertionId),
      verdict,
      clockText(disputableUntil, nowSeconds),
      asserter,
    ]),
  ]);
}

const placeOf = ({ assertionId, chunk }: Pick<DisputeCase, 'assertionId' | 'chunk'>): string =>
  `${assertionId}/${chunk}`;

/** The disputes with the phases of their chunks. */
export function disputesText(
  disputes: readonly DisputeCase[],
  chunks: readonly ChunkCase[],
  nowSeconds: number,
): string {
  const rows = new Map(chunks.map((chunkCase) => [placeOf(chunkCase), chunkCase]));
  if (disputes.length === 0) return 'no dispute is open';
  return table([
    ['dispute', 'assertion', 'chunk', 'stands', 'chunk is', 'clock'],
    ...disputes.map((dispute) => {
      const found = rows.get(placeOf(dispute));
      const { disputeId, assertionId, chunk, phase } = dispute;
      const clock = clockText(found?.deadline, nowSeconds);
      return [String(disputeId), String(assertionId), String(chunk), phase, found?.phase ?? 'closed', clock];
    }),
  ]);
}

/** What each action would cost. */
export function forecastText({ feePerGas, lines, challengeWei, rewardWei }: Forecast): string {
  return [
    table([
      ['action', 'gas', 'cost', 'bond'],
      ...lines.map(({ move, gas, costWei, bondWei }) => [
        move,
        String(gas),
        etherText(costWei),
        bondWei === 0n ? '' : etherText(bondWei),
      ]),
    ]),
    `at ${feePerGas} wei per gas; a whole challenge takes ${etherText(challengeWei)} with its bond, and earns ` +
      `${etherText(rewardWei)} when the lie is overturned`,
  ].join('\n');
}

const stateRows = (name: string, { stateRoot, fees }: StepState): string[][] => [
  [`state root ${name}`, `0x${stateRoot.toString(16)}`],
  [`fee sums ${name}`, fees.join(', ')],
];

/** Everything about one batch. @param failure why it, or one before it, could not be replayed. */
export function explainText(batch: ReportedBatch, failure?: Error): string {
  const { number, assertionId, asserter, verdict, faults } = batch;
  const head = `batch ${number} (assertion ${assertionId} of ${asserter}) is ${verdict}`;
  if (verdict === 'unverified' && failure !== undefined) return `${head}: ${failure.message}`;
  if (verdict === 'unverified') return `${head}: a batch before it is wrong, so it can never become final`;
  const parts = faults.map(({ chunk, slot, rule, record, before, outcome, explanation }) =>
    [
      '',
      table([
        ['record', `slot ${slot} of chunk ${chunk}: ${describeRecord(record)}`],
        ['broken rule', rule],
        ...stateRows('before', before),
        ...(outcome.valid ? stateRows('that is right after', outcome.state) : [['right outcome', 'invalid, no state']]),
      ]),
      `${explanation}.`,
    ].join('\n'),
  );
  return [head, ...parts].join('\n');
}

/** The section of docs/performance.md about lies, false disputes and replays. */

import type { FraudResult } from '../../bench/parts/fraud-result.ts';
import { type Measured, machineLine, seconds, table, thousands } from './table.ts';

const ETHER = 1e18;

/** Median and extremes of a list that is not empty. */
function spread(values: readonly number[]): string {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (position: number) => thousands(sorted[Math.min(sorted.length - 1, Math.floor(position))]!);
  return `${at(0)} to ${at(sorted.length)}, half of them up to ${at(sorted.length / 2)}`;
}

/** How the bench names a lie that it tells again in blobs. */
const IN_BLOBS = ', in blobs';

/** Lies, false disputes, replay. */
export function fraudSection(measured: Measured<FraudResult> | undefined): string {
  if (measured === undefined) return '';
  const { lies, refusedAtAssertion, honestBatches, honestHarmed, griefing, replay } = measured.result;
  const outcomes = Object.values(lies);
  const kinds = Object.keys(lies).filter((name) => !name.endsWith(IN_BLOBS));
  const overturned = outcomes.filter((outcome) => outcome.overturned);
  const looks = Math.max(...outcomes.map(({ polls }) => polls));
  const ether = (wei: number) => `${wei / ETHER} ETH`;
  return [
    '## Fraud',
    `\`./dev bench fraud --json\`. ${machineLine(measured.machine)}`,
    `${kinds.length} kinds of lie, ${outcomes.length - kinds.length} of them once more with the records in blobs, on real contracts against the watcher: ${overturned.length} overturned, each seen within ${looks} look${looks === 1 ? '' : 's'} at L1; ${Object.keys(refusedAtAssertion).length} more were refused by \`assertBatch\`. Of ${honestBatches} honest batches between them ${honestHarmed} were harmed. The watcher's gas for a lie, from the dispute to its reward: ${spread(outcomes.map(({ gas }) => gas))}.`,
    `${griefing.disputes} false disputes of an honest batch of the standard profile, in the last block of the challenge period, answered in the last moment:`,
    table(
      ['', ''],
      [
        ['final after, seconds', thousands(griefing.delaySeconds)],
        ['the bound C + A + S', thousands(griefing.boundSeconds)],
        ['the same when the asserter answers at once', thousands(griefing.promptDelaySeconds)],
        ['gas of a dispute for its author', thousands(griefing.grieferGas)],
        ['bond that its author loses', ether(griefing.grieferBondWei)],
        ['gas of a dispute for the honest side', thousands(griefing.honestGas)],
        ['what the honest side gets of the bond', ether(griefing.honestRewardWei)],
      ],
    ),
    `Replay of a batch of ${thousands(replay.transfers)} transfers by a watcher, from the calldata to the verdict: ${seconds(replay.nativeSeconds ?? undefined)} s natively, ${seconds(replay.portableSeconds)} s portably.`,
  ].join('\n\n');
}

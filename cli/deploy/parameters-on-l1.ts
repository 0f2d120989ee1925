/** What a deployment fixed, read from the contracts that have it. */

import type { ContractName } from './artifacts.ts';
import type { Discovery } from './discover.ts';

/** Parameter of the module, by the view that tells it. */
const VIEWS: readonly (readonly [contract: ContractName, parameter: string, view: string])[] = [
  ...(
    [
      'slotsPerChunk',
      'maxChunks',
      'maxBatchAge',
      'priorityDelay',
      'priorityInterval',
      'livenessTimeout',
      'exodusDelay',
      'priorityFee',
      'maxPriorityFee',
      'blobsAllowed',
    ] as const
  ).map((name) => ['Rollup', name, name] as const),
  ['Timelock', 'ownerDelay', 'getMinDelay'],
  ...(['challengePeriod', 'answerWindow', 'stepWindow', 'assertionBond', 'disputeBond', 'maxPending'] as const).map(
    (name) => ['Assertions', name, name] as const,
  ),
];

/** What the owner can change later: it may differ from what was deployed. */
const CHANGEABLE: ReadonlySet<string> = new Set(['priorityFee', 'ownerDelay']);

/** Values by their names in the module, as text; those of optimistic mode only where there is one. */
export async function readParameters(discovery: Discovery): Promise<Record<string, string>> {
  const present = VIEWS.filter(([contract]) => discovery.has(contract));
  const entries = present.map(async ([contract, parameter, view]) => {
    return [parameter, String(await discovery.view<unknown>(contract, view))] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Fixed parameters that are not as the record has them, in words. */
export function differingParameters(
  onL1: Readonly<Record<string, string>>,
  recorded: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(onL1)
    .filter(([name, value]) => name in recorded && !CHANGEABLE.has(name) && String(recorded[name]) !== value)
    .map(([name, value]) => `${name} is ${value} on L1 and ${String(recorded[name])} in the record`);
}

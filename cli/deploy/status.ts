/** `quittance deploy status`: how far a deployment is, and what its contracts say now. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { status as ignitionStatus } from '@nomicfoundation/ignition-core';
import { ZeroAddress } from 'ethers';
import { connectRollup, type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { table } from '../process/output.ts';
import { type Discovery, discover } from './discover.ts';
import { locate } from './locate.ts';
import { parameterText } from './parameter-text.ts';
import { readParameters } from './parameters-on-l1.ts';
import type { StatusValues } from './settings.ts';

/** A transaction of the record. */
interface RecordedStep {
  readonly name: string;
  readonly state: 'deployed' | 'sent' | 'failed';
  readonly address: string | null;
}

/** What the record has; nothing before the first transaction. */
async function readSteps(record: string): Promise<RecordedStep[]> {
  if (!existsSync(join(record, 'journal.jsonl'))) return [];
  const { started, failed, timedOut, contracts } = await ignitionStatus(record);
  const nameOf = (future: string) => future.slice(future.indexOf('#') + 1);
  const unfinished = [
    ...started.map((future) => ({ name: nameOf(future), state: 'sent' as const, address: null })),
    ...[...failed, ...timedOut].map(({ futureId }) => ({
      name: nameOf(futureId),
      state: 'failed' as const,
      address: null,
    })),
  ];
  const deployed = Object.values(contracts).map(({ id, address }) => {
    return { name: nameOf(id), state: 'deployed' as const, address };
  });
  return [...deployed, ...unfinished];
}

/** What the contracts say now. */
async function readNow(discovery: Discovery) {
  const { view } = discovery;
  const [finalBatch, executed] = [...(await view<readonly unknown[]>('Rollup', 'finalState'))];
  const [requested] = [...(await view<readonly unknown[]>('Rollup', 'queueState'))];
  const assertions = await view<string>('Rollup', 'assertions');
  return {
    finalBatch: String(finalBatch),
    requests: String(requested),
    executedRequests: String(executed),
    isProducingOpen: await view<boolean>('Rollup', 'isProducingOpen'),
    isExodusActive: await view<boolean>('Rollup', 'isExodusActive'),
    owner: await view<string>('Rollup', 'owner'),
    verifier: await view<string>('Rollup', 'verifier'),
    keyHash: await view<string>('Groth16BatchVerifier', 'keyHash'),
    assertions: assertions === ZeroAddress ? null : assertions,
    parameters: await readParameters(discovery),
  };
}

function textOf(
  record: string | undefined,
  steps: readonly RecordedStep[],
  contract: string | undefined,
  now: Awaited<ReturnType<typeof readNow>> | undefined,
): string {
  const lines: string[] = [];
  if (record !== undefined) {
    lines.push(`record ${record}`, table(steps.map(({ name, state, address }) => [name, state, address ?? ''])), '');
  }
  if (contract === undefined || now === undefined) {
    lines.push('the rollup is not deployed yet: the same deploy command goes on from here');
    return lines.join('\n');
  }
  const { parameters, ...rest } = now;
  const rows = Object.entries({ contract, ...rest }).map(([name, value]) => [name, String(value ?? 'none')]);
  lines.push(
    table([...rows, ...Object.entries(parameters).map(([name, value]) => [name, parameterText(name, value)])]),
  );
  return lines.join('\n');
}

async function show({ output }: Context, l1: L1, values: StatusValues): Promise<void> {
  const { contract, record } = locate(values, l1);
  const steps = record === undefined ? [] : await readSteps(record);
  if (contract !== undefined) await connectRollup(l1, contract);
  const now = contract === undefined ? undefined : await readNow(await discover(l1.provider, contract));
  output.result(
    { chainId: l1.chainId, record: record ?? null, steps, contract: contract ?? null, now: now ?? null },
    () => textOf(record, steps, contract, now),
  );
}

/** Reads the record and L1. Changes nothing. */
export async function runStatus(context: Context, values: StatusValues): Promise<void> {
  await withL1({ url: values.l1Url, expected: values.chainId }, (l1) => show(context, l1, values));
}

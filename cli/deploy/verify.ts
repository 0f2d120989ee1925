/** `quittance deploy verify`: whether what stands on L1 is what these sources, this key and the record say. */

import { join } from 'node:path';
import type { RollupConstants } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { connectRollup, type L1, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import { profileOf } from '../sequencer/preflight.ts';
import { chooseKey } from '../setup/key.ts';
import { type CreationMatch, compareCreation, recordedCreations } from './creation.ts';
import { type Discovery, discover, type FoundContract } from './discover.ts';
import { type KeyOnL1, readKey } from './key-on-l1.ts';
import { locate } from './locate.ts';
import { parameterText } from './parameter-text.ts';
import { differingParameters, readParameters } from './parameters-on-l1.ts';
import { type RecordedRequest, readRequest } from './record.ts';
import type { VerifyValues } from './settings.ts';
import { writeSources } from './sources.ts';

const CREATED = {
  same: 'created by their constructor',
  different: 'CREATED BY ANOTHER CONSTRUCTOR',
  unknown: 'how it was created is not known here',
} as const;

const WORDS = {
  exact: 'the code that these sources compile to',
  metadata: 'the same instructions, of sources with other comments or paths',
  different: 'OTHER CODE',
  missing: 'NO CODE',
} as const;

/** Hash that the key should have, and who says so; undefined where nobody does. */
async function expectedKey(
  { zkey, verifyingKey }: VerifyValues,
  context: Context,
  constants: RollupConstants,
  recorded: RecordedRequest | undefined,
): Promise<{ readonly hash: string; readonly source: string } | undefined> {
  const { name: profile } = profileOf(constants);
  if (zkey !== undefined || verifyingKey !== undefined) {
    const { hash } = await chooseKey({ profile, zkey, verifyingKey }, context.output);
    return { hash, source: zkey ?? verifyingKey ?? '' };
  }
  const noted = recorded?.['keyHash'];
  return typeof noted === 'string' ? { hash: noted, source: 'the record' } : undefined;
}

/** A contract with how it was created. */
type Examined = FoundContract & { readonly creation: CreationMatch };

/** Compares how each was created, as far as it is known. @param genesis hash of the transaction that created the rollup. */
async function examine(
  { provider }: L1,
  { contracts }: Discovery,
  record: string | undefined,
  genesis: string | undefined,
): Promise<Examined[]> {
  const creations = new Map(record === undefined ? [] : await recordedCreations(record));
  const rollup = contracts.find(({ name }) => name === 'Rollup');
  if (genesis !== undefined) creations.set(rollup!.address.toLowerCase(), genesis);
  return Promise.all(
    contracts.map(async (found) => ({ ...found, creation: await compareCreation(provider, found, creations) })),
  );
}

/** Everything that is wrong, in words. */
function problemsOf(
  contracts: readonly Examined[],
  key: KeyOnL1,
  expected: Awaited<ReturnType<typeof expectedKey>>,
): string[] {
  const problems = contracts
    .filter(({ match }) => match === 'different' || match === 'missing')
    .map(({ name, address, match }) => `${name} at ${address} has ${WORDS[match].toLowerCase()}`);
  for (const { name, address, creation, libraries } of contracts) {
    if (creation === 'different') problems.push(`${name} at ${address} was created by another constructor`);
    const torn = Object.entries(libraries).filter(([, address]) => address === undefined);
    problems.push(...torn.map(([library]) => `${name} is linked to ${library} at more than one address`));
  }
  if (!key.hasItsPoints) problems.push(`the verifier tells the key hash ${key.hash}, and pairs with other points`);
  if (expected !== undefined && expected.hash !== key.hash) {
    problems.push(`the verifier has key ${key.hash}, ${expected.source} has ${expected.hash}`);
  }
  return problems;
}

/** What was found, and the files that were written. */
async function verify(context: Context, l1: L1, values: VerifyValues): Promise<void> {
  const { contract, record } = locate(values, l1);
  if (contract === undefined) throw new UsageError(`the deployment of ${record} is not finished: run deploy again`);
  const reader = await connectRollup(l1, contract);
  const constants = await reader.connect();
  const discovery = await discover(l1.provider, contract);
  const genesis = await reader.findBatch(0, values.fromBlock, (await reader.head()).number);
  const contracts = await examine(l1, discovery, record, genesis?.transactionHash);
  const recorded = record === undefined ? undefined : readRequest(record);
  const key = await readKey(l1.provider, discovery);
  const expected = await expectedKey(values, context, constants, recorded);
  const parameters = await readParameters(discovery);
  const problems = [
    ...problemsOf(contracts, key, expected),
    ...(recorded === undefined ? [] : differingParameters(parameters, recorded)),
  ];
  const folder = values.out ?? (record === undefined ? undefined : join(record, 'verification'));
  const book = { chainId: l1.chainId, keyHash: key.hash, developmentKey: key.isDevelopment, parameters };
  const files = folder === undefined ? [] : writeSources(folder, book, contracts);
  const keySource =
    expected === undefined ? 'not compared: give --verifying-key or --zkey' : `compared with ${expected.source}`;
  context.output.result(
    {
      ok: problems.length === 0,
      ...book,
      keyCompared: expected !== undefined,
      contracts: contracts.map(({ name, address, match, creation }) => ({ name, address, match, creation })),
      problems,
      files,
    },
    () =>
      [
        table(contracts.map(({ name, address, match, creation }) => [name, address, WORDS[match], CREATED[creation]])),
        '',
        table([
          ['key hash', `${key.hash} (${keySource})`],
          ['development key', key.isDevelopment ? 'yes, INSECURE' : 'no'],
          ...Object.entries(parameters).map(([name, value]) => [name, parameterText(name, value)]),
        ]),
        ...(problems.length === 0 ? [] : ['', ...problems.map((problem) => `! ${problem}`)]),
      ].join('\n'),
  );
  if (folder !== undefined) context.output.say(`${files.length} files for others to check with are in ${folder}`);
  if (problems.length === 0) return;
  throw new RollupError('DEPLOYMENT_MISMATCH', problems.join('; '), { problems: problems.length });
}

/** @throws RollupError DEPLOYMENT_MISMATCH after all is said, when anything differs. */
export async function runVerify(context: Context, values: VerifyValues): Promise<void> {
  await withL1({ url: values.l1Url, expected: values.chainId }, (l1) => verify(context, l1, values));
}

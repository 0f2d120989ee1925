/** `quittance init`: a config file, from what is known, what L1 and a sequencer say, and what the user answers. */

import { closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { isSameAddress, RollupError } from '@quittance/protocol';
import { createClient } from '@quittance/sdk';
import * as parse from '../config/parse.ts';
import type { Parse } from '../config/setting.ts';
import { connectRollup, withL1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { type Asker, answerOf, askerOnTerminal } from './ask.ts';
import { findDeploymentBlock } from './deployment-block.ts';
import { type KeyFiles, nextCommands } from './next.ts';
import { INIT_SETTINGS, type InitValues, ROLES, type Role } from './settings.ts';

/** Nothing, or what the other parser takes. */
const orNothing =
  <T>(parser: Parse<T>): Parse<T | ''> =>
  (text) =>
    text === '' ? '' : parser(text);

/** What a sequencer says of the rollup; nothing of one that was not named. @throws RollupError RPC_UNREACHABLE. */
async function askSequencer(url: string | undefined) {
  if (url === undefined) return undefined;
  const { contract, chainId, deploymentBlock } = await createClient({ url }).call('rollup_getConfig', {});
  return { contract: parse.address(contract), chainId: BigInt(chainId), deploymentBlock };
}

/** What the file has of the rollup. */
interface Place {
  readonly l1Url: string;
  readonly chainId: bigint;
  readonly contract: string;
  readonly fromBlock: number;
  readonly rpcUrl?: string;
}

/** Asks for the rollup, and looks at it on L1. @throws UsageError, RollupError as `connectRollup`. */
async function findRollup(
  { output }: Context,
  values: InitValues,
  role: Role,
  asker: Asker | undefined,
): Promise<Place> {
  const rpc = await answerOf(asker, role === 'wallet' ? values.rpcUrl : (values.rpcUrl ?? ''), {
    key: 'rpcUrl',
    text: 'JSON-RPC of the sequencer, or nothing',
    parse: orNothing(parse.url),
    fallback: '',
  });
  const rpcUrl = rpc === '' ? undefined : rpc;
  const said = await askSequencer(rpcUrl);
  const l1Url = await answerOf(asker, values.l1Url, { key: 'l1Url', text: 'JSON-RPC of an L1 node', parse: parse.url });
  return withL1({ url: l1Url, expected: values.chainId }, async (l1) => {
    const contract = await answerOf(asker, values.contract, {
      key: 'contract',
      text: 'address of the rollup contract',
      parse: parse.address,
      ...(said === undefined ? {} : { fallback: said.contract }),
    });
    if (said !== undefined && (said.chainId !== l1.chainId || !isSameAddress(said.contract, contract))) {
      const message = `the sequencer is of ${said.contract} on chain ${said.chainId}, not of ${contract} on chain ${l1.chainId}`;
      throw new RollupError('L1_WRONG_CHAIN', message, { expected: said.chainId, actual: l1.chainId });
    }
    if (values.contract === undefined && said !== undefined && asker === undefined) {
      output.warn(`${contract} is what the sequencer says: compare it with what whoever you trust says`);
    }
    const reader = await connectRollup(l1, contract);
    const found = values.fromBlock ?? (await findDeploymentBlock(l1, reader, said?.deploymentBlock));
    if (found === undefined) output.warn('the block of the deployment was not found: this node keeps no old state');
    const fromBlock = await answerOf(asker, found, {
      key: 'fromBlock',
      text: 'block of the deployment, or one before it',
      parse: parse.integer(0, Number.MAX_SAFE_INTEGER),
      fallback: '0',
    });
    return { l1Url, chainId: l1.chainId, contract, fromBlock, ...(rpcUrl === undefined ? {} : { rpcUrl }) };
  });
}

/** Whose transactions are sent, as the file has it. */
interface AccountKeys extends KeyFiles {
  readonly signerUrl?: string;
  readonly signerAccount?: string;
}

/** @throws UsageError without a terminal and an account, which only who watches can do without. */
async function accountOf(values: InitValues, role: Role, asker: Asker | undefined): Promise<AccountKeys> {
  const { signerUrl, signerAccount, passwordFile } = values;
  if (signerUrl !== undefined) return { signerUrl, ...(signerAccount === undefined ? {} : { signerAccount }) };
  const keystore = await answerOf(asker, values.keystore, {
    key: 'keystore',
    text: role === 'watcher' ? 'keystore to dispute with, or nothing to only watch' : 'keystore of the L1 account',
    parse: role === 'watcher' ? orNothing(parse.text) : parse.text,
    ...(role === 'watcher' ? { fallback: '' } : {}),
  });
  if (keystore === '') return {};
  const password = await answerOf(asker, passwordFile, {
    key: 'passwordFile',
    text: 'file with its password, or nothing to be asked for it',
    parse: orNothing(parse.text),
    fallback: '',
  });
  return { keystore, ...(password === '' ? {} : { passwordFile: password }) };
}

/** The database, under the key that the command of the role reads. */
async function databaseOf(values: InitValues, role: Role, asker: Asker | undefined, isActing: boolean) {
  if (role === 'wallet') return {};
  const question = { key: 'database', text: 'its database', parse: parse.text, fallback: `data/${role}.db` };
  const file = await answerOf(asker, values.database, question);
  if (role === 'sequencer') return { database: file };
  return { watcherDatabase: file, watcherMode: isActing ? 'challenge' : 'observe' };
}

/** Writes a file that only its owner reads: URLs of nodes hold keys. @throws UsageError when it exists. */
function write(path: string, settings: object, isForced: boolean): void {
  const text = `${JSON.stringify(settings, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`;
  try {
    const file = openSync(path, isForced ? 'w' : 'wx', 0o600);
    try {
      writeFileSync(file, text);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new UsageError(`${path} cannot be written: ${(error as Error).message}`);
  }
}

/** Asks, looks, and writes. @throws UsageError for what is missing, RollupError for what L1 or the sequencer says. */
export async function runInit(context: Context, values: InitValues, given?: Asker): Promise<void> {
  const { output } = context;
  const { out, force } = values;
  if (existsSync(out) && !force) throw new UsageError(`${out} exists: give another --out, or --force to write over it`);
  const asker = given ?? askerOnTerminal();
  try {
    const role = await answerOf(asker, values.role, {
      key: 'role',
      text: `for whom is it (${ROLES.join(', ')})`,
      parse: INIT_SETTINGS.role.parse as Parse<Role>,
      fallback: 'wallet',
    });
    const place = await findRollup(context, values, role, asker);
    const account = await accountOf(values, role, asker);
    const database = await databaseOf(values, role, asker, Object.keys(account).length > 0);
    const settings = { ...place, ...account, ...database };
    write(out, settings, force);
    const next = nextCommands(role, out, account);
    output.result({ file: out, role, settings, next }, () =>
      [`wrote ${out}, which only you can read. Next:`, ...next.map((line) => `  ${line}`)].join('\n'),
    );
  } finally {
    asker?.close();
  }
}

/** The way out when nobody produces batches any more, or none with one's requests: through L1 alone. */

import type { RebuiltRollup } from '@quittance/derivation';
import { addressText, RecordKind, RollupError, unpackOwnerAndToken } from '@quittance/protocol';
import type { Connection } from '../connection.ts';
import type { ExitFromL1, ExitOptions, ExitProgress, PaidOut } from '../types.ts';
import { type Paying, payUnpaid, readUnpaid } from './claim.ts';
import { readExodus } from './exodus.ts';
import { finalizeWaiting } from './finalize.ts';
import { requestExit } from './force-exit.ts';
import { type Payee, payeeOf, paying } from './payee.ts';
import { accountsIn, type RebuiltAccount, rebuild } from './rebuild.ts';
import { payGroups } from './refusals.ts';
import { deadlineOf } from './requested.ts';
import { amountOf, type OpenRequest, openRequests, operationOf } from './requests.ts';
import { exitSiblings } from './siblings.ts';

/** An exit on its way. */
interface Exit extends Paying {
  readonly connection: Connection;
  readonly options: ExitOptions;
  readonly payee: Payee;
  readonly rebuilt: RebuiltRollup;
}

type Progress = (step: ExitProgress['step'], done: number, total: number) => void;

const progressOf =
  ({ onProgress }: ExitOptions): Progress =>
  (step, done, total) =>
    onProgress?.({ step, done, total });

/** Accounts that L1 pays out with a proof. One that was paid already is passed over. */
async function exitAccounts(exit: Exit, accounts: readonly RebuiltAccount[]): Promise<readonly PaidOut[]> {
  const { l1, sender, findToken, options, payee, rebuilt } = exit;
  const progress = progressOf(options);
  const describe = async ({ index, account, balance }: RebuiltAccount) => {
    return { kind: 'account' as const, batch: null, index, token: await findToken(account.tokenId), amount: balance };
  };
  let done = 0;
  const { paid, refused } = await payGroups(
    accounts.map((account) => [account]),
    async ([one]) => {
      progress('paying', done++, accounts.length);
      const { index, balance } = one!;
      if (await l1.view<boolean>('hasExited', index)) return [];
      const { keyY, nonce, owner, tokenId } = rebuilt.state.get(index)!;
      const leaf = { keyY, owner: addressText(owner), tokenId, nonce, balance };
      const args = [index, leaf, exitSiblings(rebuilt.state.path(index), index)];
      const { hash } = await sender.transact(...paying('exit', args, payee), options.signal);
      return [{ ...(await describe(one!)), transactionHash: hash }];
    },
  );
  for (const { item, reason } of refused) options.onRefused?.({ ...(await describe(item)), reason });
  return paid;
}

/** Requests that no batch executed, given back with their fees. */
async function reclaimRequests(exit: Exit, requests: readonly OpenRequest[]): Promise<readonly PaidOut[]> {
  const { connection, l1, sender, findToken, options, payee } = exit;
  const describe = async ({ request }: OpenRequest) => {
    const token = await findToken(unpackOwnerAndToken(request.words[1]!).tokenId);
    return { kind: 'request' as const, batch: null, index: request.queueIndex, token, amount: amountOf(request) };
  };
  const { paid, refused } = await payGroups(
    requests.map((request) => [request]),
    async ([open]) => {
      const { request, group } = open!;
      const { queueIndex, groupStart } = request;
      if (await l1.view<boolean>('isReclaimed', queueIndex)) return [];
      const args = [groupStart, group.map(operationOf), queueIndex - groupStart];
      const { hash } = await sender.transact(...paying('reclaimOperation', args, payee), options.signal);
      return [{ ...(await describe(open!)), transactionHash: hash }];
    },
  );
  for (const { item, reason } of refused) options.onRefused?.({ ...(await describe(item)), reason });
  // The fees of what was not executed wait to be collected, by their own owner only.
  const own = connection.owner.signer.address;
  if ((await l1.view<bigint>('collectableFees', own)) > 0n && payee.owner === connection.own.owner) {
    await sender.transact(...paying('collectFees', [], payee), options.signal);
  }
  return paid;
}

/** Exits that are requested of accounts that have none yet. @returns the numbers of all that stand, and when the last is due. */
async function requestExits(exit: Exit, accounts: readonly RebuiltAccount[], open: readonly OpenRequest[]) {
  const { connection, l1, sender, options } = exit;
  const progress = progressOf(options);
  const exits = open.filter(({ request }) => request.fields.kind === RecordKind.forcedExit);
  const asked = new Set(exits.map(({ request }) => request.fields.from));
  const missing = accounts.filter(({ index }) => !asked.has(index));
  const operationIds = open.map(({ request }) => request.queueIndex);
  const deadlines = await Promise.all(operationIds.map((operationId) => deadlineOf(l1, operationId)));
  for (const [done, { index, account }] of missing.entries()) {
    progress('requesting', done, missing.length);
    const { tokenId } = account;
    const handle = await requestExit(connection, l1, sender, { index, tokenId }, options.signal);
    operationIds.push(handle.operationId);
    deadlines.push(handle.deadline);
  }
  return { operationIds, deadline: Math.max(0, ...deadlines) };
}

/** @throws RollupError EXODUS_NOT_DUE when nothing may be requested, or for somebody else, for whom nothing can be. */
function requireMayRequest(connection: Connection, payee: Payee, options: ExitOptions, dueAt: number | null): void {
  if (options.mayRequest !== false && payee.owner === connection.own.owner) return;
  const when =
    dueAt === null
      ? 'no request waits: request an exit first'
      : `it is due from ${new Date(dueAt * 1_000).toISOString()} on, if none of the requests is executed by then`;
  throw new RollupError('EXODUS_NOT_DUE', `the exodus cannot be opened yet: ${when}`, { dueAt });
}

/** What is left to do while no exodus is open or due: to see to it that it will be. */
async function beforeExodus(
  exit: Exit,
  accounts: readonly RebuiltAccount[],
  open: readonly OpenRequest[],
  paid: readonly PaidOut[],
): Promise<ExitFromL1> {
  const { connection, l1, rebuilt } = exit;
  if (accounts.length + open.length === 0) return { state: 'empty', paid };
  const requested = await requestExits(exit, accounts, open);
  const later = await readExodus(l1, rebuilt.header, connection.owner.signer.address);
  const exodusAt = later.state === 'later' ? (later.dueAt ?? 0) : 0;
  return { state: 'requested', ...requested, exodusAt, paid };
}

/**
 * Leaves as far as L1 lets one leave now. It can be interrupted at any time and called again: what was paid is not paid again.
 *
 * @throws RollupError as `rebuild`, EXODUS_NOT_DUE, CONFIG_INVALID, or as `L1Sender.send`.
 */
export async function exitFromL1(connection: Connection, context: Paying, options: ExitOptions): Promise<ExitFromL1> {
  const { l1, sender } = context;
  const { signal } = options;
  const payee = payeeOf(connection.own, options);
  const progress = progressOf(options);
  const onProgress = (done: number, total: number) => progress('rebuilding', done, total);
  const { crypto } = connection.options;
  const rebuilt = await rebuild(l1, { signal, crypto, onProgress, claims: payee.owner });
  const exit: Exit = { ...context, connection, options, payee, rebuilt };
  const accounts = accountsIn(rebuilt, payee.owner).filter(({ balance }) => balance !== 0n);
  const open = await openRequests(l1.reader, payee.owner, rebuilt.header.priorityCount, l1.fromBlock);

  const exodus = await readExodus(l1, rebuilt.header, connection.owner.signer.address);
  if (exodus.state === 'later') requireMayRequest(connection, payee, options, exodus.dueAt);
  // Once more with what became final just now, which may be what was asked for.
  if (exodus.state === 'due' && (await finalizeWaiting(l1, sender, signal)) > 0) {
    return exitFromL1(connection, context, options);
  }
  progress('claiming', 0, 1);
  const unpaid = await readUnpaid(l1, rebuilt, payee.owner);
  const claimed = await payUnpaid(context, unpaid, payee, { ...options, moves: exodus.state !== 'later' });
  if (exodus.state === 'later') return beforeExodus(exit, accounts, open, claimed);

  if (exodus.state === 'due') {
    progress('opening', 0, 1);
    await sender.transact('activateExodus', [rebuilt.header], 0n, signal);
  }
  const exited = await exitAccounts(exit, accounts);
  const reclaimed = await reclaimRequests(exit, open);
  return { state: 'paid', activated: exodus.state === 'due', paid: [...claimed, ...exited, ...reclaimed] };
}

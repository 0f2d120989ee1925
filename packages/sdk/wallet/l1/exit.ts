/** The way out when nobody produces batches any more, or none with one's requests: through L1 alone. */

import type { RebuiltRollup } from '@quittance/derivation';
import { addressText, ETH_TOKEN_ID, RecordKind, RollupError } from '@quittance/protocol';
import type { Connection } from '../connection.ts';
import type { ExitFromL1, ExitOptions, ExitProgress, LeftBehind, PaidOut } from '../types.ts';
import { byAmount, type Choice, chooseAccounts } from './choice.ts';
import { dustOf, type Paying, payUnpaid, readUnpaid } from './claim.ts';
import { readCosts } from './costs.ts';
import { readExodus } from './exodus.ts';
import { finalizeWaiting } from './finalize.ts';
import { requestExit } from './force-exit.ts';
import { type Payee, payeeOf, paying } from './payee.ts';
import { accountsIn, type RebuiltAccount, rebuild } from './rebuild.ts';
import { payGroups } from './refusals.ts';
import { deadlineOf } from './requested.ts';
import { amountOf, isDustRequest, type OpenRequest, openRequests, operationOf, tokenOf, worthOf } from './requests.ts';
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

/** An account for people. */
async function describeAccount({ findToken }: Exit, { index, account, balance }: RebuiltAccount) {
  return { kind: 'account' as const, batch: null, index, token: await findToken(account.tokenId), amount: balance };
}

/** Accounts that L1 pays out with a proof. One that was paid already is passed over. */
async function exitAccounts(exit: Exit, accounts: readonly RebuiltAccount[]): Promise<readonly PaidOut[]> {
  const { l1, sender, options, payee, rebuilt } = exit;
  const progress = progressOf(options);
  const told = new Map<RebuiltAccount, Awaited<ReturnType<typeof describeAccount>>>();
  for (const account of accounts) told.set(account, await describeAccount(exit, account));
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
      return [{ ...told.get(one!)!, transactionHash: hash }];
    },
  );
  for (const { item, reason } of refused) options.onRefused?.({ ...told.get(item)!, reason });
  return paid;
}

/** A request for people. */
async function describeRequest({ findToken }: Exit, open: OpenRequest) {
  const { request } = open;
  const token = await findToken(tokenOf(open.request));
  return { kind: 'request' as const, batch: null, index: request.queueIndex, token, amount: amountOf(request) };
}

/** Requests that no batch executed, given back with their fees. */
async function reclaimRequests(exit: Exit, requests: readonly OpenRequest[]): Promise<readonly PaidOut[]> {
  const { connection, l1, sender, options, payee } = exit;
  const told = new Map<OpenRequest, Awaited<ReturnType<typeof describeRequest>>>();
  for (const open of requests) told.set(open, await describeRequest(exit, open));
  const { paid, refused } = await payGroups(
    requests.map((request) => [request]),
    async ([open]) => {
      const { request, group } = open!;
      const { queueIndex, groupStart } = request;
      if (await l1.view<boolean>('isReclaimed', queueIndex)) return [];
      const args = [groupStart, group.map(operationOf), queueIndex - groupStart];
      const { hash } = await sender.transact(...paying('reclaimOperation', args, payee), options.signal);
      return [{ ...told.get(open!)!, transactionHash: hash }];
    },
  );
  for (const { item, reason } of refused) options.onRefused?.({ ...told.get(item)!, reason });
  // The fees of what was not executed wait to be collected, by their own owner only.
  const own = connection.owner.signer.address;
  if ((await l1.view<bigint>('collectableFees', own)) > 0n && payee.owner === connection.own.owner) {
    await sender.transact(...paying('collectFees', [], payee), options.signal);
  }
  return paid;
}

/** Accounts whose exit waits. */
function exitsAskedFor(open: readonly OpenRequest[]): ReadonlySet<number> {
  const exits = open.filter(({ request }) => request.fields.kind === RecordKind.forcedExit);
  return new Set(exits.map(({ request }) => request.fields.from));
}

/** Exits that are requested of accounts that have none yet. @returns the numbers of all that stand, and when the last is due. */
async function requestExits(exit: Exit, accounts: readonly RebuiltAccount[], open: readonly OpenRequest[]) {
  const { connection, l1, sender, options } = exit;
  const progress = progressOf(options);
  const asked = exitsAskedFor(open);
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
  { chosen, left }: Choice<RebuiltAccount>,
  open: readonly OpenRequest[],
  paid: readonly PaidOut[],
): Promise<Extract<ExitFromL1, { state: 'requested' | 'empty' }>> {
  const { connection, l1, rebuilt } = exit;
  const asked = exitsAskedFor(open);
  const behind = await describeLeft(
    exit,
    left.filter(({ item }) => !asked.has(item.index)),
  );
  if (chosen.length + open.length === 0) return { state: 'empty', paid, left: behind };
  const requested = await requestExits(exit, chosen, open);
  const later = await readExodus(l1, rebuilt.header, connection.owner.signer.address);
  const exodusAt = later.state === 'later' ? (later.dueAt ?? 0) : 0;
  return { state: 'requested', ...requested, exodusAt, paid, left: behind };
}

/** Accounts that are left behind, for people. */
async function describeLeft(exit: Exit, left: Choice<RebuiltAccount>['left']): Promise<LeftBehind[]> {
  const described: LeftBehind[] = [];
  for (const { item, reason } of left) described.push({ ...(await describeAccount(exit, item)), reason });
  return described;
}

/** In the exodus: accounts first, then requests, of each what is worth most first. */
async function inExodus(
  exit: Exit,
  { chosen, left }: Choice<RebuiltAccount>,
  open: readonly OpenRequest[],
  least: bigint,
) {
  const isLeft = (request: OpenRequest): boolean => isDustRequest(request, least);
  const behind = await describeLeft(exit, left);
  for (const request of open.filter(isLeft)) behind.push({ ...(await describeRequest(exit, request)), reason: 'dust' });
  const exited = await exitAccounts(exit, chosen);
  const inEth = (request: OpenRequest): number => (tokenOf(request.request) === ETH_TOKEN_ID ? 0 : 1);
  const requests = open
    .filter((request) => !isLeft(request))
    .sort((one, other) => inEth(one) - inEth(other) || byAmount(worthOf(one.request), worthOf(other.request)));
  return { paid: [...exited, ...(await reclaimRequests(exit, requests))], left: behind };
}

/** Accounts that hold something and that the exodus has not paid out. */
async function accountsToLeave({ l1, payee, rebuilt }: Exit, isActive: boolean): Promise<readonly RebuiltAccount[]> {
  const accounts = accountsIn(rebuilt, payee.owner).filter(({ balance }) => balance !== 0n);
  if (!isActive) return accounts;
  const exited = await Promise.all(accounts.map(({ index }) => l1.view<boolean>('hasExited', index)));
  return accounts.filter((_, position) => !exited[position]);
}

/**
 * Leaves as far as L1 lets one leave now. It can be interrupted at any time and called again: what was paid is not paid again.
 *
 * @throws RollupError as `rebuild`, EXODUS_NOT_DUE, CONFIG_INVALID, or as `L1Sender.send`.
 */
export async function exitFromL1(connection: Connection, context: Paying, options: ExitOptions): Promise<ExitFromL1> {
  const { l1, sender } = context;
  const { signal, minAmount, accounts: only } = options;
  const payee = payeeOf(connection.own, options);
  const progress = progressOf(options);
  const onProgress = (done: number, total: number) => progress('rebuilding', done, total);
  const { crypto } = connection.options;
  const rebuilt = await rebuild(l1, { signal, crypto, onProgress, claims: payee.owner });
  const exit: Exit = { ...context, connection, options, payee, rebuilt };
  const open = await openRequests(l1.reader, payee.owner, rebuilt.header.priorityCount, l1.fromBlock);

  const exodus = await readExodus(l1, rebuilt.header, connection.owner.signer.address);
  const isLater = exodus.state === 'later';
  if (isLater) requireMayRequest(connection, payee, options, exodus.dueAt);
  // Once more with what became final just now, which may be what was asked for.
  if (exodus.state === 'due' && (await finalizeWaiting(l1, sender, signal)) > 0) {
    return exitFromL1(connection, context, options);
  }
  const costs = await readCosts(l1, !isLater);
  const accounts = await accountsToLeave(exit, exodus.state === 'active');
  const choice = chooseAccounts(accounts, minAmount ?? costs.account, only);
  progress('claiming', 0, 1);
  const unpaid = await readUnpaid(l1, rebuilt, payee.owner);
  const claiming = { ...options, moves: !isLater, minAmount: minAmount ?? costs.claim };
  const dust = await dustOf(context, unpaid, claiming);
  const claimed = await payUnpaid(context, unpaid, payee, claiming);
  if (isLater) {
    const before = await beforeExodus(exit, choice, open, claimed);
    return { ...before, left: [...dust, ...before.left] };
  }

  if (exodus.state === 'due') {
    progress('opening', 0, 1);
    await sender.transact('activateExodus', [rebuilt.header], 0n, signal);
  }
  const { paid, left } = await inExodus(exit, choice, open, minAmount ?? costs.request);
  return { state: 'paid', activated: exodus.state === 'due', paid: [...claimed, ...paid], left: [...dust, ...left] };
}

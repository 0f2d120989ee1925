/** What somebody has in a rollup, by L1 alone: for pages and people who leave. It signs nothing and sends nothing. */

import type { WithdrawalClaim } from '@quittance/derivation';
import { addressText, RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import { parseOwner } from '../receiver.ts';
import type {
  CallOptions,
  ExitProgress,
  L1Options,
  LeavingCosts,
  LeftReason,
  TokenInfo,
  WalletOptions,
} from '../types.ts';
import { anyToken } from './any-token.ts';
import { chooseAccounts, isDust } from './choice.ts';
import { readUnpaid } from './claim.ts';
import { readCosts } from './costs.ts';
import { type ExodusState, readExodus } from './exodus.ts';
import { type L1, openL1 } from './open.ts';
import { accountsIn, type RebuiltAccount, rebuild } from './rebuild.ts';
import { deadlineOf } from './requested.ts';
import { amountOf, isDustRequest, type OpenRequest, openRequests, tokenOf } from './requests.ts';

/** An account as the last final batch left it. */
export interface SurveyedAccount {
  readonly index: number;
  readonly token: TokenInfo;
  /** Base units. */
  readonly balance: bigint;
  /** Whether the exodus paid it out. */
  readonly hasExited: boolean;
  /** Why `exitFromL1` leaves it behind unless it is asked for; null where it takes it. */
  readonly left: Exclude<LeftReason, 'notChosen'> | null;
}

/** A withdrawal or move that is final and unpaid. */
export interface SurveyedClaim {
  readonly kind: 'withdrawal' | 'move';
  readonly batch: number;
  /** Position in the batch. */
  readonly index: number;
  readonly token: TokenInfo;
  /** Base units. */
  readonly amount: bigint;
  /** Whether it costs more to claim than it pays: `exitFromL1` leaves it unless told otherwise. */
  readonly isDust: boolean;
}

/** A request on L1 that no batch executed, and that was not given back. */
export interface SurveyedRequest {
  readonly operationId: number;
  /** Account that a forced exit pays out; null for a deposit. */
  readonly account: number | null;
  readonly token: TokenInfo;
  /** Of a deposit, base units; null for a forced exit, which pays what there is. */
  readonly amount: bigint | null;
  /** Unix seconds by which a batch has to have it. */
  readonly deadline: number;
  /** Whether it costs more to have it given back than that pays: `exitFromL1` leaves it unless told otherwise. */
  readonly isDust: boolean;
}

/** All that an owner has, and how the rollup stands. */
export interface Survey {
  readonly chainId: bigint;
  readonly contract: string;
  /** The last final batch and its time, Unix seconds. */
  readonly batch: number;
  readonly batchTime: number;
  readonly stateRoot: bigint;
  /** Time of L1's newest block, Unix seconds. */
  readonly time: number;
  readonly accounts: readonly SurveyedAccount[];
  readonly claims: readonly SurveyedClaim[];
  readonly requests: readonly SurveyedRequest[];
  readonly exodus: ExodusState;
  /** Wei that a request costs. */
  readonly priorityFee: bigint;
  /** What leaving costs as things stand. */
  readonly costs: LeavingCosts;
}

export interface SurveyOptions extends CallOptions {
  readonly l1: L1Options & { readonly contract: string };
  /** L1 address. */
  readonly owner: string;
  readonly crypto?: WalletOptions['crypto'];
  readonly onProgress?: (progress: ExitProgress) => void;
}

/** Accounts with what would be left of them: in the exodus those that it paid count no more. */
async function surveyAccounts(
  l1: L1,
  accounts: readonly RebuiltAccount[],
  isActive: boolean,
  least: bigint,
): Promise<SurveyedAccount[]> {
  const exited = await Promise.all(
    accounts.map(({ index }) => (isActive ? l1.view<boolean>('hasExited', index) : false)),
  );
  const { left } = chooseAccounts(
    accounts.filter((_, position) => !exited[position]),
    least,
  );
  const reasons = new Map(left.map(({ item, reason }) => [item, reason === 'dust' ? 'dust' : 'many'] as const));
  return Promise.all(
    accounts.map(async (each, position) => ({
      ...{ index: each.index, balance: each.balance, token: await anyToken(l1, each.account.tokenId) },
      hasExited: exited[position]!,
      left: reasons.get(each) ?? null,
    })),
  );
}

function surveyClaim(l1: L1, kind: SurveyedClaim['kind'], least: bigint) {
  return async ({ header, index, ownerAndToken, amount }: WithdrawalClaim): Promise<SurveyedClaim> => {
    const token = await anyToken(l1, unpackOwnerAndToken(ownerAndToken).tokenId);
    return { kind, index, amount, batch: header.number, token, isDust: isDust(token.tokenId, amount, least) };
  };
}

function surveyRequest(l1: L1, least: bigint) {
  return async (open: OpenRequest): Promise<SurveyedRequest> => {
    const { request } = open;
    const { queueIndex: operationId, fields } = request;
    const isExit = fields.kind === RecordKind.forcedExit;
    const token = await anyToken(l1, tokenOf(request));
    return {
      ...{ operationId, token },
      account: isExit ? fields.from : null,
      amount: isExit ? null : amountOf(request),
      deadline: (await deadlineOf(l1, operationId)) || request.deadline,
      isDust: isDustRequest(open, least),
    };
  };
}

/** Those that the exodus has not given back. */
async function unreclaimed(l1: L1, requests: readonly OpenRequest[], isActive: boolean): Promise<OpenRequest[]> {
  const left: OpenRequest[] = [];
  for (const open of requests) {
    const isBack = isActive && (await l1.view<boolean>('isReclaimed', open.request.queueIndex));
    if (!isBack) left.push(open);
  }
  return left;
}

async function surveyOn(l1: L1, { owner: ownerText, signal, crypto, onProgress }: SurveyOptions): Promise<Survey> {
  const owner = parseOwner(ownerText);
  const rebuilt = await rebuild(l1, {
    ...{ signal, crypto, claims: owner },
    onProgress: (done, total) => onProgress?.({ step: 'rebuilding', done, total }),
  });
  const { header } = rebuilt;
  const exodus = await readExodus(l1, header, addressText(owner));
  const isActive = exodus.state === 'active';
  const { withdrawals, moves } = await readUnpaid(l1, rebuilt, owner);
  const open = await openRequests(l1.reader, owner, header.priorityCount, l1.fromBlock);
  const requests = await unreclaimed(l1, open, isActive);
  const accounts = accountsIn(rebuilt, owner).filter(({ balance }) => balance !== 0n);
  const costs = await readCosts(l1, exodus.state !== 'later');
  const { timestamp: time } = await l1.reader.head();
  return {
    ...{ chainId: l1.chainId, contract: l1.contract, time, exodus },
    ...{ batch: header.number, batchTime: header.time, stateRoot: header.stateRoot },
    accounts: await surveyAccounts(l1, accounts, isActive, costs.account),
    claims: [
      ...(await Promise.all(withdrawals.map(surveyClaim(l1, 'withdrawal', costs.claim)))),
      ...(await Promise.all(moves.map(surveyClaim(l1, 'move', costs.claim)))),
    ],
    requests: await Promise.all(requests.map(surveyRequest(l1, costs.request))),
    priorityFee: await l1.view<bigint>('priorityFee'),
    costs,
  };
}

/** Reads a survey. Throws as `surveyL1`. */
export async function readSurvey(options: SurveyOptions): Promise<Survey> {
  const { fromBlock = 0, ...where } = options.l1;
  const l1 = await openL1({ ...where, fromBlock });
  try {
    return await surveyOn(l1, options);
  } finally {
    l1.close();
  }
}

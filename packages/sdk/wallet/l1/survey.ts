/** What somebody has in a rollup, by L1 alone: for pages and people who leave. It signs nothing and sends nothing. */

import type { WithdrawalClaim } from '@quittance/derivation';
import { addressText, RecordKind, unpackOwnerAndToken } from '@quittance/protocol';
import { parseOwner } from '../receiver.ts';
import type { CallOptions, ExitProgress, L1Options, TokenInfo, WalletOptions } from '../types.ts';
import { anyToken } from './any-token.ts';
import { readUnpaid } from './claim.ts';
import { type ExodusState, readExodus } from './exodus.ts';
import { type L1, openL1 } from './open.ts';
import { accountsIn, type RebuiltAccount, rebuild } from './rebuild.ts';
import { deadlineOf } from './requested.ts';
import { amountOf, type OpenRequest, openRequests } from './requests.ts';

/** An account as the last final batch left it. */
export interface SurveyedAccount {
  readonly index: number;
  readonly token: TokenInfo;
  /** Base units. */
  readonly balance: bigint;
  /** Whether the exodus paid it out. */
  readonly hasExited: boolean;
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
}

export interface SurveyOptions extends CallOptions {
  readonly l1: L1Options & { readonly contract: string };
  /** L1 address. */
  readonly owner: string;
  readonly crypto?: WalletOptions['crypto'];
  readonly onProgress?: (progress: ExitProgress) => void;
}

function surveyAccount(l1: L1, isActive: boolean) {
  return async ({ index, account, balance }: RebuiltAccount): Promise<SurveyedAccount> => ({
    ...{ index, balance, token: await anyToken(l1, account.tokenId) },
    hasExited: isActive && (await l1.view<boolean>('hasExited', index)),
  });
}

function surveyClaim(l1: L1, kind: SurveyedClaim['kind']) {
  return async ({ header, index, ownerAndToken, amount }: WithdrawalClaim): Promise<SurveyedClaim> => ({
    ...{ kind, index, amount, batch: header.number },
    token: await anyToken(l1, unpackOwnerAndToken(ownerAndToken).tokenId),
  });
}

function surveyRequest(l1: L1) {
  return async ({ request }: OpenRequest): Promise<SurveyedRequest> => {
    const { queueIndex: operationId, fields, words } = request;
    const isExit = fields.kind === RecordKind.forcedExit;
    return {
      operationId,
      account: isExit ? fields.from : null,
      amount: isExit ? null : amountOf(request),
      token: await anyToken(l1, unpackOwnerAndToken(words[1]!).tokenId),
      deadline: (await deadlineOf(l1, operationId)) || request.deadline,
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
  const { timestamp: time } = await l1.reader.head();
  return {
    ...{ chainId: l1.chainId, contract: l1.contract, time, exodus },
    ...{ batch: header.number, batchTime: header.time, stateRoot: header.stateRoot },
    accounts: await Promise.all(accounts.map(surveyAccount(l1, isActive))),
    claims: [
      ...(await Promise.all(withdrawals.map(surveyClaim(l1, 'withdrawal')))),
      ...(await Promise.all(moves.map(surveyClaim(l1, 'move')))),
    ],
    requests: await Promise.all(requests.map(surveyRequest(l1))),
    priorityFee: await l1.view<bigint>('priorityFee'),
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

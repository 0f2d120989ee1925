/** One function per method; the parameters have been validated. */

import { RollupError } from '@quittance/protocol';
import {
  API_VERSION,
  BINARY_TYPE,
  JSON_TYPE,
  MAX_ACCOUNTS,
  MAX_PRIORITY_OPERATIONS,
  MAX_TRANSFERS,
  type MethodName,
  type RpcMethods,
  type TokenJson,
} from '@quittance/rpc';
import type { Forwarder } from '../cluster/forwarder.ts';
import type { FeeToken } from '../config.ts';
import type { ListedToken } from '../l1-facts.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sequencer, SyncStatus } from '../sequencer.ts';
import type { StateTag } from '../types.ts';
import type { Allowance } from './allowance.ts';
import {
  encodeAccount,
  encodeBatch,
  encodeProof,
  encodeStatus,
  encodeSummary,
  encodeTransaction,
  encodeWithdrawalClaim,
} from './encode.ts';
import { encodeHistory, encodePriorityOperation, encodeSignedHistory } from './encode-history.ts';
import { encodeAssertion, encodeStatistics } from './encode-summaries.ts';
import { createForwarding } from './forwarding.ts';
import { createSending, type Sending } from './sending.ts';
import { VERSION } from './version.ts';
import { DEFAULT_BATCHES, DEFAULT_ENTRIES, LISTED_PER_UNIT } from './weights.ts';

/** What answers calls. */
export interface Handlers {
  readonly methods: MethodHandlers;
  /** As `rollup_sendTransfers`, for a list as bytes, which are taken over. */
  readonly sendList: Sending['sendList'];
}

/** The handler of each method. It submits what it submits before it returns. */
export type MethodHandlers = {
  readonly [Name in MethodName]: (
    params: RpcMethods[Name]['params'],
    source: Source,
  ) => RpcMethods[Name]['result'] | Promise<RpcMethods[Name]['result']>;
};

export interface HandlersOptions {
  readonly sequencer: Sequencer;
  readonly allowance: Allowance;
  readonly bodyBytes: number;
  readonly callsPerBatch: number;
  /** Path of the explorer; null where none is served. */
  readonly explorer: string | null;
  /** Passes on what is sent; undefined where the sequencer takes it itself. */
  readonly forwarder?: Forwarder | undefined;
}

function notFound(what: string, actual: unknown): RollupError {
  return new RollupError('NOT_FOUND', `there is no ${what} ${actual}`, { actual: String(actual) });
}

/** That a transfer is not there says less where the log does not have all of them. */
function transferNotFound({ unlistedThrough: batch }: SyncStatus, id: bigint | string): RollupError {
  if (batch === 0) return notFound('transfer', id);
  const message =
    `there is no transfer ${id} in the log. It may be in one of the batches up to ${batch} all the same: those were made anew from L1, ` +
    'which has no ids of proven transfers. The nonce of its account tells whether one with its nonce was executed';
  return new RollupError('NOT_FOUND', message, { actual: String(id) });
}

/** What a wallet must know of the deployment and of what this sequencer asks; all but the limits of the API. */
function encodeConfig({ config, domain, chainId, contract, l1Facts }: Sequencer) {
  return {
    version: VERSION,
    apiVersion: API_VERSION,
    chainId: chainId.toString(),
    contract,
    deploymentBlock: config.deploymentBlock,
    assertions: l1Facts.assertions ?? null,
    priorityFee: l1Facts.priorityFee.toString(),
    domain: domain.toString(),
    profile: config.profile.name,
    mode: config.mode,
    slotsPerChunk: config.profile.slotsPerChunk,
    maxChunks: config.profile.maxChunks,
    sealAfterMs: config.sealAfterMs,
    confirmations: config.confirmations,
    minimumValiditySeconds: Math.ceil(config.sealAfterMs / 1_000) + config.expiryMarginSeconds,
    feeTokens: config.feeTokens.map(({ tokenId, minimumFee }) => ({ tokenId, minimumFee: minimumFee.toString() })),
    tokens: l1Facts.tokens.map((token) => encodeToken(token, config.feeTokens)),
  };
}

/** A token, with the fee that it is taken for. */
function encodeToken({ tokenId, address, symbol, decimals }: ListedToken, feeTokens: readonly FeeToken[]): TokenJson {
  const minimumFee = feeTokens.find((token) => token.tokenId === tokenId)?.minimumFee;
  return {
    ...{ tokenId, address },
    symbol: symbol ?? null,
    decimals: decimals ?? null,
    minimumFee: minimumFee?.toString() ?? null,
  };
}

/** The handlers of `sequencer`. */
export function createHandlers(options: HandlersOptions): Handlers {
  const { sequencer, allowance, forwarder } = options;
  const sending = forwarder === undefined ? createSending(sequencer, allowance) : createForwarding(forwarder);
  return { methods: createMethods(options, sending), sendList: sending.sendList };
}

/** Methods that return a list of what happened. */
type ListMethod =
  | 'rollup_getHistory'
  | 'rollup_findTransactions'
  | 'rollup_getPriorityOperation'
  | 'rollup_getPriorityOperations'
  | 'rollup_getBatches'
  | 'rollup_getAssertions'
  | 'rollup_getStatistics';

/** What happened to accounts and batches, and figures over time. */
function createListMethods({ queries, assertions, statistics }: Sequencer): Pick<MethodHandlers, ListMethod> {
  const { history } = queries;
  const pageOf = ({ before = Number.MAX_SAFE_INTEGER, limit = DEFAULT_ENTRIES }) => ({ before, limit });
  return {
    rollup_getHistory({ account, include, ...page }) {
      const encode = include === undefined ? encodeHistory : encodeSignedHistory;
      return encode(history.ofAccount(account, pageOf(page)));
    },
    rollup_findTransactions({ reference, account, ...page }) {
      const bytes = Buffer.from(reference.slice(2), 'hex');
      return encodeHistory(history.withReference(bytes, account, pageOf(page)));
    },
    rollup_getPriorityOperation({ operationId }) {
      const event = history.priority(operationId);
      if (event === undefined) throw notFound('priority operation in a block that is confirmed and read', operationId);
      return encodePriorityOperation(event);
    },
    rollup_getPriorityOperations: ({ owner, after = -1 }) =>
      history.priorityOf(BigInt(owner), after, MAX_PRIORITY_OPERATIONS).map(encodePriorityOperation),
    rollup_getBatches({ before = Number.MAX_SAFE_INTEGER, limit = DEFAULT_BATCHES }) {
      const batches = queries.overviews(before, limit).map((overview) => encodeSummary(overview));
      const last = batches.at(-1)?.number ?? 1;
      return { batches, next: last > 1 ? last : null };
    },
    rollup_getAssertions: async () => (await assertions.read()).map(encodeAssertion),
    rollup_getStatistics: () => encodeStatistics(statistics.read()),
  };
}

function createMethods(
  { sequencer, allowance, bodyBytes, callsPerBatch, explorer }: HandlersOptions,
  { sendOne, sendAll }: Sending,
): MethodHandlers {
  const { queries, config, chainId } = sequencer;

  const claimOf = (id: bigint): { batch: number; index: number } => {
    const view = queries.transfer(id);
    if (view === undefined) throw transferNotFound(sequencer.status(), id);
    const { placement } = view;
    if (placement?.withdrawal === undefined) {
      throw new RollupError('NOT_FOUND', `transfer ${id} is ${view.status} and has no withdrawal`, {
        actual: view.status,
      });
    }
    return { batch: placement.batch, index: placement.withdrawal };
  };

  return {
    rollup_sendTransfer: ({ transfer }, source) => sendOne(transfer, source),
    rollup_sendTransfers: ({ transfers }, source) => sendAll(transfers, source),
    rollup_getAccount({ index, tag = 'latest' }) {
      const account = queries.account(index, tag);
      return account === undefined ? null : encodeAccount(index, account);
    },
    rollup_getAccounts: ({ owner, tag = 'latest', after = -1 }) =>
      queries
        .accountsOf(BigInt(owner), tag, MAX_ACCOUNTS, after)
        .map(({ index, account }) => encodeAccount(index, account)),
    rollup_getTransaction({ id }) {
      const view = queries.transfer(BigInt(id));
      if (view === undefined) throw transferNotFound(sequencer.status(), id);
      return encodeTransaction(view);
    },
    rollup_getBatch({ batch }, source) {
      const number = typeof batch === 'number' ? batch : queries.lastBatch(batch satisfies StateTag);
      const view = queries.batch(number);
      if (view === undefined) throw notFound('batch', batch);
      allowance.charge(source.address, Math.floor(view.transferIds.length / LISTED_PER_UNIT));
      return encodeBatch(view);
    },
    rollup_getProof: ({ index, state = 'finalized' }) => encodeProof(queries.proof(index, state)),
    rollup_getWithdrawalProof(params) {
      const { batch, index } = 'id' in params ? claimOf(BigInt(params.id)) : params;
      return encodeWithdrawalClaim(queries.withdrawal(batch, index));
    },
    rollup_estimateFee({ tokenId }) {
      const suggestedFee = sequencer.suggestedFee(tokenId).toString();
      const { minimumFee } = config.feeTokens.find((token) => token.tokenId === tokenId)!;
      return { tokenId, minimumFee: minimumFee.toString(), suggestedFee };
    },
    rollup_getConfig: () => ({
      ...encodeConfig(sequencer),
      limits: { transfersPerCall: MAX_TRANSFERS, callsPerBatch, bodyBytes },
      listTypes: [JSON_TYPE, BINARY_TYPE],
      explorer,
    }),
    rollup_syncStatus: () => encodeStatus(sequencer.status()),
    ...createListMethods(sequencer),
    eth_chainId: () => `0x${chainId.toString(16)}`,
    net_version: () => chainId.toString(),
    web3_clientVersion: () => `quittance/${VERSION}`,
  };
}

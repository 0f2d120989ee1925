/** One function per method; the parameters have been validated. */

import { RollupError, requireFieldElement } from '@quittance/protocol';
import {
  API_VERSION,
  BINARY_TYPE,
  type BinaryList,
  JSON_TYPE,
  MAX_ACCOUNTS,
  MAX_PRIORITY_OPERATIONS,
  MAX_TRANSFERS,
  type MethodName,
  type RpcMethods,
  type SignedReferenceJson,
  type TokenJson,
  type TransferJson,
} from '@quittance/rpc';
import type { PaymentReference } from '../../storage/index.ts';
import type { FeeToken } from '../config.ts';
import type { ListedToken } from '../l1-facts.ts';
import type { Submission, TransferRequest } from '../mempool/request.ts';
import type { Source } from '../mempool/turns.ts';
import type { Sequencer } from '../sequencer.ts';
import type { Acknowledgement, Answer, StateTag } from '../types.ts';
import type { Allowance } from './allowance.ts';
import {
  encodeAccount,
  encodeAcknowledgement,
  encodeBatch,
  encodeProof,
  encodeStatus,
  encodeSummary,
  encodeTransaction,
  encodeWithdrawalClaim,
} from './encode.ts';
import { encodeHistory, encodePriorityOperation, encodeSignedHistory } from './encode-history.ts';
import { encodeAssertion, encodeStatistics } from './encode-summaries.ts';
import { toRpcError } from './errors.ts';
import { VERSION } from './version.ts';
import { DEFAULT_BATCHES, DEFAULT_ENTRIES, LISTED_PER_UNIT, WASTED_UNITS } from './weights.ts';

/** What answers calls. */
export interface Handlers {
  readonly methods: MethodHandlers;
  /** As `rollup_sendTransfers`, for a list as bytes. @throws RollupError WRONG_DOMAIN, before anything is submitted. */
  sendList(list: BinaryList, source: Source): Promise<RpcMethods['rollup_sendTransfers']['result']>;
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
}

function notFound(what: string, actual: unknown): RollupError {
  return new RollupError('NOT_FOUND', `there is no ${what} ${actual}`, { actual: String(actual) });
}

/** @throws RollupError WRONG_DOMAIN. */
function requireDomain(expected: bigint, actual: bigint): void {
  if (actual === expected) return;
  throw new RollupError('WRONG_DOMAIN', 'the transfer was signed for another chain or contract', { expected, actual });
}

/** Parses a payment reference. @throws RollupError OUT_OF_RANGE. */
function parseReference({ bytes, r8x, r8y, s }: SignedReferenceJson): PaymentReference {
  const coordinate = (name: string, text: string): bigint => requireFieldElement(`reference.${name}`, BigInt(text));
  return {
    bytes: new Uint8Array(Buffer.from(bytes.slice(2), 'hex')),
    r8: { x: coordinate('r8x', r8x), y: coordinate('r8y', r8y) },
    s: coordinate('s', s),
  };
}

/** Parses a transfer from JSON. @throws RollupError WRONG_DOMAIN, or OUT_OF_RANGE for a reference that nobody signed. */
function parseTransfer(transfer: TransferJson, domain: bigint): TransferRequest {
  if (transfer.domain !== undefined) requireDomain(domain, BigInt(transfer.domain));
  const { from, amount, fee, nonce, validUntil, signature, reference } = transfer;
  const { r8x, r8y, s, keyX } = signature;
  const common = {
    from,
    amount: BigInt(amount),
    fee: BigInt(fee),
    nonce,
    authorization: { validUntil, keyX: BigInt(keyX), r8: { x: BigInt(r8x), y: BigInt(r8y) }, s: BigInt(s) },
    ...(reference === undefined ? {} : { reference: parseReference(reference) }),
  };
  if (transfer.kind === 'transfer') return { kind: 'transfer', to: transfer.to, ...common };
  if (transfer.kind === 'withdraw') return { kind: 'withdraw', ...common };
  if (transfer.kind === 'move') {
    const { destination, toKeyY } = transfer;
    return { kind: 'move', destination, toKeyY: BigInt(toKeyY), ...common };
  }
  return { kind: 'transferToNew', toKeyY: BigInt(transfer.toKeyY), toOwner: BigInt(transfer.toOwner), ...common };
}

/** What the sender of one of several transfers is told. */
function encodeAnswer(answer: Answer): RpcMethods['rollup_sendTransfers']['result'][number] {
  return 'error' in answer ? { error: toRpcError(answer.error) } : encodeAcknowledgement(answer.acknowledgement);
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

/** Sends transfers on, and answers with what becomes of them. */
function createSending({ sequencer, allowance }: HandlersOptions) {
  const { domain } = sequencer;

  /** What becomes of each; signatures that were checked for nothing are paid for. */
  const submit = async (submissions: readonly Submission[], source: Source): Promise<Answer[]> => {
    const answers = await sequencer.submitAll(submissions, source);
    const wasted = answers.filter((answer) => 'error' in answer && answer.isWasted === true);
    if (wasted.length > 0) allowance.charge(source.address, WASTED_UNITS * wasted.length);
    return answers;
  };

  return {
    async sendOne(transfer: TransferJson, source: Source): Promise<Acknowledgement> {
      const [answer] = (await submit([parseTransfer(transfer, domain)], source)) as [Answer];
      if ('error' in answer) throw answer.error;
      return answer.acknowledgement;
    },
    /** Submits those that can be parsed, all at once, so that they share one group commit. */
    async sendAll(transfers: readonly TransferJson[], source: Source): Promise<Answer[]> {
      const parsed = transfers.map((transfer): TransferRequest | { readonly error: unknown } => {
        try {
          return parseTransfer(transfer, domain);
        } catch (error) {
          return { error };
        }
      });
      const submissions = parsed.filter((item) => 'kind' in item);
      const answers = (await submit(submissions, source)).values();
      return parsed.map((item) => ('kind' in item ? answers.next().value! : item));
    },
    async sendList(list: BinaryList, source: Source): Promise<Answer[]> {
      requireDomain(domain, list.domain);
      const submissions = list.transfers.map(({ bytes, nonce }): Submission => ({ kind: 'packed', bytes, nonce }));
      return await submit(submissions, source);
    },
  };
}

type Sending = ReturnType<typeof createSending>;

/** The handlers of `sequencer`. */
export function createHandlers(options: HandlersOptions): Handlers {
  const sending = createSending(options);
  return {
    methods: createMethods(options, sending),
    sendList: async (list, source) => (await sending.sendList(list, source)).map(encodeAnswer),
  };
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
    if (view === undefined) throw notFound('transfer', id);
    const { placement } = view;
    if (placement?.withdrawal === undefined) {
      throw new RollupError('NOT_FOUND', `transfer ${id} is ${view.status} and has no withdrawal`, {
        actual: view.status,
      });
    }
    return { batch: placement.batch, index: placement.withdrawal };
  };

  return {
    rollup_sendTransfer: async ({ transfer }, source) => encodeAcknowledgement(await sendOne(transfer, source)),
    rollup_sendTransfers: async ({ transfers }, source) => (await sendAll(transfers, source)).map(encodeAnswer),
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
      if (view === undefined) throw notFound('transfer', id);
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

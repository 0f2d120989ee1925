/**
 * A test double of L1: blocks in memory with reorgs, the priority queue, and the contract's rules for batches except
 * the proofs themselves. It decodes what is submitted, so that a wrong header, root or queue order is refused.
 */

import type {
  BatchSubmission,
  BlockReference,
  FinalizedBatch,
  L1Inclusion,
  PostedBatch,
  Prices,
  PriorityRequest,
  RollupChain,
  SidecarBlob,
  TokenFacts,
  WithBlobs,
} from '@quittance/chain';
import {
  type BatchContent,
  batchEvaluation,
  decodeBlob,
  domainOf,
  evaluatePolynomial,
  genesisHeader,
  headerHash,
  headerOf,
  keccak,
  mayLeaveOverdue,
  type Profile,
  polynomialCoefficients,
  portableHasher,
  priorityRecordsOf,
  RecordKind,
  RollupError,
  RollupState,
  recordsOf,
  type StoredHeader,
  visibleRecordsOf,
} from '@quittance/protocol';
import { challengeOf } from '../../../sequencer/batcher/batch.ts';

/** What stands in a block; `groupPosition` from 0. */
type Request = Omit<PriorityRequest, 'queueIndex' | 'groupStart' | 'blockNumber' | 'blockHash'> & {
  readonly groupPosition: number;
};

/** A batch as it was submitted, with its blobs. */
export type Submitted = WithBlobs<BatchSubmission>;

interface Block extends BlockReference {
  readonly requests: readonly Request[];
  readonly batches: readonly {
    readonly submission: Submitted;
    readonly header: StoredHeader;
    readonly transactionHash: string;
  }[];
}

export interface FakeChain extends RollupChain {
  /** A deposit in a block of its own. */
  deposit(keyY: bigint, owner: bigint, tokenId: number, amount: bigint): number;
  /** An exit request in a block of its own. */
  requestExit(owner: bigint, index: number, tokenId: number): number;
  /** Empty blocks. */
  mine(count?: number): void;
  /** Replaces the last `depth` blocks by empty ones, or by ones with the same requests, perhaps of other amounts, in the same order. */
  reorg(depth: number, options?: { readonly keepRequests?: boolean; readonly amount?: bigint }): void;
  /** These requests and batches are left out of its logs, as by a node that is behind another; undefined ends it. */
  leaveOut(isLeftOut: ((log: PriorityRequest | FinalizedBatch) => boolean) | undefined): void;
  /** Everything is replaced by another chain under the same chain id: as many blocks, and nothing in them. */
  becomeAnother(): void;
  /** The next calls of a method fail with this error; undefined ends it. */
  fail(error: Error | undefined): void;
  /** The next submission is included but its caller sees this error, as after a lost connection. */
  loseNextAnswer(error: Error): void;
  /** How many submissions arrived. */
  readonly submissionCount: number;
  readonly genesis: StoredHeader;
  /** Batches of the canonical chain. */
  readonly posted: readonly StoredHeader[];
  /** What was submitted for them. */
  readonly submissions: readonly Submitted[];
  /** What gas costs, from now on. */
  setPrices(prices: Prices): void;
  /** What the producer's account has. */
  setBalance(wei: bigint): void;
  /** What a request of the queue pays, from now on. */
  setPriorityFee(wei: bigint): void;
  /** The tokens 1, 2, … from now on; an error is what asking for that one ends with. */
  setTokens(tokens: readonly (TokenFacts | Error)[]): void;
  /** How often a token was asked for. */
  readonly tokenReads: number;
  /** One more destination of moves, with its block. @returns its number. */
  registerDestination(): number;
  /** A group of deposits in a block of its own. @returns the queue index of the first. */
  importDeposits(deposits: readonly { keyY: bigint; owner: bigint; tokenId: number; amount: bigint }[]): number;
  /** Sum of the deposits requested, by token. */
  readonly deposited: ReadonlyMap<number, bigint>;
  /** The rules of the priority queue for a batch. */
  requireQueue(batch: WithBlobs<PostedBatch>): void;
  /** An asserted batch becomes final: all rules but those of the proofs, in a block of its own. */
  makeFinal(batch: WithBlobs<PostedBatch>): Promise<void>;
  readonly time: number;
  advanceTime(seconds: number): void;
}

export interface FakeChainOptions {
  readonly profile: Profile;
  readonly startTime: number;
  /** Whether the deployment allows blobs. */
  readonly blobsAllowed?: boolean;
  /** Address of the assertions, if there are any. */
  readonly assertions?: string;
}

const ZERO_ADDRESS = `0x${'00'.repeat(20)}`;
/** Token 1, unless a test says otherwise. */
const TEST_TOKEN: TokenFacts = { address: `0x${'17'.repeat(20)}`, symbol: 'TEST', decimals: 6 };

const CONTRACT = '0x00000000000000000000000000000000000f00d5';
const CHAIN_ID = 31337n;
const DEPLOYMENT = { chainId: CHAIN_ID, contract: CONTRACT };

/** The empty state's root. */
const EMPTY_ROOT: bigint = new RollupState(portableHasher).root;

function refuse(name: string, values: Record<string, string | number> = {}): never {
  throw new RollupError('L1_REJECTED', `the contract refused: ${name}`, { error: name, ...values });
}

/** What the transaction carries. L1 takes no blobs but those that the batch names. */
export function withSidecar<Submission extends BatchContent>(
  submission: Submission,
  sidecar: readonly SidecarBlob[],
): WithBlobs<Submission> {
  const hashes = sidecar.map(({ versionedHash }) => versionedHash);
  if (hashes.join() !== submission.blobHashes.join()) refuse('WrongBlobs');
  return { ...submission, blobs: sidecar.map(({ blob }) => blob) };
}

/** A chain with a deployment in block 0. */
export function createFakeChain({ profile, startTime, blobsAllowed = false, assertions }: FakeChainOptions): FakeChain {
  const genesis = genesisHeader(EMPTY_ROOT, startTime);
  let time = startTime;
  let salt = 0;
  let failure: Error | undefined;
  let lostAnswer: Error | undefined;
  let isLeftOut: (log: PriorityRequest | FinalizedBatch) => boolean = () => false;
  let submissionCount = 0;
  let destinationCount = 0;
  let prices: Prices = { feePerGas: 10n ** 9n, feePerBlobGas: 1n };
  let balance = 10n ** 18n;
  let priorityFee = 10n ** 14n;
  let tokens: readonly (TokenFacts | Error)[] = [TEST_TOKEN];
  let tokenReads = 0;
  const hashOf = (): string => keccak(new TextEncoder().encode(`block ${salt++}`));
  const blocks: Block[] = [
    { number: 0, hash: hashOf(), parentHash: hashOf(), timestamp: startTime, requests: [], batches: [] },
  ];

  const append = (content: Partial<Pick<Block, 'requests' | 'batches'>> = {}): Block => {
    time += 1;
    const parent = blocks.at(-1)!;
    const block: Block = {
      number: parent.number + 1,
      hash: hashOf(),
      parentHash: parent.hash,
      timestamp: time,
      requests: content.requests ?? [],
      batches: content.batches ?? [],
    };
    blocks.push(block);
    return block;
  };
  const allRequests = (): PriorityRequest[] =>
    blocks
      .flatMap(({ number, hash, requests }) =>
        requests.map((request) => ({ ...request, blockNumber: number, blockHash: hash })),
      )
      .map(({ groupPosition, ...request }, queueIndex) => ({
        ...request,
        queueIndex,
        groupStart: queueIndex - groupPosition,
      }));
  const allBatches = (): FinalizedBatch[] => [
    {
      header: genesis,
      headerHash: headerHash(genesis),
      transactionHash: blocks[0]!.hash,
      blockNumber: 0,
      blockHash: blocks[0]!.hash,
    },
    ...blocks.flatMap(({ number, hash, batches }) =>
      batches.map(({ header, transactionHash }) => ({
        header,
        headerHash: headerHash(header),
        transactionHash,
        blockNumber: number,
        blockHash: hash,
      })),
    ),
  ];
  const answer = async <T>(value: () => T): Promise<T> => {
    await Promise.resolve();
    if (failure !== undefined) throw failure;
    return value();
  };
  /** What was there after this block. */
  const upTo = <T extends L1Inclusion>(blockHash: string | undefined, found: readonly T[]): readonly T[] => {
    if (blockHash === undefined) return found;
    const last = blocks.find(({ hash }) => hash === blockHash);
    if (last === undefined) throw new RollupError('L1_UNREACHABLE', `no block ${blockHash}`);
    return found.filter(({ blockNumber }) => blockNumber <= last.number);
  };
  /** Logs as the node gives them. */
  const logsIn = <T extends PriorityRequest | FinalizedBatch>(found: readonly T[], from: number, to: number): T[] =>
    found.filter((log) => log.blockNumber >= from && log.blockNumber <= to && !isLeftOut(log));
  const request = (kind: number, from: number, words: readonly bigint[]): number => {
    const fields = { kind, from, to: 0, amountFloat: 0n, feeFloat: 0 };
    const transactionHash = hashOf();
    const own = { groupSize: 1, groupPosition: 0 };
    append({ requests: [{ fields, words, deadline: time + 3 * 86_400, fee: 1n, transactionHash, ...own }] });
    return allRequests().length - 1;
  };

  /** The contract's checks of what comes with proofs, but not of these. */
  function requireProven(submission: Submitted): void {
    const { form, evaluations, opening, blobs, visible, proofs } = submission;
    if (proofs.length !== visible.length) refuse('WrongListLength');
    if (form === 'calldata') return;
    if (form !== 'coefficients' || blobs.length !== 1) refuse('WrongBlobs');
    if (evaluations.length !== visible.length || opening.length !== 96) refuse('WrongListLength');
    const challenge = challengeOf(DEPLOYMENT, submission);
    const coefficients = polynomialCoefficients(decodeBlob(blobs[0]!)).toReversed();
    const y = batchEvaluation(evaluations, challenge, profile.slotsPerChunk);
    if (evaluatePolynomial(coefficients, challenge) !== y) refuse('WrongEvaluation');
  }

  function requireQueue(submission: WithBlobs<PostedBatch>): void {
    const { parent, time: batchTime, blobs } = submission;
    const records = recordsOf(submission, profile.slotsPerChunk, blobs).flat();
    const priority = priorityRecordsOf(visibleRecordsOf(submission).flat()) ?? refuse('PriorityRecordNotFirst');
    const requests = allRequests();
    for (const [position, { fields, words }] of priority.entries()) {
      const expected = requests[parent.priorityCount + position];
      if (expected === undefined) refuse('PriorityNotRequested');
      const isDeposit = fields.kind === RecordKind.deposit;
      const isSame =
        fields.kind === expected.fields.kind &&
        (isDeposit || fields.from === expected.fields.from) &&
        words[0] === expected.words[0] &&
        words[1] === expected.words[1] &&
        (!isDeposit || words[2] === expected.words[2]);
      if (!isSame) refuse('WrongPriorityOperations');
    }
    const next = requests[parent.priorityCount + priority.length];
    if (next !== undefined && next.groupStart !== next.queueIndex) refuse('GroupCut');
    const mayLeave = next === undefined || mayLeaveOverdue(priority.length, next.groupSize, records.length);
    if (next !== undefined && next.deadline <= batchTime && !mayLeave) {
      refuse('OverdueOperationSkipped', { operationId: next.queueIndex, deadline: next.deadline, time: batchTime });
    }
  }

  /** The contract's other checks. @returns the new header. */
  function judge(submission: WithBlobs<PostedBatch>): StoredHeader {
    const { parent, number, time: batchTime, roots, form, visible } = submission;
    const chunkCount = visible.length;
    const last = allBatches().at(-1)!;
    if (number !== last.header.number + 1)
      refuse('WrongBatchNumber', { expected: last.header.number + 1, actual: number });
    if (headerHash(parent) !== last.headerHash) refuse('WrongParent');
    if (batchTime < parent.time) refuse('BatchBeforeParent');
    if (batchTime > time) refuse('BatchInFuture', { blockTime: time, time: batchTime });
    if (batchTime + 86_400 < time) refuse('BatchTooOld');
    if (chunkCount < 1 || chunkCount > profile.maxChunks) refuse('WrongChunkCount');
    if (roots.length !== chunkCount + 1) refuse('WrongListLength');
    if (form !== 'calldata' && !blobsAllowed) refuse('BlobsNotAllowed');
    if (roots[0] !== parent.stateRoot) refuse('WrongFirstRoot');
    requireQueue(submission);
    return headerOf(parent, submission);
  }

  const submissionOf = (hash: string): Promise<Submitted> =>
    answer(() => {
      const found = blocks.flatMap(({ batches }) => batches).find(({ transactionHash }) => transactionHash === hash);
      if (found === undefined) throw new RollupError('NOT_FOUND', `no transaction ${hash}`);
      return found.submission;
    });

  return {
    genesis,
    chainId: CHAIN_ID,
    contract: CONTRACT,
    connect: () =>
      answer(() => ({
        domain: domainOf(DEPLOYMENT),
        slotsPerChunk: profile.slotsPerChunk,
        maxChunks: profile.maxChunks,
        maxBatchAgeSeconds: 86_400,
        blobsAllowed,
      })),
    head: () => answer(() => blocks.at(-1)!),
    block: (number) => answer(() => blocks[number]),
    finalState: (blockHash) =>
      answer(() => {
        const { number, priorityCount, transferToNewCount } = upTo(blockHash, allBatches()).at(-1)!.header;
        return { number, priorityCount, transferToNewCount };
      }),
    queueState: (blockHash) =>
      answer(() => {
        const requests = upTo(blockHash, allRequests());
        return {
          requestedCount: requests.length,
          depositCount: requests.filter(({ fields }) => fields.kind === RecordKind.deposit).length,
        };
      }),
    deploymentFacts: () => answer(() => ({ priorityFee, tokenCount: 1 + tokens.length, assertions })),
    tokenFacts: (tokenId) =>
      answer(() => {
        if (tokenId === 0) return { address: ZERO_ADDRESS, symbol: 'ETH', decimals: 18 };
        tokenReads += 1;
        const token = tokens[tokenId - 1] ?? refuse('UnknownToken', { tokenId });
        if (token instanceof Error) throw token;
        return token;
      }),
    destinationCount: () => answer(() => destinationCount),
    headerHash: (number) => answer(() => allBatches().find(({ header }) => header.number === number)?.headerHash),
    priorityRequests: (from, to) => answer(() => logsIn(allRequests(), from, to)),
    finalizedBatches: (from, to) => answer(() => logsIn(allBatches(), from, to)),
    findBatch: (number, from, to) =>
      answer(() => logsIn(allBatches(), from, to).find(({ header }) => header.number === number)),
    claims: () => answer(() => []),
    submission: submissionOf,
    assertions: () => answer(() => []),
    batchData: submissionOf,
    prices: () => answer(() => prices),
    balance: () => answer(() => balance),
    submitBatch: (submission, sidecar = []) =>
      answer(() => {
        submissionCount += 1;
        const transactionHash = hashOf();
        const submitted = withSidecar(submission, sidecar);
        requireProven(submitted);
        const block = append({ batches: [{ submission: submitted, header: judge(submitted), transactionHash }] });
        const lost = lostAnswer;
        lostAnswer = undefined;
        if (lost !== undefined) throw lost;
        return { transactionHash, blockNumber: block.number, blockHash: block.hash, gasUsed: 1n, costWei: 3n };
      }),
    requireQueue,
    makeFinal: (batch) =>
      answer(() => {
        const submission = { ...batch, evaluations: [], opening: new Uint8Array(), proofs: [] };
        append({ batches: [{ submission, header: judge(batch), transactionHash: hashOf() }] });
      }),
    deposit: (keyY, owner, tokenId, amount) =>
      request(RecordKind.deposit, 0, [keyY, owner + (BigInt(tokenId) << 160n), amount]),
    importDeposits(deposits) {
      const transactionHash = hashOf();
      const requests = deposits.map(({ keyY, owner, tokenId, amount }, groupPosition) => ({
        fields: { kind: RecordKind.deposit, from: 0, to: 0, amountFloat: 0n, feeFloat: 0 },
        words: [keyY, owner + (BigInt(tokenId) << 160n), amount],
        ...{ deadline: time + 3 * 86_400, fee: 1n, transactionHash, groupSize: deposits.length, groupPosition },
      }));
      append({ requests });
      return allRequests().length - deposits.length;
    },
    registerDestination() {
      append();
      destinationCount += 1;
      return destinationCount - 1;
    },
    setPrices(next) {
      prices = next;
    },
    setBalance(wei) {
      balance = wei;
    },
    setPriorityFee(wei) {
      priorityFee = wei;
    },
    setTokens(next) {
      tokens = next;
    },
    get tokenReads() {
      return tokenReads;
    },
    requestExit: (owner, index, tokenId) =>
      request(RecordKind.forcedExit, index, [0n, owner + (BigInt(tokenId) << 160n), 0n]),
    mine(count = 1) {
      for (let i = 0; i < count; i++) append();
    },
    reorg(depth, { keepRequests = false, amount } = {}) {
      const removed = blocks.splice(blocks.length - depth, depth);
      const changed = (request: Request): Request =>
        amount === undefined ? request : { ...request, words: request.words.with(2, amount) };
      for (const { requests } of removed) append(keepRequests ? { requests: requests.map(changed) } : {});
    },
    leaveOut(predicate = () => false) {
      isLeftOut = predicate;
    },
    becomeAnother() {
      const count = blocks.length;
      blocks.length = 0;
      blocks.push({ number: 0, hash: hashOf(), parentHash: hashOf(), timestamp: startTime, requests: [], batches: [] });
      while (blocks.length < count) append();
    },
    fail(error) {
      failure = error;
    },
    loseNextAnswer(error) {
      lostAnswer = error;
    },
    get submissionCount() {
      return submissionCount;
    },
    get posted() {
      return allBatches()
        .slice(1)
        .map(({ header }) => header);
    },
    get submissions() {
      return blocks.flatMap(({ batches }) => batches.map(({ submission }) => submission));
    },
    get deposited() {
      const sums = new Map<number, bigint>();
      for (const { fields, words } of allRequests()) {
        const tokenId = Number(words[1]! >> 160n);
        if (fields.kind === RecordKind.deposit) sums.set(tokenId, (sums.get(tokenId) ?? 0n) + words[2]!);
      }
      return sums;
    },
    get time() {
      return time;
    },
    advanceTime(seconds) {
      time += seconds;
    },
  };
}

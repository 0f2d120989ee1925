/**
 * A test double of L1: blocks in memory with reorgs, the priority queue, and the contract's rules for batches except
 * the proofs themselves. It decodes what is submitted, so that a wrong header, root or queue order is refused.
 */

import type {
  BatchSubmission,
  BlockReference,
  FinalizedBatch,
  L1Inclusion,
  PriorityRequest,
  RollupChain,
} from '@quittance/chain';
import {
  chunksHash,
  decodeChunkData,
  domainOf,
  genesisHeader,
  headerHash,
  isPriorityKind,
  keccak,
  type Operation,
  type Profile,
  portableHasher,
  RecordKind,
  RollupError,
  RollupState,
  type StoredHeader,
  type Withdrawal,
  withdrawalsRoot,
} from '@quittance/protocol';

type Request = Omit<PriorityRequest, 'queueIndex' | 'groupStart' | 'groupSize' | 'blockNumber' | 'blockHash'>;

interface Block extends BlockReference {
  readonly requests: readonly Request[];
  readonly batches: readonly {
    readonly submission: BatchSubmission;
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
  /** Replaces the last `depth` blocks by empty ones, or by ones with the same requests in the same order. */
  reorg(depth: number, options?: { readonly keepRequests?: boolean }): void;
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
  readonly submissions: readonly BatchSubmission[];
  /** Sum of the deposits requested, by token. */
  readonly deposited: ReadonlyMap<number, bigint>;
  readonly time: number;
  advanceTime(seconds: number): void;
}

export interface FakeChainOptions {
  readonly profile: Profile;
  readonly startTime: number;
}

const CONTRACT = '0x00000000000000000000000000000000000f00d5';
const CHAIN_ID = 31337n;

/** The empty state's root. */
const EMPTY_ROOT: bigint = new RollupState(portableHasher).root;

function refuse(name: string, values: Record<string, string | number> = {}): never {
  throw new RollupError('L1_REJECTED', `the contract refused: ${name}`, { error: name, ...values });
}

/** A chain with a deployment in block 0. */
export function createFakeChain({ profile, startTime }: FakeChainOptions): FakeChain {
  const genesis = genesisHeader(EMPTY_ROOT, startTime);
  let time = startTime;
  let salt = 0;
  let failure: Error | undefined;
  let lostAnswer: Error | undefined;
  let isLeftOut: (log: PriorityRequest | FinalizedBatch) => boolean = () => false;
  let submissionCount = 0;
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
      .map((request, queueIndex) => ({ ...request, queueIndex, groupStart: queueIndex, groupSize: 1 }));
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
    append({ requests: [{ fields, words, deadline: time + 3 * 86_400, fee: 1n, transactionHash }] });
    return allRequests().length - 1;
  };

  /** The contract's checks. @returns the new header. */
  function judge(submission: BatchSubmission): StoredHeader {
    const { parent, number, time: batchTime, roots, commitments, feeTokens, chunks, proofs } = submission;
    const last = allBatches().at(-1)!;
    if (number !== last.header.number + 1)
      refuse('WrongBatchNumber', { expected: last.header.number + 1, actual: number });
    if (headerHash(parent) !== last.headerHash) refuse('WrongParent');
    if (batchTime < parent.time) refuse('BatchBeforeParent');
    if (batchTime > time) refuse('BatchInFuture', { blockTime: time, time: batchTime });
    if (batchTime + 86_400 < time) refuse('BatchTooOld');
    if (chunks.length < 1 || chunks.length > profile.maxChunks) refuse('WrongChunkCount');
    if (proofs.length !== chunks.length || roots.length !== chunks.length + 1) refuse('WrongListLength');
    if (roots[0] !== parent.stateRoot) refuse('WrongFirstRoot');
    const records = chunks.flatMap((data) => decodeChunkData(data, profile.slotsPerChunk));
    const priority = records.filter(({ fields }) => isPriorityKind(fields.kind));
    if (records.slice(0, priority.length).some(({ fields }) => !isPriorityKind(fields.kind)))
      refuse('PriorityRecordNotFirst');
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
    const isFull = priority.length === records.length && chunks.length === profile.maxChunks;
    if (next !== undefined && next.deadline <= batchTime && !isFull) {
      refuse('OverdueOperationSkipped', { operationId: next.queueIndex, deadline: next.deadline, time: batchTime });
    }
    const withdrawals: Withdrawal[] = records
      .filter(
        ({ fields, words }) =>
          (fields.kind === RecordKind.withdraw || fields.kind === RecordKind.forcedExit) && words[2]! > 0n,
      )
      .map(({ words }) => ({ ownerAndToken: words[1]!, amount: words[2]! }));
    return {
      number,
      time: batchTime,
      parentHash: headerHash(parent),
      stateRoot: roots.at(-1)!,
      chunksHash: chunksHash({ roots, commitments, feeTokens, dataHashes: chunks.map((data) => keccak(data)) }),
      withdrawalsRoot: withdrawalsRoot(withdrawals),
      withdrawalCount: withdrawals.length,
      priorityCount: parent.priorityCount + priority.length,
      transferToNewCount:
        parent.transferToNewCount +
        records.filter(({ fields }: Pick<Operation, 'fields'>) => fields.kind === RecordKind.transferToNew).length,
    };
  }

  const submissionOf = (hash: string): Promise<BatchSubmission> =>
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
        domain: domainOf({ chainId: CHAIN_ID, contract: CONTRACT }),
        slotsPerChunk: profile.slotsPerChunk,
        maxChunks: profile.maxChunks,
        maxBatchAgeSeconds: 86_400,
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
    headerHash: (number) => answer(() => allBatches().find(({ header }) => header.number === number)?.headerHash),
    priorityRequests: (from, to) => answer(() => logsIn(allRequests(), from, to)),
    finalizedBatches: (from, to) => answer(() => logsIn(allBatches(), from, to)),
    findBatch: (number, from, to) =>
      answer(() => logsIn(allBatches(), from, to).find(({ header }) => header.number === number)),
    claims: () => answer(() => []),
    submission: submissionOf,
    assertions: () => answer(() => []),
    batchData: submissionOf,
    submitBatch: (submission) =>
      answer(() => {
        submissionCount += 1;
        const transactionHash = hashOf();
        const block = append({ batches: [{ submission, header: judge(submission), transactionHash }] });
        const lost = lostAnswer;
        lostAnswer = undefined;
        if (lost !== undefined) throw lost;
        return { transactionHash, blockNumber: block.number, blockHash: block.hash, gasUsed: 1n };
      }),
    deposit: (keyY, owner, tokenId, amount) =>
      request(RecordKind.deposit, 0, [keyY, owner + (BigInt(tokenId) << 160n), amount]),
    requestExit: (owner, index, tokenId) =>
      request(RecordKind.forcedExit, index, [0n, owner + (BigInt(tokenId) << 160n), 0n]),
    mine(count = 1) {
      for (let i = 0; i < count; i++) append();
    },
    reorg(depth, { keepRequests = false } = {}) {
      const removed = blocks.splice(blocks.length - depth, depth);
      for (const { requests } of removed) append(keepRequests ? { requests } : {});
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

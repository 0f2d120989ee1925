/**
 * Batches that L1 makes final without proof or dispute: right, but for signatures of zeros. Who replays final batches believes
 * those, so that a chain of any length is made in little time.
 */

import type { AssertionSubmission } from '@quittance/chain';
import {
  AUTHORIZATION_BYTES,
  type Engine,
  ETH_TOKEN_ID,
  encodeChunkData,
  encodeVisible,
  FEE_TOKEN_FILLER,
  float16,
  float40,
  headerOf,
  isSignedKind,
  NOOP,
  type Operation,
  type Profile,
  packFeeTokens,
  packOperations,
  packOwnerAndToken,
  RecordKind,
  type StoredHeader,
  TREE_CAPACITY,
  toField,
} from '@quittance/protocol';

/** Coprime to the number of leaves, so that accounts are spread over the whole tree. */
const LEAF_STRIDE = 6_700_417;
const FEE_TOKENS = [BigInt(ETH_TOKEN_ID), FEE_TOKEN_FILLER, FEE_TOKEN_FILLER, FEE_TOKEN_FILLER];
/** What an account begins with, what it pays, and the fee, in wei. */
const GIFT = 10n ** 15n;
const AMOUNT = 10n ** 9n;
const FEE = 10n ** 6n;
/** The receiver’s distance from the sender: coprime to most numbers of accounts. */
const RECEIVER_STRIDE = 7_919;

/** Somebody whose key nobody needs: any field element is one. */
export interface Holder {
  readonly index: number;
  readonly keyY: bigint;
  readonly owner: bigint;
}

/** Leaf of the holder of this number. */
const leafOf = (number: number): number => (1 + number * LEAF_STRIDE) % TREE_CAPACITY;

/** Holder of this number; number 0 has the money that all others are given. */
export function holderOf(number: number): Holder {
  return { index: leafOf(number), keyY: toField(BigInt(number + 1) ** 40n), owner: 10n ** 40n + BigInt(number) };
}

const fieldsOf = (kind: number, from: number, to: number, amount = 0n, fee = 0n): Operation['fields'] => ({
  ...{ kind, from, to },
  amountFloat: float40.encode(amount),
  feeFloat: Number(float16.encode(fee)),
});

/** The deposit that the queue holds for the first holder. */
export function firstDeposit(amount: bigint): Operation {
  const { index, keyY, owner } = holderOf(0);
  const words = [keyY, packOwnerAndToken(owner, ETH_TOKEN_ID), amount];
  return { fields: fieldsOf(RecordKind.deposit, 0, index), words };
}

/** The first holder gives another one an account. */
export function createOf(number: number): Operation {
  const { index, keyY, owner } = holderOf(number);
  const fields = fieldsOf(RecordKind.transferToNew, leafOf(0), index, GIFT, FEE);
  return { fields, words: [keyY, owner, 0n] };
}

/** Transfer number `number` among this many holders. */
export function transferOf(number: number, holders: number): Operation {
  const from = number % holders;
  const to = (from + 1 + ((number * RECEIVER_STRIDE) % (holders - 1))) % holders;
  return { fields: fieldsOf(RecordKind.transfer, leafOf(from), leafOf(to), AMOUNT, FEE), words: [] };
}

/** A holder takes money out. */
export function withdrawOf(number: number): Operation {
  const { index, owner } = holderOf(number);
  const words = [0n, packOwnerAndToken(owner, ETH_TOKEN_ID), AMOUNT];
  return { fields: fieldsOf(RecordKind.withdraw, index, 0, AMOUNT, FEE), words };
}

/** Chunks of these operations: the last slot of each collects the fees. */
function chunksOf(operations: readonly Operation[], { slotsPerChunk }: Profile): Operation[][] {
  const own = slotsPerChunk - 1;
  const collect = { fields: fieldsOf(RecordKind.collectFee, 0, leafOf(0)), words: [] };
  return Array.from({ length: Math.ceil(operations.length / own) }, (_, chunk) => {
    const slots = operations.slice(chunk * own, (chunk + 1) * own);
    return [...slots, ...Array<Operation>(own - slots.length).fill(NOOP), collect];
  });
}

/** Makes batches, each on the one before. */
export interface BatchMaker {
  /** Header of the last one. */
  readonly header: StoredHeader;
  /** The next batch. @param time Unix seconds. @throws when an operation breaks a rule. */
  next(operations: readonly Operation[], time: number): Promise<AssertionSubmission>;
}

/** Makes batches behind the genesis. */
export function createBatchMaker(engine: Engine, domain: bigint, genesis: StoredHeader, profile: Profile): BatchMaker {
  const state = engine.createState();
  let header = genesis;
  return {
    get header() {
      return header;
    },
    async next(operations, time) {
      const chunks = chunksOf(operations, profile);
      const packed = chunks.map((slots) => ({ operations: packOperations(slots), feeTokens: FEE_TOKENS }));
      const options = { signatures: 'believed', onInvalid: 'stop', traces: false, commitments: false } as const;
      const executed = await engine.execute(state, { domain, batchTime: time, chunks: packed }, options);
      const [refused] = executed.refusals;
      if (refused !== undefined) throw new Error(`slot ${refused.slot} of chunk ${refused.chunk}: ${refused.message}`);
      const submission: AssertionSubmission = {
        ...{ parent: header, number: header.number + 1, time },
        roots: [header.stateRoot, ...executed.chunks.map(({ newRoot }) => newRoot)],
        commitments: chunks.map(() => 0n),
        feeTokens: chunks.map(() => packFeeTokens(FEE_TOKENS)),
        form: 'calldata',
        chunks: chunks.map(encodeChunkData),
        visible: chunks.map(encodeVisible),
        blobHashes: [],
        authorizations: chunks.map(
          (slots) =>
            new Uint8Array(AUTHORIZATION_BYTES * slots.filter(({ fields }) => isSignedKind(fields.kind)).length),
        ),
      };
      header = headerOf(header, submission);
      return submission;
    },
  };
}

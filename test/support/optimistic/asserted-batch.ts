/** Asserted batches, true or not, with all that disputes about them need: records, signatures and states are real. */

import {
  type AssertionContent,
  assertionContent,
  type Bytes32,
  chunksHash,
  contentHash,
  type Deployment,
  domainOf,
  FEE_TOKEN_FILLER,
  headerHash,
  isPriorityKind,
  keccak,
  packFeeTokens,
  RecordKind,
  RollupState,
  type StoredHeader,
  type Withdrawal,
  withdrawalsRoot,
} from '@quittance/protocol';
import { portableCrypto } from '../rollup/world.ts';
import { type ChunkScript, type ClaimedChunk, claimChunk } from './claimed-chunk.ts';

const NO_FEE_TOKENS = Array.from({ length: 4 }, () => FEE_TOKEN_FILLER);

/** The end of a chain: what the next batch is built on. */
export interface Tip {
  readonly header: StoredHeader;
  /** Nobody changes it. */
  readonly state: RollupState;
}

/** What a producer asserts. */
export interface BatchScript {
  readonly time: number;
  readonly chunks: readonly ChunkScript[];
}

/** The arguments of `assertBatch`, and what L1 and disputes make of them. */
export interface BuiltAssertion extends Tip {
  readonly parent: StoredHeader;
  readonly batch: {
    readonly number: number;
    readonly time: number;
    readonly roots: readonly bigint[];
    readonly commitments: readonly bigint[];
    readonly feeTokens: readonly bigint[];
  };
  readonly chunks: readonly Uint8Array[];
  readonly authorizations: readonly Uint8Array[];
  readonly headerHash: Bytes32;
  readonly content: AssertionContent;
  readonly contentHash: Bytes32;
  readonly claims: readonly ClaimedChunk[];
  readonly withdrawals: readonly Withdrawal[];
  readonly isLie: boolean;
}

/** Builds the batch on a tip. */
export function buildAssertion(
  { deployment, slotsPerChunk }: { readonly deployment: Deployment; readonly slotsPerChunk: number },
  { header: parent, state: before }: Tip,
  { time, chunks: scripts }: BatchScript,
): BuiltAssertion {
  const number = parent.number + 1;
  const state = new RollupState(portableCrypto.hasher, before.accounts());
  const domain = domainOf(deployment);
  const claims = scripts.map((script) => {
    const context = { domain, batchTime: time, feeTokens: script.feeTokens ?? NO_FEE_TOKENS };
    return claimChunk(state, script, slotsPerChunk, context);
  });
  const chunks = claims.map(({ data }) => data);
  const authorizations = claims.map((claim) => claim.authorizations);
  const roots = [parent.stateRoot, ...claims.map(({ newRoot }) => newRoot)];
  const commitments = claims.map(({ commitment }) => commitment);
  const feeTokens = claims.map(({ context }) => packFeeTokens(context.feeTokens));
  const batch = { number, time, roots, commitments, feeTokens };
  const content = assertionContent(deployment, slotsPerChunk, { ...batch, chunks, authorizations });
  const operations = claims.flatMap(({ slots }) => slots.map(({ operation }) => operation));
  const withdrawals = operations
    .filter(({ fields: { kind } }) => kind === RecordKind.withdraw || kind === RecordKind.forcedExit)
    .map(({ words }) => ({ ownerAndToken: words[1]!, amount: words[2]! }))
    .filter(({ amount }) => amount > 0n);
  const countOf = (matches: (kind: number) => boolean) =>
    operations.filter(({ fields }) => matches(fields.kind)).length;
  const header = {
    number,
    time,
    parentHash: headerHash(parent),
    stateRoot: roots.at(-1)!,
    chunksHash: chunksHash({ roots, commitments, feeTokens, dataHashes: chunks.map(keccak) }),
    withdrawalsRoot: withdrawalsRoot(withdrawals),
    withdrawalCount: withdrawals.length,
    priorityCount: parent.priorityCount + countOf(isPriorityKind),
    transferToNewCount: parent.transferToNewCount + countOf((kind) => kind === RecordKind.transferToNew),
  };
  return {
    parent,
    batch,
    chunks,
    authorizations,
    header,
    state,
    headerHash: headerHash(header),
    content,
    contentHash: contentHash(content),
    claims,
    withdrawals,
    isLie: claims.some(({ slots }) => slots.some(({ isFraud }) => isFraud)),
  };
}

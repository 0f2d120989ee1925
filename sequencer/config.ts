/** The settings of an operator, with defaults and checks. */

import {
  DEFAULT_SEAL_AFTER_MS,
  FEE_TOKEN_COUNT,
  FEE_TOKEN_FILLER,
  OWNER_BITS,
  type Profile,
  RollupError,
  requireBits,
  requireFieldElement,
  TOKEN_ID_BITS,
} from '@quittance/protocol';

/** A token in which fees can be paid. */
export interface FeeToken {
  readonly tokenId: number;
  /** Least fee of a transfer in base units. */
  readonly minimumFee: bigint;
  /** No more is suggested. */
  readonly maximumFee?: bigint;
  /** Base units that are worth one ETH. Without it the minimum is suggested; ETH needs none. */
  readonly unitsPerEth?: bigint;
}

/**
 * How batches become final. `zk`: proven, then posted. `optimistic`: asserted with a bond, final after the challenge
 * period. `hybrid`: asserted at once, final as soon as it is proven.
 */
export type SequencerMode = 'zk' | 'optimistic' | 'hybrid';
export const SEQUENCER_MODES: readonly SequencerMode[] = ['zk', 'optimistic', 'hybrid'];

/** Where the data of batches goes: wherever it is cheaper, if the deployment allows blobs; or one of the two only. */
export type DataChoice = 'auto' | 'calldata' | 'blobs';

/** Up to which prices batches are posted at once, and how long they wait for them otherwise. */
export interface PriceBound {
  /** Wei. */
  readonly feePerGas: bigint;
  /** Wei per gas of blobs; says nothing of a batch in calldata. */
  readonly feePerBlobGas: bigint;
  /** After it was sealed a batch waits at most this long. */
  readonly mostSeconds: number;
}

/** Bounds of the transfers that wait for those with the nonces in front of theirs. */
export interface GapLimits {
  /** How long one waits; 0: none does. */
  readonly waitMs: number;
  /** Most of one account; also how far ahead a nonce may be. */
  readonly perAccount: number;
  /** Most of all. */
  readonly total: number;
}

/** Settings of the sequencer. */
export interface SequencerConfig {
  readonly mode: SequencerMode;
  readonly data: DataChoice;
  /** Most chunks of a batch, if fewer than the profile allows: each needs a proof, so smaller batches are final sooner. */
  readonly maxChunksPerBatch: number;
  /** Shape of chunks and batches; must be that of the contract. */
  readonly profile: Profile;
  /** Key and L1 owner of the operator's fee accounts, one account for each fee token. */
  readonly operator: { readonly keyY: bigint; readonly owner: bigint };
  /** At most four. */
  readonly feeTokens: readonly FeeToken[];
  /** Percent that suggested fees are above what a slot costs on L1. */
  readonly feeMarginPercent: number;
  /** A batch is sealed this long after its first operation at the latest. */
  readonly sealAfterMs: number;
  /** A transfer must be valid for at least this long beyond the sealing of its batch. */
  readonly expiryMarginSeconds: number;
  /** Blocks after which an event on L1 counts, its own included. */
  readonly confirmations: number;
  /** First block to read on L1: that of the deployment. */
  readonly deploymentBlock: number;
  /** Pause between two looks at L1. */
  readonly l1PollMs: number;
  /** Most transfers that are accepted but not yet posted; beyond it MEMPOOL_FULL. */
  readonly maxUnpostedTransfers: number;
  /** Most transfers that wait for admission; beyond it MEMPOOL_FULL. */
  readonly maxIntake: number;
  /** Transfers that came before those with the nonces in front of theirs, and wait for them. */
  readonly gaps: GapLimits;
  /** Undefined: batches are posted at any price. */
  readonly priceBound: PriceBound | undefined;
  /** Chunks that are proven at the same time. */
  readonly provingConcurrency: number;
  /** Which share of the batches, 0 to 1, the reference engine executes too (`batcher/shadow.ts`). */
  readonly shadow: number;
  /** Seal again what L1 rejected: the operator's word that the reason is gone. */
  readonly resealRejected: boolean;
}

const DEFAULTS = {
  mode: 'zk',
  data: 'auto',
  priceBound: undefined,
  resealRejected: false,
  shadow: 0.01,
  feeMarginPercent: 20,
  sealAfterMs: DEFAULT_SEAL_AFTER_MS,
  expiryMarginSeconds: 30,
  confirmations: 1,
  deploymentBlock: 0,
  l1PollMs: 1_000,
  maxIntake: 10_000,
  gaps: { waitMs: 2_000, perAccount: 64, total: 4_096 },
  provingConcurrency: 1,
} as const;

/** What must be given. */
export type SequencerSettings = Pick<SequencerConfig, 'profile' | 'operator' | 'feeTokens'> & Partial<SequencerConfig>;

/** How many full batches may wait for L1 before new transfers are refused, */
const UNPOSTED_BATCHES = 20;
/** and how many transfers: what is not proven stays in memory with its paths, some 10 kB a record. */
const UNPOSTED_TRANSFERS = 24_000;

function invalid(message: string): RollupError {
  return new RollupError('CONFIG_INVALID', message);
}

/** @throws RollupError CONFIG_INVALID or OUT_OF_RANGE. */
function requireFeeTokens(feeTokens: readonly FeeToken[]): void {
  if (feeTokens.length > FEE_TOKEN_COUNT) {
    throw invalid(`there are at most ${FEE_TOKEN_COUNT} fee tokens, got ${feeTokens.length}`);
  }
  for (const { tokenId, minimumFee, maximumFee, unitsPerEth } of feeTokens) {
    requireBits('feeTokens.tokenId', tokenId, TOKEN_ID_BITS);
    if (minimumFee < 0n) throw invalid(`the minimum fee of token ${tokenId} is negative`);
    if (maximumFee !== undefined && maximumFee < minimumFee) {
      throw invalid(`the highest suggested fee of token ${tokenId} is ${maximumFee}, below its minimum ${minimumFee}`);
    }
    if (unitsPerEth !== undefined && unitsPerEth <= 0n) throw invalid(`the rate of token ${tokenId} is not above 0`);
  }
  if (new Set(feeTokens.map(({ tokenId }) => tokenId)).size !== feeTokens.length) {
    throw invalid('a fee token is listed twice');
  }
}

/** Checks the settings and fills in the defaults. @throws RollupError CONFIG_INVALID or OUT_OF_RANGE with what is wrong. */
export function createSequencerConfig(settings: SequencerSettings): SequencerConfig {
  const { slotsPerChunk, maxChunks } = settings.profile;
  const maxUnpostedTransfers = Math.min(UNPOSTED_BATCHES * slotsPerChunk * maxChunks, UNPOSTED_TRANSFERS);
  const config = { ...DEFAULTS, maxUnpostedTransfers, maxChunksPerBatch: maxChunks, ...settings };
  requireFieldElement('operator.keyY', config.operator.keyY);
  requireBits('operator.owner', config.operator.owner, OWNER_BITS);
  requireFeeTokens(config.feeTokens);
  if (!Number.isSafeInteger(config.feeMarginPercent) || config.feeMarginPercent < 0) {
    throw invalid(`feeMarginPercent is ${config.feeMarginPercent}, expected a whole number from 0`);
  }
  if (!(config.shadow >= 0 && config.shadow <= 1)) throw invalid(`shadow is ${config.shadow}, expected 0 to 1`);
  const counts = {
    sealAfterMs: config.sealAfterMs,
    l1PollMs: config.l1PollMs,
    confirmations: config.confirmations,
    maxIntake: config.maxIntake,
    maxUnpostedTransfers: config.maxUnpostedTransfers,
    provingConcurrency: config.provingConcurrency,
    maxChunksPerBatch: config.maxChunksPerBatch,
    'gaps.perAccount': config.gaps.perAccount,
    'gaps.total': config.gaps.total,
  };
  const { waitMs } = config.gaps;
  if (!Number.isSafeInteger(waitMs) || waitMs < 0) throw invalid(`gaps.waitMs is ${waitMs}, expected 0 or more`);
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) throw invalid(`${name} is ${value}, expected a whole number from 1`);
  }
  if (config.maxChunksPerBatch > maxChunks) {
    throw invalid(`maxChunksPerBatch is ${config.maxChunksPerBatch}, a batch of this profile has at most ${maxChunks}`);
  }
  return config;
}

/** The four fee tokens of a chunk: ascending, filled up. */
export function chunkFeeTokens(feeTokens: readonly FeeToken[]): bigint[] {
  const ids = feeTokens.map(({ tokenId }) => BigInt(tokenId)).sort((one, other) => Number(one - other));
  return [...ids, ...Array.from({ length: FEE_TOKEN_COUNT - ids.length }, () => FEE_TOKEN_FILLER)];
}

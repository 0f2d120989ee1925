/** Sends for one account, faster the less time there is. */

import {
  type ChannelCall,
  createTransactionManager,
  type Included,
  includedOf,
  type TransactionManager,
  type TransactionOptions,
  translateChainError,
} from '@quittance/chain';

/** What a call costs now. */
export interface CallCost {
  readonly gas: bigint;
  /** Wei. */
  readonly costWei: bigint;
  readonly feePerGas: bigint;
}

/** Money for gas, in wei. */
export interface Funds {
  readonly balance: bigint;
  readonly feePerGas: bigint;
}

/** Sends transactions of one account, one at a time. */
export interface TowerSender {
  readonly account: string;
  /** Executes it without sending. @throws RollupError L1_REJECTED with the contract's error, or L1_UNREACHABLE. */
  dryRun(call: ChannelCall): Promise<CallCost>;
  /**
   * Sends it and waits until it is in a block.
   *
   * @param secondsLeft until it is too late; undefined when it can wait.
   * @throws as `TransactionManager.send`.
   */
  send(call: ChannelCall, secondsLeft: number | undefined, signal?: AbortSignal): Promise<Included>;
  /** What the account has, and what gas costs now. @throws RollupError L1_UNREACHABLE. */
  funds(): Promise<Funds>;
}

export interface SenderOptions extends Pick<TransactionOptions, 'provider' | 'signer' | 'clock' | 'logger'> {
  /** No fee per gas above this is ever offered, in wei. */
  readonly maxFeePerGas: bigint;
}

const MAX_REPLACEMENTS = 8;
/** How long an offer stands before its fee is raised: at most as with any transaction, and of the time that is left a tenth. */
const STUCK_MS = { least: 2_000, most: 45_000 } as const;
const OFFERS = MAX_REPLACEMENTS + 2;
const POLL_MS = 1_000;

/** How long one offer stands. */
export function stuckAfterMs(secondsLeft: number | undefined): number {
  if (secondsLeft === undefined) return STUCK_MS.most;
  const share = (secondsLeft * 1_000) / OFFERS;
  return Math.round(Math.min(STUCK_MS.most, Math.max(STUCK_MS.least, share)));
}

/** A sender for `signer`. @throws RollupError L1_UNREACHABLE when it does not say its address. */
export async function createTowerSender(options: SenderOptions): Promise<TowerSender> {
  const { provider, signer } = options;
  const account = await signer.getAddress();
  // They share the account, not a queue: a tower sends one after the other.
  const managerOf = (stuckMs: number): TransactionManager =>
    createTransactionManager({
      ...options,
      stuckAfterMs: stuckMs,
      pollMs: Math.min(POLL_MS, stuckMs / 4),
      maxReplacements: MAX_REPLACEMENTS,
    });
  const patient = managerOf(STUCK_MS.most);
  return {
    account,
    async dryRun(call) {
      const { gas, feePerGas } = await patient.estimate(call);
      return { gas, feePerGas, costWei: gas * feePerGas };
    },
    async send(call, secondsLeft, signal) {
      const manager = secondsLeft === undefined ? patient : managerOf(stuckAfterMs(secondsLeft));
      return includedOf(await manager.send(call, signal));
    },
    async funds() {
      try {
        const [balance, { feePerGas }] = await Promise.all([provider.getBalance(account), patient.prices()]);
        return { balance, feePerGas };
      } catch (error) {
        throw translateChainError('reading the balance', error);
      }
    },
  };
}

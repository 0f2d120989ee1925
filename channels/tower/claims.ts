/** Money of a vault that is final on the rollup and that nobody brought to it yet: anybody can. */

import type { ChannelCall } from '@quittance/chain';

/** What one call brings. */
export interface VaultClaim {
  /** Tells it from every other one. */
  readonly key: string;
  readonly call: ChannelCall;
  /** Base units of the channel's token. */
  readonly amount: bigint;
}

/** Finds it. */
export interface VaultClaims {
  /** @throws RollupError L1_UNREACHABLE, and whatever reading batches throws. */
  unpaid(vault: string, tokenId: number): Promise<readonly VaultClaim[]>;
}

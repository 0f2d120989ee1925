/** Exits of a vault: those that nobody has requested yet though there is money, and those that are not final. */

import type { BlockReference, ChannelClose, ChannelsReader, RollupReader, VaultExit } from '@quittance/chain';
import { type ChannelTerms, ETH_TOKEN_ID } from '@quittance/protocol';

/** An account of a vault. */
export interface VaultAccount {
  readonly index: number;
  /** Base units. */
  readonly balance: bigint;
}

/** What the rollup says of a vault's accounts. */
export interface VaultAccounts {
  /** Those of this owner in this token. Not believed: what it says can cost fees, and no more than a few. */
  ofVault(vault: string, tokenId: number): Promise<readonly VaultAccount[]>;
}

export interface ExitFinderOptions {
  readonly reader: Pick<ChannelsReader, 'exitRequests' | 'block'>;
  readonly rollup: Pick<RollupReader, 'finalState' | 'deploymentFacts'>;
  readonly accounts: VaultAccounts;
  /** Block of the deployment, or one before it. */
  readonly fromBlock: number;
}

/** Where a close stands. */
export interface ClosedVault {
  readonly vault: string;
  readonly terms: ChannelTerms;
  readonly close: ChannelClose;
  readonly head: BlockReference;
}

/** Exits of a vault. */
export interface VaultExits {
  /** Accounts with money whose exit is to be requested. */
  readonly missing: readonly number[];
  /** Exits that were requested and are not final. */
  readonly pendingCount: number;
}

/** Looks for exits. */
export interface ExitFinder {
  /** @throws RollupError L1_UNREACHABLE; or what the accounts throw. */
  look(closed: ClosedVault): Promise<VaultExits>;
}

/** Blocks of one query, backwards from the head. */
const STEP = 2_000;
/** Exits of one account that are ever requested: whoever says that it always has money costs us so many fees and no more. */
const MOST_REQUESTS = 4;
/** Exits of one vault that are ever requested, whatever accounts it is said to have. */
const MOST_OF_VAULT = 32;
/** Most exits of one call: each takes gas of its own. */
const MOST_AT_ONCE = 16;

/** Anybody can open accounts for a vault, with dust in them: what has less than a hundredth of all is none of a channel. */
const LEAST_PART = 100n;

/** Accounts whose exit is worth its fee. */
export function worthExits(all: readonly VaultAccount[], tokenId: number, priorityFee: bigint): readonly number[] {
  const total = all.reduce((sum, { balance }) => sum + balance, 0n);
  const isWorth = ({ balance }: VaultAccount): boolean =>
    balance > 0n && balance * LEAST_PART >= total && (tokenId !== ETH_TOKEN_ID || balance > priorityFee);
  return all.filter(isWorth).map(({ index }) => index);
}

/** Over the rollup's queue. */
export function createExitFinder({ reader, rollup, accounts, fromBlock }: ExitFinderOptions): ExitFinder {
  /** Requests since the close: a vault can request nothing before. */
  async function requested({ vault, terms, close, head }: ClosedVault): Promise<VaultExit[]> {
    const closedAt = close.periodEnd - terms.period;
    const found: VaultExit[] = [];
    for (let toBlock = head.number; toBlock >= fromBlock; toBlock -= STEP) {
      const from = Math.max(fromBlock, toBlock - STEP + 1);
      found.push(...(await reader.exitRequests({ vault, fromBlock: from, toBlock })));
      const first = await reader.block(from);
      if (first !== undefined && first.timestamp < closedAt) break;
    }
    return found;
  }

  /** One search a vault: a long one goes on while others would begin. */
  const looking = new Map<string, Promise<VaultExits>>();
  async function lookOnce(closed: ClosedVault): Promise<VaultExits> {
    const { vault, terms, head } = closed;
    const all = await accounts.ofVault(vault, terms.tokenId);
    const { priorityFee } = await rollup.deploymentFacts();
    const indices = worthExits(all, terms.tokenId, priorityFee);
    const requests = await requested(closed);
    const { priorityCount } = await rollup.finalState(head.hash);
    const isPending = ({ queueIndex }: VaultExit): boolean => queueIndex >= priorityCount;
    const missing = indices.filter((index) => {
      const own = requests.filter(({ accountIndex }) => accountIndex === index);
      return own.length < MOST_REQUESTS && !own.some(isPending);
    });
    const left = Math.max(0, MOST_OF_VAULT - requests.length);
    const now = missing.slice(0, Math.min(left, MOST_AT_ONCE));
    return { missing: now, pendingCount: requests.filter(isPending).length };
  }

  return {
    look(closed) {
      const found = looking.get(closed.vault) ?? lookOnce(closed).finally(() => looking.delete(closed.vault));
      looking.set(closed.vault, found);
      return found;
    },
  };
}

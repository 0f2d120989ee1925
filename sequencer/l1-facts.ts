/** What wallets ask about the deployment, as L1 had it in the last block that was seen: nobody who asks us asks L1. */

import type { RollupReader, TokenFacts } from '@quittance/chain';
import { asRollupError } from '@quittance/protocol';
import type { Logger } from '../runtime/index.ts';

/** A token that is listed. What it does not say is undefined. */
export interface ListedToken extends TokenFacts {
  readonly tokenId: number;
}

/** What is known of the deployment. */
export interface L1Facts {
  /** Wei. */
  readonly priorityFee: bigint;
  readonly assertions: string | undefined;
  /** Ascending by id. */
  readonly tokens: readonly ListedToken[];
  /** Asks again. What was known stays when L1 does not answer. Never throws. */
  refresh(): Promise<void>;
}

/** Most tokens that are listed: anybody can register more. */
export const MAX_LISTED_TOKENS = 100;
/** Tokens that are asked for at the same time. */
const READS_AT_ONCE = 10;

export interface L1FactsOptions {
  readonly chain: Pick<RollupReader, 'deploymentFacts' | 'tokenFacts'>;
  /** Tokens that are listed wherever they stand. */
  readonly feeTokenIds: readonly number[];
  readonly logger: Logger;
}

/** Ids to list, ascending: the fee tokens, and of all others the first. */
export function listedTokenIds(tokenCount: number, feeTokenIds: readonly number[]): number[] {
  const registered = feeTokenIds.filter((tokenId) => tokenId < tokenCount);
  const listed = new Set(registered);
  for (let tokenId = 0; tokenId < tokenCount && listed.size < MAX_LISTED_TOKENS; tokenId += 1) listed.add(tokenId);
  return [...listed].sort((one, other) => one - other);
}

/** The facts, asked for once. @throws RollupError L1_UNREACHABLE. */
export async function createL1Facts({ chain, feeTokenIds, logger }: L1FactsOptions): Promise<L1Facts> {
  const known = new Map<number, TokenFacts>();
  let facts = await chain.deploymentFacts();

  /** A token that answered is not asked again; one that L1 did not answer about is, after the next block. */
  const readToken = async (tokenId: number): Promise<void> => {
    try {
      known.set(tokenId, await chain.tokenFacts(tokenId));
    } catch (error) {
      const reason = asRollupError('reading a token', error).message;
      logger.warn('L1 did not say what a token is', { tokenId, reason });
    }
  };
  const readTokens = async (): Promise<void> => {
    const missing = listedTokenIds(facts.tokenCount, feeTokenIds).filter((tokenId) => !known.has(tokenId));
    for (let first = 0; first < missing.length; first += READS_AT_ONCE) {
      await Promise.all(missing.slice(first, first + READS_AT_ONCE).map(readToken));
    }
  };
  await readTokens();

  return {
    get priorityFee() {
      return facts.priorityFee;
    },
    get assertions() {
      return facts.assertions;
    },
    get tokens() {
      return listedTokenIds(facts.tokenCount, feeTokenIds).flatMap((tokenId) => {
        const token = known.get(tokenId);
        return token === undefined ? [] : [{ tokenId, ...token }];
      });
    },
    async refresh() {
      try {
        facts = await chain.deploymentFacts();
      } catch (error) {
        const reason = asRollupError('reading the deployment', error).message;
        logger.warn('L1 did not say what the deployment asks; the last answer counts', { reason });
        return;
      }
      await readTokens();
    },
  };
}

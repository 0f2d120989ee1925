/** Tokens for people who leave: one that does not say what it is must keep nobody from being paid in the others. */

import { isRollupError } from '@quittance/protocol';
import type { TokenInfo } from '../types.ts';
import type { L1 } from './open.ts';

/**
 * A token by its id. Anybody can register a contract that answers nothing and put some of it on an account of somebody else:
 * its amounts are then in base units.
 *
 * @throws RollupError L1_REJECTED for an id that nobody registered, L1_UNREACHABLE.
 */
export async function anyToken(l1: Pick<L1, 'token' | 'view'>, tokenId: number): Promise<TokenInfo> {
  try {
    return await l1.token(tokenId);
  } catch (error) {
    if (!isRollupError(error, 'TOKEN_UNSUITABLE')) throw error;
    return { tokenId, address: await l1.view<string>('tokenAddress', tokenId), symbol: '', decimals: 0 };
  }
}

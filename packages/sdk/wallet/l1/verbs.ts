/** What a wallet does on L1. */

import type { Connection } from '../connection.ts';
import type { TokenInfo, TokenRef, Wallet } from '../types.ts';
import { anyToken } from './any-token.ts';
import { claim, type Paying } from './claim.ts';
import { deposit } from './deposit.ts';
import { exitFromL1 } from './exit.ts';
import { forceExit } from './force-exit.ts';
import { payeeOf } from './payee.ts';
import { createL1Sender } from './send.ts';

/**
 * The verbs of a wallet that has an L1. Their transactions go one after the other.
 *
 * @throws RollupError CONFIG_INVALID for a wallet without one.
 */
export function createL1Verbs(
  connection: Connection,
  findToken: (ref: TokenRef) => Promise<TokenInfo>,
): Pick<Wallet, 'deposit' | 'claim' | 'forceExit' | 'exitFromL1'> {
  const l1 = connection.requireL1('this');
  const sender = createL1Sender(connection, l1);
  // Of tokens that are paid out L1 is asked: the sequencer may be gone.
  const context: Paying = { l1, sender, findToken: (tokenId) => anyToken(l1, tokenId) };
  return {
    deposit: async (request) => deposit({ connection, l1, sender }, await findToken(request.token ?? 0), request),
    claim: async (options = {}) => claim(context, payeeOf(connection.own, options), options),
    forceExit: async (request = {}) => forceExit(connection, l1, sender, await findToken(request.token ?? 0), request),
    exitFromL1: async (options = {}) => exitFromL1(connection, context, options),
  };
}

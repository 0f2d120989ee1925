/** The Assertions contract as one account uses it: asserter, challenger or anyone. */

import { RollupError } from '@quittance/protocol';
import { toAssertionCall } from './assertion-calls.ts';
import { createAssertionReader } from './assertion-reader.ts';
import type { AssertionAction, PinnedAssertionChain } from './assertion-types.ts';
import { askL1 } from './contract-view.ts';
import { includedOf, type TransactionCall } from './inclusion.ts';
import type { RollupChainOptions } from './rollup-chain.ts';
import { createTransactionManager } from './transactions.ts';

/**
 * Reader and sender over one provider. Two senders of one account would take each other's nonce: give them one `manager`.
 *
 * @throws RollupError L1_UNREACHABLE when the signer cannot say its address.
 */
export async function createAssertionChain(options: RollupChainOptions): Promise<PinnedAssertionChain> {
  const { provider, signer, clock, logger, transactions = {}, contract } = options;
  const manager = options.manager ?? createTransactionManager({ provider, signer, clock, logger, ...transactions });
  const reader = createAssertionReader(options);

  async function callOf(action: AssertionAction): Promise<TransactionCall> {
    const constants = await reader.connect();
    if (constants === undefined) {
      throw new RollupError('NO_OPTIMISTIC_MODE', `the rollup ${contract} was deployed without optimistic mode`, {
        contract,
      });
    }
    return toAssertionCall(constants, action);
  }

  const account = await askL1('asking for the account', () => signer.getAddress());
  return {
    ...reader,
    account,
    async dryRun(action) {
      const { gas, feePerGas } = await manager.estimate(await callOf(action));
      return { gas, costWei: gas * feePerGas };
    },
    nextNonce: () => askL1('reading the nonce', () => provider.getTransactionCount(account, 'latest')),
    balance: () => askL1('reading the balance', () => provider.getBalance(account)),
    async send(action, signal, nonce) {
      const call = await callOf(action);
      const pinned = nonce === undefined ? call : { ...call, nonce };
      return includedOf(await manager.send(pinned, signal));
    },
  };
}

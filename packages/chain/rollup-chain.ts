/** The rollup contract as its producer uses it. */

import type { Signer } from 'ethers';
import type { Clock, Logger } from '../../runtime/index.ts';
import { askL1 } from './contract-view.ts';
import { encodeSubmission } from './decode.ts';
import { includedOf } from './inclusion.ts';
import { createRollupReader } from './reader.ts';
import { createTransactionManager, type TransactionManager, type TransactionOptions } from './transactions.ts';
import type { RollupChain } from './types.ts';
import type { ReaderOptions } from './views.ts';

export interface RollupChainOptions extends ReaderOptions {
  /** Account of the producer, connected to the provider. */
  readonly signer: Signer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who sends; made for the signer when absent. One account has one, whatever contracts it calls. */
  readonly manager?: TransactionManager;
  readonly transactions?: Pick<TransactionOptions, 'stuckAfterMs' | 'pollMs' | 'maxReplacements' | 'maxFeePerGas'>;
}

/** Reader and submitter over one provider. */
export function createRollupChain(options: RollupChainOptions): RollupChain {
  const { provider, signer, clock, logger, transactions = {} } = options;
  const manager = options.manager ?? createTransactionManager({ provider, signer, clock, logger, ...transactions });
  return {
    ...createRollupReader(options),
    async submitBatch(submission, blobs = [], signal) {
      const call = { to: options.contract, data: encodeSubmission(submission), blobs };
      return includedOf(await manager.send(call, signal));
    },
    prices: () => manager.prices(),
    balance: () => askL1('reading the balance', async () => provider.getBalance(await signer.getAddress())),
  };
}

/** Measures what the producer's transactions cost, around the doors through which they leave. */

import type { AssertionChain, Included, RollupChain } from '@quittance/chain';
import type { SequencerMeasurements } from '../measurements.ts';
import type { Statistics } from '../statistics.ts';

type Spending = Pick<SequencerMeasurements, 'l1Gas' | 'l1Spent'> & { readonly statistics: Pick<Statistics, 'spent'> };

function measure<T extends Included>({ l1Gas, l1Spent, statistics }: Spending, kind: string, included: T): T {
  l1Gas.add(Number(included.gasUsed), { kind });
  l1Spent.add(Number(included.costWei), { kind });
  statistics.spent(included);
  return included;
}

/** `chain`, whose batches are counted as `submitBatch`. */
export function measureSubmissions<Chain extends RollupChain>(chain: Chain, spending: Spending): Chain {
  return {
    ...chain,
    submitBatch: async (...call) => measure(spending, 'submitBatch', await chain.submitBatch(...call)),
  };
}

/** `assertions`, whose actions are counted by their type. */
export function measureActions<Chain extends AssertionChain>(assertions: Chain, spending: Spending): Chain {
  return {
    ...assertions,
    send: async (action, ...rest) => measure(spending, action.type, await assertions.send(action, ...rest)),
  };
}

/** What each step of leaving costs on L1 now. */

import { translateChainError } from '@quittance/chain';
import type { LeavingCosts } from '../types.ts';
import type { L1 } from './open.ts';

/** Gas of the calls, rounded up. Source: test/contracts/gas.snapshot.json. */
const GAS = { request: 90_000n, claim: 75_000n, exit: 500_000n, reclaim: 100_000n } as const;

/** What ends below this costs more than it pays. */
export function costsAt(gasPrice: bigint, priorityFee: bigint, isExodus: boolean): LeavingCosts {
  // Before the exodus an account is requested, and what a batch pays out of it is claimed.
  const account = isExodus ? GAS.exit * gasPrice : priorityFee + (GAS.request + GAS.claim) * gasPrice;
  return { account, claim: GAS.claim * gasPrice, request: GAS.reclaim * gasPrice };
}

/**
 * Reads them.
 *
 * @param isExodus whether the exodus is open or due: an account then needs no request. @throws RollupError L1_UNREACHABLE.
 */
export async function readCosts(l1: L1, isExodus: boolean): Promise<LeavingCosts> {
  const [prices, priorityFee] = await Promise.all([
    l1.provider.getFeeData().catch((error: unknown) => {
      throw translateChainError('reading the prices of gas', error);
    }),
    l1.view<bigint>('priorityFee'),
  ]);
  return costsAt(prices.gasPrice ?? prices.maxFeePerGas ?? 0n, priorityFee, isExodus);
}

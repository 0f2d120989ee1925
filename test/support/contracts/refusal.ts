/** Calls of contracts that must revert. */

import { expect } from 'chai';
import type { BaseContract } from 'ethers';

/** Where errors are declared: what a batch itself breaks is refused with the rollup's, also by the assertions. */
export interface Declarations {
  readonly assertions?: BaseContract;
  readonly rollup?: BaseContract;
  readonly verifier?: BaseContract;
}

/** The contract that declares an error. */
export function declaring(by: BaseContract | Declarations, error: string): BaseContract {
  if ('interface' in by) return by;
  const { assertions, rollup, verifier } = by;
  const found = [assertions, rollup, verifier].find(
    (contract) => (contract?.interface.getError(error) ?? null) !== null,
  );
  if (found === undefined) throw new Error(`no contract has an error ${error}`);
  return found;
}

/** Expects a call to revert with this custom error and exactly these values. */
export async function refuses(
  by: BaseContract | Declarations,
  sent: Promise<unknown>,
  error: string,
  ...values: unknown[]
): Promise<void> {
  await expect(sent)
    .to.be.revertedWithCustomError(declaring(by, error), error)
    .withArgs(...values);
}

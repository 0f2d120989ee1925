/** A sequencer on which Alice and Bob hold money, final on L1, and Alice's payments to Bob. */

import type { Intent } from '@quittance/sdk';
import { createPerson } from '../rollup/person.ts';
import { createHarness, type Harness, type HarnessOptions } from './harness.ts';

export const alice = createPerson('alice');
export const bob = createPerson('bob');

export interface PayerHarness extends Harness {
  /** Alice's account in token 0. */
  readonly from: number;
  /** Bob's. */
  readonly to: number;
  /** Alice pays Bob 1 base unit for a fee of 10, with these changes. */
  payment(nonce: number, changes?: Partial<Intent>): Intent;
}

/** Starts a sequencer, and gives each of them an account with a balance. */
export async function createPayerHarness(
  options: HarnessOptions = {},
  { payer, receiver } = { payer: 1_000_000n, receiver: 500n },
): Promise<PayerHarness> {
  const harness = await createHarness(options);
  const from = await harness.fund(alice, 0, payer);
  const to = await harness.fund(bob, 0, receiver);
  const common = {
    kind: 'transfer',
    from,
    to,
    receiver: { keyY: bob.keyPair.publicKey.y, owner: bob.owner },
    amount: 1n,
    fee: 10n,
    validUntil: 0,
  } as const;
  return Object.assign(harness, {
    from,
    to,
    payment: (nonce: number, changes: Partial<Intent> = {}): Intent => ({ ...common, nonce, ...changes }) as Intent,
  });
}

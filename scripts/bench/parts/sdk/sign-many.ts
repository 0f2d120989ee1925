/** Signs transfers and measures each: the same code in a page and in Node. */

import { createKeyPair, signIntent } from '@quittance/sdk';

/** Milliseconds of each signature, in their order. */
export function signMany(count: number): number[] {
  const keyPair = createKeyPair(Uint8Array.from({ length: 32 }, (_, index) => index + 1));
  const receiver = { keyY: keyPair.publicKey.y, owner: 7n };
  const times: number[] = [];
  for (let nonce = 0; nonce < count; nonce += 1) {
    const start = performance.now();
    signIntent(keyPair, 1n, {
      kind: 'transfer',
      ...{ from: 1, to: 2, receiver, nonce, validUntil: 0 },
      ...{ amount: 10n ** 18n, fee: 10n ** 12n },
    });
    times.push(performance.now() - start);
  }
  return times;
}

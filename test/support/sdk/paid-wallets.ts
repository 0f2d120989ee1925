/** Wallets of the SDK on a sequencer of the tests, whose L1 is a double: their accounts are funded through it. */

import { createWallet, type KeyPair, parseReceiver, type Wallet, type WalletOptions } from '@quittance/sdk';
import { systemClock } from '../../../runtime/index.ts';
import { type Api, startApi } from '../../../sequencer/index.ts';
import { createHarness, type Harness, type HarnessOptions } from '../sequencer/harness.ts';

/** The clock of the harness stands years from that of the machine, by which wallets sign. */
export const VALID_FOR_SECONDS = 400_000_000;

export interface PaidWallets {
  readonly harness: Harness;
  readonly api: Api;
  /** L1 secret number `number`. */
  secretOf(number: number): string;
  /** A wallet of that secret. */
  open(number: number, options?: Partial<WalletOptions>): Promise<Wallet>;
  /** Deposits for a wallet, and waits until that is final. @returns the index of its account. */
  fund(wallet: Wallet, amount: bigint, tokenId?: number): Promise<number>;
  stop(): Promise<void>;
}

const secretOf = (number: number): string => `0x${String(number).padStart(2, '0').repeat(32)}`;

/** Starts a sequencer with its API. */
export async function startPaidWallets(options: HarnessOptions = {}): Promise<PaidWallets> {
  const harness = await createHarness(options);
  const api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
  return {
    harness,
    api,
    secretOf,
    open: (number, more = {}) => createWallet({ secret: secretOf(number), rpcUrl: api.url, ...more }),
    fund(wallet, amount, tokenId = 0) {
      const { owner, keyY } = parseReceiver(wallet.receiver);
      const keyPair = { publicKey: { x: 0n, y: keyY } } as KeyPair;
      return harness.fund({ name: wallet.address, keyPair, owner }, tokenId, amount);
    },
    async stop() {
      await api.stop();
      await harness.close();
    },
  };
}

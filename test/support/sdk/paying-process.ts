/**
 * A process that pays many with one wallet: `node paying-process.ts <JSON>`. Prints, for each payment, its id or the code of
 * its error.
 */

import { createWallet } from '@quittance/sdk';
import { VALID_FOR_SECONDS } from './paid-wallets.ts';

/** What it is told. */
export interface PayingProcessSettings {
  readonly rpcUrl: string;
  readonly secret: string;
  readonly to: string;
  readonly amount: string;
  /** Of each payment, with its number behind it. */
  readonly reference: string;
  readonly count: number;
}

const { rpcUrl, secret, to, amount, reference, count } = JSON.parse(process.argv[2]!) as PayingProcessSettings;
const wallet = await createWallet({ secret, rpcUrl });
const outcomes = await wallet.transferMany(
  Array.from({ length: count }, (_, number) => ({
    ...{ to, amount: BigInt(amount), fee: 10n, validForSeconds: VALID_FOR_SECONDS },
    reference: `${reference} ${number}`,
  })),
);
process.stdout.write(
  `${JSON.stringify(outcomes.map((outcome) => (outcome.ok ? outcome.value.id : outcome.error.code)))}\n`,
);
wallet.close();

/** A deployment on a chain of its own that ends with it: what the contracts refuse shows before money is spent, and the gas. */

import { createProvider } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import { Wallet } from 'ethers';
import { LOCAL_CHAIN_ID, startAnvil } from '../devnet/anvil.ts';
import { l1Wallet } from '../devnet/people.ts';
import { type IgnitionRun, runIgnition } from './ignition.ts';
import { createSigningProvider } from './signing-provider.ts';

const POLL_MS = 20;

/** One contract of the plan. */
export interface RehearsedContract {
  readonly name: string;
  readonly gas: bigint;
}

/**
 * Deploys with the parameters of the module, from an account of the rehearsal. Gas depends on parameters, not on the chain.
 *
 * @throws RollupError L1_REJECTED with the contract's error, L1_UNREACHABLE when anvil does not start; the signal's reason.
 */
export async function rehearse(
  { module, parameters }: Pick<IgnitionRun, 'module' | 'parameters'>,
  signal: AbortSignal,
): Promise<RehearsedContract[]> {
  const chain = await startAnvil();
  const provider = createProvider({ url: chain.url, chainId: LOCAL_CHAIN_ID });
  try {
    const wallet = new Wallet(l1Wallet(0).privateKey);
    const sent: { name: string; hash: string }[] = [];
    await runIgnition({
      provider: createSigningProvider(provider, wallet, LOCAL_CHAIN_ID),
      sender: wallet.address,
      module,
      parameters,
      record: undefined,
      confirmations: 1,
      pollMs: POLL_MS,
      signal,
      progress: { onSent: ({ name }, hash) => sent.push({ name, hash }) },
    });
    return await Promise.all(
      sent.map(async ({ name, hash }) => {
        const receipt = await provider.getTransactionReceipt(hash);
        if (receipt === null)
          throw new RollupError('L1_TRANSACTION_UNKNOWN', `${name} has no receipt`, { transactionHash: hash });
        return { name, gas: receipt.gasUsed };
      }),
    );
  } finally {
    provider.destroy();
    await chain.stop();
  }
}

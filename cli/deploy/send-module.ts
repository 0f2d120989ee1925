/** Sends the transactions of a deployment, for whatever is deployed. */

import { translateChainError } from '@quittance/chain';
import { isRollupError } from '@quittance/protocol';
import type { L1Account } from '../l1/account.ts';
import { isLocalChain, type L1 } from '../l1/connect.ts';
import type { Context } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { type DeployedBy, type IgnitionRun, runIgnition } from './ignition.ts';
import { createSigningProvider } from './signing-provider.ts';

/** Blocks on top of each transaction: on a public chain a reorg must not undo what the next one stands on. */
const PUBLIC_CONFIRMATIONS = 5;
const POLL_MS = { local: 100, public: 3_000 } as const;

/** @throws UsageError when the account has no ETH at all. */
export async function requireMoney({ provider }: L1, address: string): Promise<void> {
  const balance = await provider.getBalance(address).catch((error: unknown) => {
    throw translateChainError('reading the balance of the deployer', error);
  });
  if (balance === 0n) throw new UsageError(`the deployer ${address} has no ETH on this chain; fund it first`);
}

/** Sends what the module says and what a record of an earlier run does not have yet. @throws as `runIgnition`. */
export function sendModule<Module extends keyof DeployedBy>(
  l1: L1,
  { output, signal }: Pick<Context, 'output' | 'signal'>,
  wallet: L1Account,
  { module, parameters, record }: Pick<IgnitionRun<Module>, 'module' | 'parameters' | 'record'>,
): Promise<DeployedBy[Module]> {
  const isLocal = isLocalChain(l1.chainId);
  output.say(`deploying to chain ${l1.chainId} from ${wallet.address}`);
  return runIgnition({
    provider: createSigningProvider(l1.provider, wallet, l1.chainId),
    sender: wallet.address,
    module,
    parameters,
    record,
    confirmations: isLocal ? 1 : PUBLIC_CONFIRMATIONS,
    pollMs: isLocal ? POLL_MS.local : POLL_MS.public,
    signal,
    progress: {
      onSent: ({ name, position, count }, hash) => output.say(`[${position}/${count}] ${name}: sent in ${hash}`),
      onDeployed: ({ name, position, count }, address) => output.say(`[${position}/${count}] ${name}: at ${address}`),
    },
  }).catch((error: unknown) => {
    if (signal.aborted) {
      output.warn(
        record === undefined
          ? 'stopped between two transactions. Without --record nothing is kept: the next run starts over'
          : `stopped between two transactions. The record ${record} has what was sent: the same command goes on from there`,
      );
      throw error;
    }
    throw isRollupError(error) || error instanceof UsageError ? error : translateChainError('deploying', error);
  });
}

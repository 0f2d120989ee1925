/** Connects to a node, and to the rollup contract behind it. */

import { RollupError } from '@quittance/protocol';
import { translateChainError } from './errors.ts';
import { createProvider } from './provider.ts';
import { createRollupReader } from './reader.ts';
import type { RollupReader } from './types.ts';
import type { ReaderOptions } from './views.ts';

/** Answers to the first question come at once, or the URL is wrong. */
const FIRST_QUESTION_MS = 10_000;

/** The chain that a node serves. @throws RollupError L1_UNREACHABLE. */
export async function askChainId(url: string): Promise<bigint> {
  const probe = createProvider({ url, chainId: 1n, timeoutMs: FIRST_QUESTION_MS });
  try {
    return BigInt(await probe.send('eth_chainId', []));
  } catch (error) {
    throw translateChainError('asking for the chain id', error);
  } finally {
    probe.destroy();
  }
}

/**
 * A reader of the rollup contract; its `connect` has succeeded.
 *
 * @throws RollupError L1_WRONG_CHAIN where there is no contract, or one that is no rollup; L1_UNREACHABLE.
 */
export async function connectReader(options: ReaderOptions): Promise<RollupReader> {
  const reader = createRollupReader(options);
  await reader.connect().catch((error: unknown) => {
    // Another contract answers the views with nothing or a revert.
    if (error instanceof RollupError && error.code !== 'L1_WRONG_CHAIN' && isNoAnswer(error)) {
      const { contract } = options;
      const message = `the contract at ${contract} is no rollup; check the address`;
      throw new RollupError('L1_WRONG_CHAIN', message, { contract }, { cause: error });
    }
    throw error;
  });
  return reader;
}

function isNoAnswer({ code, cause }: RollupError): boolean {
  return code === 'L1_REJECTED' || (cause as { code?: unknown } | undefined)?.code === 'BAD_DATA';
}

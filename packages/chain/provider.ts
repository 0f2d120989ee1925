/** A JSON-RPC provider that fails in bounded time and never guesses the chain. */

import { FetchRequest, JsonRpcProvider, Network } from 'ethers';

export interface ProviderOptions {
  readonly url: string;
  /** The chain that the provider must serve. */
  readonly chainId: bigint;
  /** How long one request may take. */
  readonly timeoutMs?: number;
}

/** Answers larger than this are refused: no honest answer comes near it. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/** A provider of ethers without network detection (which never ends on a dead URL) and without caching. */
export function createProvider({ url, chainId, timeoutMs = 15_000 }: ProviderOptions): JsonRpcProvider {
  const request = new FetchRequest(url);
  request.timeout = timeoutMs;
  // Rate limits (429) are waited out twice here; callers repeat later.
  request.setThrottleParams({ slotInterval: 200, maxAttempts: 3 });
  request.processFunc = async (_request, response) => {
    if (response.body !== null && response.body.length > MAX_RESPONSE_BYTES) {
      response.throwThrottleError('the answer is too large', -1);
    }
    return response;
  };
  const network = Network.from(chainId);
  return new JsonRpcProvider(request, network, { staticNetwork: network, cacheTimeout: -1, batchMaxCount: 20 });
}

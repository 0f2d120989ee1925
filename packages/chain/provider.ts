/** A JSON-RPC provider that fails in bounded time and never guesses the chain. */

import { FetchRequest, type JsonRpcPayload, JsonRpcProvider, type JsonRpcResult, Network } from 'ethers';

export interface ProviderOptions {
  readonly url: string;
  /** The chain that the provider must serve. */
  readonly chainId: bigint;
  /** How long one request may take. */
  readonly timeoutMs?: number;
}

/** Answers larger than this are refused: no honest answer comes near it. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/** Reads answers with the platform's decoder: that of ethers takes ten milliseconds for the calldata of a batch. */
class Provider extends JsonRpcProvider {
  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<JsonRpcResult[]> {
    const request = this._getConnection();
    request.body = JSON.stringify(payload);
    request.setHeader('content-type', 'application/json');
    const response = await request.send();
    response.assertOk();
    const { body } = response;
    let answer: JsonRpcResult | JsonRpcResult[];
    try {
      answer = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body ?? new Uint8Array()));
    } catch {
      answer = response.bodyJson; // says what is wrong as ethers does
    }
    return Array.isArray(answer) ? answer : [answer];
  }
}

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
  return new Provider(request, network, { staticNetwork: network, cacheTimeout: -1, batchMaxCount: 20 });
}

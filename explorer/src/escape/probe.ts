/** A first look at L1, so that a wrong address is said at once and not in the middle of a rebuild. */

import { RollupError } from '@quittance/protocol';

/** How long a node may take for an answer. */
const TIMEOUT_MS = 15_000;

/** One call of JSON-RPC. @throws RollupError L1_UNREACHABLE. */
async function ask(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const failed = (reason: string) =>
    new RollupError('L1_UNREACHABLE', `no L1 node answers at ${new URL(url).origin}: ${reason}`, {
      task: method,
      reason,
    });
  let answer: { readonly result?: unknown; readonly error?: { readonly message?: unknown } };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    answer = (await response.json()) as typeof answer;
  } catch (error) {
    throw failed((error as Error).message);
  }
  if (answer?.result === undefined) throw failed(String(answer?.error?.message ?? 'that is no JSON-RPC').slice(0, 200));
  return answer.result;
}

/**
 * The chain of a node that has a contract at this address.
 *
 * @throws RollupError L1_UNREACHABLE; L1_WRONG_CHAIN when there is no contract.
 */
export async function probeL1(url: string, contract: string): Promise<bigint> {
  const chainId = BigInt(String(await ask(url, 'eth_chainId', [])));
  const code = await ask(url, 'eth_getCode', [contract, 'latest']);
  if (typeof code === 'string' && code !== '0x') return chainId;
  const message = `chain ${chainId} has no contract at ${contract}: check the address, and that the node is of the right chain`;
  throw new RollupError('L1_WRONG_CHAIN', message, { contract });
}

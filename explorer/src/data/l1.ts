/** The few things that are read from L1 without a library. */

import { encodeWords, keccakText, RollupError } from '@quittance/protocol';

const TIMEOUT_MS = 10_000;

/** Calls a method of an L1 node. @throws RollupError L1_UNREACHABLE, L1_REJECTED. */
async function callNode(url: string, method: string, params: unknown): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) })
    .then((response) => response.json() as Promise<{ result?: unknown; error?: { message?: string } }>)
    .catch((error: unknown) => {
      throw new RollupError('L1_UNREACHABLE', `cannot reach ${url}: ${(error as Error).message}`);
    });
  if (answer.error !== undefined) {
    const said = `${url} refused ${method}: ${answer.error.message ?? 'it says no more'}`;
    // Only what the contract itself refuses is its word; a node that limits rates says nothing of it.
    if (/revert/i.test(said)) throw new RollupError('L1_REJECTED', said, { error: method });
    throw new RollupError('L1_UNREACHABLE', said, { task: method, reason: said });
  }
  return answer.result;
}

/**
 * The hash that the contract has of a final batch; zeros where it has none.
 * Source: contracts/interfaces/IRollup.sol headerHash.
 *
 * @throws RollupError L1_UNREACHABLE or L1_REJECTED, also when there is no such contract.
 */
export async function readHeaderHash(url: string, contract: string, batch: number): Promise<string> {
  const selector = keccakText('headerHash(uint64)').slice(0, 10);
  const word = Array.from(encodeWords([batch]), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const result = await callNode(url, 'eth_call', [{ to: contract, data: selector + word }, 'latest']);
  if (typeof result === 'string' && /^0x[0-9a-fA-F]{64}$/.test(result)) return result.toLowerCase();
  throw new RollupError('L1_REJECTED', `there is no rollup at ${contract} on the chain of ${url}`, {
    error: 'no code',
  });
}

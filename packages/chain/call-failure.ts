/** Whether a contract failed a call, or the node did: ethers says CALL_EXCEPTION of both. */

import { isError } from 'ethers';

/** Errors in errors: gateways and wallets put the node's own one inside theirs. */
const MAX_DEPTH = 5;

/** How geth, reth, Nethermind, Besu, anvil, Hardhat and others say that a call failed by itself. */
const FAILED_ITSELF =
  /revert|out ?of ?gas|gas required exceeds|gas uint64|opcode|bad ?instruction|invalid ?jump|stack ?(?:under|over)flow|stack limit|write protection|return data out of bounds|EVM error|VM ex(?:ecution|ception)/i;

/** What a node said of an error, outermost first. */
export function messagesOf(error: unknown, depth = 0): readonly string[] {
  if (typeof error !== 'object' || error === null || depth > MAX_DEPTH) return [];
  const { message, data, error: inner, originalError, cause } = error as Record<string, unknown>;
  const own = typeof message === 'string' ? [message] : [];
  return [...own, ...[data, inner, originalError, cause].flatMap((next) => messagesOf(next, depth + 1))];
}

/** The error of the node that ethers made this one of; undefined where ethers found the failure itself, as in a receipt. */
export function nodeErrorOf(error: unknown): unknown {
  return (error as { info?: { error?: unknown } | null } | undefined)?.info?.error;
}

/**
 * Whether the contract's code failed or used up its gas: that is its answer. A node that refuses to execute the call, as for its
 * rate, gives no answer, and must not be read as one.
 */
export function isCallFailure(error: unknown): boolean {
  if (!isError(error, 'CALL_EXCEPTION')) return false;
  const said = nodeErrorOf(error);
  if (said === undefined || (typeof error.data === 'string' && error.data !== '0x')) return true;
  return messagesOf(said).some((message) => FAILED_ITSELF.test(message));
}

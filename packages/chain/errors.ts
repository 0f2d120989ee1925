/** Turns what providers throw into RollupError: whose fault it is, the values, and what to do. */

import { isRollupError, RollupError } from '@quittance/protocol';
import { type ErrorDescription, isError } from 'ethers';
import { rollupInterface } from './abi.ts';
import { assertionsInterface } from './assertion-abi.ts';
import { isCallFailure, messagesOf, nodeErrorOf } from './call-failure.ts';
import { channelsInterface } from './channels/abi.ts';
import { channelAdvice } from './channels/advice.ts';
import { cleanText } from './token-text.ts';

/** Most characters that are told of what others say. */
const MAX_REASON = 500;

/** Revert data inside an error, wherever the provider put it: ethers, Hardhat and anvil differ. */
function revertData(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 5) return undefined;
  const { data, info, error: inner, cause } = error as Record<string, unknown>;
  if (typeof data === 'string' && /^0x([0-9a-f]{2}){4,}$/i.test(data)) return data;
  for (const next of [data, info, inner, cause]) {
    const found = revertData(next, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Values of an error by their names. Where they are text, a token wrote what it liked, and people read it on a terminal. */
function valuesOf({ fragment, args }: ErrorDescription): readonly (readonly [string, string])[] {
  return fragment.inputs.map((input, position) => [input.name, cleanText(String(args[position]), MAX_REASON)]);
}

function describe(description: ErrorDescription): string {
  return valuesOf(description)
    .map((value) => value.join(' '))
    .join(', ');
}

/** An error of any of our contracts. */
function errorOf(data: string): ErrorDescription | null {
  for (const abi of [rollupInterface, assertionsInterface, channelsInterface]) {
    const description = abi.parseError(data);
    if (description !== null) return description;
  }
  return null;
}

/** The contract's refusal in this error, or undefined when it is none: a node that does not execute a call refuses nothing. */
export function rejectionOf(error: unknown): RollupError | undefined {
  const data = revertData(error);
  const description = data === undefined ? null : errorOf(data);
  if (description !== null) {
    const values = Object.fromEntries(valuesOf(description));
    const hint = channelAdvice(description.name);
    return new RollupError(
      'L1_REJECTED',
      `the contract refused: ${description.name}(${describe(description)})`,
      { error: description.name, ...values, ...(hint === undefined ? {} : { hint }) },
      { cause: error },
    );
  }
  if (isCallFailure(error) && isError(error, 'CALL_EXCEPTION')) {
    const reason =
      error.reason === null || error.reason === undefined ? undefined : cleanText(error.reason, MAX_REASON);
    return new RollupError(
      'L1_REJECTED',
      `the contract refused: ${reason ?? error.shortMessage}`,
      { error: reason ?? 'unknown', data: data ?? null },
      { cause: error },
    );
  }
  return undefined;
}

/** How the provider failed, in a few words. */
function reasonOf(error: unknown): string {
  const { shortMessage, message, code, info } = error as {
    shortMessage?: string;
    message?: string;
    code?: string;
    info?: { responseStatus?: string };
  };
  const status = info?.responseStatus;
  if (status !== undefined) return status.startsWith('429') ? `${status}: the provider limits our rate` : status;
  // What ethers says of a call that was not executed is that data are missing.
  const [said] = code === 'CALL_EXCEPTION' ? messagesOf(nodeErrorOf(error)) : [];
  if (said !== undefined) return `the node did not execute the call: ${said}`;
  return [code, shortMessage ?? message].filter((part) => part !== undefined).join(': ') || 'no reason given';
}

/**
 * `error` as RollupError: L1_REJECTED when the contract refused, else L1_UNREACHABLE.
 *
 * @param task what was being done, for the message.
 */
export function translateChainError(task: string, error: unknown): RollupError {
  if (isRollupError(error)) return error;
  const rejection = rejectionOf(error);
  if (rejection !== undefined) return rejection;
  // The path and query of a provider's URL often hold its key.
  const reason = cleanText(reasonOf(error).replaceAll(/(https?:\/\/[^\s/]+)\S*/g, '$1/…'), MAX_REASON);
  return new RollupError(
    'L1_UNREACHABLE',
    `L1 did not answer properly while ${task}: ${reason}. Check the L1 URL and that the node is up and synced`,
    { task, reason },
    { cause: error },
  );
}

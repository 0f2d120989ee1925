/** How a stranger gets a token of an open market: it signs a challenge with its payout key. */

import { RollupError, type Signature } from '@quittance/protocol';
import { callFleet } from './client.ts';

export interface JoinOptions {
  /** Prover API of the node that leads: tokens are its own. */
  readonly url: string;
  readonly payee: { readonly keyY: bigint; readonly owner: bigint };
  /** x of the payout key. */
  readonly keyX: bigint;
  readonly sign: (challenge: string) => Signature;
  readonly signal?: AbortSignal | undefined;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/**
 * The token.
 *
 * @throws RollupError BAD_SIGNATURE, RPC_UNREACHABLE (also where there is no market), RPC_TIMEOUT, RPC_ANSWER_INVALID.
 */
export async function joinMarket({ url, payee, keyX, sign, signal }: JoinOptions): Promise<string> {
  const whom = { keyY: hex(payee.keyY), owner: hex(payee.owner) };
  const textOf = async (call: string, name: string, body: object): Promise<string> => {
    const answer = (await callFleet(url, { path: `market/${call}`, body, signal })) as
      | Record<string, unknown>
      | undefined;
    const text = answer?.[name];
    if (typeof text === 'string') return text;
    throw new RollupError('RPC_ANSWER_INVALID', `${url} answers without a ${name}`, { url });
  };
  const challenge = await textOf('challenge', 'challenge', whom);
  const { r8, s } = sign(challenge);
  const signature = { keyX: hex(keyX), r8x: hex(r8.x), r8y: hex(r8.y), s: hex(s) };
  return textOf('token', 'token', { ...whom, challenge, ...signature });
}

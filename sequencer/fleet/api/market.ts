/** The two calls that nobody needs a token for. */

import type { ServerResponse } from 'node:http';
import { FIELD_MODULUS, OWNER_BITS, RollupError } from '@quittance/protocol';
import type { Market } from '../market.ts';
import type { Payee } from '../types.ts';
import { sendJson } from './answers.ts';
import { type Fields, textOf } from './read.ts';

const NUMBER = /^0x[0-9a-f]{1,64}$/;
const CHALLENGE = /^[0-9]{1,16}-[0-9a-f]{64}$/;

/** A number below `limit`. @throws RollupError OUT_OF_RANGE. */
function numberOf(fields: Fields, name: string, limit: bigint): bigint {
  const value = BigInt(textOf(fields, name, NUMBER, '0x and up to 64 hexadecimal digits'));
  if (value < limit) return value;
  throw new RollupError('OUT_OF_RANGE', `${name} is too large`, { name, actual: value });
}

function payeeOf(fields: Fields): Payee {
  const owner = numberOf(fields, 'owner', 1n << BigInt(OWNER_BITS));
  if (owner === 0n)
    throw new RollupError('OUT_OF_RANGE', 'owner is address 0: nobody could withdraw', { name: 'owner' });
  return { keyY: numberOf(fields, 'keyY', FIELD_MODULUS), owner };
}

/** `challenge` gives something to sign, `token` a token for it. @throws RollupError for `sendError`. */
export function answerMarket(market: Market, call: string, fields: Fields, response: ServerResponse): void {
  const payee = payeeOf(fields);
  if (call === 'challenge') {
    sendJson(response, 200, { challenge: market.challenge(payee) });
    return;
  }
  if (call !== 'token') throw new RollupError('NOT_FOUND', 'the market has challenge and token');
  const number = (name: string): bigint => numberOf(fields, name, FIELD_MODULUS);
  const challenge = textOf(fields, 'challenge', CHALLENGE, 'a challenge that was given here');
  const signature = { r8: { x: number('r8x'), y: number('r8y') }, s: number('s') };
  sendJson(response, 200, { token: market.token(payee, number('keyX'), challenge, signature) });
}

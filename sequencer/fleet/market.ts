/**
 * The open market: whoever signs a challenge with a payout key gets a token to prove for it. Keys cost nothing, so a stranger
 * has one lease until ten of its proofs were accepted, and takes no chunk from the operator's own workers.
 */

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type CurvePoint,
  isUsableKeyY,
  RollupError,
  type Signature,
  type SignatureVerifier,
} from '@quittance/protocol';
import { sha256Hex } from '../../prover/index.ts';
import type { Clock } from '../../runtime/index.ts';
import { type FleetLedger, payeeOf, payeeText } from './ledger/ledger.ts';
import { newToken, tokenHash } from './token-file.ts';
import type { Payee, WorkerIdentity } from './types.ts';

/** Gives out tokens. */
export interface Market {
  /** What `payee` is to sign within a minute. Nothing of it is kept. */
  challenge(payee: Payee): string;
  /**
   * A token in the place of the one that the payee had.
   *
   * @throws RollupError BAD_SIGNATURE, TIMEOUT for a challenge that is too old, QUEUE_FULL when there are too many payees.
   */
  token(payee: Payee, keyX: bigint, challenge: string, signature: Signature): string;
}

const VALID_MS = 60_000;
const NAME_DIGITS = 8;
/** A number of this many hexadecimal digits is below r. */
const MESSAGE_DIGITS = 62;

/** The worker behind a payout key. */
export function marketWorker(payee: string): WorkerIdentity {
  const id = sha256Hex(Buffer.from(payee));
  return {
    id: `market-${id.slice(0, 32)}`,
    name: `market-${id.slice(0, NAME_DIGITS)}`,
    kind: 'market',
    payee: payeeOf(payee),
  };
}

/**
 * The field element that a payout key signs: no message of a transfer, which is a Poseidon hash.
 *
 * @param rollup `<chain id>:<contract>`, lower case.
 */
export function marketMessage(rollup: string, payee: Payee, challenge: string): bigint {
  const text = ['quittance prover market', rollup, payeeText(payee), challenge].join('\n');
  return BigInt(`0x${sha256Hex(Buffer.from(text)).slice(0, MESSAGE_DIGITS)}`);
}

export interface MarketOptions {
  readonly ledger: Pick<FleetLedger, 'market' | 'accepted'>;
  readonly verifier: SignatureVerifier;
  readonly clock: Clock;
  /** `<chain id>:<contract>`, lower case. */
  readonly rollup: string;
}

/** A market. Its challenges are its own: those of before a restart do not count. */
export function createMarket({ ledger, verifier, clock, rollup }: MarketOptions): Market {
  const secret = randomBytes(32);
  const hasProven = (payee: string): boolean => ledger.accepted.recordOf(marketWorker(payee).id).accepted > 0;
  const sealOf = (payee: Payee, untilMs: string): string =>
    createHmac('sha256', secret)
      .update(`${payeeText(payee)} ${untilMs}`)
      .digest('hex');
  const requireChallenge = (payee: Payee, challenge: string): void => {
    const [untilMs, seal] = challenge.split('-') as [string, string?];
    const expected = Buffer.from(sealOf(payee, untilMs));
    const actual = Buffer.from(seal ?? '');
    if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
      throw new RollupError('BAD_SIGNATURE', 'this challenge was not given for this payout key');
    }
    if (Number(untilMs) >= clock.nowMs()) return;
    throw new RollupError('TIMEOUT', 'this challenge is too old: ask for another one');
  };
  return {
    challenge(payee) {
      const untilMs = String(clock.nowMs() + VALID_MS);
      return `${untilMs}-${sealOf(payee, untilMs)}`;
    },
    token(payee, keyX, challenge, signature) {
      requireChallenge(payee, challenge);
      const key: CurvePoint = { x: keyX, y: payee.keyY };
      const message = marketMessage(rollup, payee, challenge);
      if (!isUsableKeyY(payee.keyY) || !verifier.verify({ key, signature, message })) {
        throw new RollupError('BAD_SIGNATURE', 'the signature of the challenge does not verify under the payout key');
      }
      const token = newToken();
      if (ledger.market.put(payeeText(payee), tokenHash(token), hasProven)) return token;
      const reason = 'the market has no room for another payout key';
      throw new RollupError('QUEUE_FULL', reason, { limit: 0, actual: 1 });
    },
  };
}

/**
 * Whose transfers have the nonces of an account: proof that a signature is dead. A nonce is used once, so another transfer with
 * it, signed by the account's own key, says that the first one can never be taken. The word of a server alone says nothing: who
 * lies about it could have the same payment signed anew, again and again, and take them all.
 */

import {
  type CurvePoint,
  createPortableVerifier,
  type Hasher,
  RollupError,
  type SignatureVerifier,
} from '@quittance/protocol';
import { type HistoryEntryJson, MAX_HISTORY } from '@quittance/rpc';
import type { SequencerClient } from '../client.ts';
import { type Intent, messageOf } from '../sign.ts';

/** Whose signatures count. */
export interface Signing {
  readonly publicKey: CurvePoint;
  readonly domain: bigint;
  readonly hasher: Hasher;
}

/**
 * Finds the transfers that have these nonces: their ids by nonce, each with a signature of the account's key. What is not among
 * them is not known to be used.
 *
 * @throws RollupError as the client's `call`.
 */
export type FindOccupants = (nonces: ReadonlySet<number>) => Promise<ReadonlyMap<number, string>>;

/** Pages that are read back: the nonces that are asked for were the next ones a moment ago. */
const MOST_PAGES = 20;
/** How long verifying keeps everybody else waiting. */
const SLICE_MS = 8;

type Signed = NonNullable<HistoryEntryJson['signed']>;

/** What an entry says was signed. @throws RollupError, or whatever reading what is no number throws. */
function intentOf(entry: HistoryEntryJson, { nonce, validUntil, moveKeyY }: Signed): Intent {
  const { kind, from, to, destination, tokenId } = entry;
  const payer = { owner: BigInt(from!.owner), tokenId };
  const common = { from: from!.index, amount: BigInt(entry.amount!), fee: BigInt(entry.fee), nonce, validUntil };
  if (kind === 'withdraw') return { kind, account: payer, ...common };
  if (kind === 'move') {
    return { kind, account: payer, destination: destination!, keyY: BigInt(moveKeyY!), ...common };
  }
  const receiver = { keyY: BigInt(to!.keyY), owner: BigInt(to!.owner) };
  if (kind === 'transfer') return { kind, to: to!.index, receiver, ...common };
  if (kind === 'transferToNew') return { kind, receiver, ...common };
  throw new RollupError('RPC_ANSWER_INVALID', `a history has a signature at a ${kind}`);
}

/** The id of what an entry says was signed, if our key did sign that. The entry is foreign: it can hold anything. */
function provenId(
  entry: HistoryEntryJson,
  signed: Signed,
  { publicKey: key, domain, hasher }: Signing,
  verifier: SignatureVerifier,
): string | undefined {
  try {
    const message = messageOf(domain, intentOf(entry, signed), hasher);
    const { r8x, r8y, s } = signed.signature;
    const signature = { r8: { x: BigInt(r8x), y: BigInt(r8y) }, s: BigInt(s) };
    return verifier.verify({ key, signature, message }) ? String(message) : undefined;
  } catch {
    return undefined; // what cannot be read proves nothing
  }
}

/** Asks a sequencer, and believes signatures alone. */
export function createFindOccupants(
  client: Pick<SequencerClient, 'call'>,
  account: number,
  signing: Signing,
): FindOccupants {
  const verifier = createPortableVerifier(signing.hasher);
  return async (nonces) => {
    const found = new Map<number, string>();
    const first = Math.min(...nonces);
    let page: { readonly before?: number } = {};
    for (let pages = 0; pages < MOST_PAGES && found.size < nonces.size; pages += 1) {
      const answer = await client.call('rollup_getHistory', {
        ...{ account, limit: MAX_HISTORY, include: 'signatures' },
        ...page,
      });
      let sliceEnd = performance.now() + SLICE_MS;
      for (const entry of answer.entries) {
        const { signed, status, from } = entry;
        // A dropped transfer used no nonce.
        if (!signed || status === 'dropped' || from?.index !== account) continue;
        if (signed.nonce < first) return found; // those before it have smaller ones
        if (!nonces.has(signed.nonce) || found.has(signed.nonce)) continue;
        const id = provenId(entry, signed, signing, verifier);
        if (id !== undefined) found.set(signed.nonce, id);
        if (performance.now() < sliceEnd) continue;
        await new Promise((next) => setTimeout(next));
        sliceEnd = performance.now() + SLICE_MS;
      }
      if (answer.next === null) break;
      page = { before: answer.next };
    }
    return found;
  };
}

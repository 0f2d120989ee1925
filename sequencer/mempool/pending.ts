/**
 * The pending state: the sealed one, and on top of it what the open segments do. What a segment wrote is forgotten when it
 * is sealed, leaf by leaf, because the sealed state then says the same; only when it does not, or something was dropped,
 * all that follows has to be applied anew.
 */

import { type Account, type ChunkContext, type Effects, FEE_TOKEN_FILLER, type StateView } from '@quittance/protocol';
import { applyTrusted } from '../apply.ts';
import type { Directory } from './directory.ts';
import { namedBy, type OpenEntry, withExitAmount } from './open-entry.ts';
import type { Segment } from './segment.ts';

/** A leaf as the last entry left it that names it. */
interface PendingLeaf {
  readonly account: Account | undefined;
  /** The segment of that entry. */
  readonly segment: Segment;
}

/** What one segment does to the pending state. */
interface SegmentEffect {
  /** Each leaf that its entries name, or that gets its fees, as it is after the segment. */
  readonly leaves: Map<number, Account | undefined>;
  /** The fees of its entries, by the position of their token. */
  fees: readonly bigint[];
  feeTokens: readonly bigint[];
}

function isSameAccount(one: Account | undefined, other: Account | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return (
    one.nonce === other.nonce &&
    one.balance === other.balance &&
    one.keyY === other.keyY &&
    one.owner === other.owner &&
    one.tokenId === other.tokenId
  );
}

/** The sealed state with the open segments applied. */
export class PendingState implements StateView {
  readonly #sealed: StateView;
  readonly #directory: Directory;
  /** The account that gets the fees in a token. */
  readonly #feeAccount: (tokenId: number) => number | undefined;
  readonly #leaves = new Map<number, PendingLeaf>();
  readonly #effects = new Map<Segment, SegmentEffect>();

  constructor(sealed: StateView, directory: Directory, feeAccount: (tokenId: number) => number | undefined) {
    this.#sealed = sealed;
    this.#directory = directory;
    this.#feeAccount = feeAccount;
  }

  get(index: number): Account | undefined {
    const leaf = this.#leaves.get(index);
    return leaf === undefined ? this.#sealed.get(index) : leaf.account;
  }

  /**
   * Applies an entry of `segment`. One that is no longer valid has no effect; sealing will drop it.
   *
   * @param effects those that it has on the present state, if whoever asks has just judged it.
   */
  apply(segment: Segment, open: OpenEntry, context: ChunkContext, effects?: Effects): void {
    const { entry } = open;
    const known = effects ?? this.#judge(open, context);
    const effect = this.#effectOf(segment, context);
    if (known !== undefined) {
      effect.fees = known.fees.map((fee, position) => fee + (effect.fees[position] ?? 0n));
      for (const { index, before, after } of known.changes) {
        this.#set(effect, segment, index, after);
        if (before !== undefined || after === undefined) continue;
        if (entry.type === 'priority') this.#directory.addCertain(index, after);
        else this.#directory.addPending(index, after);
      }
    }
    // What it read and left as it was must be the same in the sealed state all the same.
    for (const index of namedBy(open))
      if (!effect.leaves.has(index)) this.#set(effect, segment, index, this.get(index));
  }

  /** The segment is complete: pays its fees, as its batch will. */
  complete(segment: Segment): void {
    const effect = this.#effects.get(segment);
    for (const [position, sum] of (effect?.fees ?? []).entries()) {
      const token = effect!.feeTokens[position]!;
      const index = sum === 0n || token === FEE_TOKEN_FILLER ? undefined : this.#feeAccount(Number(token));
      const account = index === undefined ? undefined : this.get(index);
      if (index === undefined || account === undefined) continue;
      this.#set(effect!, segment, index, { ...account, balance: account.balance + sum });
    }
  }

  /**
   * Forgets what `segment` did, the first of all, now that the sealed state includes it; leaf by leaf, so that other work can
   * run in between. Entries that are applied meanwhile are judged as well as before.
   *
   * @param changed indices of the leaves that sealing changed.
   * @returns whether this is still the sealed state with the other segments applied.
   */
  *settle(segment: Segment, changed: Iterable<number>): Generator<void, boolean, void> {
    const { leaves } = this.#effects.get(segment) ?? { leaves: new Map<number, Account | undefined>() };
    this.#effects.delete(segment);
    let isRight = true;
    for (const [index, account] of leaves) {
      if (this.#leaves.get(index)?.segment === segment) this.#leaves.delete(index);
      else if (!isSameAccount(this.#sealed.get(index), account)) isRight = false;
      yield;
    }
    // A later segment built on a leaf that this one was not expected to change.
    for (const index of changed) if (!leaves.has(index) && this.#leaves.has(index)) isRight = false;
    return isRight;
  }

  /**
   * Of what is in the log already. It has not expired here: its batch may get an earlier time than it is by our clock, and until
   * it is sealed, or dropped by that, nobody else may be promised its nonce or its money.
   */
  #judge({ entry }: OpenEntry, context: ChunkContext): Effects | undefined {
    const nonce = entry.type === 'transfer' ? entry.nonce : 0;
    const operation = entry.type === 'priority' ? withExitAmount(this, entry) : entry.operation;
    const applied = applyTrusted(this, operation, nonce, { ...context, batchTime: 0 });
    return 'effects' in applied ? applied.effects : undefined;
  }

  #effectOf(segment: Segment, { feeTokens }: ChunkContext): SegmentEffect {
    const known = this.#effects.get(segment);
    if (known !== undefined) return known;
    const effect: SegmentEffect = { leaves: new Map(), fees: [], feeTokens };
    this.#effects.set(segment, effect);
    return effect;
  }

  #set({ leaves }: SegmentEffect, segment: Segment, index: number, account: Account | undefined): void {
    leaves.set(index, account);
    this.#leaves.set(index, { account, segment });
  }
}

/**
 * Applies the entries of all segments to a pending state that has none, also what is appended or cut while it runs.
 *
 * @param segments those that there are now, the one under construction last.
 */
export function* applySegments(
  pending: PendingState,
  segments: () => readonly Segment[],
  context: ChunkContext,
): Generator<void, void, void> {
  for (let position = 0; ; position++) {
    const segment = segments()[position]!;
    for (let at = 0; at < segment.entries.length; at++) {
      pending.apply(segment, segment.entries[at]!, context);
      yield;
    }
    if (segment === segments().at(-1)) return;
    pending.complete(segment);
  }
}

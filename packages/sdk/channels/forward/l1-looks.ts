/** What L1 has of secrets, looked up a few at a time, and secrets that are shown there. */

import { asRollupError, type Bytes32, type RollupError } from '@quittance/protocol';
import type { Times } from './plan.ts';
import type { SecretsOnL1 } from './types.ts';

/** Most hashes that are looked up in one go: the others come next. */
export const MOST_LOOKS = 64;
/** Seconds between two looks for one hash, and after an attempt to show its secret that failed. */
const PAUSE = 10;

/** What is known of one hash. */
interface Look {
  shownAt: number | undefined;
  unshownAt: number | undefined;
  secret: Bytes32 | undefined;
  lookedAt: number;
  /** When the last attempt to show it ended, and whether that was in a block; undefined while one is under way. */
  tried: { readonly at: number; readonly isIn: boolean } | undefined;
}

export interface LooksOptions {
  readonly l1: SecretsOnL1;
  readonly now: () => number;
  readonly onTrouble: (error: RollupError) => void;
}

/** Looks at L1. */
export interface Looks {
  timesOf(hash: Bytes32): Times;
  secretOf(hash: Bytes32): Bytes32 | undefined;
  /** When L1 had the secret of this hash. */
  shownAt(hash: Bytes32): number | undefined;
  /** Asks L1 what time it is. */
  ask(): Promise<void>;
  /** Looks up those of these that were not looked up just now. @returns those of which there is something new. */
  look(hashes: Iterable<Bytes32>): Promise<readonly Bytes32[]>;
  /** Shows a secret, unless that is under way or done, or failed just now. */
  reveal(hash: Bytes32, secret: Bytes32): void;
  forget(hash: Bytes32): void;
}

const UNSEEN = -PAUSE;

/** Nothing was looked up yet. */
export function createLooks({ l1, now, onTrouble }: LooksOptions): Looks {
  const looks = new Map<Bytes32, Look>();
  let l1Time = 0;
  /** Of the block that secrets are read of now: another node may be behind the one that said a later time. */
  let readTime = 0;
  const of = (hash: Bytes32): Look => {
    const found = looks.get(hash) ?? {
      ...{ shownAt: undefined, unshownAt: undefined, secret: undefined, lookedAt: UNSEEN },
      tried: { at: UNSEEN, isIn: false },
    };
    looks.set(hash, found);
    return found;
  };

  async function lookUp(hash: Bytes32): Promise<boolean> {
    const look = of(hash);
    const asOf = readTime;
    look.lookedAt = now();
    const at = await l1.revealedAt(hash);
    look.shownAt = at;
    if (at === undefined) look.unshownAt = Math.max(look.unshownAt ?? 0, asOf);
    else look.secret ??= await l1.secretOf(hash);
    return true;
  }

  return {
    timesOf(hash) {
      const { shownAt, unshownAt } = looks.get(hash) ?? {};
      return { now: now(), l1: l1Time, shownAt, unshownAt };
    },
    secretOf: (hash) => looks.get(hash)?.secret,
    shownAt: (hash) => looks.get(hash)?.shownAt,
    async ask() {
      try {
        readTime = await l1.time();
        l1Time = Math.max(l1Time, readTime);
      } catch (error) {
        onTrouble(asRollupError('the time of L1', error));
      }
    },
    async look(hashes) {
      const due: Bytes32[] = [];
      for (const hash of hashes) {
        const { lookedAt, secret } = of(hash);
        if (due.length < MOST_LOOKS && secret === undefined && now() - lookedAt >= PAUSE) due.push(hash);
      }
      const found = await Promise.all(
        due.map((hash) =>
          lookUp(hash).catch((error: unknown) => {
            onTrouble(asRollupError('a secret on L1', error));
            return false;
          }),
        ),
      );
      return due.filter((_, place) => found[place]);
    },
    reveal(hash, secret) {
      const look = of(hash);
      const { tried, unshownAt = 0, shownAt } = look;
      if (tried === undefined || shownAt !== undefined) return;
      // One that came into a block costs again only when L1, later than that, does not have it: a reorganization took it back.
      if (tried.isIn ? unshownAt <= tried.at : now() - tried.at < PAUSE) return;
      look.tried = undefined;
      l1.reveal(secret).then(
        () => {
          look.tried = { at: now(), isIn: true };
        },
        (error: unknown) => {
          look.tried = { at: now(), isIn: false };
          onTrouble(asRollupError('showing a secret on L1', error));
        },
      );
    },
    forget: (hash) => void looks.delete(hash),
  };
}

/** What L1 has of secrets, looked up a few at a time, and secrets that are shown there. */

import { asRollupError, type Bytes32, type RollupError } from '@quittance/protocol';
import type { Times } from './plan.ts';
import type { SecretsOnL1 } from './types.ts';

/** Most hashes that are looked up in one go: the others come next. */
export const MOST_LOOKS = 64;
/** Seconds between two looks for one hash, and between two attempts to show its secret. */
const PAUSE = 10;

/** What is known of one hash. */
interface Look {
  shownAt: number | undefined;
  unshownAt: number | undefined;
  secret: Bytes32 | undefined;
  lookedAt: number;
  triedAt: number;
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
  /** Shows a secret, unless that was tried just now. */
  reveal(hash: Bytes32, secret: Bytes32): void;
  forget(hash: Bytes32): void;
}

const UNSEEN = -PAUSE;

/** Nothing was looked up yet. */
export function createLooks({ l1, now, onTrouble }: LooksOptions): Looks {
  const looks = new Map<Bytes32, Look>();
  let l1Time = 0;
  const of = (hash: Bytes32): Look => {
    const found = looks.get(hash) ?? {
      ...{ shownAt: undefined, unshownAt: undefined, secret: undefined, lookedAt: UNSEEN, triedAt: UNSEEN },
    };
    looks.set(hash, found);
    return found;
  };

  async function lookUp(hash: Bytes32): Promise<boolean> {
    const look = of(hash);
    const asOf = l1Time;
    look.lookedAt = now();
    const at = await l1.revealedAt(hash);
    look.shownAt = at;
    if (at === undefined) look.unshownAt = asOf;
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
        l1Time = Math.max(l1Time, await l1.time());
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
      if (now() - look.triedAt < PAUSE || look.shownAt !== undefined) return;
      look.triedAt = now();
      l1.reveal(secret).catch((error: unknown) => {
        look.triedAt = UNSEEN;
        onTrouble(asRollupError('showing a secret on L1', error));
      });
    },
    forget: (hash) => void looks.delete(hash),
  };
}

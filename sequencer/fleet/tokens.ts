/** Who a token stands for, as its file has it at the moment. */

import { statSync } from 'node:fs';
import type { Clock, Logger } from '../../runtime/index.ts';
import { readTokens, tokenHash, workerOf } from './token-file.ts';
import type { WorkerIdentity } from './types.ts';

/** Knows the operator's own workers. */
export interface Tokens {
  find(token: string): WorkerIdentity | undefined;
  readonly workers: readonly WorkerIdentity[];
}

export interface TokensOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of a token that is not in the file any more. */
  readonly onRevoked: (workerId: string) => void;
}

/** A token that was taken back counts no more after so long at the latest. */
const LOOK_EVERY_MS = 500;

/** What tells that the file was replaced. */
function markOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}

/** The tokens of a file. @throws RollupError CONFIG_INVALID when it cannot be read now; later the last readable one counts. */
export function createTokens({ file, clock, logger, onRevoked }: TokensOptions): Tokens {
  let mark = markOf(file);
  let byHash = new Map(readTokens(file).map((row) => [row.hash, workerOf(row)]));
  let lookedMs = clock.nowMs();
  const look = (isUrgent: boolean): void => {
    const nowMs = clock.nowMs();
    if (!isUrgent && Math.abs(nowMs - lookedMs) < LOOK_EVERY_MS) return;
    lookedMs = nowMs;
    const found = markOf(file);
    if (found === mark) return;
    try {
      const next = new Map(readTokens(file).map((row) => [row.hash, workerOf(row)]));
      const revoked = [...byHash.values()].filter(({ id }) => ![...next.values()].some((other) => other.id === id));
      byHash = next;
      // Not before: what could not be read is tried again.
      mark = found;
      for (const { id } of revoked) onRevoked(id);
    } catch (error) {
      logger.error('the prover tokens cannot be read; those that were read before stay valid', { error });
    }
  };
  return {
    find(token) {
      const hash = tokenHash(token);
      // One that is not known may have been added just now.
      look(!byHash.has(hash));
      return byHash.get(hash);
    },
    get workers() {
      look(false);
      return [...byHash.values()];
    },
  };
}

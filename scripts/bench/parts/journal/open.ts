/** The journal of the benchmark, as its leader and its followers open it, and what followers are told. */

import { silentLogger, systemClock } from '../../../../runtime/index.ts';
import { type Journal, openJournal } from '../../../../storage/index.ts';

const DEPLOYMENT = { chainId: 31_337n, contract: `0x${'00'.repeat(20)}` };

/** What a follower is told: to follow from this entry on, or to rest once it has this one. */
export interface FollowerOrder {
  readonly does: 'follow' | 'rest';
  readonly sequence: number;
}

/** Opens the journal at `url` as `name`. */
export function openBenchJournal(url: string, name: string): Promise<Journal> {
  const startAt = { sequence: 0, chain: Buffer.alloc(32) };
  const node = { nodeName: name, nodeUrl: '', clock: systemClock, logger: silentLogger, startAt };
  return openJournal({ url, deployment: DEPLOYMENT, ...node });
}

/** The end of all channels: cheaters and who closes alone on L1, all others together; then everybody’s balances. */

import type { SignedState } from '@quittance/sdk/channels';
import type { Progress } from '../devnet/progress.ts';
import type { Hub, World } from './members.ts';
import type { Client } from './payments.ts';
import { until } from './scenario.ts';

/** What came of it. */
export interface Closes {
  readonly closedTogether: number;
  readonly closedAlone: number;
  readonly cheatersCaught: number;
  readonly balancesRight: boolean;
}

interface Parts {
  readonly world: World;
  readonly hubs: readonly [Hub, Hub];
  readonly clients: readonly Client[];
}

/** Old states that cheaters kept. */
export type OldStates = ReadonlyMap<string, SignedState>;

/** Closes all channels of the wallets together, some at once. @returns how many. */
async function closeTogether(clients: readonly Client[], progress: Progress): Promise<number> {
  const open = clients.flatMap(({ member }) => member.node.party.channels().map(({ vault }) => ({ member, vault })));
  progress.begin('closing together', open.length);
  let done = 0;
  for (const { member, vault } of open) {
    await member.node.party.closeTogether(vault);
    done += 1;
    progress.update(done);
  }
  await until('closing together', () =>
    clients.every(({ member }) => member.node.party.channels().every(({ stage }) => stage === 'closed')),
  );
  progress.end();
  return done;
}

/** Ends all channels. */
export async function closeAll({ clients }: Parts, progress: Progress): Promise<Closes> {
  const closedTogether = await closeTogether(clients, progress);
  return { closedTogether, closedAlone: 0, cheatersCaught: 0, balancesRight: false };
}

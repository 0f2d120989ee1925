/** The end of all channels: cheaters and who closes alone on L1, all others together; then everybody’s balances. */

import { isSameAddress } from '@quittance/protocol';
import { createClient } from '@quittance/sdk';
import { createChannelRollup, type SignedState } from '@quittance/sdk/channels';
import { nativeHasher } from '../../native/index.ts';
import type { Progress } from '../devnet/progress.ts';
import { closeLonely, type Lonely } from './lonely.ts';
import type { Hub, Member, World } from './members.ts';
import type { Client } from './payments.ts';
import { until } from './until.ts';

/** What came of it. */
export interface Closes {
  readonly closedTogether: number;
  readonly closedAlone: number;
  readonly cheatersCaught: number;
  readonly balancesRight: boolean;
}

/** Everybody. */
export interface Parts {
  readonly world: World;
  readonly hubs: readonly [Hub, Hub];
  readonly clients: readonly Client[];
}

const CHEATERS = 2;
const HONEST = 1;

/** The channel that a wallet pays in. */
const ownChannel = ({ member }: Client): string => member.node.party.channels().find(({ isOurs }) => isOurs)!.vault;

/** What cheaters keep: their first states, by which all is theirs. */
export function keepOldStates(clients: readonly Client[]): ReadonlyMap<Client, SignedState> {
  const cheaters = clients.slice(0, CHEATERS);
  return new Map(cheaters.map((one) => [one, one.member.node.party.exchange.record(ownChannel(one))!.newest]));
}

function lonelyOf(clients: readonly Client[], oldStates: ReadonlyMap<Client, SignedState>): Lonely[] {
  return clients.slice(0, CHEATERS + HONEST).map((client) => {
    const vault = ownChannel(client);
    const { newest } = client.member.node.party.exchange.record(vault)!;
    return { client, vault, shown: oldStates.get(client) ?? newest, isCheat: oldStates.has(client) };
  });
}

/** Channels that are being closed at a time: each close is two transfers of a batch. */
const AT_ONCE = 8;

/** Closes channels together. @returns how many. */
async function closeTogether({ clients, hubs }: Parts, but: ReadonlySet<string>, progress: Progress): Promise<number> {
  const [first, second] = hubs;
  const own = clients.flatMap(({ member }) => member.node.party.channels().map(({ vault }) => ({ member, vault })));
  const between = first.node.party.channels().filter(({ peer }) => isSameAddress(peer, second.address));
  const all = [...own, ...between.map(({ vault }) => ({ member: first, vault }))];
  const open = all.filter(({ vault }) => !but.has(vault));
  progress.begin('closing together', open.length);
  const waiting = [...open];
  const close = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await next.member.node.party.closeTogether(next.vault);
      progress.update(open.length - waiting.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, close));
  const isClosed = ({ member, vault }: (typeof open)[number]): boolean =>
    member.node.party.channels().some((one) => one.vault === vault && one.stage === 'closed');
  await until('closing together', () => open.every(isClosed));
  progress.end();
  return open.length;
}

/** What is final on the rollup of a member, checked down to L1. */
async function finalBalance({ rollup, reader }: World, { wallet }: Member): Promise<bigint> {
  const client = createClient({ url: rollup.api.url });
  const channels = createChannelRollup({ domain: wallet.domain, client, reader, hasher: nativeHasher });
  const [owner, keyY] = wallet.receiver.split(':') as [string, string];
  return (await channels.account({ owner, keyY: BigInt(keyY), tokenId: 0 }))?.balance ?? 0n;
}

/** What the transfers of a close cost at most: two fees, and what no record can state. */
const MOST_LOST = 10n ** 14n;

/** Ends all channels, and looks at what each member has then. */
export async function closeAll(
  parts: Parts,
  oldStates: ReadonlyMap<Client, SignedState>,
  progress: Progress,
): Promise<Closes> {
  const { world, clients, hubs } = parts;
  const members: readonly Member[] = [...hubs, ...clients.map(({ member }) => member)];
  const lonely = lonelyOf(clients, oldStates);
  const but = new Set(lonely.map(({ vault }) => vault));
  const expected = new Map<Member, { readonly most: bigint; readonly lost: bigint }>();
  for (const member of members) {
    const together = member.node.party.channels().filter(({ vault }) => !but.has(vault));
    const due = together.reduce((sum, { ours }) => sum + ours, 0n);
    const most = (await finalBalance(world, member)) + due;
    expected.set(member, { most, lost: MOST_LOST * BigInt(together.length) });
  }
  const closedTogether = await closeTogether(parts, but, progress);
  let isRight = true;
  for (const [member, { most, lost }] of expected) {
    const missing = most - (await finalBalance(world, member));
    isRight &&= missing >= 0n && missing <= lost;
  }
  progress.begin('closing alone, with the states of before');
  const { closedAlone, cheatersCaught, isRight: isRightOnL1 } = await closeLonely(world, lonely);
  progress.end(`${cheatersCaught} cheaters caught`);
  return { closedTogether, closedAlone, cheatersCaught, balancesRight: isRight && isRightOnL1 };
}

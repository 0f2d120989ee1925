/**
 * What `./dev start --mode channels` shows: two hubs and a hundred wallets open channels on a rollup, pay each other over one hub
 * or both without a transaction on L1, two cheat, one closes alone, all others close together, and at the end each has what it
 * must have.
 */

import { createOperator, l1Wallet } from '../../cli/devnet/people.ts';
import type { Progress } from '../devnet/progress.ts';
import type { LocalRollup } from '../devnet/rollup.ts';
import { type Closes, closeAll, keepOldStates, type Parts } from './closes.ts';
import { createStoreFolders } from './folders.ts';
import {
  connectTo,
  createHub,
  createMember,
  createWorld,
  ETHER,
  type Hub,
  type Member,
  type World,
} from './members.ts';
import { type Client, makePayments, type PaymentsResult } from './payments.ts';
import { until } from './until.ts';

/** How much of everything. */
export interface ChannelScenarioOptions {
  readonly wallets: number;
  readonly payments: number;
  readonly progress: Progress;
}

/** What came of it. */
export interface ChannelReport {
  readonly payments: number;
  readonly overTwoHubs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** On L1 while all payments were made. */
  readonly onChainTransactions: number;
  readonly closedTogether: number;
  readonly closedAlone: number;
  readonly cheatersCaught: number;
  /** Each member has on the rollup and on L1 what it had before and was paid, less fees. */
  readonly balancesRight: boolean;
}

/** Positions of the hubs' L1 accounts on the mnemonic of the devnet. */
const HUB_POSITIONS = [5, 6] as const;
const FUNDS = { hub: 500n * ETHER, wallet: 3n * ETHER, channel: ETHER, betweenHubs: 50n * ETHER } as const;
const PERIOD = 60;
/** A channel has 64 HTLCs at most, and half of all payments go from one hub to the other. */
const AT_ONCE = 64;
/** Of each hub with the other one. */
const CHANNELS_BETWEEN_HUBS = 2;

/** Money for all on the rollup: hubs deposit, and one of them pays the wallets. */
async function fund(hubs: readonly Hub[], wallets: readonly Member[]): Promise<void> {
  const deposits = await Promise.all(hubs.map(({ wallet }) => wallet.deposit({ amount: FUNDS.hub })));
  // Whoever seals takes its fees there.
  const { owner, keyPair } = createOperator();
  const operator = `${owner}:0x${keyPair.publicKey.y.toString(16).padStart(64, '0')}`;
  deposits.push(await hubs[0]!.wallet.deposit({ to: operator, amount: ETHER }));
  await Promise.all(deposits.map((deposit) => deposit.final()));
  const requests = wallets.map(({ wallet }) => ({ to: wallet.receiver, amount: FUNDS.wallet }));
  const outcomes = await hubs[0]!.wallet.transferMany(requests);
  for (const outcome of outcomes) {
    if (!outcome.ok) throw outcome.error;
    await outcome.value.final();
  }
}

const isOpen = ({ node }: Member): boolean => node.party.channels().every(({ stage }) => stage === 'open');

/** Opens the channels of all: each wallet has one that it pays in and one that its hub pays in; the hubs have both with each other. */
async function openChannels(hubs: readonly [Hub, Hub], clients: readonly Client[]): Promise<void> {
  const [first, second] = hubs;
  await connectTo(first, second);
  const channel = { tokenId: 0, period: PERIOD } as const;
  for (let number = 0; number < CHANNELS_BETWEEN_HUBS; number += 1) {
    await first.node.party.open(second.address, { ...channel, amount: FUNDS.betweenHubs, funder: 'a' });
  }
  for (const { member, hub } of clients) {
    await connectTo(member, hub);
    await member.node.party.open(hub.address, { ...channel, amount: FUNDS.channel, funder: 'a' });
  }
  const all = [...hubs, ...clients.map(({ member }) => member)];
  await until('opening the channels that the wallets pay in', () => all.every(isOpen));
  for (let number = 0; number < CHANNELS_BETWEEN_HUBS; number += 1) {
    await second.node.party.open(first.address, { ...channel, amount: FUNDS.betweenHubs, funder: 'a' });
  }
  for (const { member, hub } of clients) {
    await member.node.party.open(hub.address, { ...channel, amount: FUNDS.channel, funder: 'b' });
  }
  await until('opening the channels that the hubs pay in', () => all.every(isOpen));
}

/** What a member has in all of its channels. */
const heldBy = ({ node }: Member): bigint => node.party.channels().reduce((sum, { ours }) => sum + ours, 0n);

async function transactionsSince({ rollup: { provider } }: World, block: number): Promise<number> {
  let count = 0;
  for (let number = block + 1; number <= (await provider.getBlockNumber()); number += 1) {
    count += (await provider.getBlock(number))!.transactions.length;
  }
  return count;
}

async function pay({ world, hubs, clients }: Parts, { payments, progress }: ChannelScenarioOptions) {
  const members = [...hubs, ...clients.map(({ member }) => member)];
  const before = new Map(members.map((member) => [member.address, heldBy(member)]));
  const block = await world.rollup.provider.getBlockNumber();
  progress.begin(`${payments.toLocaleString('en')} payments`, payments);
  const result = await makePayments(world, clients, {
    ...{ count: payments, atOnce: AT_ONCE },
    told: (done) => progress.update(done),
  });
  progress.end(`${result.perSecond} a second, half within ${result.p50Ms} ms, 99 % within ${result.p99Ms} ms`);
  // The last versions are on their way to who hears of them last.
  await until('the last versions', () =>
    members.every((member) => heldBy(member) - before.get(member.address)! === (result.net.get(member.address) ?? 0n)),
  );
  return { result, onChainTransactions: await transactionsSince(world, block) };
}

function reportOf(result: PaymentsResult, onChainTransactions: number, closes: Closes): ChannelReport {
  const { net: _, ...figures } = result;
  return { ...figures, onChainTransactions, ...closes };
}

/** Plays it. @throws RollupError when anything of it fails. */
export async function runChannelScenario(rollup: LocalRollup, options: ChannelScenarioOptions): Promise<ChannelReport> {
  const { progress, wallets } = options;
  const folders = createStoreFolders('quittance-channels');
  const members: Member[] = [];
  const keep = <T extends Member>(member: T): T => {
    members.push(member);
    return member;
  };
  // Time passes on L1 also when nobody sends anything.
  const mining = setInterval(() => void rollup.provider.send('anvil_mine', ['0x1']).catch(() => undefined), 1_000);
  try {
    progress.begin(`two hubs and ${wallets} wallets`);
    const world = await createWorld(rollup, folders);
    const [first, second] = HUB_POSITIONS.map((position) => l1Wallet(position).privateKey);
    const hubs: [Hub, Hub] = [
      keep(await createHub(world, 'hub-1', first!)),
      keep(await createHub(world, 'hub-2', second!)),
    ];
    const clients: Client[] = [];
    for (let number = 0; number < wallets; number += 1) {
      const member = keep(await createMember(world, `wallet-${number}`));
      clients.push({ member, hub: hubs[number % 2]! });
    }
    await fund(
      hubs,
      clients.map(({ member }) => member),
    );
    progress.end();
    progress.begin(`${2 * (wallets + CHANNELS_BETWEEN_HUBS)} channels`);
    await openChannels(hubs, clients);
    progress.end();
    const parts: Parts = { world, hubs, clients };
    const oldStates = keepOldStates(clients);
    const { result, onChainTransactions } = await pay(parts, options);
    const closes = await closeAll(parts, oldStates, progress);
    return reportOf(result, onChainTransactions, closes);
  } finally {
    clearInterval(mining);
    for (const member of members.reverse()) await member.stop().catch(() => undefined);
    folders.remove();
  }
}

/** As people read it. */
export function formatChannelReport(report: ChannelReport): string {
  const number = (value: number): string => value.toLocaleString('en');
  return [
    `payments              ${number(report.payments)}, ${number(report.overTwoHubs)} of them over two hubs`,
    `a second              ${number(report.perSecond)}`,
    `latency               half within ${report.p50Ms} ms, 99 % within ${report.p99Ms} ms`,
    `transactions on L1    ${report.onChainTransactions} while they were made`,
    `closed together       ${report.closedTogether}`,
    `closed alone          ${report.closedAlone}, of them cheaters caught: ${report.cheatersCaught}`,
    `balances              ${report.balancesRight ? 'all right' : 'WRONG'}`,
  ].join('\n');
}

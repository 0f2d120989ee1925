/** Parties of `./dev bench channels` in this process: node channels-child.ts <plan as JSON>. */

import { randomBytes } from 'node:crypto';
import { spendable } from '@quittance/protocol';
import { createInvoice, dialParty, MOST_ASKED, payInvoice, roleOf } from '@quittance/sdk/channels';
import { startChannelServer } from '../../../channels/index.ts';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import { payAt, payClosed } from './channels/loads.ts';
import { CONTRACT, channelOf, type Member, memberOf } from './channels/members.ts';
import type { Answers, Look, Order, Plan } from './channels/messages.ts';
import { FEE, startMember } from './channels/node.ts';

const plan = JSON.parse(process.argv[2]!) as Plan;
const hub = memberOf(0);
const funderOf = (wallet: Member) => (wallet.number <= plan.payers ? 'a' : 'b');
/** Everybody comes from one address here. */
const LIMITS = { connectionsPerAddress: 10_000 };

/** Base units of a payment, and seconds that an invoice can be paid. */
const AMOUNT = 10n;
const INVOICE_SECONDS = 7_200;

const members = await Promise.all(
  Array.from({ length: plan.last - plan.first + 1 }, async (_, position) => {
    const member = memberOf(plan.first + position);
    return { ...member, ...(await startMember(member, plan.folder)) };
  }),
);
type Running = (typeof members)[number];

/** Opens the channels, and listens or connects. @returns where, and how to end it. */
async function connect(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  if (plan.url === undefined) {
    const { party } = members[0]!;
    for (let number = 1; number <= plan.wallets; number += 1) {
      const wallet = memberOf(number);
      await party.exchange.add(channelOf(wallet, hub, funderOf(wallet), 'b'));
    }
    const port = { host: '127.0.0.1', port: 0, limits: LIMITS, clock: systemClock, logger: silentLogger };
    return startChannelServer({ party, ...port });
  }
  const url = plan.url;
  const dials = members.map(({ party }) => dialParty({ url, expected: hub.address, party, clock: systemClock }));
  for (const [position, member] of members.entries()) {
    await member.party.exchange.add(channelOf(member, hub, funderOf(member), 'a'));
    const connection = await dials[position]!.connected(10_000);
    connection.join(vaultOf(member));
  }
  return {
    url: '',
    async stop() {
      for (const dial of dials) dial.stop();
    },
  };
}

const vaultOf = ({ party }: Running): string => [...party.exchange.records.keys()][0]!;

async function invoice(count: number): Promise<readonly string[]> {
  const expiresAt = hub.keys.now() + INVOICE_SECONDS;
  const made: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { store, keys, address: payee } = members[index % members.length]!;
    const terms = { contract: CONTRACT, payee, tokenId: 0, amount: AMOUNT, expiresAt, hubs: [], memo: '' };
    made.push((await createInvoice(terms, { store, keys })).text);
  }
  return made;
}

function pay({ count, inFlight, perSecond }: Extract<Order, { does: 'pay' }>): Promise<Answers['pay']> {
  const [member] = members;
  const vault = vaultOf(member!);
  const { exchange } = member!.party;
  const payOnce = (): Promise<number> => {
    const id = `0x${randomBytes(32).toString('hex')}`;
    return exchange.want(vault, { type: 'pay', by: 'residual', id, amount: AMOUNT });
  };
  return perSecond === undefined ? payClosed(count, inFlight, payOnce) : payAt(count, perSecond, MOST_ASKED, payOnce);
}

function payInvoices({ texts, inFlight }: Extract<Order, { does: 'payInvoices' }>): Promise<Answers['payInvoices']> {
  const hubs = [{ address: hub.address, feeBase: FEE, feePartsPerMillion: 0, expiryDelta: 3_600 }];
  return payClosed(texts.length, inFlight, (index) => {
    const { party, forwarder, keys } = members[index % members.length]!;
    return payInvoice({ exchange: party.exchange, forwarder, contract: CONTRACT, keys }, texts[index]!, { hubs });
  });
}

function look(): Look {
  const { user, system } = process.cpuUsage();
  let [ours, htlcs] = [0n, 0];
  for (const { party } of members) {
    for (const record of party.exchange.records.values()) {
      ours += spendable(record.newest.state, record, roleOf(record.newest.state, record.party));
      htlcs += record.newest.state.htlcs.length;
    }
  }
  const peakBytes = process.resourceUsage().maxRSS * 1_024;
  return { cpuSeconds: (user + system) / 1e6, ours: ours.toString(), htlcs, peakBytes };
}

const line = await connect();

async function answer(order: Order): Promise<Answers[Order['does']]> {
  switch (order.does) {
    case 'invoice':
      return invoice(order.count);
    case 'pay':
      return pay(order);
    case 'payInvoices':
      return payInvoices(order);
    case 'look':
      return look();
    case 'stop':
      await line.stop();
      for (const { stop } of members) await stop();
      return null;
  }
}

process.on('message', (order: Order) => {
  answer(order).then(
    (answered) => process.send!(answered),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit(0));
process.send!(line.url);

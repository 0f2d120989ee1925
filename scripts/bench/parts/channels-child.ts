/** Parties of `./dev bench channels` in this process: node channels-child.ts <plan as JSON>. */

import { randomBytes } from 'node:crypto';
import { isRollupError, spendable } from '@quittance/protocol';
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

const CONNECT_MS = 30_000;

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
  // Before anybody connects: what is said about a channel that is not there is not heard.
  for (const member of members) await member.party.exchange.add(channelOf(member, hub, funderOf(member), 'a'));
  const dials = members.map(({ party }) => dialParty({ url, expected: hub.address, party, clock: systemClock }));
  for (const dial of dials) await dial.connected(CONNECT_MS);
  return {
    url: '',
    async stop() {
      for (const dial of dials) dial.stop();
    },
  };
}

const vaultOf = ({ party }: Running): string => [...party.exchange.records.keys()][0]!;

/** Many at once: they are made before anything is measured. */
function invoice(count: number): Promise<readonly string[]> {
  const expiresAt = hub.keys.now() + INVOICE_SECONDS;
  const make = async (index: number): Promise<string> => {
    const { store, keys, address: payee } = members[index % members.length]!;
    const terms = { contract: CONTRACT, payee, tokenId: 0, amount: AMOUNT, expiresAt, hubs: [], memo: '' };
    return (await createInvoice(terms, { store, keys })).text;
  };
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
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

/** Attempts at a payment, at most: a party that is busy may seem to be away. */
const ATTEMPTS = 5;

async function payInvoices({ texts, inFlight }: Extract<Order, { does: 'payInvoices' }>) {
  const hubs = [{ address: hub.address, feeBase: FEE, feePartsPerMillion: 0, expiryDelta: 3_600 }];
  let givenBack = 0;
  const load = await payClosed(texts.length, inFlight, async (index) => {
    const { party, forwarder, keys } = members[index % members.length]!;
    const payer = { exchange: party.exchange, forwarder, contract: CONTRACT, keys };
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await payInvoice(payer, texts[index]!, { hubs });
      } catch (error) {
        if (!isRollupError(error, 'CHANNEL_PAYMENT_FAILED') || attempt === ATTEMPTS) throw error;
        givenBack += 1;
      }
    }
  });
  return { ...load, givenBack };
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

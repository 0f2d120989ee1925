/** Payments between wallets over one hub or two, and what each member has of them by a count of its own. */

import { createInvoice, payInvoice, type RouteHub } from '@quittance/sdk/channels';
import { LOCAL_CHAIN_ID } from '../../cli/devnet/anvil.ts';
import { HUB_TERMS, type Hub, type Member, type World } from './members.ts';

/** A wallet, and the hub that it has channels with. */
export interface Client {
  readonly member: Member;
  readonly hub: Hub;
}

/** What came of all payments. */
export interface PaymentsResult {
  readonly payments: number;
  readonly overTwoHubs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What each address has more than before, in base units. */
  readonly net: ReadonlyMap<string, bigint>;
}

const routeHub = ({ address }: Hub): RouteHub => ({ address, ...HUB_TERMS });

const feeOf = (amount: bigint): bigint =>
  (amount * BigInt(HUB_TERMS.feePartsPerMillion) + 999_999n) / 1_000_000n + HUB_TERMS.feeBase;

/** Numbers from a seed: the same run again. */
function createNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One payment with an invoice, from one wallet to another. @returns what the hubs kept, from the first one on. */
async function payOnce({ constants }: World, payer: Client, payee: Client, amount: bigint): Promise<readonly bigint[]> {
  const contract = { chainId: LOCAL_CHAIN_ID, channels: constants.contract.toLowerCase() };
  const { store, keys, address } = payee.member;
  const hub = { address: payee.hub.address, url: payee.hub.server.url };
  const expiresAt = keys.now() + 3_600;
  const invoice = { contract, payee: address, tokenId: 0, amount, expiresAt, hubs: [hub], memo: '' };
  const { text } = await createInvoice(invoice, { store, keys });
  const hubs = payer.hub === payee.hub ? [payer.hub] : [payer.hub, payee.hub];
  const { exchange } = payer.member.node.party;
  const { forwarder } = payer.member.node;
  await payInvoice({ exchange, forwarder, contract, keys: payer.member.keys }, text, { hubs: hubs.map(routeHub) });
  const last = feeOf(amount);
  return hubs.length === 1 ? [last] : [feeOf(amount + last), last];
}

/** Makes so many payments, many at once. @param told of each. */
export async function makePayments(
  world: World,
  clients: readonly Client[],
  { count, atOnce, told }: { readonly count: number; readonly atOnce: number; readonly told: (done: number) => void },
): Promise<PaymentsResult> {
  const below = createNumbers(7);
  const net = new Map<string, bigint>();
  const add = (address: string, amount: bigint): void => void net.set(address, (net.get(address) ?? 0n) + amount);
  const times: number[] = [];
  let [begun, overTwoHubs] = [0, 0];
  const run = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      const from = below(clients.length);
      const [payer, payee] = [clients[from]!, clients[(from + 1 + below(clients.length - 1)) % clients.length]!];
      const amount = 1_000_000n * BigInt(1 + below(1_000_000_000));
      const startedMs = performance.now();
      const fees = await payOnce(world, payer, payee, amount);
      times.push(performance.now() - startedMs);
      add(payee.member.address, amount);
      add(payer.member.address, -fees.reduce((sum, fee) => sum + fee, amount));
      add(payer.hub.address, fees[0]!);
      if (fees.length > 1) add(payee.hub.address, fees[1]!);
      overTwoHubs += fees.length - 1;
      told(times.length);
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: atOnce }, run));
  const seconds = (performance.now() - startedMs) / 1_000;
  times.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(times[Math.floor(times.length * share)]! * 10) / 10;
  return {
    payments: times.length,
    overTwoHubs,
    perSecond: Math.round(times.length / seconds),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    net,
  };
}

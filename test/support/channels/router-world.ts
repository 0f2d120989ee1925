/** A payer with channels and a wallet, and all that fails: its process, its journal's disk, the sequencer, its hub. */

import { RollupError } from '@quittance/protocol';
import {
  createInvoice,
  createRouter,
  type PaymentJournal,
  type Router,
  type RouterChannels,
  type RouterOptions,
  type RouterWallet,
} from '../../../packages/sdk/channels/index.ts';
import type { SignedPayment, TransferHandle } from '../../../packages/sdk/wallet/types.ts';
import { createRouteWorld, ROUTE_POLICY, type RouteWorldOptions } from './route-world.ts';
import type { StoreDisk } from './store-disk.ts';

const CONTRACT = { chainId: 31_337n, channels: `0x${'c1'.repeat(20)}` };
/** A receiver of the rollup: the index of an account. */
export const RECEIVER = 7;
export const ROLLUP_FEE = 10n;
/** Base units on the rollup at the beginning. */
const BALANCE = 1_000_000n;

/** A journal in memory. */
function createMemoryJournal(): PaymentJournal & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    load: async (key) => texts.get(key),
    put: async (key, text) => void texts.set(key, text),
  };
}

const refused = (code: 'NONCE_USED' | 'EXPIRED'): RollupError => new RollupError(code, code, {} as never);

/** A sequencer that takes transfers of one account. */
export function createMemorySequencer() {
  const taken = new Map<string, bigint>();
  const finals = Promise.withResolvers<void>();
  return {
    nonce: 0,
    signed: 0,
    /** What it does with what is sent: it takes it, takes it and says nothing, or is not there. */
    fate: 'answers' as 'answers' | 'loses the answer' | 'is away',
    isOver: false,
    taken,
    finals,
    balance: () => BALANCE - [...taken.values()].reduce((sum, amount) => sum + amount, 0n),
    paid: () => [...taken.values()].reduce((sum, amount) => sum + amount - ROLLUP_FEE, 0n),
    /** Another process of this key uses the next nonce. */
    useNonce() {
      this.nonce += 1;
    },
    /** @throws RollupError TRANSFER_UNCERTAIN, NONCE_USED or EXPIRED, as `wallet.resume`. */
    take({ id, transfer }: SignedPayment): void {
      const { nonce, validUntil, amount, fee } = transfer;
      const lost = new RollupError('TRANSFER_UNCERTAIN', 'no answer', { id, nonce, validUntil });
      if (this.fate === 'is away') throw lost;
      if (this.isOver) throw refused('EXPIRED');
      if (!taken.has(id)) {
        if (nonce !== this.nonce) throw refused('NONCE_USED');
        this.nonce += 1;
        taken.set(id, BigInt(amount) + BigInt(fee));
      }
      if (this.fate === 'loses the answer') throw lost;
    },
  };
}
export type MemorySequencer = ReturnType<typeof createMemorySequencer>;

/** Where a process can end: before and after what it says. */
export type CrashPoint = 'put' | 'kept' | 'send' | 'sent' | 'write' | 'written';

function createMemoryWallet(sequencer: MemorySequencer, at: (point: CrashPoint) => Promise<void>): RouterWallet {
  const handleOf: RouterWallet['handleOf'] = (id) => {
    const status = { id, status: 'pending', batch: null };
    const accepted = async () => {
      if (sequencer.taken.has(id)) return status;
      throw new RollupError('NOT_FOUND', 'no such transfer');
    };
    return {
      ...{ accepted, sealed: accepted, posted: accepted },
      final: async () => {
        await sequencer.finals.promise;
        return { ...status, status: 'final' };
      },
      outcome: async () =>
        accepted().then(
          (value) => ({ ok: true, value }) as const,
          (error: RollupError) => ({ ok: false, error }) as const,
        ),
    };
  };
  const handle = ({ id, transfer }: SignedPayment): TransferHandle => ({
    ...{ id, amount: BigInt(transfer.amount), fee: BigInt(transfer.fee), nonce: transfer.nonce },
    ...handleOf(id),
  });
  const send = async (signed: SignedPayment): Promise<TransferHandle> => {
    await at('send');
    sequencer.take(signed);
    await at('sent');
    return handle(signed);
  };
  return {
    token: async () => ({ tokenId: 0, address: `0x${'00'.repeat(20)}`, symbol: 'ETH', decimals: 18 }),
    async estimateFee() {
      if (sequencer.fate !== 'is away') return ROLLUP_FEE;
      throw new RollupError('RPC_UNREACHABLE', 'the sequencer is away', { url: 'http://x' });
    },
    balance: async () => {
      const [soft, token] = [sequencer.balance(), await Promise.resolve({} as never)];
      return { token, soft, posted: soft, final: soft };
    },
    async transfer({ to, amount, fee = ROLLUP_FEE, onSigned }) {
      if (to === 404) throw new RollupError('NOT_FOUND', 'there is no account 404');
      sequencer.signed += 1;
      const transfer = { nonce: sequencer.nonce, validUntil: 1, amount: `${amount}`, fee: `${fee}` };
      const signed = { id: `${sequencer.signed}`, transfer: transfer as unknown as SignedPayment['transfer'] };
      await onSigned?.(signed);
      return send(signed);
    },
    resume: send,
    handleOf,
  };
}

export interface RouterWorldOptions extends Omit<RouteWorldOptions, 'faults' | 'names' | 'disks'> {
  readonly names?: readonly string[];
  readonly router?: Partial<Pick<RouterOptions, 'finalAbove' | 'channels' | 'finalNonce'>>;
  /** At which of all points, counted from 0, the payer's process ends. */
  readonly crashAt?: number;
  /** Where the payer keeps its channels and its journal; in memory if not given. */
  readonly disk?: StoreDisk;
}

/** The payer is the first, and the payee the last of a row of hubs. */
export async function createRouterWorld(options: RouterWorldOptions = {}) {
  const { names = ['payer', 'hub', 'payee'], crashAt, disk } = options;
  let points = 0;
  let isCounting = false;
  const isLast = (): boolean => isCounting && points++ === crashAt;
  const faults = (point: string, name: string) =>
    name === 'payer' && (point === 'write' || point === 'written') && isLast() ? 'crash' : 'none';
  const disks = new Map(disk === undefined ? [] : [['payer', disk]]);
  const world = await createRouteWorld({ ...options, names, faults, disks });
  const sequencer = createMemorySequencer();
  const journal = createMemoryJournal();
  const forever = new Promise<never>(() => undefined);

  /** The router of the process that runs now. */
  const createRouterNow = (): Router => {
    const node = world.node('payer');
    const { generation } = node;
    const at = async (_point: CrashPoint): Promise<void> => {
      await Promise.resolve();
      if (node.generation === generation && isLast()) world.crash('payer');
      if (node.generation !== generation) return forever;
    };
    const channels: RouterChannels = {
      ...{ exchange: node.exchange, forwarder: node.forwarder, store: node.store },
      ...{ contract: CONTRACT, keys: world.keysOf('payer') },
      hubs: names.slice(1, -1).map((name) => {
        return { address: world.addressOf(name), ...(options.policy?.(name) ?? ROUTE_POLICY) };
      }),
    };
    const kept = disk?.store.journal ?? journal;
    return createRouter({
      ...{ wallet: createMemoryWallet(sequencer, at), channels },
      journal: {
        async load(key) {
          await at('put');
          return kept.load(key);
        },
        async put(key, text) {
          await at('put');
          await kept.put(key, text);
          await at('kept');
        },
      },
      ...options.router,
    });
  };
  let router = createRouterNow();

  return {
    ...{ world, sequencer, journal },
    get router() {
      return router;
    },
    /** Points that were passed since the beginning. */
    get points() {
      return points;
    },
    begin() {
      isCounting = true;
    },
    /** The payer's process begins again, if it ended; all connections are there, but for those of whoever is away. */
    async revive(away?: string): Promise<void> {
      isCounting = false;
      if (!world.node('payer').isUp) {
        await world.start('payer');
        router = createRouterNow();
      }
      for (const { between } of world.wires) if (!between.some((name) => name === away)) world.connect(...between);
      await world.settle();
    },
    async restart(): Promise<void> {
      world.crash('payer');
      await this.revive();
    },
    /** An invoice of the payee over the last hub. */
    async invoice(amount: bigint, terms: { readonly expiresIn?: number; readonly hub?: string } = {}): Promise<string> {
      const hub = terms.hub ?? names.at(-2)!;
      const { text } = await createInvoice(
        {
          ...{ contract: CONTRACT, payee: world.addressOf(names.at(-1)!), tokenId: 0, amount, memo: '' },
          expiresAt: world.now + (terms.expiresIn ?? 100_000),
          hubs: hub === 'payer' ? [] : [{ address: world.addressOf(hub), url: 'ws://hub' }],
        },
        { store: world.node(names.at(-1)!).disk, keys: world.keysOf(names.at(-1)!) },
      );
      return text;
    },
    /** Lets all happen until a promise ends, or nothing more happens. @returns whether it ended. */
    async drive(promise: Promise<unknown>): Promise<boolean> {
      let isOver = false;
      const end = (): void => {
        isOver = true;
      };
      promise.then(end, end);
      for (let quiet = 0; quiet < 8 && !isOver; ) quiet = (await world.step()) ? 0 : quiet + 1;
      return isOver;
    },
    /** What the payee has of both ledgers. */
    received: (): bigint => world.money(names.at(-1)!) + sequencer.paid(),
  };
}
export type RouterWorld = Awaited<ReturnType<typeof createRouterWorld>>;

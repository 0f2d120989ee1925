/** Two parties with a channel between them, in one process, over a wire that tests cut. */

import type { ChannelChange } from '@quittance/protocol';
import {
  type ChannelMessage,
  type ChannelRecord,
  type ChannelStore,
  createExchange,
  createKeptMemory,
  decodeChannelMessage,
  type Exchange,
  encodeChannelJson,
  keep,
  keptVersion,
  type Party,
  paymentsMade,
  type StateKeys,
} from '../../../packages/sdk/channels/index.ts';
import { quickKeysOf, recordOf } from './pair.ts';

/** A store in memory, whose commits fail when they are told to. */
export function createMemoryStore(): ChannelStore & { failure: Error | undefined; commits: number } {
  const records = new Map<string, ChannelRecord>();
  const versions = new Map<string, number>();
  const kept = createKeptMemory();
  return {
    failure: undefined,
    commits: 0,
    load: async () => [...records.values()],
    async commit(writes) {
      await Promise.resolve();
      if (this.failure !== undefined) throw this.failure;
      this.commits += 1;
      for (const write of writes) {
        const { vault, record } = write;
        records.set(vault, record);
        for (const { id } of paymentsMade(write)) versions.set(`${vault} ${id}`, record.newest.state.version);
        keep(kept, write);
      }
    },
    remove: async (vault) => void records.delete(vault),
    async versionOf(vault, change) {
      return change.type === 'pay' ? versions.get(`${vault} ${change.id}`) : keptVersion(kept, vault, change);
    },
    htlcs: async () => kept.htlcs,
    addInvoice: async (invoice) => kept.putInvoice(invoice),
    async showInvoice(hash) {
      const invoice = kept.invoice(hash);
      if (invoice !== undefined) kept.putInvoice({ ...invoice, isShown: true });
    },
    invoices: async (hashes) => hashes.map((hash) => kept.invoice(hash)).filter((invoice) => invoice !== undefined),
    putPayment: async (payment) => kept.putPayment(payment),
    payment: async (hash) => kept.payment(hash),
    forget: async () => 0,
  };
}

/** One party. */
export interface Member {
  readonly exchange: Exchange;
  readonly store: ReturnType<typeof createMemoryStore>;
  readonly applied: ChannelChange[];
}

/** Both parties, not connected yet. */
export async function createParties(capacity: bigint, keys: (party: Party) => StateKeys = quickKeysOf) {
  const memberOf = async (party: Party): Promise<Member> => {
    const store = createMemoryStore();
    const applied: ChannelChange[] = [];
    const listener = {
      applied: (_: string, changes: readonly ChannelChange[]) => void applied.push(...changes),
      failed: () => undefined,
    };
    const exchange = await createExchange({ store, keys: keys(party), listener });
    await exchange.add(recordOf(party, capacity, keys));
    return { exchange, store, applied };
  };
  const members = { a: await memberOf('a'), b: await memberOf('b') };
  const { vault } = recordOf('a', capacity, keys);
  const closed: Error[] = [];
  return {
    members,
    vault,
    closed,
    /** Messages as JSON, a turn later, as over a wire. @returns how to cut it. */
    connect(): () => void {
      const ends: Partial<Record<Party, { receive(message: ChannelMessage): void; end(): void }>> = {};
      let isCut = false;
      const lineTo = (party: Party) => ({
        send(messages: readonly ChannelMessage[]) {
          const texts = messages.map(encodeChannelJson);
          setImmediate(() => {
            for (const text of texts) if (!isCut) ends[party]?.receive(decodeChannelMessage(JSON.parse(text)));
          });
        },
        close: (error: Error) => void closed.push(error),
      });
      ends.a = members.a.exchange.connect(vault, lineTo('b'));
      ends.b = members.b.exchange.connect(vault, lineTo('a'));
      return () => {
        isCut = true;
        for (const end of Object.values(ends)) end.end();
      };
    },
  };
}

/** Parties in a row with channels between them, in one process: wires that are cut, parties that crash, one L1, one clock. */

import { createHash } from 'node:crypto';
import { type Bytes32, type ChannelHop, type RollupError, secretHash } from '@quittance/protocol';
import {
  type ChannelLine,
  type ChannelRecord,
  type ChannelStore,
  createExchange,
  createForwarder,
  decodeChannelMessage,
  type Exchange,
  encodeChannelJson,
  type Forwarder,
  type ForwardPolicy,
  type Party,
  roleOf,
  type SecretsOnL1,
  type StateKeys,
} from '../../../packages/sdk/channels/index.ts';
import { createMemoryStore } from './exchanges.ts';

const START = 1_000_000;
/** Seconds that L1's newest confirmed block is behind. */
const L1_LAG = 30;

export const ROUTE_POLICY: ForwardPolicy = {
  feeBase: 2n,
  feePartsPerMillion: 10_000,
  expiryDelta: 3_600,
  leastAmount: 1n,
  revealBefore: 1_800,
  leastTime: 2_400,
};

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
export const addressOf = (name: string): string => `0x${digest(`address ${name}`).slice(0, 40)}`;
const textOf = (_name: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value);

/** A fault that a test decides about: where something was about to happen. */
export type FaultPoint = 'write' | 'written' | 'send' | 'receive';
/** @returns what happens instead: nothing, the party crashes, the line is cut, or the message is lost with the line. */
export type Faults = (point: FaultPoint, name: string) => 'none' | 'crash' | 'cut';

interface Wire {
  readonly vault: string;
  readonly between: readonly [string, string];
  /** Undefined while it is cut. */
  ends: Map<string, { receive(text: string): void; end(): void }> | undefined;
}

/** Where a party keeps all. */
export interface Disk {
  /** Its process begins. @returns what it finds. */
  start(): ChannelStore;
  /** Its process ends, in the middle of whatever it does. */
  crash(): void;
}

interface Node {
  readonly name: string;
  readonly diskOf: Disk;
  /** What is on its disk, for whoever looks from outside. */
  disk: ChannelStore;
  /** The same as its process has it: that writes and reads nothing once it has ended. */
  store: ChannelStore;
  generation: number;
  exchange: Exchange;
  forwarder: Forwarder;
  readonly trouble: RollupError[];
  isUp: boolean;
}

export interface RouteWorldOptions {
  readonly names: readonly string[];
  /** Base units in each channel; the first of two has them, but for what `shares` says. */
  readonly capacity?: bigint;
  /** What the second of two has at the beginning. */
  readonly share?: bigint;
  readonly policy?: (name: string) => ForwardPolicy;
  readonly faults?: Faults;
  /** Disks of some; in memory if not given. */
  readonly disks?: ReadonlyMap<string, Disk> | undefined;
  /** Pairs with a channel; each with the next one if not given. */
  readonly pairs?: readonly (readonly [string, string])[];
}

function memoryDisk(): Disk {
  const store = createMemoryStore();
  return { start: () => store, crash: () => undefined };
}

const quietFaults: Faults = () => 'none';

/** All parties, with channels between those that are next to each other, connected. */
export async function createRouteWorld(options: RouteWorldOptions) {
  const { names, capacity = 100_000n, share = 0n, faults = quietFaults } = options;
  const policyOf = options.policy ?? (() => ROUTE_POLICY);
  let now = START;
  let areFaultsOn = true;
  let muted: string | undefined;
  const shown = new Map<Bytes32, { secret: Bytes32; at: number }>();
  const l1 = { isDown: false, reveals: 0 };
  const nodes = new Map<string, Node>();
  const queue: { readonly wire: Wire; readonly ends: Wire['ends']; readonly to: string; readonly text: string }[] = [];

  const keysOf = (name: string): StateKeys => ({
    hash: (vault, state) => `0x${digest(JSON.stringify({ vault, state }, textOf))}`,
    sign: (hash) => ({ v: 27, r: `0x${addressOf(name).slice(2).padStart(64, '0')}`, s: hash }),
    recover: (hash, { r, s }) => (s === hash ? `0x${r.slice(-40)}` : `0x${'00'.repeat(20)}`),
    now: () => now,
  });
  const fault = (point: FaultPoint, name: string) => (areFaultsOn ? faults(point, name) : 'none');
  const forever = new Promise<never>(() => undefined);

  const secretsOf = (node: Node, generation: number): SecretsOnL1 => {
    const asked = async <T>(answer: () => T): Promise<T> => {
      if (node.generation !== generation) return forever;
      if (l1.isDown) throw new Error('L1 does not answer');
      return answer();
    };
    const confirmed = (hash: Bytes32) => {
      const found = shown.get(hash);
      return found !== undefined && found.at <= now - L1_LAG ? found : undefined;
    };
    return {
      time: () => asked(() => now - L1_LAG),
      revealedAt: (hash) => asked(() => confirmed(hash)?.at),
      secretOf: (hash) => asked(() => confirmed(hash)?.secret),
      reveal: (secret) =>
        asked(() => {
          l1.reveals += 1;
          const hash = secretHash(secret);
          if (!shown.has(hash)) shown.set(hash, { secret, at: now });
        }),
    };
  };

  const crash = (node: Node): void => {
    node.isUp = false;
    node.generation += 1;
    node.diskOf.crash();
    for (const wire of wires) if (wire.between.includes(node.name)) cut(wire);
  };

  /** Of one process: faults come before and after it writes. */
  const storeOf = (node: Node, generation: number): ChannelStore => {
    const { disk, name } = node;
    const isOver = (): boolean => node.generation !== generation;
    const read = async <T>(found: () => Promise<T>): Promise<T> => {
      if (isOver()) return forever;
      const result = await found();
      return isOver() ? forever : result;
    };
    const write = async <T>(writes: () => Promise<T>): Promise<T> => {
      await Promise.resolve();
      if (!isOver() && fault('write', name) === 'crash') crash(node);
      if (isOver()) return forever;
      const result = await writes();
      if (!isOver() && fault('written', name) === 'crash') crash(node);
      return isOver() ? forever : result;
    };
    return {
      load: () => read(() => disk.load()),
      versionOf: (vault, change) => read(() => disk.versionOf(vault, change)),
      htlcs: () => read(() => disk.htlcs()),
      invoices: (hashes) => read(() => disk.invoices(hashes)),
      payment: (hash) => read(() => disk.payment(hash)),
      commit: (writes) => write(() => disk.commit(writes)),
      remove: (vault) => write(() => disk.remove(vault)),
      addInvoice: (invoice) => write(() => disk.addInvoice(invoice)),
      showInvoice: (hash) => write(() => disk.showInvoice(hash)),
      putPayment: (payment) => write(() => disk.putPayment(payment)),
      forget: (before) => read(() => disk.forget(before)),
    };
  };

  async function start(node: Node): Promise<void> {
    node.generation += 1;
    const { generation, name } = node;
    node.disk = node.diskOf.start();
    const store = storeOf(node, generation);
    node.store = store;
    const listener = { applied: () => undefined, failed: (error: RollupError) => void node.trouble.push(error) };
    node.exchange = await createExchange({ store, keys: keysOf(name), listener });
    node.forwarder = await createForwarder({
      ...{ exchange: node.exchange, store, l1: secretsOf(node, generation), now: () => now },
      policy: () => policyOf(name),
      clock: { schedule: () => ({ cancel: () => undefined }) },
      onTrouble: (error) => void node.trouble.push(error),
    });
    node.isUp = true;
  }

  const wires: Wire[] = (options.pairs ?? names.slice(1).map((name, place) => [names[place]!, name] as const)).map(
    (between, place) => ({ vault: `0x${digest(`vault ${place}`).slice(0, 40)}`, between, ends: undefined }),
  );
  const wireOf = (one: string, other: string): Wire =>
    wires.find(({ between }) => between.includes(one) && between.includes(other))!;

  function recordOf(wire: Wire, party: Party, orderer: Party): ChannelRecord {
    const [a, b] = wire.between;
    const state = { version: 0, claim: share, residualIsB: false, htlcs: [] };
    const sign = (name: string) => keysOf(name).sign(keysOf(name).hash(wire.vault, state));
    return {
      terms: { tokenId: 0, a: addressOf(a), b: addressOf(b), period: 3_600, nonce: 1n },
      ...{ vault: wire.vault, party, capacity, isOrderer: party === orderer },
      newest: { state, signatures: [sign(a), sign(b)] },
      ...{ asked: [], isMoving: false, isClosing: false },
    };
  }

  function cut(wire: Wire): void {
    const { ends } = wire;
    wire.ends = undefined;
    for (const end of ends?.values() ?? []) end.end();
  }

  function connect(wire: Wire): void {
    const both = wire.between.map((name) => nodes.get(name)!);
    if (wire.ends !== undefined || both.some(({ isUp }) => !isUp)) return;
    const ends: NonNullable<Wire['ends']> = new Map();
    wire.ends = ends;
    for (const [place, node] of both.entries()) {
      const to = both[1 - place]!.name;
      const line: ChannelLine = {
        send(messages) {
          for (const message of messages) {
            const happens = fault('send', node.name);
            if (happens === 'crash') crash(node);
            if (happens === 'cut') cut(wire);
            if (wire.ends === ends) queue.push({ wire, ends, to, text: encodeChannelJson(message) });
          }
        },
        close(error) {
          node.trouble.push(error);
          if (wire.ends === ends) cut(wire);
        },
      };
      const end = node.exchange.connect(wire.vault, line);
      ends.set(node.name, {
        receive: (text) => end.receive(decodeChannelMessage(JSON.parse(text))),
        end: () => end.end(),
      });
    }
  }

  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  const world = {
    ...{ nodes, shown, l1, wires, addressOf, keysOf },
    get now() {
      return now;
    },
    node: (name: string): Node => nodes.get(name)!,
    record: (name: string, other: string): ChannelRecord => {
      const { vault } = wireOf(name, other);
      return nodes.get(name)!.exchange.record(vault)!;
    },
    vault: (one: string, other: string): string => wireOf(one, other).vault,
    cut: (one: string, other: string) => cut(wireOf(one, other)),
    connect: (one: string, other: string) => connect(wireOf(one, other)),
    connectAll: () => wires.forEach(connect),
    crash: (name: string) => crash(nodes.get(name)!),
    start: (name: string) => start(nodes.get(name)!),
    /** Nothing that is said to this party arrives, and nobody notices. */
    mute(name: string) {
      muted = name;
    },
    unmute() {
      muted = undefined;
    },
    stopFaults() {
      areFaultsOn = false;
    },
    /** Delivers one message. @returns whether there was one. */
    async step(): Promise<boolean> {
      await turn();
      const next = queue.shift();
      if (next === undefined) return false;
      const { wire, ends, to, text } = next;
      if (wire.ends !== ends || to === muted) return true;
      const happens = fault('receive', to);
      if (happens === 'cut') cut(wire);
      if (happens === 'crash') crash(nodes.get(to)!);
      if (wire.ends === ends) ends!.get(to)!.receive(text);
      return true;
    },
    /** Until nothing is left to do. */
    async settle(): Promise<void> {
      for (let quiet = 0; quiet < 3; ) quiet = (await world.step()) ? 0 : quiet + 1;
    },
    /** Time goes on, and every party looks at what time it is. */
    async advance(seconds: number): Promise<void> {
      now += seconds;
      await world.tick();
    },
    async tick(): Promise<void> {
      for (const node of nodes.values()) if (node.isUp) await Promise.race([node.forwarder.tick(), turn().then(turn)]);
      await world.settle();
    },
    /** What a party has in all its channels, HTLCs left out. */
    money(name: string): bigint {
      return wires.reduce((sum, { vault, between }) => {
        if (!between.includes(name)) return sum;
        const { newest, party, capacity: all } = nodes.get(name)!.exchange.record(vault)!;
        const { claim, htlcs } = newest.state;
        const locked = htlcs.reduce((total, { amount }) => total + amount, 0n);
        return sum + (roleOf(newest.state, party) === 'senior' ? claim : all - claim - locked);
      }, 0n);
    },
    /** HTLCs in all channels. */
    open: (): number =>
      wires.reduce((sum, { vault, between }) => {
        return sum + nodes.get(between[0])!.exchange.record(vault)!.newest.state.htlcs.length;
      }, 0),
  };

  for (const name of names) {
    const unknown = undefined as never;
    const blank = { exchange: unknown, forwarder: unknown, disk: unknown, store: unknown, isUp: false };
    const node: Node = { name, diskOf: options.disks?.get(name) ?? memoryDisk(), generation: 0, trouble: [], ...blank };
    nodes.set(name, node);
    await start(node);
  }
  areFaultsOn = false;
  for (const wire of wires) {
    const [a, b] = wire.between;
    // The hub orders; between two hubs, the second.
    const orderer: Party = b === names.at(-1) ? 'a' : 'b';
    await nodes.get(a)!.exchange.add(recordOf(wire, 'a', orderer));
    await nodes.get(b)!.exchange.add(recordOf(wire, 'b', orderer));
    connect(wire);
  }
  await world.settle();
  areFaultsOn = true;
  return world;
}
export type RouteWorld = Awaited<ReturnType<typeof createRouteWorld>>;

/** What leaves the payer so that `amount` comes to the last one of a row, by the policy of each hub. */
export function routeOver(
  names: readonly string[],
  {
    amount,
    now,
    finalSeconds = 4_800,
  }: { readonly amount: bigint; readonly now: number; readonly finalSeconds?: number },
  policy: ForwardPolicy = ROUTE_POLICY,
): { readonly amount: bigint; readonly expiry: number; readonly onward: readonly ChannelHop[] } {
  let hop = { amount, expiry: now + finalSeconds };
  const onward: ChannelHop[] = [];
  for (const name of names.slice(2).toReversed()) {
    onward.unshift({ to: addressOf(name), ...hop });
    const fee = policy.feeBase + (hop.amount * BigInt(policy.feePartsPerMillion) + 999_999n) / 1_000_000n;
    hop = { amount: hop.amount + fee, expiry: hop.expiry + policy.expiryDelta };
  }
  return { ...hop, onward };
}

/**
 * Passes payments on: runs the plan over what changed, at each tick over what is late, and at the start over all that is there.
 */

import { asRollupError, type Bytes32, RollupError } from '@quittance/protocol';
import { type ChannelWrite, hashOfChange, isIncoming, keep } from '../exchange/index.ts';
import { authorsOf, type ChannelRecord } from '../record.ts';
import { createDesk, type Desk } from './desk.ts';
import { changesUnderWay } from './memory.ts';
import { act } from './moves.ts';
import { endPayment, hearEnds, isBegun, pay, settleByL1 } from './payments.ts';
import { isOver } from './plan.ts';
import { requirePolicy } from './policy.ts';
import type { Forwarder, ForwarderOptions } from './types.ts';

const TICK_MS = 1_000;
/** Seconds that a lock waits for the version before it to be signed. */
const PATIENCE = 10;
/** Seconds between two times that what is old is forgotten, and how old it is then: no HTLC is as old by far. */
const FORGET = { every: 3_600, after: 30 * 86_400 } as const;

/** What a commit means for HTLCs: they are kept as on disk, and looked at. */
function hear(desk: Desk, write: ChannelWrite): void {
  const { vault, record, applied, forgotten } = write;
  const isOtherwise = forgotten !== undefined || applied.some(({ type }) => type === 'swap');
  const touchAll = (): void => {
    // All that is there before and after: what was taken over, and what waits for the role of now.
    if (isOtherwise) for (const { hash } of desk.tables.ofVault(vault)) desk.touch(hash);
  };
  desk.know(record);
  touchAll();
  keep(desk.tables, write);
  touchAll();
  const authors = authorsOf(record.newest.state, applied);
  for (const [place, change] of applied.entries()) {
    const hash = hashOfChange(change);
    if (hash === undefined) continue;
    if (authors[place] !== record.party) hearEnds(desk, { change, hash });
    desk.touch(hash);
  }
}

/** What was on its way when this ended the last time. */
function recover(desk: Desk, record: ChannelRecord): void {
  const { vault } = record;
  for (const change of changesUnderWay(record)) {
    const hash = hashOfChange(change);
    if (hash === undefined) continue;
    const memory = desk.memoryOf(hash);
    if (change.type === 'fulfill') memory.told.add(vault);
    if (change.type === 'release') memory.givenBack.add(vault);
    // Wanted already: this hears what becomes of it.
    if (change.type !== 'lock') desk.ask(hash, vault, change);
    else {
      memory.pending = { vault, expiry: change.htlc.expiry, change, since: desk.options.now() };
      const done = (): void => {
        memory.pending = undefined;
        desk.touch(hash);
      };
      desk.options.exchange.want(vault, change).then(done, done);
    }
  }
}

/** Looks at all hashes that were touched. */
async function lookAtTouched(desk: Desk): Promise<void> {
  const { store } = desk.options;
  for (let hashes = desk.takeTouched(); hashes.length > 0; hashes = desk.takeTouched()) {
    const incoming = hashes.filter((hash) => desk.tables.ofHash(hash).some(isIncoming));
    try {
      const invoices = incoming.length === 0 ? [] : await store.invoices(incoming);
      const byHash = new Map(invoices.map((invoice) => [invoice.hash, invoice]));
      for (const hash of hashes) lookAt(desk, hash, byHash.get(hash));
    } catch (error) {
      for (const hash of hashes) desk.failed(hash, error);
    }
  }
}

function lookAt(desk: Desk, hash: Bytes32, invoice: Parameters<typeof act>[2]): void {
  try {
    settleByL1(desk, hash);
    act(desk, hash, invoice);
    desk.tidy(hash);
  } catch (error) {
    desk.failed(hash, error);
  }
}

/** Hashes whose HTLCs are so near their end, or behind it, that L1 is asked. */
function late(desk: Desk): ReadonlySet<Bytes32> {
  const { exchange, policy } = desk.options;
  const found = new Set<Bytes32>();
  const see = (hash: Bytes32, vault: string, expiry: number): void => {
    const record = exchange.record(vault);
    const times = desk.looks.timesOf(hash);
    if (record === undefined || isOver(times, expiry)) return;
    if (Math.max(times.now, times.l1) + policy(record.terms.tokenId).revealBefore > expiry) found.add(hash);
  };
  for (const { hash, vault, expiry, end } of desk.tables.htlcs) if (end === undefined) see(hash, vault, expiry);
  for (const [hash, { pending }] of desk.memories) if (pending !== undefined) see(hash, pending.vault, pending.expiry);
  return found;
}

/** What a silent party was not even told of is not waited for. */
function withdrawOld({ memories, options: { exchange, now } }: Desk): void {
  for (const { pending } of memories.values()) {
    if (pending !== undefined && now() - pending.since > PATIENCE) exchange.withdraw(pending.vault, pending.change);
  }
}

/** Invoices and payments that came to nothing are forgotten, now and then. */
function createForgetting({ store, now, onTrouble }: ForwarderOptions): () => void {
  let forgotAt = now();
  return () => {
    if (now() - forgotAt < FORGET.every) return;
    forgotAt = now();
    store.forget(now() - FORGET.after).catch((error: unknown) => onTrouble?.(asRollupError('forgetting', error)));
  };
}

async function tick(desk: Desk): Promise<void> {
  withdrawOld(desk);
  await desk.looks.ask();
  const hashes = late(desk);
  for (const hash of await desk.looks.look(hashes)) {
    const shownAt = desk.looks.shownAt(hash);
    if (shownAt !== undefined) desk.options.exchange.revealed(hash, shownAt);
  }
  for (const hash of hashes) desk.touch(hash);
  for (const hash of desk.takeRetries()) desk.touch(hash);
}

/**
 * Begins to pass payments on over the channels of an exchange, and to take those that are for us.
 *
 * @throws RollupError CONFIG_INVALID for a policy with which money can be lost, DATABASE_DAMAGED.
 */
export async function createForwarder(options: ForwarderOptions): Promise<Forwarder> {
  const { exchange, store, clock } = options;
  let isStopped = false;
  let working: Promise<void> | undefined;
  let desk: Desk | undefined;
  const early: ChannelWrite[] = [];

  const work = async (): Promise<void> => {
    await Promise.resolve(); // whatever comes in this turn is looked at together
    while (desk?.isTouched && !isStopped) await lookAtTouched(desk);
    working = undefined;
  };
  const wake = (): void => {
    if (!isStopped) working ??= work();
  };
  const end = (error: RollupError): void => {
    if (isStopped) return;
    isStopped = true;
    for (const hash of desk?.memories.keys() ?? []) endPayment(desk!, hash, error);
  };
  const unwatch = exchange.watch({
    written(write) {
      if (desk === undefined) early.push(write);
      else hear(desk, write);
    },
    connected(vault) {
      for (const { hash } of desk?.tables.ofVault(vault) ?? []) desk!.touch(hash);
    },
    ended: end,
  });

  const kept = await store.htlcs();
  const begun = createDesk({ ...options, policy: (tokenId) => requirePolicy(options.policy(tokenId)) }, kept, wake);
  desk = begun;
  for (const record of exchange.records.values()) {
    requirePolicy(options.policy(record.terms.tokenId));
    begun.know(record);
    recover(begun, record);
  }
  for (const write of early) hear(begun, write);
  for (const { hash } of begun.tables.htlcs) begun.touch(hash);

  let ticking: Promise<void> | undefined;
  const forget = createForgetting(options);
  const tickOnce = (): Promise<void> => {
    forget();
    ticking ??= tick(begun).finally(() => {
      ticking = undefined;
    });
    return ticking;
  };
  let timer: { cancel(): void } | undefined;
  const schedule = (): void => {
    timer = clock.schedule(TICK_MS, () => {
      void tickOnce()
        .catch((error: unknown) => options.onTrouble?.(asRollupError('a tick of a forwarder', error)))
        .then(() => (isStopped ? undefined : schedule()));
    });
  };
  schedule();

  return {
    pay: async (payment) => {
      if (isStopped) throw stopping();
      return pay(begun, payment);
    },
    isBegun: (hash) => isBegun(begun, hash),
    tick: tickOnce,
    async settled() {
      while (working !== undefined) await working;
    },
    stop() {
      unwatch();
      timer?.cancel();
      end(stopping());
    },
  };
}

const stopping = (): RollupError =>
  new RollupError('SHUTTING_DOWN', 'payments are not passed on any more: it is shutting down', {});

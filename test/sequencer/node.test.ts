import { strict as assert } from 'node:assert';
import { isRollupError, RollupError } from '@quittance/protocol';
import { systemClock } from '../../runtime/index.ts';
import { readinessOf } from '../../sequencer/api/readiness.ts';
import { startApi } from '../../sequencer/index.ts';
import { STOP_MS } from '../../sequencer/node/node.ts';
import { checkPlace } from '../../sequencer/node/place.ts';
import { LEASE_RENEW_MS, type LogHead, type Storage } from '../../storage/index.ts';
import { assertRejects } from '../support/assertions.ts';
import type { AppendFault } from '../support/journal/memory.ts';
import { createPerson } from '../support/rollup/person.ts';
import {
  type Cluster,
  createCluster,
  isLeading,
  type Member,
  type Sent,
  sending,
} from '../support/sequencer/cluster.ts';
import { emptyBatch } from '../support/sequencer/empty-batch.ts';
import { createOtherEngine } from '../support/sequencer/engines.ts';
import { TERMS } from '../support/sequencer/fake-assertions.ts';
import { DUMMY_PROOF, fastCrypto } from '../support/sequencer/harness.ts';
import { rpc } from '../support/sequencer/rpc.ts';

const [alice, bob, carol] = [createPerson('alice'), createPerson('bob'), createPerson('carol')];

describe('Sequencer: nodes', () => {
  let cluster: Cluster;
  let a: Member;
  let b: Member;
  let from: number;
  let to: number;
  /** The roles that a had since the test began. */
  let changes: string[];

  beforeEach(async () => {
    cluster = await createCluster(['a', 'b']);
    [a, b] = cluster.members as [Member, Member];
    from = await cluster.fund(alice, 1_000_000n);
    to = await cluster.fund(bob, 500n);
    await cluster.caughtUp(b);
    changes = [];
    a.node.onChange((present) => changes.push(present.node().role));
  });
  afterEach(() => cluster.close());

  const payment = (nonce: number, amount = 100n) =>
    cluster.sign(alice, {
      ...{ kind: 'transfer', from, to, amount, fee: 10n, nonce, validUntil: 0 },
      receiver: { keyY: bob.keyPair.publicKey.y, owner: bob.owner },
    });
  const turns = async (count = 20): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  const send = (member: Member, nonce: number, amount?: bigint): Sent =>
    sending(member.node.present, payment(nonce, amount));
  const nonceOf = ({ node }: Member) => node.present.queries.account(from, 'latest')?.nonce;
  /** Waits until the leader has so many transfers of alice pending or durable: their signatures are checked on other threads. */
  const pending = async (nonce: number): Promise<void> => {
    for (let turn = 0; turn < 1_000 && nonceOf(a) !== nonce; turn++) await new Promise((next) => setTimeout(next, 1));
    assert.equal(nonceOf(a), nonce);
  };
  /** The node that leads once a has stepped down; that may be a again. */
  const nextLeader = async (): Promise<Member> => {
    await cluster.until(() => changes.length > 0, 'the end of the lead');
    assert.equal(changes[0], 'replica');
    return await cluster.untilLed();
  };
  /** Both databases hold the same log, which is that of the journal. */
  const assertOneLog = async (): Promise<void> => {
    await cluster.caughtUp(a);
    await cluster.caughtUp(b);
    assert.deepEqual(a.storage.log.head(), b.storage.log.head());
    assert.deepEqual(a.storage.log.head().chain, cluster.journal.stored.at(-1)!.chain);
    const rows = a.storage.batches.range(1, 1_000);
    for (const { number, headerHash } of rows) assert.equal(b.storage.batches.get(number)?.headerHash, headerHash);
  };
  /** How many entries of the log are this transfer. */
  const countOf = (member: Member, id: bigint): number =>
    [...member.storage.log.range(1)].filter(({ entry }) => entry.type === 'transfer' && entry.id === id).length;

  it('have one that leads, and others that have all it has and take nothing', async () => {
    assert.deepEqual([isLeading(a), isLeading(b)], [true, false]);
    assert.equal((await a.node.present.submit(payment(0))).status, 'pending');
    await a.node.present.sealNow();
    await assertOneLog();
    assert.equal(b.node.present.queries.account(to, 'latest')?.balance, 600n);
    await assertRejects(b.node.present.submit(payment(1)), 'NOT_LEADER');
    assert.equal(b.node.leader?.holder, 'a');
  });

  it('hand the lead over at once when the leader stops, with all it acknowledged', async () => {
    const { id, sequence } = await a.node.present.submit(payment(0));
    const roles: string[] = [];
    b.node.onChange((present) => roles.push(present.node().role));
    const before = cluster.clock.nowMs();
    await a.node.stop();
    await cluster.untilLed('b');
    assert.ok(cluster.clock.nowMs() - before <= 3_000, 'without waiting for the lease');
    assert.deepEqual(roles, ['leader']);
    assert.equal(b.node.leader?.epoch, 2);
    assert.deepEqual(await b.node.present.submit(payment(0)), { id, sequence, status: 'pending' });
    assert.equal((await b.node.present.submit(payment(1))).sequence, sequence + 1);
  });

  it('go on under another leader within 15 seconds when the leader falls silent, and nothing is lost or doubled', async () => {
    const { id } = await a.node.present.submit(payment(0));
    a.isStopped = true;
    const before = cluster.clock.nowMs();
    await cluster.untilLed('b');
    assert.ok(cluster.clock.nowMs() - before <= 15_000, `${cluster.clock.nowMs() - before} ms`);
    assert.equal((await b.node.present.submit(payment(0))).id, id);
    await b.node.present.submit(payment(1));
    // It was asleep, and knows nothing of that: the journal refuses it, whatever its clock says.
    const late = send(a, 1, 7n);
    await late.done;
    assert.equal(late.error?.code, 'NOT_LEADER');
    a.isStopped = false;
    await cluster.until(() => !isLeading(a), 'the end of the old lead');
    await assertOneLog();
    assert.equal(countOf(a, id), 1);
    assert.equal(nonceOf(a), 2);
  });

  it('acknowledge nothing after a pause, not even what the journal took before it', async () => {
    const release = cluster.journal.hold();
    const sent = send(a, 0);
    await pending(1);
    // The process is stopped here for longer than its lease; the answer of the journal waits in its socket.
    a.isStopped = true;
    await a.clock.advance(0);
    const { monotonicMs } = a.clock;
    (a.clock as { monotonicMs: () => number }).monotonicMs = () => monotonicMs() + 8_001;
    release();
    await sent.done;
    assert.equal(sent.error?.code, 'NOT_LEADER');
    a.isStopped = false;
    // Sent again, it has the acknowledgement of the first.
    const leader = await nextLeader();
    const again = await leader.node.present.submit(payment(0));
    await assertOneLog();
    assert.equal(countOf(b, again.id), 1);
  });

  it('let only one of two lead when the clock of the journal jumps: the other is fenced', async () => {
    const before = await a.node.present.submit(payment(0));
    // Half a minute for the journal and b, nothing for a.
    a.isStopped = true;
    await cluster.untilLed('b');
    a.isStopped = false;
    assert.ok(isLeading(a) && isLeading(b), 'both believe so');
    const [one, other] = [send(a, 1, 1n), send(b, 1, 2n)];
    await Promise.all([one.done, other.done]);
    assert.equal(one.error?.code, 'NOT_LEADER');
    assert.equal(other.acknowledgement?.sequence, before.sequence + 1);
    await cluster.until(() => !isLeading(a), 'the end of the old lead');
    await assertOneLog();
    assert.equal(a.node.present.queries.account(to, 'latest')?.balance, 602n);
  });

  it('step down while four groups are on their way: none of it is left in memory, and all are told to ask again', async () => {
    const release = cluster.journal.hold();
    const sent: Sent[] = [];
    for (let nonce = 0; nonce < 6; nonce++) {
      sent.push(send(a, nonce));
      await pending(Math.min(nonce + 1, 4));
    }
    await turns();
    assert.equal(nonceOf(a), 4, 'four are pending, the others wait for room');
    cluster.journal.fail(undefined, 'lost');
    release();
    await Promise.all(sent.map(({ done }) => done));
    assert.equal(sent[0]!.acknowledgement?.status, 'pending');
    for (const { error } of sent.slice(1)) assert.equal(error?.code, 'JOURNAL_UNAVAILABLE');
    const leader = await nextLeader();
    // The journal had the second too.
    await cluster.until(() => nonceOf(leader) === 2, 'what the journal has');
    const acks = [];
    for (let nonce = 0; nonce < 6; nonce++) acks.push(await leader.node.present.submit(payment(nonce)));
    assert.equal(acks[0]!.sequence, sent[0]!.acknowledgement!.sequence);
    await assertOneLog();
    for (const { id } of acks) assert.equal(countOf(a, id), 1);
  });

  it('give a transfer that comes twice while it is on its way one entry and one acknowledgement', async () => {
    const release = cluster.journal.hold();
    const first = send(a, 0);
    // Looked over before the first is judged, and judged behind it.
    await turns(2);
    const early = send(a, 0);
    await pending(1);
    const [again, other] = [send(a, 0), send(a, 0, 7n)];
    await turns();
    assert.deepEqual([again.error, other.error], [undefined, undefined], 'nothing is said before it is certain');
    release();
    await Promise.all([first, early, again, other].map(({ done }) => done));
    assert.ok(first.acknowledgement !== undefined);
    assert.deepEqual(early.acknowledgement, first.acknowledgement);
    assert.deepEqual(again.acknowledgement, first.acknowledgement);
    assert.equal(other.error?.code, 'NONCE_USED');
    assert.equal(countOf(a, first.acknowledgement.id), 1);
  });

  for (const fault of ['unavailable', 'lost', 'fenced'] satisfies AppendFault[]) {
    it(`share the fate of a transfer on its way when the journal is ${fault}: nobody hears of a nonce that was never used`, async () => {
      const release = cluster.journal.hold();
      cluster.journal.fail(fault);
      const first = send(a, 0);
      await pending(1);
      const [again, other] = [send(a, 0), send(a, 0, 7n)];
      await turns();
      release();
      await Promise.all([first.done, again.done, other.done]);
      const code = fault === 'fenced' ? 'NOT_LEADER' : 'JOURNAL_UNAVAILABLE';
      for (const { error } of [first, again, other]) assert.equal(error?.code, code);
      const leader = await nextLeader();
      const isThere = fault === 'lost';
      await cluster.until(() => nonceOf(leader) === (isThere ? 1 : 0), 'the state of the journal');
      const [one, two] = [send(leader, 0), send(leader, 0, 7n)];
      await Promise.all([one.done, two.done]);
      assert.ok(one.acknowledgement !== undefined);
      assert.equal(two.error?.code, 'NONCE_USED');
      await assertOneLog();
    });
  }

  it('show nothing of what is on its way before it is durable', async () => {
    assert.equal(a.node.present.settled(), undefined);
    const release = cluster.journal.hold();
    const sent = send(a, 0);
    await pending(1);
    const settling = a.node.present.settled();
    assert.ok(settling !== undefined);
    cluster.journal.fail('unavailable');
    release();
    await assertRejects(settling, 'JOURNAL_UNAVAILABLE');
    await sent.done;
    await nextLeader();
  });

  it('answer reads once what they saw is durable, and say that they must be asked again when it is lost', async () => {
    const api = await startApi({
      sequencer: a.node.present,
      clock: systemClock,
      config: { host: '127.0.0.1', port: 0 },
    });
    try {
      const release = cluster.journal.hold();
      cluster.journal.fail(undefined, 'unavailable');
      const balance = async () => {
        const { body } = await rpc(api.url, 'rollup_getAccount', { index: to });
        answered += 1;
        return (body.result as { balance: string } | undefined)?.balance ?? body.error?.data?.['reason'];
      };
      let answered = 0;
      const first = send(a, 0);
      await pending(1);
      const seen = [balance()];
      await turns(200);
      const second = send(a, 1);
      await pending(2);
      seen.push(balance());
      await turns(200);
      assert.equal(answered, 0);
      release();
      assert.deepEqual(await Promise.all(seen), ['600', 'JOURNAL_UNAVAILABLE']);
      await Promise.all([first.done, second.done]);
    } finally {
      await api.stop();
    }
  });

  for (const fault of ['unavailable', 'lost', 'fenced'] satisfies AppendFault[]) {
    it(`post nothing of a batch whose seal is ${fault} before the journal has it`, async () => {
      await a.node.present.submit(payment(0));
      const [posted, sealed] = [cluster.chain.posted.length, a.node.present.status().sealedBatch];
      cluster.journal.fail(fault);
      await a.node.present.sealNow();
      // What the journal has may be here by now, too.
      if (fault !== 'lost') assert.equal(a.storage.batches.last()?.number, sealed);
      assert.equal(cluster.chain.posted.length, posted);
      const leader = await nextLeader();
      await leader.node.present.sealNow();
      await cluster.until(() => cluster.chain.posted.length === posted + 1, 'the batch on L1');
      await assertOneLog();
      assert.equal(a.storage.batches.last()?.number, sealed + 1);
      const seals = [...a.storage.log.range(1)].filter(({ entry }) => entry.type === 'seal' && entry.batch > sealed);
      assert.equal(seals.length, 1);
    });

    it(`take a priority operation on once when the first attempt is ${fault}`, async () => {
      const before = a.storage.priority.count();
      cluster.journal.fail(fault);
      cluster.chain.deposit(carol.keyPair.publicKey.y, carol.owner, 0, 9n);
      const leader = await nextLeader();
      await cluster.until(() => leader.storage.priority.count() === before + 1, 'the deposit');
      await leader.node.present.sealNow();
      await assertOneLog();
      const [account] = leader.node.present.queries.accountsOf(carol.owner, 'latest', 10, -1);
      assert.equal(account?.account.balance, 9n);
      const entries = [...a.storage.log.range(1)].filter(({ entry }) => entry.type === 'priority');
      assert.equal(entries.length, before + 1);
    });
  }

  it('open a batch again at promotion that L1 would refuse by now, in the journal too', async () => {
    a.prover.hold();
    b.prover.hold();
    await a.node.present.submit(payment(0));
    await a.node.present.sealNow();
    await cluster.caughtUp(b);
    const { sealedBatch } = a.node.present.status();
    const { time } = a.storage.batches.get(sealedBatch)!.header;
    const { maxBatchAgeSeconds } = await cluster.chain.connect();
    // Before the lease is free: the promotion reads it at once.
    cluster.chain.advanceTime(maxBatchAgeSeconds + 100);
    cluster.chain.mine(1);
    await a.node.stop();
    cluster.clock.jump((maxBatchAgeSeconds + 100) * 1_000);
    b.clock.jump((maxBatchAgeSeconds + 100) * 1_000);
    await cluster.untilLed('b');
    const unseals = [...b.storage.log.range(1)].filter(({ entry }) => entry.type === 'unseal');
    assert.equal(unseals.length, 1);
    assert.deepEqual(b.storage.log.head().chain, cluster.journal.stored.at(-1)!.chain);
    b.prover.release();
    await b.node.present.sealNow();
    await cluster.until(() => b.node.present.status().finalBatch === sealedBatch, 'finality');
    assert.ok(b.storage.batches.get(sealedBatch)!.header.time > time + maxBatchAgeSeconds / 2, 'it was sealed anew');
  });

  it('bring a batch to L1 once, though the old leader was about to and the new one is', async () => {
    a.prover.hold();
    await a.node.present.submit(payment(0));
    await a.node.present.sealNow();
    await cluster.caughtUp(b);
    const posted = cluster.chain.posted.length;
    a.isStopped = true;
    await cluster.untilLed('b');
    await cluster.until(() => cluster.chain.posted.length === posted + 1, 'the batch on L1');
    // The old one still believes that it leads, and has its proof now.
    a.prover.release();
    await a.clock.advance(1_500);
    await turns();
    assert.equal(cluster.chain.posted.length, posted + 1);
    a.isStopped = false;
    await cluster.until(() => !isLeading(a), 'the end of the old lead');
    await cluster.until(() => a.node.present.status().finalBatch === posted + 1, 'finality at the follower');
    assert.equal(b.node.present.status().trouble, undefined);
  });

  it('show that they do not lead as soon as that is so, though L1 does not answer, and nobody leads without it', async () => {
    const follower = b.node.present;
    cluster.chain.fail(new RollupError('L1_UNREACHABLE', 'no answer'));
    cluster.journal.fail('fenced');
    const sent = send(a, 0);
    await sent.done;
    assert.equal(sent.error?.code, 'NOT_LEADER');
    await cluster.until(() => changes.length > 0, 'the end of the lead');
    const { present } = a.node;
    assert.equal(present.node().role, 'replica');
    const ready = readinessOf(present.status());
    assert.equal(!ready.ready && ready.reason, 'NOT_LEADER');
    await assertRejects(present.submit(payment(0)), 'NOT_LEADER');
    await assertRejects(present.sealNow(), 'NOT_LEADER');
    await assertRejects(present.pollL1(), 'NOT_LEADER');
    const [answer] = await present.submitAll([payment(0)]);
    assert.ok('error' in answer! && isRollupError(answer.error, 'NOT_LEADER'));
    const { epoch } = (await cluster.journal.open().lease.holder())!;
    await cluster.advance(30_000);
    assert.equal((await cluster.journal.open().lease.holder())!.epoch, epoch);
    assert.equal(b.node.present, follower, 'it follows all the time');
    cluster.chain.fail(undefined);
    const leader = await cluster.untilLed();
    await leader.node.present.submit(payment(0));
    await cluster.until(() => !isLeading(a) || leader === a, 'the other role');
    await assertOneLog();
  });

  it('end when they are told to while they take the lead, and give it up', async () => {
    let onUnwatch = (): void => undefined;
    const { open } = cluster.journal;
    (cluster.journal as { open: typeof open }).open = (node) => {
      const journal = open(node);
      return {
        ...journal,
        watch(onNews) {
          const unwatch = journal.watch(onNews);
          return () => {
            onUnwatch();
            unwatch();
          };
        },
      };
    };
    const c = await cluster.start('c');
    await cluster.caughtUp(c);
    let stopped = 0;
    // The first that ends of a follower which is about to lead.
    onUnwatch = () => {
      onUnwatch = () => undefined;
      assert.equal(c.node.leader?.holder, 'c');
      void c.node.stop().then(() => {
        stopped += 1;
      });
    };
    a.isStopped = true;
    b.isStopped = true;
    await cluster.until(() => stopped === 1, 'the end of the node');
    assert.equal((await cluster.journal.open().lease.holder())!.isExpired, true);
  });

  it('end though the journal never confirms what is on its way, and say to whoever sent it to ask again', async () => {
    const release = cluster.journal.hold();
    const sent = send(a, 0);
    await pending(1);
    let isOver = false;
    const stopping = a.node.stop().then(() => {
      isOver = true;
    });
    await cluster.advance(STOP_MS - 100);
    assert.deepEqual([isOver, Object.keys(sent)], [false, ['done']]);
    await cluster.until(() => isOver, 'the end');
    await stopping;
    await sent.done;
    assert.equal(sent.error?.code, 'JOURNAL_UNAVAILABLE');
    release();
    await cluster.untilLed('b');
    await b.node.present.submit(payment(0));
    await cluster.until(() => nonceOf(b) === 1, 'the payment, once');
  });

  it('keep the lead to what only an operator can end, so that no other leader runs into it', async () => {
    const { authorizations: _, ...batch } = emptyBatch(cluster.chain.posted.at(-1)!);
    await cluster.chain.submitBatch({ ...batch, evaluations: [], opening: new Uint8Array(), proofs: [DUMMY_PROOF] });
    await cluster.until(() => a.node.present.status().halted?.code === 'FOREIGN_BATCH_FINAL', 'the halt');
    await cluster.advance(30_000);
    assert.deepEqual([isLeading(a), isLeading(b), changes], [true, false, []]);
    await assertRejects(a.node.present.submit(payment(0)), 'READ_ONLY');
    assert.equal(a.node.present.settled(), undefined, 'reads go on');
    assert.equal((await cluster.journal.open().lease.holder())?.isExpired, false);
  });

  it('leave the lead to another when the disk of the leader fails, with what the journal has of it', async () => {
    await a.node.present.submit(payment(0));
    const { commit } = a.storage;
    (a.storage as { commit: Storage['commit'] }).commit = () => {
      throw new RollupError('DATABASE_DAMAGED', 'a page cannot be read', { file: a.file });
    };
    const sent = send(a, 1);
    await sent.done;
    assert.equal(sent.error?.code, 'DATABASE_DAMAGED');
    await cluster.untilLed('b');
    await cluster.until(() => nonceOf(b) === 2, 'what the journal has');
    assert.equal((await b.node.present.submit(payment(1))).status, 'pending');
    assert.equal(a.node.present.status().halted?.code, 'DATABASE_DAMAGED');
    (a.storage as { commit: Storage['commit'] }).commit = commit;
  });

  for (const torn of [['segment'], ['lease'], ['segment', 'lease', 'node']] as const) {
    it(`end when ${torn.join(' and ')} of the journal is torn, acknowledge nothing more, and go on once it is mended`, async () => {
      const { id, sequence } = await a.node.present.submit(payment(0));
      await cluster.caughtUp(b);
      const stored = cluster.journal.stored.length;
      cluster.journal.torn = torn;
      const sent = send(a, 1);
      await sent.done;
      assert.equal(sent.error?.code, 'JOURNAL_DAMAGED');
      for (const { node } of [a, b])
        await cluster.until(() => node.present.status().halted?.code === 'JOURNAL_DAMAGED', 'the end of a node');
      assert.match(b.node.present.status().halted!.message, /table (segment|lease) is gone/);
      assert.equal(cluster.journal.stored.length, stored, 'nothing was taken');
      cluster.journal.torn = [];
      const c = await cluster.start('c');
      await cluster.untilLed('c');
      assert.deepEqual(await c.node.present.submit(payment(0)), { id, sequence, status: 'pending' });
      assert.equal((await c.node.present.submit(payment(1))).sequence, sequence + 1);
    });
  }

  it('end when the lease is torn while nobody sends anything', async () => {
    cluster.journal.torn = ['lease'];
    // With the next renewal: there is no lease that could run out.
    await cluster.advance(LEASE_RENEW_MS);
    assert.equal(isLeading(a), false);
    for (const { node } of [a, b])
      await cluster.until(() => node.present.status().halted?.code === 'JOURNAL_DAMAGED', 'the end of a node');
    assert.deepEqual([isLeading(a), isLeading(b)], [false, false]);
  });

  it('have a database of before the journal begin it, and others need a copy of that', async () => {
    const own = a.storage.log.head();
    const base: LogHead = { sequence: 2, chain: Buffer.alloc(32, 1) };
    const journalAt = (head: LogHead, begins = base) => ({ base: begins, head: async () => head });
    await checkPlace(a.storage, journalAt(own, own));
    await checkPlace(a.storage, journalAt({ sequence: own.sequence + 1, chain: own.chain }));
    const behind = await assertRejects(checkPlace(a.storage, journalAt({ ...own, sequence: 3 })), 'JOURNAL_BEHIND');
    assert.match(behind.message, /ends at 3/);
    const later = { sequence: own.sequence + 1, chain: own.chain };
    const begins = await assertRejects(checkPlace(a.storage, journalAt(later, later)), 'JOURNAL_BEHIND');
    assert.match(begins.message, /quittance sequencer copy/);
    await assertRejects(checkPlace(a.storage, journalAt({ ...own, chain: base.chain })), 'JOURNAL_DAMAGED');
  });

  it('never lead, nor follow, when the journal lost what they have', async () => {
    await a.node.present.submit(payment(0));
    await cluster.caughtUp(b);
    // A standby that did not have the last entries was made the primary.
    cluster.journal.stored.pop();
    const late = send(a, 1);
    await late.done;
    assert.equal(late.error?.code, 'NOT_LEADER');
    await cluster.until(() => a.node.present.status().halted?.code === 'JOURNAL_BEHIND', 'the end');
    await cluster.until(() => b.node.present.status().halted?.code === 'JOURNAL_BEHIND', 'the end');
    assert.ok(!isLeading(a) && !isLeading(b));
    assert.equal(nonceOf(b), 1, 'reads go on');
  });
});

describe('Sequencer: nodes that assert', () => {
  let cluster: Cluster;
  afterEach(() => cluster.close());

  it('assert each batch once, whoever of them did, and finalize what the others asserted', async () => {
    cluster = await createCluster(['a', 'b'], { mode: 'optimistic' });
    const [a, b] = cluster.members as [Member, Member];
    const asserted = () => cluster.assertions.asserted.map(({ number }) => number);
    await cluster.fund(alice, 1_000_000n);
    await cluster.until(() => asserted().length === 2, 'the assertions');
    await cluster.caughtUp(b);
    a.isStopped = true;
    await cluster.untilLed('b');
    await cluster.fund(bob, 500n);
    await cluster.until(() => asserted().length === 3, 'the assertion of the new leader');
    // The old one still believes that it leads: L1 and its own look at what waits there keep it from asserting again.
    await a.clock.advance(1_500);
    a.isStopped = false;
    await cluster.until(() => !isLeading(a), 'the end of the old lead');
    cluster.chain.advanceTime(TERMS.challengePeriodSeconds + 1);
    cluster.chain.mine(1);
    await cluster.until(() => b.node.present.status().finalBatch === 3, 'finality');
    await cluster.until(() => a.node.present.status().finalBatch === 3, 'finality at the follower');
    assert.deepEqual(asserted(), [1, 2, 3]);
  });
});

describe('Sequencer: nodes that prove', () => {
  it('prove again what another node had proven, when L1 took it back after it was final', async () => {
    const cluster = await createCluster(['a', 'b']);
    try {
      const [a, b] = cluster.members as [Member, Member];
      const from = await cluster.fund(alice, 1_000_000n);
      const to = await cluster.fund(bob, 500n);
      const { number: before } = await cluster.chain.head();
      const intent = { kind: 'transfer', from, to, amount: 100n, fee: 10n, nonce: 0, validUntil: 0 } as const;
      const receiver = { keyY: bob.keyPair.publicKey.y, owner: bob.owner };
      const { id } = await a.node.present.submit(cluster.sign(alice, { ...intent, receiver }));
      await a.node.present.sealNow();
      await cluster.until(() => b.node.present.queries.transfer(id)?.status === 'final', 'finality at the follower');
      const { number } = b.storage.batches.last()!;
      a.isStopped = true;
      await cluster.untilLed('b');
      cluster.chain.reorg((await cluster.chain.head()).number - before);
      assert.deepEqual([cluster.chain.posted.at(-1)!.number < number, b.storage.proofs.countOf(number)], [true, 0]);
      await cluster.until(() => cluster.chain.posted.at(-1)!.number === number, 'the batch on L1');
      assert.equal(b.node.present.status().trouble, undefined);
    } finally {
      await cluster.close();
    }
  });
});

describe('Sequencer: nodes with a wrong engine', () => {
  it('post nothing that the shadow of the last leader had not agreed with', async () => {
    const crypto = fastCrypto();
    const engine = createOtherEngine(crypto.engine);
    const cluster = await createCluster(['a', 'b'], { shadow: 1 }, { ...crypto, engine });
    try {
      const [a, b] = cluster.members as [Member, Member];
      await cluster.fund(alice, 1_000n);
      await cluster.until(() => a.node.present.status().finalBatch === 2, 'finality');
      const posted = cluster.chain.posted.length;
      // Both have the same engine: b is to be wrong about what comes now, and about nothing before.
      await cluster.caughtUp(b);
      // No shadow of b ever looks at what a sealed.
      engine.isOther = true;
      cluster.chain.deposit(bob.keyPair.publicKey.y, bob.owner, 0, 5n);
      await cluster.until(() => a.storage.priority.count() === 3, 'the deposit');
      await a.node.present.sealNow();
      await cluster.until(() => a.node.present.status().halted?.code === 'ENGINES_DISAGREE', 'the verdict');
      await cluster.caughtUp(b);
      a.isStopped = true;
      await cluster.untilLed('b');
      await cluster.until(() => b.node.present.status().halted?.code === 'ENGINES_DISAGREE', 'the same verdict');
      assert.equal(cluster.chain.posted.length, posted);
    } finally {
      await cluster.close();
    }
  });
});

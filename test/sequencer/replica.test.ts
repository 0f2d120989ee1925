import { strict as assert } from 'node:assert';
import { type ErrorCode, isPassing, isRollupError } from '@quittance/protocol';
import { unverifiedBatch } from '../../sequencer/batcher/unverified.ts';
import { createLocalLogWriter } from '../../sequencer/log-writer.ts';
import { noteDoubt, readDoubt } from '../../sequencer/reorg/doubt.ts';
import { BEHIND_AFTER_MS } from '../../sequencer/replica/index.ts';
import { unsealFrom } from '../../sequencer/start/unseal.ts';
import type { SealEntry } from '../../storage/index.ts';
import { decodeSegment, encodeBody, type StoredSegment, segmentOf } from '../../storage/journal/segment.ts';
import { decodeEntry, encodeEntry } from '../../storage/log-codec.ts';
import { assertRejects } from '../support/assertions.ts';
import { createPerson } from '../support/rollup/person.ts';
import { emptyBatch } from '../support/sequencer/empty-batch.ts';
import { type Follower, sharedAnswers, startFollower } from '../support/sequencer/follower.ts';
import { createHarness, DUMMY_PROOF, type Harness } from '../support/sequencer/harness.ts';

const [alice, bob] = [createPerson('alice'), createPerson('bob')];

const before = ({ first, previous }: StoredSegment) => ({ sequence: first - 1, chain: previous });

/** The seal that a segment holds. */
function sealIn(stored: StoredSegment): SealEntry {
  const [row] = decodeSegment(stored, before(stored)).rows;
  const entry = decodeEntry(row!, 'the journal');
  assert.ok(entry.type === 'seal');
  return entry;
}

/** A segment in its place with another entry. */
function segmentWith(stored: StoredSegment, entry: SealEntry): StoredSegment {
  const [row] = decodeSegment(stored, before(stored)).rows;
  const { rows, ...segment } = segmentOf(before(stored), [{ ...row!, ...encodeEntry(entry) }], stored.epoch);
  return { ...segment, body: encodeBody(rows) };
}

const isSealed = (stored: StoredSegment): boolean =>
  decodeEntry(decodeSegment(stored, before(stored)).rows[0]!, 'the journal').type === 'seal';

/** Payments of all kinds, sealed and open; the last ones are open. */
async function play(harness: Harness): Promise<void> {
  const from = await harness.fund(alice, 0, 1_000_000n);
  const to = await harness.fund(bob, 0, 1_000n);
  const toBob = { receiver: { keyY: bob.keyPair.publicKey.y, owner: bob.owner } };
  const common = { from, fee: 10n, validUntil: 0 };
  for (let nonce = 0; nonce < 5; nonce++) {
    await harness.send(alice, { ...common, kind: 'transfer', to, amount: BigInt(100 + nonce), nonce, ...toBob });
  }
  const newcomer = createPerson('newcomer');
  const receiver = { keyY: newcomer.keyPair.publicKey.y, owner: newcomer.owner };
  await harness.send(alice, { ...common, kind: 'transferToNew', receiver, amount: 77n, nonce: 5 });
  const account = { owner: alice.owner, tokenId: 0 };
  await harness.send(alice, { ...common, kind: 'withdraw', account, amount: 500n, nonce: 6 });
  await harness.sequencer.sealNow();
  await harness.send(alice, { ...common, kind: 'transfer', to, amount: 9n, nonce: 7, ...toBob });
}

describe('Replica: following', () => {
  let harness: Harness;
  let follower: Follower;
  afterEach(async () => {
    await follower.close();
    await harness.close();
  });

  /** A leader with a batch of everything, and a follower that has nothing of it yet. */
  const start = async (): Promise<void> => {
    harness = await createHarness({ blobsAllowed: true });
    follower = await startFollower(harness);
    await play(harness);
  };
  /** The same, with all final that is sealed: what is opened again is the batch that comes next, and no other. */
  const startFinal = async (): Promise<void> => {
    await start();
    await harness.until(() => {
      const { sealedBatch, finalBatch } = harness.sequencer.status();
      return sealedBatch === finalBatch;
    }, 'finality');
  };
  const isHaltedWith = (code: ErrorCode) => (): boolean => isRollupError(follower.replica.status().halted, code);

  it('comes to the rows of the leader, whether seals stand alone or not, and answers the same', async () => {
    for (const isMixed of [false, true]) {
      harness = await createHarness({ blobsAllowed: true });
      follower = await startFollower(harness);
      await play(harness);
      await follower.follow({ isMixed });
      await follower.replica.pollL1();
      assert.deepEqual(sharedAnswers(follower.storage), sharedAnswers(harness.storage));
      const { queries } = follower.replica;
      const index = harness.indexOf(alice);
      assert.deepEqual(queries.account(index, 'latest'), harness.sequencer.queries.account(index, 'latest'));
      assert.equal(
        queries.proof(index, 'sealed').stateRoot,
        harness.sequencer.queries.proof(index, 'sealed').stateRoot,
      );
      assert.equal(follower.replica.status().openTransfers, 1);
      if (isMixed) continue;
      await follower.close();
      await harness.close();
    }
  });

  it('shows what its own account has on L1, which pays once it leads', async () => {
    await start();
    const balance = async () =>
      /^quittance_l1_balance_wei (.+)$/m.exec((await follower.replica.metrics.print()).text)?.[1];
    harness.chain.setBalance(7n);
    harness.chain.mine();
    await follower.replica.pollL1();
    assert.equal(await balance(), '7');
  });

  it('goes on after a restart at any segment', async () => {
    await start();
    await follower.replica.stop();
    await follower.mirror();
    for (const [position, segment] of follower.journal.stored.splice(0).entries()) {
      follower.journal.stored.push(segment);
      if (position % 3 === 0) await follower.restart();
      await follower.replica.caughtUp();
    }
    await follower.replica.pollL1();
    assert.deepEqual(sharedAnswers(follower.storage), sharedAnswers(harness.storage));
  });

  it('follows batches on L1 without sending anything', async () => {
    await start();
    await follower.follow();
    await harness.settle();
    await follower.follow();
    const sent = harness.chain.submissionCount;
    await follower.replica.pollL1();
    const { sealedBatch, finalBatch } = follower.replica.status();
    assert.deepEqual([finalBatch, sealedBatch], [sealedBatch, harness.sequencer.status().sealedBatch]);
    assert.deepEqual(
      follower.storage.batches.range(1, 99).map(({ inclusion }) => inclusion),
      harness.storage.batches.range(1, 99).map(({ inclusion }) => inclusion),
    );
    assert.equal(harness.chain.submissionCount, sent);
  });

  it('sees that L1 no longer has what a reorg took, and has it again', async () => {
    harness = await createHarness();
    await harness.fund(alice, 0, 1_000n);
    await harness.restart({ confirmations: 3 });
    follower = await startFollower(harness);
    harness.chain.deposit(bob.keyPair.publicKey.y, bob.owner, 0, 5n);
    harness.chain.mine(3);
    await harness.until(() => harness.storage.priority.count() === 4);
    await harness.sequencer.sealNow();
    const { number } = harness.storage.batches.last()!;
    const stateAt = (storage: Follower['storage']) => storage.batches.get(number)?.state;
    await harness.until(() => stateAt(harness.storage) === 'posted');
    await follower.follow();
    await follower.replica.pollL1();
    assert.equal(stateAt(follower.storage), 'posted');
    await harness.sequencer.stop();
    harness.chain.reorg(1);
    await follower.replica.pollL1();
    assert.equal(stateAt(follower.storage), 'sealed');
    await harness.restart({ confirmations: 3 });
    await harness.until(() => harness.chain.posted.length === number);
    harness.chain.mine(3);
    await harness.until(() => stateAt(harness.storage) === 'final');
    await follower.replica.pollL1();
    assert.equal(stateAt(follower.storage), 'final');
  });

  it('notes where operations went up to the first that L1 has otherwise, and nothing of those behind it', async () => {
    harness = await createHarness({ withFeeAccounts: false });
    follower = await startFollower(harness);
    const deposit = (amount: bigint) => harness.chain.deposit(bob.keyPair.publicKey.y, bob.owner, 0, amount);
    for (const amount of [1n, 2n, 3n, 4n]) deposit(amount);
    await harness.until(() => harness.storage.priority.count() === 4);
    await follower.follow();
    await harness.sequencer.stop();
    const rows = follower.storage.priority.from(0, 4);
    harness.chain.reorg(4);
    for (const amount of [1n, 20n, 3n, 4n]) deposit(amount);
    await follower.replica.pollL1();
    const [first, ...behind] = follower.storage.priority.from(0, 4);
    assert.equal(first?.blockHash, (await harness.chain.block(first!.blockNumber))?.hash);
    assert.deepEqual(behind, rows.slice(1));
  });

  it('takes no batch for lost because L1 moved on between two answers', async () => {
    harness = await createHarness({ settings: { mode: 'optimistic' }, withFeeAccounts: false });
    follower = await startFollower(harness);
    harness.chain.deposit(bob.keyPair.publicKey.y, bob.owner, 0, 5n);
    await harness.until(() => harness.storage.priority.count() === 1);
    await harness.sequencer.sealNow();
    await harness.until(() => harness.storage.batches.get(1)?.state === 'posted');
    await follower.follow();
    await follower.replica.pollL1();
    assert.equal(follower.storage.batches.get(1)?.state, 'posted');
    const { pendingId } = harness.assertions;
    Object.assign(harness.assertions, { pendingId: async () => undefined });
    await follower.replica.pollL1();
    assert.equal(follower.storage.batches.get(1)?.state, 'posted');
    Object.assign(harness.assertions, { pendingId });
    await harness.assertions.remove((await pendingId(1))!);
    await follower.replica.pollL1();
    assert.equal(follower.storage.batches.get(1)?.state, 'sealed');
  });

  it('opens batches again as the leader did', async () => {
    await startFinal();
    harness.prover.hold();
    await harness.sequencer.sealNow();
    await follower.follow();
    const { sealedBatch } = follower.replica.status();
    // L1 takes none of it any more.
    harness.chain.advanceTime(90_000);
    harness.chain.mine();
    harness.clock.jump(90_000_000);
    await harness.restart();
    harness.prover.release();
    await harness.settle();
    await follower.follow();
    await follower.replica.pollL1();
    assert.ok(harness.storage.log.seals().some(({ entry }) => entry.type === 'unseal'));
    assert.ok(follower.replica.status().sealedBatch >= sealedBatch);
    assert.deepEqual(sharedAnswers(follower.storage), sharedAnswers(harness.storage));
  });

  it('takes a batch on L1 that the leader sealed anew for no foreign one, however late it reads of that', async () => {
    await startFinal();
    harness.prover.hold();
    await harness.sequencer.sealNow();
    await follower.follow();
    const { number, headerHash } = follower.storage.batches.last()!;
    follower.journal.isCut = true;
    harness.chain.advanceTime(90_000);
    harness.chain.mine();
    harness.clock.jump(90_000_000);
    await harness.restart();
    harness.prover.release();
    await harness.settle();
    assert.equal(follower.storage.batches.get(number)?.headerHash, headerHash);
    assert.notEqual(await harness.chain.headerHash(number), headerHash);
    // Nothing but the journal can say which of the two it is.
    const error = await assertRejects(follower.replica.pollL1(), 'JOURNAL_UNAVAILABLE');
    assert.equal(isPassing(error), true);
    follower.journal.isCut = false;
    await follower.mirror();
    await follower.replica.pollL1();
    await follower.follow();
    await follower.replica.pollL1();
    const { halted, finalBatch, unpostedTransfers } = follower.replica.status();
    assert.deepEqual([halted, finalBatch], [undefined, harness.sequencer.status().finalBatch]);
    assert.equal(unpostedTransfers, harness.sequencer.status().unpostedTransfers);
    assert.deepEqual(sharedAnswers(follower.storage), sharedAnswers(harness.storage));
  });

  it('counts what is not on L1 anew when batches are opened again', async () => {
    await startFinal();
    harness.prover.hold();
    await harness.sequencer.sealNow();
    await follower.follow();
    const { number, transferCount } = harness.storage.batches.last()!;
    assert.ok(transferCount > 0);
    const batch = harness.storage.batches.get(number)!;
    await harness.sequencer.stop();
    // The leader opens it again, and has sealed nothing since.
    const writer = createLocalLogWriter(harness.storage);
    void unsealFrom({ storage: harness.storage, writer, clock: harness.clock }, batch);
    await follower.follow();
    const { unpostedTransfers, openTransfers } = follower.replica.status();
    assert.equal(follower.replica.status().sealedBatch, number - 1);
    const posted = follower.storage.batches.lastPosted()?.number ?? 0;
    const sealed = follower.storage.batches.range(posted + 1, number);
    assert.equal(unpostedTransfers, openTransfers + sealed.reduce((sum, row) => sum + row.transferCount, 0));
  });

  it('stops at a batch that is final on L1 and that no leader sealed', async () => {
    await startFinal();
    harness.prover.hold();
    await harness.sequencer.sealNow();
    await follower.follow();
    const { authorizations: _, ...batch } = emptyBatch(harness.chain.posted.at(-1)!);
    await harness.chain.submitBatch({ ...batch, evaluations: [], opening: new Uint8Array(), proofs: [DUMMY_PROOF] });
    await assertRejects(follower.replica.pollL1(), 'FOREIGN_BATCH_FINAL');
  });

  it('knows what the shadow of the leader looks at, until it is final', async () => {
    await start();
    await harness.settle();
    harness.prover.hold();
    const account = { owner: alice.owner, tokenId: 0 };
    const common = { from: harness.indexOf(alice), fee: 10n, validUntil: 0 };
    await harness.send(alice, { ...common, kind: 'withdraw', account, amount: 1n, nonce: 8 });
    await harness.sequencer.sealNow();
    await follower.follow();
    const numbers = follower.storage.batches.range(1, 99).map(({ number }) => number);
    assert.equal(follower.storage.meta.get('unverified'), numbers.join(','));
    await follower.replica.pollL1();
    const { finalBatch } = follower.replica.status();
    assert.ok(finalBatch > 0 && finalBatch < numbers.at(-1)!);
    assert.equal(unverifiedBatch(follower.storage), finalBatch + 1);
    harness.prover.release();
    await harness.settle();
    await follower.replica.pollL1();
    assert.equal(unverifiedBatch(follower.storage), undefined);
  });

  it('forgets what it doubted when it led', async () => {
    await start();
    await follower.follow();
    const sight = { queueIndex: 0, found: 'nothing', blockNumber: 1, blockHash: '0x00', firstSeenAt: 1 } as const;
    noteDoubt(follower.storage, sight);
    await follower.restart();
    assert.equal(readDoubt(follower.storage), undefined);
  });

  it('says that it is behind once it has not had all of the journal for a while, and no longer when it has', async () => {
    await start();
    await follower.follow();
    assert.equal(follower.replica.status().trouble, undefined);
    follower.journal.isCut = true;
    await harness.clock.advance(BEHIND_AFTER_MS - 2_000);
    assert.equal(follower.replica.status().trouble, undefined);
    await harness.clock.advance(4_000);
    assert.ok(isRollupError(follower.replica.status().trouble, 'REPLICA_BEHIND'));
    follower.journal.isCut = false;
    await follower.follow();
    assert.equal(follower.replica.status().trouble, undefined);
  });

  it('takes nothing itself', async () => {
    await start();
    await follower.follow();
    await assert.rejects(follower.replica.sealNow(), (error) => isRollupError(error, 'NOT_LEADER'));
    const answers = await follower.replica.submitAll([{} as never], { address: 'x', connection: 0 });
    assert.ok(answers.every((answer) => 'error' in answer && isRollupError(answer.error, 'NOT_LEADER')));
    await assert.rejects(follower.replica.submit({} as never), (error) => isRollupError(error, 'NOT_LEADER'));
    assert.deepEqual(follower.replica.node().lag, 0);
  });

  /** What a leader that is wrong, or of another version, may write of a batch. */
  const LIES: readonly (readonly [string, (seal: SealEntry) => Partial<SealEntry>])[] = [
    ['another header', () => ({ headerHash: `0x${'ab'.repeat(32)}` })],
    ['another time', ({ plan }) => ({ plan: { ...plan!, time: plan!.time + 1 } })],
    [
      'another form',
      ({ plan }) => ({ plan: { ...plan!, form: plan!.form === 'calldata' ? 'coefficients' : 'calldata' } }),
    ],
    ['other tokens', ({ plan }) => ({ plan: { ...plan!, feeTokens: [...plan!.feeTokens.slice(0, 3), 7n] } })],
    ['no plan', () => ({ plan: undefined as never })],
    ['no chunks', ({ plan }) => ({ plan: { ...plan!, chunks: [] } })],
    ['too many chunks', ({ plan }) => ({ plan: { ...plan!, chunks: Array(99).fill(plan!.chunks[0]) } })],
    ['an operation twice', ({ plan }) => ({ plan: { ...plan!, chunks: [...plan!.chunks, plan!.chunks[0]!] } })],
    [
      'an entry that is not there',
      ({ plan }) => ({ plan: { ...plan!, chunks: [{ runs: [[9_999, 1]], collects: [] }] } }),
    ],
    [
      'fees to somebody else',
      ({ plan }) => ({
        plan: {
          ...plan!,
          chunks: plan!.chunks.map((chunk) => ({ ...chunk, collects: chunk.collects.map((to) => to + 1) })),
        },
      }),
    ],
    ['a drop of what is not open', () => ({ drops: [{ sequence: 9_999, code: 'NONCE_USED', message: 'x' }] })],
    ['another number', ({ batch }) => ({ batch: batch + 1 })],
  ];

  it('stops at a batch to which it does not come, keeps what was before, and answers from that', async () => {
    await start();
    await follower.replica.stop();
    await follower.mirror({ entries: 64 });
    const honest = [...follower.journal.stored];
    const at = honest.findLastIndex(isSealed);
    for (const [what, lie] of LIES) {
      follower.journal.stored.splice(0, honest.length, ...honest.slice(0, at));
      await follower.restart();
      await follower.replica.caughtUp();
      const head = follower.replica.node().head;
      const entry = sealIn(honest[at]!);
      follower.journal.stored.push(segmentWith(honest[at]!, { ...entry, ...lie(entry) }));
      await assert.rejects(follower.replica.caughtUp(), (error) => isRollupError(error, 'REPLICA_DIVERGED'), what);
      await harness.until(isHaltedWith('REPLICA_DIVERGED'), what);
      assert.equal(follower.replica.node().head, head, what);
      const { halted } = follower.replica.status();
      assert.match(halted!.message, /run-a-cluster\.md/);
      assert.equal(follower.replica.queries.proof(0, 'sealed').batch, follower.replica.status().sealedBatch);
    }
    follower.journal.stored.splice(0, follower.journal.stored.length, ...honest);
    await follower.restart();
    await follower.replica.caughtUp();
    await follower.replica.pollL1();
    assert.deepEqual(sharedAnswers(follower.storage), sharedAnswers(harness.storage));
  });
});

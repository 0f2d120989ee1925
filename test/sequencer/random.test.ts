import { strict as assert } from 'node:assert';
import { isSignedKind, PROFILES } from '@quittance/protocol';
import { type Intent, operationOf, type SignedTransfer } from '@quittance/sdk';
import type { HistoryEvent } from '../../sequencer/history.ts';
import type { SequencerMode } from '../../sequencer/index.ts';
import { createRandom } from '../support/property/random.ts';
import { createPerson, type Person } from '../support/rollup/person.ts';
import { followLog } from '../support/sequencer/follow-log.ts';
import { sharedAnswers, startFollower } from '../support/sequencer/follower.ts';
import { createHarness, fastCrypto, requestOf } from '../support/sequencer/harness.ts';
import { replaySubmissions } from '../support/sequencer/replay.ts';
import { type CrashPlan, createCrashControl } from '../support/storage/crashing.ts';

const PEOPLE = ['a', 'b', 'c', 'd'].map(createPerson);
const STEPS = 60;

/**
 * Runs random steps with crashes, restarts and small reorgs, and where batches are asserted with disputes and rejections;
 * returns what the sequencer and L1 say at the end.
 */
async function play(seed: string, mode: SequencerMode) {
  const random = createRandom(seed);
  const choose = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
  const plans: CrashPlan[] = Array.from({ length: 6 }, () => ({
    atCommit: 8 + random.below(90),
    when: choose(['before', 'after'] as const),
  }));
  const control = createCrashControl(...plans);
  /** Where the data goes is chosen anew at each start; hybrid batches are asserted by calldata. */
  const where = () => ({ data: mode === 'hybrid' ? ('auto' as const) : choose(['calldata', 'blobs'] as const) });
  const settings = { mode, resealRejected: true, ...where() };
  const wrapStorage = control.wrap;
  const harness = await createHarness({ wrapStorage, withFeeAccounts: false, settings, blobsAllowed: true });
  const acknowledged = new Map<bigint, SignedTransfer>();
  const refusals = new Map<string, number>();

  /** A start that dies leaves the sequencer before it, whose database is closed. */
  const isHalted = (): boolean => {
    try {
      return harness.sequencer.status().halted !== undefined;
    } catch {
      return true;
    }
  };
  const recover = async (): Promise<void> => {
    // A planned crash may hit the start itself.
    for (let attempt = 0; isHalted() || attempt === 0; attempt++) {
      if (!isHalted()) return;
      await harness.restart(where()).catch(async (error: unknown) => {
        if (attempt > 5) throw error;
        harness.storage.close();
        await harness.reopen(where());
      });
    }
  };
  const step = async (work: () => Promise<unknown>): Promise<void> => {
    for (let attempt = 0; attempt < 10; attempt++) {
      await work().catch((error: unknown) => {
        if (!isHalted()) throw error;
      });
      if (!isHalted()) return;
      await recover();
    }
    throw new Error('a step never succeeded');
  };
  const until = (condition: () => boolean): Promise<void> => harness.until(() => isHalted() || condition());
  if (mode === 'hybrid') harness.prover.hold();
  const catchUp = async (): Promise<void> => {
    const { requestedCount } = await harness.chain.queueState();
    await step(() => until(() => harness.sequencer.status().priorityOperations === requestedCount));
  };
  /** Answers what is not answered, or not any more after a reorg. */
  const defend = async (): Promise<void> => {
    const { finalNumber, lastNumber } = await harness.assertions.pendingRange();
    for (let number = finalNumber + 1; number <= lastNumber; number++) {
      const id = (await harness.assertions.pendingId(number))!;
      const { firstDisputeAt, answeredAt } = await harness.assertions.chunkDisputes(id, 0);
      if (firstDisputeAt > 0 && answeredAt === 0) await harness.assertions.answer(id, 0);
    }
  };
  const settle = (): Promise<void> =>
    step(async () => {
      await defend();
      harness.prover.release();
      await harness.sequencer.sealNow();
      await until(() => {
        if (mode !== 'zk') pass(30);
        const { sealedBatch, finalBatch, openTransfers } = harness.sequencer.status();
        return openTransfers === 0 && sealedBatch === finalBatch;
      });
      // Or batches would not wait long enough to be disturbed.
      if (mode === 'hybrid') harness.prover.hold();
    });
  const pass = (seconds: number): void => {
    harness.chain.advanceTime(seconds);
    harness.chain.mine(1);
  };
  /** Something that L1 does with what waits. */
  const disturb = async (): Promise<void> => {
    const { finalNumber, lastNumber } = await harness.assertions.pendingRange();
    if (finalNumber === lastNumber) return;
    const id = (await harness.assertions.pendingId(finalNumber + 1 + random.below(lastNumber - finalNumber)))!;
    const dice = random.below(5);
    if (dice === 0) await harness.assertions.reject(id, random.below(2) === 0);
    else if (dice === 1) await harness.assertions.remove(id);
    else if (dice === 2) harness.chain.reorg(1 + random.below(3), { keepRequests: true });
    else {
      await harness.assertions.openDisputeOf(id, 0);
      await step(() => harness.clock.advance(2_000));
      await defend();
    }
    await step(() => harness.clock.advance(2_000));
  };
  const accountOf = (person: Person, tokenId: number) =>
    harness.sequencer.queries
      .accountsOf(person.owner, 'latest', 10, -1)
      .find(({ account }) => account.tokenId === tokenId);

  const send = async (): Promise<void> => {
    const tokenId = random.below(2);
    const [sender, receiver] = [choose(PEOPLE), choose(PEOPLE)];
    const from = accountOf(sender, tokenId);
    const to = accountOf(receiver, tokenId);
    if (from === undefined) return;
    const common = {
      from: from.index,
      amount: BigInt(random.below(2_000)),
      fee: BigInt(10 + random.below(20)),
      nonce: Math.max(0, from.account.nonce + choose([0, 0, 0, 0, 0, 1, -1])),
      validUntil: 0,
    };
    const toWhom = { receiver: { keyY: receiver.keyPair.publicKey.y, owner: receiver.owner } };
    const intents: Intent[] = [
      { ...common, kind: 'withdraw', account: { owner: sender.owner, tokenId } },
      { ...common, kind: 'transferToNew', ...toWhom },
      {
        ...common,
        kind: 'move',
        account: { owner: sender.owner, tokenId },
        destination: 0,
        keyY: receiver.keyPair.publicKey.y,
      },
      ...(to === undefined || to.index === from.index
        ? []
        : [0, 1, 2].map((): Intent => ({ ...common, kind: 'transfer', to: to.index, ...toWhom }))),
    ];
    const signed = harness.sign(sender, choose(intents));
    await step(async () => {
      try {
        const { id } = await harness.sequencer.submit(requestOf(signed));
        acknowledged.set(id, signed);
      } catch (error) {
        const { code } = error as { code?: string };
        if (code === undefined || isHalted()) throw error;
        refusals.set(code, (refusals.get(code) ?? 0) + 1);
      }
    });
  };
  const deposit = async (person: Person): Promise<void> => {
    harness.chain.deposit(person.keyPair.publicKey.y, person.owner, random.below(2), BigInt(1 + random.below(5_000)));
    await catchUp();
  };
  const importSome = async (): Promise<void> => {
    const tokenId = random.below(2);
    const deposits = Array.from({ length: 2 + random.below(6) }, () => {
      const { keyPair, owner } = choose(PEOPLE);
      return { keyY: keyPair.publicKey.y, owner, tokenId, amount: BigInt(1 + random.below(500)) };
    });
    harness.chain.importDeposits(deposits);
    await catchUp();
  };
  const exit = async (): Promise<void> => {
    const account = accountOf(choose(PEOPLE), random.below(2));
    harness.chain.requestExit(account?.account.owner ?? 1n, account?.index ?? 99, account?.account.tokenId ?? 0);
    await catchUp();
  };

  try {
    harness.chain.registerDestination();
    for (const tokenId of [0, 1]) {
      harness.chain.deposit(harness.operator.keyPair.publicKey.y, harness.operator.owner, tokenId, 1n);
      for (const person of PEOPLE) harness.chain.deposit(person.keyPair.publicKey.y, person.owner, tokenId, 10_000n);
    }
    await catchUp();
    for (let i = 0; i < STEPS; i++) {
      const dice = random.below(100);
      if (mode !== 'zk' && random.below(10) === 0) await disturb();
      if (dice < 70) await send();
      else if (dice < 75) await deposit(choose([...PEOPLE, harness.operator]));
      else if (dice < 78) await importSome();
      else if (dice < 82) await exit();
      else if (dice < 86) await step(() => harness.sequencer.sealNow());
      else if (dice < 90) await settle();
      else if (dice < 93) await step(() => harness.restart(where()));
      else if (dice < 96) await step(() => harness.clock.advance(31_000));
      else if (mode !== 'zk') await disturb();
      else {
        await settle();
        harness.chain.mine(1);
        harness.chain.reorg(1, { keepRequests: true });
      }
    }
    await settle();
    const { chain, sequencer } = harness;
    const replayed = replaySubmissions(chain.submissions, PROFILES.quick, chain);
    const histories = [...replayed.state.accounts()].map(([index, account]) => ({
      ...{ index, account },
      events: sequencer.queries.history.from([index], 1, 10_000),
    }));
    const genesisTime = chain.genesis.time;
    const { kzg, storage } = harness;
    const followed = await followLog({
      ...{ storage, kzg, genesisTime, crypto: fastCrypto(), profile: PROFILES.quick },
      deployment: { chainId: chain.chainId, contract: chain.contract },
    });
    // Where operations stand after the last reorg, as it is on L1 now.
    await step(() => harness.sequencer.pollL1());
    const replica = await startFollower(harness);
    try {
      await replica.follow({ entries: 16 });
      await replica.replica.pollL1();
      assert.deepEqual(sharedAnswers(replica.storage), sharedAnswers(storage));
    } finally {
      await replica.close();
    }
    const statuses = [...acknowledged].map(([id, signed]) => ({ signed, view: sequencer.queries.transfer(id)! }));
    return {
      chain,
      replayed,
      statuses,
      histories: histories.filter(({ account }) => account.owner !== harness.operator.owner),
      refusals,
      final: sequencer.queries.proof(0, 'finalized'),
      crashed: control.hasCrashed,
      followed,
    };
  } finally {
    await harness.close();
  }
}

/** What an entry of its history does to the balance of an account, fees that it earns aside. */
function effectOn(index: number, event: HistoryEvent): bigint {
  if (event.type === 'priority') return event.kind === 'deposit' ? event.amount! : -event.amount!;
  const received = event.to?.index === index ? event.amount : 0n;
  return event.from.index === index ? received - event.amount - event.fee : received;
}

describe('Sequencer: random histories with crashes', () => {
  const base = process.env['QUITTANCE_TEST_SEED'];
  const seeds = base === undefined ? Array.from({ length: 8 }, (_, i) => `sequencer ${i}`) : [base];
  for (const [seed, mode] of [
    ...seeds.map((seed) => [seed, 'zk'] as const),
    ...seeds.slice(0, 4).flatMap((seed) => [[seed, 'optimistic'] as const, [seed, 'hybrid'] as const]),
  ]) {
    it(`gives every acknowledged transfer one end and L1 the same state (${mode}, QUITTANCE_TEST_SEED="${seed}")`, async () => {
      const { chain, replayed, statuses, histories, final, crashed, followed } = await play(seed, mode);
      assert.equal(crashed, true);
      assert.equal(replayed.state.root, final.stateRoot);
      // Whoever has nothing but the log came to each header, whatever was sealed in between and taken back.
      assert.ok(followed.batches >= final.batch, `${followed.batches}`);
      // Each final transfer is one record on L1, exactly as it was signed; nothing else that is signed is there.
      const signedRecords = replayed.records.flat(2).filter(({ fields }) => isSignedKind(fields.kind));
      const finals = statuses.filter(({ view }) => view.status === 'final');
      assert.equal(signedRecords.length, finals.length);
      for (const { signed, view } of statuses) {
        assert.ok(['final', 'dropped'].includes(view.status), view.status);
        if (view.status === 'dropped') {
          assert.ok(view.drop!.code.length > 0);
          continue;
        }
        const { batch, chunk, slot } = view.placement!;
        const record = replayed.records[batch - 1]![chunk]![slot]!;
        assert.deepEqual(record.fields, operationOf(signed, view.operation.fields.to).fields);
      }
      // The history of an account adds up to what it holds, however often it was sealed anew.
      assert.ok(histories.length > 0);
      for (const { index, account, events } of histories) {
        const executed = events.filter(({ status }) => status !== 'dropped');
        assert.ok(executed.every(({ status }) => status === 'final'));
        const sum = executed.reduce((total, event) => total + effectOn(index, event), 0n);
        assert.equal(sum, account.balance, `account ${index}`);
      }
      // What came in is in accounts or went out.
      for (const [tokenId, sum] of chain.deposited) {
        const held = [...replayed.state.accounts()]
          .filter(([, account]) => account.tokenId === tokenId)
          .reduce((total, [, { balance }]) => total + balance, 0n);
        const paid = replayed.withdrawals
          .filter(({ ownerAndToken }) => Number(ownerAndToken >> 160n) === tokenId)
          .reduce((total, { amount }) => total + amount, 0n);
        assert.equal(held + paid, sum);
      }
    });
  }
});

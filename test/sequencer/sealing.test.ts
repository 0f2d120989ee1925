import { strict as assert } from 'node:assert';
import { portableHasher, type RollupError, signMessage, transactionMessage, transferRecord } from '@quittance/protocol';
import type { Intent } from '@quittance/sdk';
import Sqlite from 'better-sqlite3';
import { createPerson, type Person } from '../support/rollup/person.ts';
import { type Harness, type HarnessOptions, requestOf } from '../support/sequencer/harness.ts';
import { alice, bob, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';

const carol = createPerson('carol');

describe('Sequencer: sealing', () => {
  let harness: PayerHarness;

  const open = async (options: HarnessOptions = {}): Promise<void> => {
    harness = await createPayerHarness(options);
  };
  const transfer = (nonce: number, changes: Partial<Intent> = {}): Intent =>
    harness.payment(nonce, { amount: 100n, ...changes });
  const toNew = (nonce: number, person: Person, changes: Partial<Intent> = {}): Intent =>
    transfer(nonce, {
      kind: 'transferToNew',
      receiver: { keyY: person.keyPair.publicKey.y, owner: person.owner },
      ...changes,
    } as Partial<Intent>);
  const requests = async (count: number): Promise<void> => {
    const known = harness.sequencer.status().priorityOperations;
    await harness.until(() => harness.sequencer.status().priorityOperations === known + count, 'the requests');
  };
  const statusOf = (id: bigint) => harness.sequencer.queries.transfer(id)!;

  afterEach(() => harness.close());

  it('drops a transfer that expired while the sequencer was down, and what depended on it, with the reasons', async () => {
    await open();
    const now = Math.floor(harness.clock.nowMs() / 1_000);
    const expiring = await harness.send(alice, transfer(0, { validUntil: now + 120 }));
    const later = await harness.send(alice, transfer(1));
    const other = await harness.send(bob, {
      ...transfer(0),
      from: harness.to,
      to: harness.from,
      receiver: { keyY: alice.keyPair.publicKey.y, owner: alice.owner },
    } as Intent);
    await harness.sequencer.stop();
    await harness.clock.advance(3_600_000);
    harness.chain.advanceTime(7_200);
    harness.chain.mine();
    await harness.restart();
    await harness.settle();
    assert.deepEqual([statusOf(expiring.id).status, statusOf(expiring.id).drop?.code], ['dropped', 'EXPIRED']);
    assert.deepEqual([statusOf(later.id).status, statusOf(later.id).drop?.code], ['dropped', 'NONCE_GAP']);
    assert.equal(statusOf(other.id).status, 'final');
    assert.equal(harness.sequencer.queries.account(harness.from, 'latest')?.nonce, 0);
  });

  it('makes no batch when everything is dropped, and goes on after a restart', async () => {
    await open();
    const before = harness.sequencer.status().sealedBatch;
    const now = Math.floor(harness.clock.nowMs() / 1_000);
    const gone = await harness.send(alice, toNew(0, carol, { validUntil: now + 120 }));
    await harness.sequencer.stop();
    await harness.clock.advance(3_600_000);
    harness.chain.advanceTime(7_200);
    harness.chain.mine();
    await harness.restart();
    await harness.sequencer.sealNow();
    assert.equal(harness.sequencer.status().sealedBatch, before);
    assert.equal(statusOf(gone.id).status, 'dropped');
    await harness.restart();
    const again = await harness.send(alice, toNew(0, carol));
    assert.equal(again.to, gone.to, 'the leaf is free again');
    await harness.settle();
    assert.equal(statusOf(again.id).status, 'final');
  });

  it('seals again what was too old for L1, and keeps drops as they are', async () => {
    await open();
    const now = Math.floor(harness.clock.nowMs() / 1_000);
    harness.prover.hold();
    const lasting = await harness.send(alice, transfer(0));
    await harness.sequencer.sealNow();
    const expiring = await harness.send(alice, transfer(1, { validUntil: now + 3_600 }));
    harness.chain.deposit(bob.keyPair.publicKey.y, bob.owner, 0, 3n);
    await requests(1);
    await harness.sequencer.sealNow();
    const sealed = harness.sequencer.status().sealedBatch;
    harness.chain.advanceTime(2 * 86_400);
    harness.chain.mine();
    harness.prover.release();
    await harness.until(() => harness.sequencer.status().halted !== undefined, 'the stop');
    assert.equal(harness.sequencer.status().halted!.code, 'BATCH_TOO_OLD');
    assert.match(harness.sequencer.status().halted!.message, /restart/);
    await harness.clock.advance(2 * 86_400_000);
    await harness.restart();
    await harness.settle();
    assert.equal(statusOf(lasting.id).status, 'final');
    assert.equal(statusOf(expiring.id).drop?.code, 'EXPIRED');
    assert.equal(harness.sequencer.queries.account(harness.to, 'finalized')?.balance, 603n);
    assert.equal(harness.sequencer.status().sealedBatch, sealed - 1, 'both became one batch');
    await harness.restart();
    assert.equal(statusOf(expiring.id).status, 'dropped');
  });

  it('executes priority operations that became overdue while it was down before everything else', async () => {
    await open();
    const spent = await harness.send(alice, transfer(0));
    const kept = await harness.send(bob, {
      ...transfer(0),
      from: harness.to,
      to: harness.from,
      receiver: { keyY: alice.keyPair.publicKey.y, owner: alice.owner },
    } as Intent);
    const sealed = harness.sequencer.status().sealedBatch;
    await harness.sequencer.stop();
    harness.chain.requestExit(alice.owner, harness.from, 0);
    // More than one batch of 32.
    for (let i = 0; i < 40; i++) harness.chain.deposit(carol.keyPair.publicKey.y, carol.owner, 0, 1n);
    harness.chain.requestExit(bob.owner, 4_000_000, 0);
    harness.chain.advanceTime(4 * 86_400);
    harness.chain.mine();
    await harness.clock.advance(4 * 86_400_000);
    await harness.restart();
    await harness.settle();
    assert.equal(harness.sequencer.status().halted, undefined);
    assert.equal(harness.chain.posted.at(-1)?.priorityCount, 4 + 42);
    assert.equal(statusOf(spent.id).drop?.code, 'INSUFFICIENT_BALANCE', 'the exit took the balance');
    assert.deepEqual([statusOf(kept.id).status, statusOf(kept.id).placement?.batch], ['final', sealed + 2]);
    await harness.restart();
    await harness.settle();
    assert.equal(harness.sequencer.status().sealedBatch, sealed + 2, 'nothing is sealed twice');
    await harness.send(alice, transfer(0, { amount: 10n }));
  });

  it('cuts the batch before a forced exit: what was acknowledged first is executed first', async () => {
    await open();
    const first = await harness.send(alice, transfer(0));
    harness.chain.requestExit(alice.owner, harness.from, 0);
    await requests(1);
    await assert.rejects(harness.send(alice, transfer(1)), { code: 'INSUFFICIENT_BALANCE' });
    await harness.settle();
    const exit = harness.chain.posted.length;
    assert.equal(statusOf(first.id).status, 'final');
    assert.equal(statusOf(first.id).placement?.batch, exit - 1);
    assert.equal(harness.sequencer.queries.account(harness.from, 'finalized')?.balance, 0n);
    const paid = harness.sequencer.queries.withdrawal(exit, 0);
    assert.equal(paid.withdrawal.amount, 1_000_000n - 110n);
  });

  it('executes a deposit before the transfers of its batch and counts it at once', async () => {
    await open();
    await harness.send(alice, transfer(0, { amount: 900_000n }));
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 0, 5_000_000n);
    await requests(1);
    const spent = await harness.send(alice, transfer(1, { amount: 5_000_000n }));
    await harness.settle();
    assert.equal(statusOf(spent.id).placement?.slot, 2);
    assert.equal(harness.sequencer.queries.account(harness.from, 'finalized')?.balance, 99_980n);
  });

  it('gives a deposit a leaf of its own while the account of its key is only pending', async () => {
    await open();
    const created = await harness.send(alice, toNew(0, carol));
    harness.chain.deposit(carol.keyPair.publicKey.y, carol.owner, 0, 7n);
    await requests(1);
    await harness.settle();
    const accounts = harness.sequencer.queries.accountsOf(carol.owner, 'finalized', 10, -1);
    assert.deepEqual(
      accounts.map(({ index, account }) => [index, account.balance]),
      [
        [created.to, 100n],
        [created.to! + 1, 7n],
      ],
    );
    harness.chain.deposit(carol.keyPair.publicKey.y, carol.owner, 0, 1n);
    await requests(1);
    await harness.settle();
    assert.equal(
      harness.sequencer.queries.account(created.to!, 'finalized')?.balance,
      101n,
      'the lowest account that is sealed',
    );
  });

  it('executes a deposit to a key that nobody can use, and an exit of an account that is not there', async () => {
    await open();
    harness.chain.deposit(1n, bob.owner, 0, 5n);
    harness.chain.requestExit(bob.owner, 4_000_000, 0);
    harness.chain.requestExit(bob.owner, harness.from, 0);
    await requests(3);
    await harness.settle();
    assert.equal(harness.sequencer.status().halted, undefined);
    assert.equal(harness.chain.posted.at(-1)?.withdrawalCount, 0);
    assert.equal(harness.sequencer.queries.account(harness.from, 'finalized')?.balance, 1_000_000n);
  });

  it('fills a batch to its last slot and goes on in the next', async () => {
    await open();
    // 2 chunks of 16 slots, one of each for the fee: 30 transfers.
    const acks = [];
    for (let nonce = 0; nonce < 31; nonce++) acks.push(await harness.send(alice, transfer(nonce)));
    await harness.until(() => harness.sequencer.status().openTransfers === 1, 'the full batch');
    await harness.settle();
    const batches = acks.map(({ id }) => statusOf(id).placement?.batch);
    assert.equal(new Set(batches.slice(0, 30)).size, 1);
    assert.equal(batches[30], batches[0]! + 1);
    assert.deepEqual([statusOf(acks[14]!.id).placement?.chunk, statusOf(acks[15]!.id).placement?.chunk], [0, 1]);
  });

  it('is as short as its content: one chunk for one transfer', async () => {
    await open();
    const ack = await harness.send(alice, transfer(0));
    await harness.settle();
    assert.equal(harness.storage.chunks.ofBatch(statusOf(ack.id).placement!.batch).length, 1);
  });

  it('leaves priority operations that do not fit to the next batch, in order', async () => {
    await open();
    for (let i = 0; i < 33; i++) harness.chain.deposit(carol.keyPair.publicKey.y, carol.owner, 0, 1n);
    const first = harness.sequencer.status().finalBatch;
    await requests(33);
    await harness.settle();
    assert.deepEqual(
      harness.chain.posted.slice(first).map(({ priorityCount }) => priorityCount),
      [36, 37],
    );
    assert.equal(harness.sequencer.queries.accountsOf(carol.owner, 'finalized', 10, -1)[0]?.account.balance, 33n);
  });

  it('refuses transfers when as many wait for L1 as may', async () => {
    await open({ settings: { maxUnpostedTransfers: 2 } });
    await harness.send(alice, transfer(0));
    await harness.send(alice, transfer(1));
    await assert.rejects(harness.send(alice, transfer(2)), { code: 'MEMPOOL_FULL' });
    await harness.settle();
    await harness.send(alice, transfer(2));
  });

  it('refuses keys outside the prime subgroup, as sender and as receiver', async () => {
    await open();
    const intent = toNew(0, carol) as Extract<Intent, { kind: 'transferToNew' }>;
    // No wallet of ours signs it.
    const id = transactionMessage(portableHasher, {
      domain: harness.sequencer.domain,
      fields: transferRecord(intent).fields,
      nonce: 0,
      validUntil: 0,
      receiverKeyY: 1n,
      receiverOwner: carol.owner,
    });
    const { authorization, ...request } = requestOf(harness.sign(alice, intent));
    const forged = { ...authorization, ...signMessage(portableHasher, alice.keyPair, id) };
    const sent = { ...request, authorization: forged, toKeyY: 1n } as Parameters<Harness['sequencer']['submit']>[0];
    await assert.rejects(harness.sequencer.submit(sent), { code: 'INVALID_KEY' });
  });

  it('refuses tokens in which no fee can be paid', async () => {
    await open();
    harness.chain.deposit(alice.keyPair.publicKey.y, alice.owner, 9, 100n);
    await requests(1);
    const index = harness.indexOf(alice, 9);
    await assert.rejects(harness.send(alice, transfer(0, { from: index, to: index + 1 })), { code: 'RECEIVER_EMPTY' });
    await assert.rejects(harness.send(alice, { ...toNew(0, carol), from: index, fee: 0n } as Intent), {
      code: 'NOT_FEE_TOKEN',
    });
  });

  it('refuses a fee as long as the operator has no account in its token', async () => {
    await open({ withFeeAccounts: false });
    await assert.rejects(harness.send(alice, transfer(0)), { code: 'NO_FEE_ACCOUNT', data: { tokenId: 0 } });
  });

  it('refuses what comes while it stops', async () => {
    await open();
    const signed = requestOf(harness.sign(alice, transfer(0)));
    await harness.sequencer.stop();
    await assert.rejects(harness.sequencer.submit(signed), { code: 'SHUTTING_DOWN' });
  });

  it('refuses a transfer that would expire before its batch is sealed', async () => {
    await open();
    const now = Math.floor(harness.clock.nowMs() / 1_000);
    await assert.rejects(harness.send(alice, transfer(0, { validUntil: now + 30 + 30 - 1 })), { code: 'EXPIRED' });
    await harness.send(alice, transfer(0, { validUntil: now + 30 + 30 }));
  });

  it('includes a transfer once that many clients send at the same time, a forged copy first', async () => {
    await open();
    const signed = harness.sign(alice, transfer(0));
    const forged = requestOf({ ...signed, authorization: { ...signed.authorization, s: signed.authorization.s + 1n } });
    const results = await Promise.allSettled([
      harness.sequencer.submit(forged),
      ...Array.from({ length: 5 }, () => harness.sequencer.submit(requestOf(signed))),
    ]);
    assert.equal((results[0] as PromiseRejectedResult).reason.code, 'BAD_SIGNATURE');
    const acks = results
      .slice(1)
      .map((result) => (result as PromiseFulfilledResult<{ sequence: number }>).value.sequence);
    assert.equal(new Set(acks).size, 1);
    await harness.settle();
    assert.equal(harness.sequencer.queries.account(harness.to, 'finalized')?.balance, 600n);
    assert.equal((await harness.sequencer.submit(requestOf(signed))).status, 'final');
  });

  it('accepts a chain of transfers that arrive together, each needing the one before', async () => {
    await open();
    const acks = await Promise.all(
      [0, 1, 2, 3].map((nonce) => harness.send(alice, transfer(nonce, { amount: 200_000n }))),
    );
    assert.deepEqual(
      acks.map(({ sequence }) => sequence - acks[0]!.sequence),
      [0, 1, 2, 3],
    );
  });

  for (const [what, sql] of [
    [
      'an account',
      'UPDATE leaf_changes SET accounts = zeroblob(length(accounts)) WHERE batch = (SELECT MAX(batch) FROM leaf_changes)',
    ],
    [
      'the data of a chunk',
      'UPDATE chunks SET data = zeroblob(length(data)) WHERE batch = (SELECT MAX(batch) FROM chunks)',
    ],
    ['the header of a batch', 'UPDATE batches SET header = replace(header, \'"time":1\', \'"time":2\')'],
    ['a batch', 'DELETE FROM batches WHERE number = (SELECT MAX(number) FROM batches)'],
  ] as const) {
    it(`refuses to start when ${what} was changed in the database`, async () => {
      await open();
      harness.prover.hold();
      await harness.send(alice, transfer(0));
      await harness.sequencer.sealNow();
      await harness.sequencer.stop();
      harness.storage.close();
      const database = new Sqlite(harness.file);
      database.pragma('foreign_keys = ON');
      database.exec(sql);
      database.close();
      await assert.rejects(harness.reopen(), (error: RollupError) => {
        assert.equal(error.code, 'DATABASE_DAMAGED', error.message);
        assert.ok(error.message.includes(harness.file));
        return true;
      });
    });
  }
});

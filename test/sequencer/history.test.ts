import { strict as assert } from 'node:assert';
import { addressText, portableHasher } from '@quittance/protocol';
import type { HistoryEntryJson, HistoryPageJson, PriorityOperationJson, StatisticsJson } from '@quittance/rpc';
import { createClient, type Intent } from '@quittance/sdk';
import { createFindOccupants } from '../../packages/sdk/wallet/occupants.ts';
import { systemClock } from '../../runtime/index.ts';
import { type Api, startApi } from '../../sequencer/index.ts';
import { ownerKey } from '../../storage/index.ts';
import { createPerson } from '../support/rollup/person.ts';
import { alice, bob, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { rpc } from '../support/sequencer/rpc.ts';

const carol = createPerson('carol');
const dave = createPerson('dave');

describe('Sequencer: histories', () => {
  let harness: PayerHarness;
  let api: Api;

  const ask = async <T>(method: string, params: object = {}): Promise<T> => {
    const { body } = await rpc(api.url, method, params);
    assert.equal(body.error, undefined, JSON.stringify(body));
    return body.result as T;
  };
  const historyOf = async (account: number, params: object = {}) =>
    (await ask<HistoryPageJson>('rollup_getHistory', { account, ...params })).entries;
  const toNew = (nonce: number, person = carol, changes: Partial<Intent> = {}) =>
    harness.payment(nonce, {
      kind: 'transferToNew',
      receiver: { keyY: person.keyPair.publicKey.y, owner: person.owner },
      amount: 1_000n,
      ...changes,
    });
  const party = (index: number, { owner, keyPair }: typeof alice) => ({
    index,
    owner: addressText(owner),
    keyY: String(keyPair.publicKey.y),
  });
  /** Takes a request of L1 on. */
  const request = async (make: () => number): Promise<number> => {
    const operationId = make();
    await harness.until(() => harness.sequencer.status().priorityOperations > operationId, 'the request');
    return operationId;
  };

  before(async () => {
    harness = await createPayerHarness();
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
  });
  after(async () => {
    await api.stop();
    await harness.close();
  });

  it('tell of every kind of entry, newest first, with what became of it', async () => {
    const account = { owner: alice.owner, tokenId: 0 };
    await harness.send(alice, harness.payment(0, { amount: 100n }));
    await harness.send(alice, toNew(1));
    await harness.send(alice, { ...harness.payment(2), kind: 'withdraw', account, amount: 7n } as Intent);
    const before = await historyOf(harness.from);
    assert.deepEqual(
      before.map(({ kind, status, batch }) => [kind, status, batch]),
      [
        ['withdraw', 'pending', null],
        ['transferToNew', 'pending', null],
        ['transfer', 'pending', null],
        ['deposit', 'final', 3],
      ],
    );
    await harness.settle();
    const entries = await historyOf(harness.from);
    const created = harness.indexOf(carol);
    const [withdrawn, opened, paid, deposited] = entries as [
      HistoryEntryJson,
      HistoryEntryJson,
      HistoryEntryJson,
      HistoryEntryJson,
    ];
    assert.ok(entries.every(({ status }) => status === 'final'));
    assert.deepEqual(
      [paid.from, paid.to, paid.amount, paid.fee, paid.tokenId],
      [party(harness.from, alice), party(harness.to, bob), '100', '10', 0],
    );
    assert.deepEqual(opened.to, party(created, carol));
    assert.deepEqual([withdrawn.to, withdrawn.withdrawal, withdrawn.batch], [null, 0, paid.batch]);
    assert.deepEqual(
      [deposited.from, deposited.to, deposited.id, deposited.operationId, deposited.amount],
      [null, party(harness.from, alice), null, 2, '1000000'],
    );
    assert.deepEqual(await historyOf(created), [opened]);
    assert.deepEqual((await historyOf(harness.to))[0], paid);
    assert.deepEqual(await historyOf(4_000_000), []);
  });

  it('show what was signed to who asks, which proves who has a nonce', async () => {
    assert.ok((await historyOf(harness.from)).every((entry) => !('signed' in entry)));
    const entries = await historyOf(harness.from, { include: 'signatures' });
    assert.deepEqual(
      entries.map(({ signed }) => signed?.nonce),
      [2, 1, 0, undefined],
    );
    assert.equal(entries.at(-1)!.signed, null);
    const { publicKey } = alice.keyPair;
    const signing = { publicKey, domain: harness.sequencer.domain, hasher: portableHasher };
    const client = createClient({ url: api.url });
    const proven = await createFindOccupants(client, harness.from, signing)(new Set([0, 1, 2, 3]));
    assert.deepEqual(
      [...proven],
      entries.slice(0, 3).map(({ id }, at) => [2 - at, id]),
    );
    // Of another key, or another deployment, they prove nothing.
    for (const other of [{ publicKey: bob.keyPair.publicKey }, { domain: 1n }]) {
      const found = await createFindOccupants(client, harness.from, { ...signing, ...other })(new Set([0, 1, 2]));
      assert.equal(found.size, 0);
    }
  });

  it('come in pages that go on where the last one ended', async () => {
    const all = await historyOf(harness.from);
    const paged: HistoryEntryJson[] = [];
    let before: number | undefined;
    for (let pages = 0; ; pages++) {
      assert.ok(pages < 5);
      const params = { account: harness.from, limit: 2, ...(before === undefined ? {} : { before }) };
      const { entries, next } = await ask<HistoryPageJson>('rollup_getHistory', params);
      paged.push(...entries);
      if (next === null) break;
      assert.equal(entries.length, 2);
      before = next;
    }
    assert.deepEqual(paged, all);
    const tooMany = await rpc(api.url, 'rollup_getHistory', { account: 1, limit: 101 });
    assert.equal(tooMany.body.error?.data?.['reason'], 'INVALID_PARAMS');
  });

  it('tell what became of requests from L1, and why an exit paid nothing', async () => {
    const index = harness.indexOf(carol);
    const paying = await request(() => harness.chain.requestExit(carol.owner, index, 0));
    const again = await request(() => harness.chain.requestExit(carol.owner, index, 0));
    const others = await request(() => harness.chain.requestExit(carol.owner, harness.to, 0));
    const nobody = await request(() => harness.chain.requestExit(carol.owner, 1_000, 0));
    const operation = (operationId: number) =>
      ask<PriorityOperationJson>('rollup_getPriorityOperation', { operationId });
    const pending = await operation(paying);
    assert.deepEqual([pending.status, pending.amount, pending.reason, pending.batch], ['pending', null, null, null]);
    await harness.settle();
    const found = await Promise.all([paying, again, others, nobody].map(operation));
    assert.deepEqual(
      found.map(({ status, amount, reason, account }) => [status, amount, reason, account]),
      [
        ['final', '1000', null, index],
        ['final', '0', 'EXIT_NOTHING_TO_PAY', index],
        ['final', '0', 'EXIT_OTHER_OWNER', harness.to],
        ['final', '0', 'EXIT_NO_ACCOUNT', 1_000],
      ],
    );
    assert.ok(found[0]!.withdrawal !== null && found[1]!.withdrawal === null);
    const own = await ask<PriorityOperationJson[]>('rollup_getPriorityOperations', { owner: addressText(carol.owner) });
    assert.deepEqual(own, found);
    const later = { owner: addressText(carol.owner), after: again };
    assert.deepEqual(await ask('rollup_getPriorityOperations', later), found.slice(2));
    assert.deepEqual(await ask('rollup_getPriorityOperations', { ...later, after: nobody + 1 }), []);
    assert.deepEqual(await ask('rollup_getPriorityOperations', { owner: addressText(dave.owner) }), []);
    const [exit] = await historyOf(index, { limit: 1 });
    assert.deepEqual(
      [exit?.kind, exit?.operationId, exit?.amount, exit?.reason],
      ['forcedExit', again, '0', 'EXIT_NOTHING_TO_PAY'],
    );
    const missing = await rpc(api.url, 'rollup_getPriorityOperation', { operationId: nobody + 1 });
    assert.equal(missing.body.error?.data?.['reason'], 'NOT_FOUND');
  });

  it('tell an owner of as many requests as asked for, though another one has the same key', async () => {
    // Both are found by the same 48 bits of a hash.
    const [own, other] = [0x38da7fn, 0xe3f037n].map((end) => 2n ** 156n + end) as [bigint, bigint];
    assert.equal(ownerKey(own), ownerKey(other));
    const others = [await request(() => harness.chain.requestExit(other, harness.to, 0))];
    others.push(await request(() => harness.chain.requestExit(other, harness.to, 0)));
    const first = await request(() => harness.chain.requestExit(own, harness.to, 0));
    others.push(await request(() => harness.chain.requestExit(other, harness.to, 0)));
    const second = await request(() => harness.chain.requestExit(own, harness.to, 0));
    const idsOf = (owner: bigint, after: number, limit: number) =>
      harness.sequencer.queries.history.priorityOf(owner, after, limit).map(({ logged }) => logged.entry.queueIndex);
    assert.deepEqual(idsOf(own, -1, 1), [first]);
    assert.deepEqual(idsOf(own, first, 1), [second]);
    assert.deepEqual(idsOf(own, -1, 9), [first, second]);
    assert.deepEqual(idsOf(other, -1, 2), others.slice(0, 2));
    assert.deepEqual(idsOf(other, others[1]!, 2), others.slice(2));
    const owner = addressText(own);
    const answered = await ask<PriorityOperationJson[]>('rollup_getPriorityOperations', { owner });
    assert.deepEqual(
      answered.map(({ operationId }) => operationId),
      [first, second],
    );
    await harness.settle();
  });

  it('name the accounts that a dropped transfer meant, not those that have their leaves now', async () => {
    const soon = Math.floor(harness.clock.nowMs() / 1_000) + 100;
    const { nonce } = harness.sequencer.queries.account(harness.from, 'latest')!;
    const dropped = await harness.send(alice, toNew(nonce, dave, { validUntil: soon }));
    const leaf = dropped.to!;
    const back: Intent = {
      kind: 'transfer',
      ...{ from: leaf, to: harness.from, amount: 1n, fee: 10n, nonce: 0, validUntil: 0 },
      receiver: { keyY: alice.keyPair.publicKey.y, owner: alice.owner },
    };
    const fromDropped = await harness.send(dave, back);
    const toDropped = await harness.send(
      bob,
      harness.payment(0, {
        ...{ kind: 'transfer', from: harness.to, to: leaf },
        receiver: { keyY: dave.keyPair.publicKey.y, owner: dave.owner },
      }),
    );
    const pays = await harness.send(bob, { ...harness.payment(1), ...back, from: harness.to, nonce: 1 } as Intent);
    await api.stop();
    await harness.sequencer.stop();
    await harness.clock.advance(3_600_000);
    harness.chain.advanceTime(7_200);
    harness.chain.mine();
    await harness.restart();
    api = await startApi({ sequencer: harness.sequencer, clock: systemClock });
    await harness.settle();
    // Another person's account takes the leaf.
    const erin = createPerson('erin');
    assert.equal(await harness.fund(erin, 0, 5_000n), leaf);
    const [erins, second, third, first] = await historyOf(leaf);
    assert.deepEqual([erins?.kind, erins?.to], ['deposit', party(leaf, erin)]);
    assert.deepEqual(
      [first, second, third].map((entry) => entry?.status),
      ['dropped', 'dropped', 'dropped'],
    );
    const byId = new Map((await historyOf(leaf)).map((entry) => [entry.id, entry]));
    const of = (id: bigint) => byId.get(String(id))!;
    assert.deepEqual(
      [of(dropped.id).from, of(dropped.id).to, of(dropped.id).reason],
      [party(harness.from, alice), party(leaf, dave), 'EXPIRED'],
    );
    assert.deepEqual([of(fromDropped.id).from, of(fromDropped.id).to], [party(leaf, dave), party(harness.from, alice)]);
    assert.deepEqual([of(toDropped.id).from, of(toDropped.id).to], [party(harness.to, bob), party(leaf, dave)]);
    assert.equal(of(toDropped.id).tokenId, 0);
    // Bob's second payment had the nonce after the dropped one.
    const [mine] = await historyOf(harness.from, { limit: 1 });
    assert.deepEqual([mine?.id, mine?.status, mine?.from], [String(pays.id), 'dropped', party(harness.to, bob)]);
    const view = await ask<{ fromOwner: string; tokenId: number }>('rollup_getTransaction', {
      id: String(fromDropped.id),
    });
    assert.deepEqual([view.fromOwner, view.tokenId], [addressText(dave.owner), 0]);
  });

  it('list batches in short, in pages', async () => {
    const page = await ask<{ batches: { number: number }[]; next: number | null }>('rollup_getBatches', { limit: 2 });
    const last = harness.sequencer.status().sealedBatch;
    assert.deepEqual(
      page.batches.map(({ number }) => number),
      [last, last - 1],
    );
    assert.equal(page.next, last - 1);
    const all = await ask<{ batches: Record<string, unknown>[]; next: number | null }>('rollup_getBatches');
    assert.deepEqual([all.batches.length, all.next], [last, null]);
    const [newest] = all.batches;
    assert.deepEqual(
      [
        newest?.['state'],
        newest?.['l1GasUsed'],
        newest?.['chunkCount'],
        newest?.['provenCount'],
        newest?.['priorityCount'],
      ],
      ['final', '1', 1, 1, 1],
    );
    assert.deepEqual(await ask('rollup_getBatches', { before: 2, limit: 100 }), {
      batches: all.batches.slice(-1),
      next: null,
    });
    assert.deepEqual(await ask('rollup_getBatches', { before: 1 }), { batches: [], next: null });
  });

  it('say in mode zk that nothing waits on L1, and count what happened', async () => {
    assert.deepEqual(await ask('rollup_getAssertions'), []);
    const { intervalMs, points } = await ask<StatisticsJson>('rollup_getStatistics');
    const sum = (name: 'sealedCount' | 'acceptedCount') => points.reduce((total, point) => total + point[name], 0);
    assert.equal(intervalMs, 10_000);
    assert.deepEqual([sum('acceptedCount'), sum('sealedCount')], [0, 0], 'of this start');
    await harness.send(bob, {
      kind: 'transfer',
      ...{ from: harness.to, to: harness.from, amount: 1n, fee: 10n, nonce: 0, validUntil: 0 },
      receiver: { keyY: alice.keyPair.publicKey.y, owner: alice.owner },
    });
    await harness.settle();
    const after = (await ask<StatisticsJson>('rollup_getStatistics')).points;
    const [busy] = after.filter(({ sealedCount }) => sealedCount > 0);
    assert.deepEqual(
      [busy?.fees, after.reduce((total, { finalCount }) => total + finalCount, 0)],
      [[{ tokenId: 0, amount: '10' }], 1],
    );
    const spent = after.filter(({ gasUsed }) => gasUsed !== '0');
    assert.ok(spent.length > 0);
    assert.ok(spent.every(({ gasUsed, gasCost }) => BigInt(gasCost) === 3n * BigInt(gasUsed)));
  });
});

/** A sequencer's database made anew from L1, in every mode; and one that was restored from an old copy. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PROFILES } from '@quittance/protocol';
import { type SequencerSettings, startApi } from '../../sequencer/index.ts';
import { rederiveBatch } from '../../sequencer/start/rederive.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { createPerson, type Person } from '../support/rollup/person.ts';
import { TERMS } from '../support/sequencer/fake-assertions.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { contentOf, copyDatabase, l1Of, recoverInto, startFrom } from '../support/sequencer/recovering.ts';

const carol = createPerson('carol');
const receiverOf = ({ keyPair, owner }: Person) => ({ keyY: keyPair.publicKey.y, owner });

import { rpc } from '../support/sequencer/rpc.ts';

describe('Sequencer: recovery from L1', function () {
  this.timeout(60_000);
  let harness: PayerHarness;
  const fileOf = (name: string) => join(harness.directory, `${name}.db`);
  const look = <T>(file: string, use: (storage: Storage) => T): T => {
    const storage = openStorage({ file });
    try {
      return use(storage);
    } finally {
      storage.close();
    }
  };
  const lastBatch = () => harness.storage.batches.last()!.number;
  const pass = (seconds: number) => {
    harness.chain.advanceTime(seconds);
    harness.chain.mine(1);
  };
  /** Seals, and waits until all is on L1, and final if it can be. */
  const settle = async () => {
    await harness.sequencer.sealNow();
    await harness.until(() => harness.sequencer.status().postedBatch === lastBatch(), 'posted');
    if (harness.sequencer.config.mode !== 'zk') pass(TERMS.challengePeriodSeconds + 10);
    await harness.until(() => harness.sequencer.status().finalBatch === lastBatch(), 'final');
  };
  /** A payment, a new account, a withdrawal and a forced exit, in batches of their own. */
  const live = async () => {
    await harness.send(alice, harness.payment(0));
    await harness.send(alice, {
      ...{ kind: 'transferToNew', from: harness.from, amount: 50n, fee: 10n, nonce: 1, validUntil: 0 },
      receiver: receiverOf(carol),
    });
    await settle();
    const account = { owner: alice.owner, tokenId: 0 };
    await harness.send(alice, {
      ...{ kind: 'withdraw', account, from: harness.from, amount: 20n, fee: 10n, nonce: 2, validUntil: 0 },
    });
    harness.chain.requestExit(carol.owner, harness.indexOf(carol), 0);
    await harness.sequencer.pollL1();
    await settle();
  };
  /** Executes every batch of a database again, as what follows a deep reorg does. */
  const executeAll = async (file: string) => {
    const storage = openStorage({ file });
    const { engine } = fastCrypto();
    const { chainId, contract, genesis } = harness.chain;
    let parent = genesis;
    const state = engine.restore(new Uint8Array(), genesis.stateRoot);
    for (const batch of storage.batches.range(1, Number.MAX_SAFE_INTEGER)) {
      const how = { traces: false, checksIds: false, profile: PROFILES.quick, deployment: { chainId, contract } };
      await rederiveBatch({ storage, engine, state, parent, batch, ...how });
      parent = batch.header;
    }
    storage.close();
  };
  const open = async (settings: Partial<SequencerSettings> = {}, blobsAllowed = false) => {
    harness = await createPayerHarness({ blobsAllowed });
    await harness.restart(settings);
  };
  afterEach(() => harness.close());

  for (const [what, settings, blobsAllowed, unlisted] of [
    ['proven in calldata', {}, false, 3],
    ['proven in blobs', { data: 'blobs' }, true, 3],
    ['asserted in calldata', { mode: 'optimistic' }, false, 0],
    ['asserted in blobs', { mode: 'optimistic', data: 'blobs' }, true, 0],
  ] as const) {
    it(`has everything as it was of batches ${what}, and goes on`, async () => {
      await open(settings, blobsAllowed);
      await live();
      const expected = contentOf(harness.storage);
      const file = fileOf('anew');
      const report = await recoverInto(harness, file);
      assert.deepEqual(look(file, contentOf), expected);
      const last = lastBatch();
      assert.deepEqual(
        [report.adopted, report.finalBatch, report.transfers, report.unlisted, report.open],
        [{ first: 1, last }, last, 3, unlisted, 0],
      );
      await executeAll(file);
      await startFrom(harness, file, settings);
      await harness.send(alice, harness.payment(3));
      await settle();
      assert.deepEqual([harness.sequencer.status().halted, lastBatch()], [undefined, last + 1]);
      await harness.restart(settings);
      assert.equal(harness.sequencer.status().finalBatch, last + 1);
    });
  }

  it('posts again what L1 took back, but for what was proven and lost its proof: L1 has no signatures of it', async () => {
    await open();
    const { number: before } = await harness.chain.head();
    await harness.send(alice, harness.payment(0));
    await settle();
    const file = fileOf('anew');
    await recoverInto(harness, file);
    await startFrom(harness, file);
    const takeBack = async () => harness.chain.reorg((await harness.chain.head()).number - before);
    const isPosted = () => harness.chain.posted.at(-1)!.number === lastBatch();
    await takeBack();
    await harness.until(isPosted, 'the batch on L1');
    await harness.sequencer.stop();
    harness.storage.commit(() => harness.storage.proofs.remove(lastBatch(), 0));
    await harness.restart({});
    await takeBack();
    await harness.until(() => harness.sequencer.status().trouble?.code === 'PROVING_FAILED', 'the trouble');
    assert.match(harness.sequencer.status().trouble!.message, /took back batch \d+.*made anew.*signatures/);
    assert.deepEqual([isPosted(), harness.sequencer.status().halted], [false, undefined]);
  });

  it('knows asserted transfers by their ids, and answers who sends one again as before', async () => {
    await open({ mode: 'optimistic' });
    const first = await harness.send(alice, harness.payment(0));
    await settle();
    const file = fileOf('anew');
    await recoverInto(harness, file);
    await startFrom(harness, file, { mode: 'optimistic' });
    const again = await harness.send(alice, harness.payment(0));
    assert.deepEqual([again.id, again.status], [first.id, 'final']);
  });

  it('refuses a transfer that was proven when it comes again, and takes one that never was in a batch', async () => {
    await open();
    await harness.send(alice, harness.payment(0));
    await settle();
    await harness.send(alice, harness.payment(1));
    const file = fileOf('anew');
    await recoverInto(harness, file);
    await startFrom(harness, file);
    await assert.rejects(harness.send(alice, harness.payment(0)), { code: 'NONCE_USED' });
    assert.equal((await harness.send(alice, harness.payment(1))).status, 'pending');
  });

  it('says which transfers nobody can find by their id, and that this is all it says', async () => {
    await open();
    const { id } = await harness.send(alice, harness.payment(0));
    await settle();
    const last = lastBatch();
    const file = fileOf('anew');
    await recoverInto(harness, file);
    await startFrom(harness, file);
    const api = await startApi({ sequencer: harness.sequencer, clock: harness.clock });
    try {
      const ask = async (method: string, params: unknown) => (await rpc(api.url, method, params)).body;
      assert.equal(((await ask('rollup_syncStatus', {})).result as { unlistedThrough: number }).unlistedThrough, last);
      const { error } = await ask('rollup_getTransaction', { id: String(id) });
      assert.match(error!.message, new RegExp(`in one of the batches up to ${last} all the same`));
      const history = (await ask('rollup_getHistory', { account: harness.from })).result as {
        entries: { kind: string }[];
      };
      assert.deepEqual(
        history.entries.map(({ kind }) => kind),
        ['deposit'],
      );
      const batch = (await ask('rollup_getBatch', { batch: last })).result as {
        transferCount: number;
        transfers: string[];
      };
      assert.deepEqual([batch.transferCount, batch.transfers], [1, []]);
    } finally {
      await api.stop();
    }
  });

  it('has what waits on L1, with its signatures, and sees it become final', async () => {
    await open({ mode: 'optimistic' });
    await harness.send(alice, harness.payment(0));
    await settle();
    await harness.send(alice, harness.payment(1));
    await harness.sequencer.sealNow();
    await harness.until(() => harness.sequencer.status().postedBatch === lastBatch(), 'posted');
    const expected = contentOf(harness.storage);
    const file = fileOf('anew');
    const report = await recoverInto(harness, file);
    assert.deepEqual([report.batch, report.finalBatch], [lastBatch(), lastBatch() - 1]);
    assert.deepEqual(look(file, contentOf), expected);
    await startFrom(harness, file, { mode: 'optimistic' });
    pass(TERMS.challengePeriodSeconds + 10);
    await harness.until(() => harness.sequencer.status().finalBatch === lastBatch(), 'final');
  });

  it('goes on behind the last batch that was written when it was ended in the middle', async () => {
    await open();
    await live();
    const file = fileOf('anew');
    const abort = new AbortController();
    const onProgress = (batch: number) => batch === 3 && abort.abort(new Error('enough'));
    await assert.rejects(recoverInto(harness, file, { signal: abort.signal, onProgress }), /enough/);
    assert.equal(
      look(file, ({ batches }) => batches.last()!.number),
      3,
    );
    const report = await recoverInto(harness, file);
    assert.deepEqual(report.adopted, { first: 4, last: lastBatch() });
    assert.deepEqual(look(file, contentOf), contentOf(harness.storage));
    assert.equal((await recoverInto(harness, file)).adopted, undefined);
  });

  for (const [what, settings] of [
    ['proven', {}],
    ['asserted', { mode: 'optimistic' }],
  ] as const) {
    it(`brings a backup up to what was ${what} since, and keeps what it knew`, async () => {
      await open(settings);
      await harness.send(alice, harness.payment(0));
      await settle();
      // In the backup: one that is executed later, and one that never is.
      const { sequence } = await harness.send(alice, harness.payment(1));
      copyDatabase(harness.file, fileOf('backup'));
      await settle();
      await harness.send(alice, harness.payment(2));
      await settle();
      await harness.send(alice, harness.payment(3));
      const expected = contentOf(harness.storage);
      const last = lastBatch();
      await startFrom(harness, fileOf('backup'), settings);
      assert.match(harness.sequencer.status().halted!.message, /quittance sequencer recover/);
      await harness.sequencer.stop();
      harness.storage.close();
      const report = await recoverInto(harness, harness.file);
      assert.deepEqual([report.adopted, report.unlisted], [{ first: last - 1, last }, what === 'proven' ? 1 : 0]);
      await harness.reopen(settings);
      assert.deepEqual(contentOf(harness.storage), expected);
      assert.deepEqual(harness.storage.outcomes.placementOf(sequence)?.batch, last - 1);
      assert.equal((await harness.send(alice, harness.payment(3))).status, 'pending');
      await settle();
      assert.equal(lastBatch(), last + 1);
    });
  }

  it('says which requests L1 left out, and writes nothing of the batch', async () => {
    await open();
    const { reader } = l1Of(harness);
    const priorityRequests: typeof reader.priorityRequests = async (from, to) =>
      (await reader.priorityRequests(from, to)).filter(({ queueIndex }) => queueIndex !== 1);
    const file = fileOf('anew');
    await assert.rejects(recoverInto(harness, file, { reader: { ...reader, priorityRequests } }), {
      code: 'L1_LOGS_INCOMPLETE',
      message: /priority operation 1/,
    });
    assert.equal(
      look(file, ({ batches }) => batches.last()?.number),
      1,
    );
  });
});

/** Recovery where the database and L1 say different things, or somebody lies. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import {
  createPortableVerifier,
  headerHash,
  headerOf,
  NOOP,
  nextCommitment,
  packOperation,
  portableHasher,
} from '@quittance/protocol';
import { type LogEntry, openStorage, type Storage, type TransferEntry } from '../../storage/index.ts';
import { emptyBatch } from '../support/sequencer/empty-batch.ts';
import { STRANGER, TERMS } from '../support/sequencer/fake-assertions.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { copyDatabase, l1Of, recoverInto, startFrom } from '../support/sequencer/recovering.ts';

const crypto = { hasher: portableHasher, verifier: createPortableVerifier(portableHasher) };

describe('Sequencer: recovery of a database that L1 contradicts', function () {
  this.timeout(60_000);
  let harness: PayerHarness;
  let file: string;
  const lastBatch = () => harness.storage.batches.last()!.number;
  const change = <T>(use: (storage: Storage) => T): T => {
    const storage = openStorage({ file });
    try {
      return use(storage);
    } finally {
      storage.close();
    }
  };
  /** All but the last batches of L1. */
  const recoverUpTo = async (last: number) => {
    const abort = new AbortController();
    const onProgress = (batch: number) => batch === last && abort.abort(new Error('enough'));
    await assert.rejects(recoverInto(harness, file, { signal: abort.signal, onProgress }), /enough/);
  };
  const append = (...entries: LogEntry[]) =>
    change((storage) => storage.commit(() => storage.log.append(entries, harness.clock.nowMs())));
  const entryOf = (sequence: number) => harness.storage.log.get(sequence)!.entry as TransferEntry;
  /** An acknowledged transfer that no batch of L1 has. */
  const neverExecuted = (nonce: number): TransferEntry => {
    const entry = entryOf(
      [...harness.storage.log.range(1)].find(({ entry: { type } }) => type === 'transfer')!.sequence,
    );
    return { ...entry, id: BigInt(nonce), nonce, packed: packOperation(entry.operation) };
  };
  const pass = (seconds: number) => {
    harness.chain.advanceTime(seconds);
    harness.chain.mine(1);
  };

  beforeEach(async () => {
    harness = await createPayerHarness();
    file = join(harness.directory, 'other.db');
  });
  afterEach(() => harness.close());

  const settleAsserted = async () => {
    await harness.sequencer.sealNow();
    await harness.until(() => harness.sequencer.status().postedBatch === lastBatch(), 'posted');
    pass(TERMS.challengePeriodSeconds + 10);
    await harness.until(() => harness.sequencer.status().finalBatch === lastBatch(), 'final');
  };
  const pay = async (nonce: number): Promise<number> => (await harness.send(alice, harness.payment(nonce))).sequence;

  it('is RECOVERY_CONFLICT where a deposit went to another account', async () => {
    await recoverUpTo(lastBatch() - 1);
    const row = harness.storage.priority.get(harness.storage.priority.count() - 1)!;
    const entry = harness.storage.log.get(row.sequence)!.entry;
    assert.ok(entry.type === 'priority');
    const fields = { ...entry.operation.fields, to: 77 };
    change((storage) =>
      storage.commit(() => {
        const sequence = storage.log.append([{ ...entry, operation: { ...entry.operation, fields } }], 1);
        storage.priority.insert({ ...row, sequence });
      }),
    );
    await assert.rejects(recoverInto(harness, file), { code: 'RECOVERY_CONFLICT', message: /Name a new file/ });
    assert.equal(
      change(({ batches }) => batches.last()!.number),
      lastBatch() - 1,
    );
  });

  it('is RECOVERY_CONFLICT where a request of the queue was another one', async () => {
    const { reader } = l1Of(harness);
    const priorityRequests: typeof reader.priorityRequests = async (from, to) =>
      (await reader.priorityRequests(from, to)).map((request) => ({
        ...request,
        words: [request.words[0]!, request.words[1]!, request.words[2]! + 1n] as const,
      }));
    await assert.rejects(recoverInto(harness, file, { reader: { ...reader, priorityRequests } }), {
      code: 'RECOVERY_CONFLICT',
    });
  });

  it('is RECOVERY_CONFLICT where the log has the same transfers in another order', async () => {
    await harness.restart({ mode: 'optimistic' });
    const sequences = [await pay(0), await pay(1)];
    await settleAsserted();
    await recoverUpTo(lastBatch() - 1);
    append(...sequences.toReversed().map(entryOf));
    await assert.rejects(recoverInto(harness, file), { code: 'RECOVERY_CONFLICT', message: /order/ });
  });

  it('is RECOVERY_CONFLICT where a batch was final that L1 has another one of', async () => {
    await recoverInto(harness, file);
    const { reader } = l1Of(harness);
    const last = lastBatch();
    const other: typeof reader.headerHash = async (number) =>
      number === last ? `0x${'12'.repeat(32)}` : reader.headerHash(number);
    await assert.rejects(recoverInto(harness, file, { reader: { ...reader, headerHash: other } }), {
      code: 'RECOVERY_CONFLICT',
      message: /which was final/,
    });
  });

  it('drops what L1 went on without, tells its sender so, and takes back a drop of what L1 executed', async () => {
    await harness.restart({ mode: 'optimistic' });
    const executed = await pay(0);
    await settleAsserted();
    await recoverUpTo(lastBatch() - 1);
    append(neverExecuted(8), entryOf(executed), neverExecuted(9));
    const [first, second, third] = change(({ log }) => [-2, -1, 0].map((back) => log.head().sequence + back)) as [
      number,
      number,
      number,
    ];
    change((storage) =>
      storage.commit(() =>
        storage.outcomes.insertDrop({
          ...{ sequence: second, batch: lastBatch(), code: 'EXPIRED', message: 'too late' },
          ...{ expected: undefined, actual: undefined },
        }),
      ),
    );
    const report = await recoverInto(harness, file);
    assert.deepEqual([report.dropped, report.open, report.unlisted], [1, 1, 0]);
    await startFrom(harness, file, { mode: 'optimistic' });
    const { outcomes, log } = harness.storage;
    assert.match(outcomes.dropOf(first)!.message, /L1 went on/);
    assert.deepEqual([outcomes.dropOf(second), outcomes.placementOf(second)!.batch], [undefined, lastBatch()]);
    assert.equal(outcomes.dropOf(third), undefined);
    const seal = log.lastSeal()!.entry;
    assert.ok(seal.type === 'seal');
    assert.deepEqual([seal.drops?.map(({ sequence }) => sequence), seal.fromL1], [[first], { unlisted: 0 }]);
    // The one that is left has a nonce that is too high, so the next batch goes on without it.
    await harness.sequencer.sealNow();
    assert.equal(outcomes.dropOf(third)!.code, 'NONCE_GAP');
  });

  it('opens a batch again that was sealed here, and that L1 has another one in place of', async () => {
    harness.prover.hold();
    const sequence = await pay(0);
    await harness.sequencer.sealNow();
    copyDatabase(harness.file, file);
    const number = lastBatch();
    const { headerHash: sealed } = harness.storage.batches.get(number)!;
    await harness.sequencer.stop();
    harness.storage.close();
    // Too old by now, it is sealed again.
    pass(86_401);
    await harness.clock.advance(86_401_000);
    harness.prover.release();
    await harness.reopen();
    await harness.settle();
    assert.notEqual(harness.storage.batches.get(number)!.headerHash, sealed);
    const report = await recoverInto(harness, file);
    assert.deepEqual(
      [report.opened, report.adopted],
      [
        { first: number, last: number },
        { first: number, last: number },
      ],
    );
    assert.equal(
      change(({ outcomes }) => outcomes.placementOf(sequence)!.batch),
      number,
    );
    await startFrom(harness, file);
    assert.equal(harness.sequencer.status().halted, undefined);
  });

  it('takes a node that gives another batch than L1 took for a liar, and writes nothing of it', async () => {
    await pay(0);
    await harness.settle();
    const last = lastBatch();
    const { reader } = l1Of(harness);
    const batchData: typeof reader.batchData = async (hash) => {
      const data = await reader.batchData(hash);
      return data.number === last ? { ...data, roots: [...data.roots.slice(0, -1), 5n] } : data;
    };
    await assert.rejects(recoverInto(harness, file, { reader: { ...reader, batchData } }), { code: 'L1_INCONSISTENT' });
    assert.equal(
      change(({ batches }) => batches.last()!.number),
      last - 1,
    );
    assert.equal((await recoverInto(harness, file)).batch, last);
  });

  it('says which final batch L1 left out', async () => {
    const { reader } = l1Of(harness);
    const finalizedBatches: typeof reader.finalizedBatches = async (from, to) =>
      (await reader.finalizedBatches(from, to)).filter(({ header }) => header.number !== 2);
    await assert.rejects(recoverInto(harness, file, { reader: { ...reader, finalizedBatches } }), {
      code: 'L1_LOGS_INCOMPLETE',
      message: /final batch 2/,
    });
  });

  it('is LIE_FINAL where L1 made final what the rules do not give, and stands before it', async () => {
    const { reader } = l1Of(harness);
    const last = lastBatch();
    const lieOf = (data: Awaited<ReturnType<typeof reader.batchData>>) =>
      data.number === last ? { ...data, roots: [...data.roots.slice(0, -1), 5n] } : data;
    const lied = lieOf(harness.chain.submissions.find(({ number }) => number === last)!);
    const header = headerOf(lied.parent, lied);
    const lie = { header, headerHash: headerHash(header) };
    const lying: typeof reader = {
      ...reader,
      batchData: async (hash) => lieOf(await reader.batchData(hash)),
      finalizedBatches: async (from, to) =>
        (await reader.finalizedBatches(from, to)).map((batch) =>
          batch.header.number === last ? { ...batch, ...lie } : batch,
        ),
    };
    await assert.rejects(recoverInto(harness, file, { reader: lying }), { code: 'LIE_FINAL' });
    assert.equal(
      change(({ batches }) => batches.last()!.number),
      last - 1,
    );
  });

  describe('what waits', () => {
    const empty = () => {
      const batch = emptyBatch(harness.chain.posted.at(-1)!);
      const commitments = [Array.from({ length: 16 }).reduce<bigint>((c) => nextCommitment(crypto, c, NOOP), 0n)];
      return { ...batch, commitments };
    };
    for (const [what, batch, takes] of [
      ['takes a right batch of another producer', () => empty(), true],
      ['leaves out one with a false root', () => ({ ...empty(), roots: [empty().roots[0]!, 5n] }), false],
      ['leaves out one with commitments that cannot be proven', () => ({ ...empty(), commitments: [7n] }), false],
    ] as const) {
      it(what, async () => {
        await harness.assertions.assertAs(STRANGER, batch());
        const final = lastBatch();
        const report = await recoverInto(harness, file);
        assert.deepEqual([report.batch, report.finalBatch], [final + (takes ? 1 : 0), final]);
        assert.equal(
          change(({ batches }) => batches.last()!.state),
          takes ? 'posted' : 'final',
        );
        // The state is that of the last batch, whatever was looked at.
        assert.equal((await recoverInto(harness, file)).stateRoot, report.stateRoot);
      });
    }
  });
});

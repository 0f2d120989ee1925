import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RollupError } from '@quittance/protocol';
import { createJournalLogWriter, type JournalLogWriter } from '../../sequencer/node/journal-writer.ts';
import { type LeaseTerm, openStorage, type Storage } from '../../storage/index.ts';
import { assertRejects } from '../support/assertions.ts';
import { type AppendFault, createMemoryJournal, type MemoryJournal } from '../support/journal/memory.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { transferEntry } from '../support/storage/log-entries.ts';

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('Sequencer: the writer of a journal', () => {
  let directory: string;
  let storage: Storage;
  let journal: MemoryJournal;
  let term: LeaseTerm;
  let writer: JournalLogWriter;
  let lost: RollupError[];
  let over: RollupError | undefined;
  let written: string[];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'quittance-writer-'));
    storage = openStorage({ file: join(directory, 'a.db') });
    journal = createMemoryJournal({ clock: createManualClock() });
    const own = journal.open({ name: 'a' });
    term = (await own.lease.acquire())!;
    [lost, over, written] = [[], undefined, []];
    const ended = (): RollupError | undefined => over;
    const onLost = (error: RollupError): void => void lost.push(error);
    writer = createJournalLogWriter({ storage, journal: own, term: { epoch: term.epoch, ended }, onLost });
  });
  afterEach(() => {
    storage.close();
    rmSync(directory, { recursive: true, force: true });
  });

  let ids = 0n;
  /** Appends one transfer, noting what happens. */
  const append = (name: string, count = 1): Promise<void> => {
    const entries = Array.from({ length: count }, () => transferEntry(++ids));
    const appending = writer.append({
      ...{ entries, receivedMs: 1_000 },
      also: () => void written.push(`also ${name}`),
      onCommitted: () => void written.push(`committed ${name}`),
    });
    assert.ok(appending !== undefined);
    appending.then(
      () => written.push(`done ${name}`),
      (error: RollupError) => written.push(`${error.code} ${name}`),
    );
    return appending;
  };
  const head = () => storage.log.head().sequence;

  it('gives sequences at once, and commits what the journal has, with what belongs to it, before anybody hears of it', async () => {
    const release = journal.hold();
    assert.equal(writer.next, 1);
    assert.equal(writer.settled(), undefined);
    const first = append('one', 3);
    const second = append('two');
    assert.equal(writer.next, 5);
    assert.deepEqual([head(), written], [0, []]);
    let settled = false;
    void writer.settled()!.then(() => {
      settled = true;
    });
    await settle();
    assert.equal(settled, false);
    release();
    await Promise.all([first, second]);
    await settle();
    assert.ok(settled);
    assert.equal(writer.settled(), undefined);
    const names = ['one', 'two'];
    assert.deepEqual(
      written.filter((what) => !what.startsWith('done')),
      names.flatMap((name) => [`also ${name}`, `committed ${name}`]),
    );
    assert.equal(head(), 4);
    assert.deepEqual(storage.log.head().chain, journal.stored.at(-1)!.chain);
    assert.deepEqual(
      journal.stored.map(({ first: from, last, epoch }) => [from, last, epoch]),
      [
        [1, 3, term.epoch],
        [4, 4, term.epoch],
      ],
    );
  });

  it('has at most four segments on their way; more wait in their order, and whoever asks waits for room', async () => {
    const release = journal.hold();
    const appending = ['one', 'two', 'three'].map((name) => append(name));
    assert.equal(writer.ready(), undefined);
    appending.push(append('four'));
    let isReady = false;
    void writer.ready()!.then(() => {
      isReady = true;
    });
    appending.push(append('five'), append('six'));
    await settle();
    assert.equal(isReady, false);
    release();
    await Promise.all(appending);
    await settle();
    assert.ok(isReady);
    assert.equal(writer.ready(), undefined);
    assert.deepEqual(
      journal.stored.map(({ first }) => first),
      [1, 2, 3, 4, 5, 6],
    );
    assert.equal(head(), 6);
  });

  it('commits a group that is longer than a segment once the journal has all of it', async () => {
    journal.fail(undefined, 'unavailable');
    await assertRejects(append('long', 4_097), 'JOURNAL_UNAVAILABLE');
    assert.deepEqual([journal.stored.length, head()], [1, 0]);
  });

  it('takes a long group whole', async () => {
    await append('long', 4_097);
    assert.deepEqual(
      journal.stored.map(({ first, last }) => [first, last]),
      [
        [1, 4_096],
        [4_097, 4_097],
      ],
    );
    assert.equal(head(), 4_097);
    assert.deepEqual(written, ['also long', 'committed long', 'done long']);
  });

  it('commits what has no entries behind what is on its way', async () => {
    const release = journal.hold();
    const before = append('entries');
    const none = append('none', 0);
    await settle();
    assert.equal(written.length, 0);
    release();
    await Promise.all([before, none]);
    assert.deepEqual(
      written.filter((what) => what.startsWith('also')),
      ['also entries', 'also none'],
    );
    assert.equal(journal.stored.length, 1);
    await append('alone', 0);
    assert.equal(head(), 1);
  });

  for (const fault of ['unavailable', 'lost', 'fenced'] satisfies AppendFault[]) {
    for (let at = 0; at < 6; at++) {
      it(`loses all from append ${at} on when that is ${fault}, and nothing before it`, async () => {
        journal.fail(...Array.from({ length: at }, () => undefined), fault);
        const code = fault === 'fenced' ? 'NOT_LEADER' : 'JOURNAL_UNAVAILABLE';
        const release = journal.hold();
        const outcomes = Promise.allSettled(Array.from({ length: 6 }, (_, index) => append(String(index))));
        release();
        const kinds = (await outcomes).map((one) => (one.status === 'fulfilled' ? 'done' : one.reason.code));
        assert.deepEqual(
          kinds,
          Array.from({ length: 6 }, (_, index) => (index < at ? 'done' : code)),
        );
        await settle();
        assert.deepEqual([lost.map((error) => error.code), head()], [[code], at]);
        assert.equal(journal.stored.length, fault === 'lost' ? at + 1 : at);
        // Nothing comes after it, and nobody waits for it.
        await assertRejects(append('later'), code);
        await assertRejects(writer.settled()!, code);
        assert.equal(writer.ready(), undefined);
        assert.equal(journal.stored.length, fault === 'lost' ? at + 1 : at);
      });
    }
  }

  it('acknowledges nothing that the journal took when the term was over by then', async () => {
    const release = journal.hold();
    const appending = append('late');
    await settle();
    over = new RollupError('NOT_LEADER', 'the term is over', { epoch: 1 });
    release();
    await assertRejects(appending, 'NOT_LEADER');
    assert.deepEqual([journal.stored.length, head(), written], [1, 0, ['NOT_LEADER late']]);
  });

  it('sends nothing when the term is over', async () => {
    over = new RollupError('NOT_LEADER', 'the term is over', { epoch: 1 });
    await assertRejects(append('late'), 'NOT_LEADER');
    assert.deepEqual([journal.stored.length, lost.length], [0, 1]);
  });

  it('is lost when the database fails, though the journal has it', async () => {
    const appending = writer.append({
      ...{ entries: [transferEntry(++ids)], receivedMs: 1 },
      also() {
        throw new RollupError('DISK_FULL', 'the disk is full', { file: 'a.db' });
      },
    });
    await assertRejects(appending!, 'DISK_FULL');
    assert.deepEqual([lost.map(({ code }) => code), head(), journal.stored.length], [['DISK_FULL'], 0, 1]);
  });

  it('can be ended from outside while four are on their way, and whoever waits for room goes on', async () => {
    const release = journal.hold();
    const appending = Array.from({ length: 5 }, (_, index) => append(String(index)));
    const ready = writer.ready()!;
    const settling = writer.settled()!;
    writer.lose(new RollupError('NOT_LEADER', 'another leads', { epoch: 1 }));
    await Promise.all([...appending, settling].map((one) => assertRejects(one, 'NOT_LEADER')));
    await ready;
    release();
    await settle();
    assert.deepEqual([lost.length, head()], [1, 0]);
    assert.deepEqual(new Set((written as string[]).map((what) => what.split(' ')[0])), new Set(['NOT_LEADER']));
  });
});

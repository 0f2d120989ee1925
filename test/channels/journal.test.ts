/** The journal of payments in the store of channels: each step is there after a restart, and nothing else is. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type OpenChannelStore, openChannelStore } from '../../channels/index.ts';
import { createGroup } from '../../channels/store/group.ts';
import { createStoredJournal } from '../../channels/store/payment-journal.ts';
import { CHANNEL_MIGRATIONS } from '../../channels/store/schema.ts';
import { CHANNELS } from '../../channels/store/store.ts';
import { viewChannelStore } from '../../channels/store/view.ts';
import { encodeChannelJson } from '../../packages/sdk/channels/index.ts';
import { decodeEntry, type Entry, encodeEntry, type Step } from '../../packages/sdk/channels/router/entry.ts';
import { createMetaRepository, createTable, type Database, openWitnessed } from '../../storage/index.ts';
import { assertCode, assertRejects } from '../support/assertions.ts';
import { keysOf, recordOf } from '../support/channels/pair.ts';
import { DISK_FAILURES, failCommits } from '../support/channels/store-disk.ts';

const bytes = (byte: string, count: number): string => `0x${byte.repeat(count)}`;
const MOST_AMOUNT = 2n ** 128n - 1n;
const FIELD = { id: '1'.repeat(70), transfer: { nonce: 3, amount: '5', fee: '1' } } as never;
const payment = {
  ...{ hash: bytes('aa', 32), vault: bytes('bb', 20), amount: MOST_AMOUNT, expiry: 2 ** 40 - 1, invoice: 'tea, 茶' },
  onward: [{ to: bytes('cc', 20), amount: 1n, expiry: 9 }],
};

const STEPS: Readonly<Record<string, Step>> = {
  open: { type: 'open' },
  'on its way in a channel': { type: 'channel', payment, fee: 7n },
  'in doubt': { type: 'channel', payment, fee: 7n, doubt: 'UNCERTAIN' },
  'on its way on the rollup': { type: 'rollup', signed: FIELD },
  'paid in a channel': {
    type: 'paid',
    paid: { way: 'channel', secret: bytes('dd', 32), fee: MOST_AMOUNT, guarantee: 'BOTH_SIGNED' },
  },
  'paid on the rollup': { type: 'paid', paid: { way: 'rollup', id: '12', fee: 0n, guarantee: 'FINAL_ON_L1' } },
};
const entryOf = (step: Step): Entry => ({ order: { receiver: 7, invoice: 'i', amount: 5n, tokenId: 0 }, step });

describe('the journal of payments in the store of channels', () => {
  let folder: string;
  let store: OpenChannelStore | undefined;
  const options = () => ({ file: join(folder, 'channels.db'), chainId: 1n, channels: bytes('c1', 20) });
  const open = (): OpenChannelStore => {
    store?.close();
    store = openChannelStore(options());
    return store;
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-journal-'));
  });
  afterEach(() => {
    store?.close();
    store = undefined;
    rmSync(folder, { recursive: true });
  });

  for (const [title, step] of Object.entries(STEPS)) {
    it(`gives a payment back that is ${title}`, async () => {
      await open().journal.put('order 7', encodeEntry(entryOf(step)));
      const text = await open().journal.load('order 7');
      const { order, step: found } = decodeEntry('order 7', text!);
      assert.deepEqual([order, found], [entryOf(step).order, step]);
    });
  }

  it('has the newest of each key, and nothing of others', async () => {
    const { journal } = open();
    for (const [key, text] of [
      ['a', 'first'],
      ['b', 'second'],
      ['a', 'third'],
    ] as const) {
      await journal.put(key, text);
    }
    const again = open().journal;
    assert.deepEqual(await Promise.all(['a', 'b', 'A', 'a ', ''].map((key) => again.load(key))), [
      ...['third', 'second', undefined, undefined, undefined],
    ]);
  });

  it('tells keys apart that are one in UTF-8, and those with quotes, backslashes and zeros', async () => {
    const keys = [
      '\ud800',
      '\ud801',
      '\ufffd',
      '\\ud800',
      '"',
      '\\"',
      '\0',
      '',
      '\0\0',
      'é',
      'e\u0301',
      '茶'.repeat(128),
    ];
    const { journal } = open();
    for (const [place, key] of keys.entries()) await journal.put(key, `${place}`);
    const again = open().journal;
    for (const [place, key] of keys.entries()) assert.equal(await again.load(key), `${place}`, JSON.stringify(key));
  });

  it('goes with what else is written in the same moment, and takes nothing back with what fails', async () => {
    const { journal, addInvoice } = open();
    const invoice = { hash: bytes('aa', 32), secret: bytes('bb', 32), tokenId: 0, amount: 3n, memo: '', expiresAt: 9 };
    await addInvoice(invoice);
    const both = [journal.put('a', 'one'), addInvoice(invoice), journal.put('b', 'two')];
    const [first, second, third] = await Promise.allSettled(both);
    assert.deepEqual([first!.status, second!.status, third!.status], ['fulfilled', 'rejected', 'fulfilled']);
    const again = open().journal;
    assert.deepEqual([await again.load('a'), await again.load('b')], ['one', 'two']);
  });

  for (const failure of DISK_FAILURES) {
    it(`says ${failure} of what is not on disk, and has what was there before`, async () => {
      const { journal } = open();
      await journal.put('a', 'before');
      const failing = failCommits(0, failure);
      await assertRejects(journal.put('a', 'after'), failure).finally(failing.mend);
      assert.equal(await journal.load('a'), 'before');
      assert.equal(await open().journal.load('a'), 'before');
      await store!.journal.put('a', 'mended');
      assert.equal(await open().journal.load('a'), 'mended');
    });
  }

  it('says DISK_FULL when the file cannot grow', async () => {
    const { journal } = open();
    await journal.put('a', 'before');
    const { transaction } = Sqlite.prototype;
    Sqlite.prototype.transaction = function (this: Sqlite.Database, change: () => unknown) {
      this.pragma('max_page_count = 1'); // SQLite makes that as many as there are
      return transaction.call(this, change);
    } as typeof transaction;
    await assertRejects(journal.put('a', 'x'.repeat(1 << 20)), 'DISK_FULL').finally(() => {
      Sqlite.prototype.transaction = transaction;
    });
    assert.equal(await open().journal.load('a'), 'before');
  });

  it('is refused with a row that is not as it was written, by whoever reads it and by each start', async () => {
    open().close();
    const database = openWitnessed({ file: options().file, migrations: CHANNEL_MIGRATIONS });
    const journal = createStoredJournal(database, createGroup(database));
    await journal.put('a', '{"fee":"3331"}');
    database.commit(() => database.prepare(`UPDATE journal SET content = '{"fee":"9331"}'`).run());
    await assertRejects(journal.load('a'), 'DATABASE_DAMAGED');
    database.close();
    store = undefined;
    assertCode(() => openChannelStore(options()), 'DATABASE_DAMAGED');
  });

  it('is refused when its last commit is lost', async () => {
    await open().journal.put('a', 'signed');
    store!.close();
    const old = new Map(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))]));
    await open().journal.put('a', 'paid');
    store!.close();
    store = undefined;
    for (const [name, content] of old) if (!name.endsWith('.head')) writeFileSync(join(folder, name), content);
    assertCode(() => openChannelStore(options()), 'DATABASE_DAMAGED');
  });
});

describe('a store of channels of an earlier version', () => {
  let folder: string;
  const options = () => ({ file: join(folder, 'channels.db'), chainId: 1n, channels: bytes('c1', 20) });
  const record = recordOf('a', 1_000n, keysOf);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-journal-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A store with a channel, as it was after so many migrations. */
  function makeEarlier(version: number, then: (database: Database) => void = () => undefined): void {
    const database = openWitnessed({ file: options().file, migrations: CHANNEL_MIGRATIONS.slice(0, version) });
    database.commit(() => {
      createMetaRepository(database).set('channels', `1:${options().channels}`);
      createTable(database, CHANNELS).put({ vault: record.vault, content: encodeChannelJson(record) });
      then(database);
    });
    database.close();
  }

  for (const version of [...CHANNEL_MIGRATIONS.keys()].slice(1)) {
    it(`gets a journal when it is opened after migration ${version}, and keeps its channels`, async () => {
      makeEarlier(version, (database) => {
        assert.throws(() => database.prepare('SELECT * FROM journal').all(), /no such table/);
      });
      await assertRejects(viewChannelStore(options()), 'DATABASE_OLDER');
      const store = openChannelStore(options());
      assert.deepEqual(await store.load(), [record]);
      assert.equal(await store.journal.load('a'), undefined);
      await store.journal.put('a', 'one');
      store.close();
      const again = openChannelStore(options());
      assert.deepEqual([await again.load(), await again.journal.load('a')], [[record], 'one']);
      again.close();
      assert.deepEqual((await viewChannelStore(options())).records, [record]);
    });
  }

  it('is refused, and left as it is, when a row of it is not as it was written', () => {
    makeEarlier(3, (database) => void database.prepare("UPDATE channels SET content = '{}'").run());
    const before = readFileSync(options().file);
    assertCode(() => openChannelStore(options()), 'DATABASE_DAMAGED');
    assert.deepEqual(readFileSync(options().file), before);
  });

  it('is refused, and left as it is, when it is of a later one', () => {
    openChannelStore(options()).close();
    const outside = new Sqlite(options().file);
    outside.pragma(`user_version = ${CHANNEL_MIGRATIONS.length + 1}`);
    outside.close();
    const before = readFileSync(options().file);
    const { data } = assertCode(() => openChannelStore(options()), 'DATABASE_NEWER');
    assert.deepEqual([data.actual, data.expected], [CHANNEL_MIGRATIONS.length + 1, CHANNEL_MIGRATIONS.length]);
    assert.deepEqual(readFileSync(options().file), before);
  });
});

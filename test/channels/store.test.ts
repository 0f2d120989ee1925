/** Channels on disk: what was written is there after a restart, and what was altered is found. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChannelChange } from '@quittance/protocol';
import { openChannelStore } from '../../channels/index.ts';
import { assertCode, assertRejects } from '../support/assertions.ts';
import { keysOf, recordOf } from '../support/channels/pair.ts';
import { secretOf } from '../support/channels/secrets.ts';

describe('the store of channels', () => {
  let folder: string;
  const options = () => ({ file: join(folder, 'channels.db'), chainId: 1n, channels: `0x${'c1'.repeat(20)}` });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-channels-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const record = recordOf('a', 1_000n, keysOf);
  const { hash, secret } = secretOf('x');
  const hop = { to: `0x${'0f'.repeat(20)}`, amount: 2n ** 128n - 1n, expiry: 8 };
  const withAll = {
    ...record,
    asked: [
      { type: 'pay', by: 'residual', id: hash, amount: 2n ** 127n },
      { type: 'lock', by: 'residual', htlc: { hash, amount: 3n, expiry: 9 }, onward: [hop] },
      { type: 'fulfill', by: 'senior', secret },
      { type: 'release', by: 'senior', hash, reason: 'NO_CHANNEL' },
      { type: 'swap', by: 'residual', capacity: 1_000n },
    ] as const,
    proposal: { state: record.newest.state, changes: [], signature: record.newest.signatures[0] },
    newest: {
      ...record.newest,
      state: { ...record.newest.state, version: 7, htlcs: [{ hash, amount: 5n, expiry: 2 ** 40 - 1, toSenior: true }] },
    },
  };

  const { vault } = record;
  const written = (applied: readonly ChannelChange[], version = 7, forgotten?: readonly ChannelChange[]) => ({
    ...{ vault, applied, forgotten, at: 5 },
    record: { ...withAll, newest: { ...withAll.newest, state: { ...withAll.newest.state, version } } },
  });
  const lock = withAll.asked[1];
  const other = `0x${'fb'.repeat(20)}`;

  it('gives back what was written, and in which version a change of ours was made', async () => {
    const store = openChannelStore(options());
    await store.commit([{ vault, record, applied: [], at: 5 }]);
    const theirs = { ...withAll.asked[0], by: 'senior', id: secret } as const;
    await store.commit([written([withAll.asked[0], lock, theirs])]);
    store.close();
    const again = openChannelStore(options());
    assert.deepEqual(await again.load(), [withAll]);
    for (const change of withAll.asked.slice(0, 2)) assert.equal(await again.versionOf(vault, change), 7);
    for (const change of [...withAll.asked.slice(2), theirs]) {
      assert.equal(await again.versionOf(vault, change), undefined);
    }
    assert.equal(await again.versionOf('0x00', withAll.asked[0]), undefined);
    again.close();
  });

  it('knows a change by who made it, whatever role that party had', async () => {
    const store = openChannelStore(options());
    // A swaps, being the residual party, and locks as the senior one; the state is that behind both.
    const swapped = written([
      { type: 'swap', by: 'residual', capacity: 1_000n },
      { ...lock, by: 'senior' },
    ]);
    const { newest } = swapped.record;
    const residualIsB = { ...newest, state: { ...newest.state, residualIsB: true } };
    await store.commit([{ ...swapped, record: { ...swapped.record, newest: residualIsB } }]);
    for (const by of ['senior', 'residual'] as const) assert.equal(await store.versionOf(vault, { ...lock, by }), 7);
    assert.deepEqual(await store.htlcs(), [
      { vault, ...lock.htlc, isOutgoing: true, onward: [hop], version: 7, order: 1 },
    ]);
    store.close();
  });

  it('keeps an HTLC while it is open, or while one with its hash is for us, and no longer', async () => {
    const store = openChannelStore(options());
    const theirs = { ...lock, by: 'senior', onward: [] } as const;
    const inOther = (applied: readonly ChannelChange[]) => ({ ...written(applied, 9), vault: other });
    await store.commit([written([lock]), inOther([theirs])]);
    await store.commit([written([{ type: 'fulfill', by: 'senior', secret }], 8)]);
    assert.deepEqual(
      (await store.htlcs()).map(({ end }) => end),
      [{ type: 'fulfill', version: 8, secret }, undefined],
    );
    store.close();
    const again = openChannelStore(options());
    await again.commit([inOther([{ type: 'fulfill', by: 'residual', secret }])]);
    assert.deepEqual(await again.htlcs(), []);
    await again.commit([written([lock])]);
    assert.equal((await again.htlcs()).length, 1);
    await again.commit([written([{ type: 'release', by: 'senior', hash, reason: 'X' }])]);
    assert.deepEqual(await again.htlcs(), []);
    assert.equal(await again.versionOf(vault, lock), undefined);
    again.close();
  });

  it('takes HTLCs over with a state that is newer than our copy', async () => {
    const store = openChannelStore(options());
    const [one, two] = [secretOf('1'), secretOf('2')];
    const lockOf = ({ hash: of }: { hash: string }, by: 'senior' | 'residual'): ChannelChange => ({
      ...{ type: 'lock', by },
      htlc: { hash: of, amount: 1n, expiry: 9 },
    });
    // One is for us in another channel, and what we sent on for it is not in the newer state; the newer one has `hash`.
    await store.commit([{ ...written([lockOf(one, 'senior')]), vault: other }]);
    await store.commit([written([lockOf(one, 'residual'), lockOf(two, 'senior')])]);
    await store.commit([written([], 8, [{ type: 'release', by: 'residual', hash }, lock])]);
    const kept = (await store.htlcs()).map((htlc) => [htlc.vault, htlc.hash, htlc.isOutgoing, htlc.end?.type]);
    assert.deepEqual(kept, [
      [other, one.hash, false, undefined],
      [vault, one.hash, true, 'forgotten'],
      [vault, hash, true, undefined],
    ]);
    store.close();
  });

  it('marks an invoice as paid, and a payment with its receipt, in the commit that makes it so', async () => {
    const store = openChannelStore(options());
    const invoice = { hash, secret, tokenId: 0, amount: 3n, memo: 'tea', expiresAt: 100 };
    await store.addInvoice(invoice);
    await assertRejects(store.addInvoice(invoice), 'CHANNEL_CHANGE_REFUSED');
    await store.commit([written([{ ...lock, by: 'senior' }]), written([{ type: 'fulfill', by: 'residual', secret }])]);
    assert.deepEqual(await store.invoices([secret, hash]), [{ ...invoice, paid: { vault, version: 7, at: 5 } }]);
    const payment = { hash, vault, invoice: 'x', amount: 3n, at: 4 };
    await store.putPayment(payment);
    await store.commit([written([lock]), written([{ type: 'fulfill', by: 'senior', secret }])]);
    store.close();
    const again = openChannelStore(options());
    assert.deepEqual(await again.payment(hash), { ...payment, receipt: { secret, version: 7, at: 5 } });
    // What was paid is kept; what came to nothing is not.
    assert.equal(await again.forget(2 ** 40), 0);
    const [other, third] = [secretOf('y'), secretOf('z')];
    await again.addInvoice({ ...invoice, ...other });
    await again.putPayment({ ...payment, hash: other.hash });
    await again.putPayment({ ...payment, hash: third.hash, isUncertain: true });
    assert.equal(await again.forget(4), 0);
    assert.equal(await again.forget(5), 1);
    assert.equal(await again.forget(100), 0);
    assert.equal(await again.forget(101), 1);
    assert.equal((await again.invoices([hash, other.hash])).length, 1);
    assert.equal(await again.payment(other.hash), undefined);
    assert.equal((await again.payment(third.hash))!.isUncertain, true);
    again.close();
  });

  it('is that of one contract', () => {
    openChannelStore(options()).close();
    assertCode(() => openChannelStore({ ...options(), chainId: 2n }), 'DATABASE_FOREIGN');
    assertCode(() => openChannelStore({ ...options(), channels: `0x${'c2'.repeat(20)}` }), 'DATABASE_FOREIGN');
  });

  it('writes down that a secret is about to be shown', async () => {
    const store = openChannelStore(options());
    const invoice = { hash, secret, tokenId: 0, amount: 3n, memo: '', expiresAt: 100 };
    await store.addInvoice(invoice);
    await store.showInvoice(hash);
    await store.showInvoice(secret);
    assert.deepEqual(await store.invoices([hash, secret]), [{ ...invoice, isShown: true }]);
    store.close();
  });

  it('refuses an HTLC, an invoice or a payment that is not as it was written', async () => {
    for (const text of ['"amount":"3331"', '"amount":"3332"', '"amount":"3333"']) {
      const store = openChannelStore(options());
      await store.commit([written([{ ...lock, htlc: { ...lock.htlc, amount: 3_331n } }])]);
      await store.addInvoice({ hash, secret, tokenId: 0, amount: 3_332n, memo: '', expiresAt: 100 });
      await store.putPayment({ hash, vault, invoice: '', amount: 3_333n, at: 1 });
      store.close();
      const bytes = readFileSync(options().file);
      const at = bytes.indexOf(text);
      assert.ok(at > 0, text);
      bytes[at + 10] = '9'.charCodeAt(0);
      writeFileSync(options().file, bytes);
      assertCode(() => openChannelStore(options()), 'DATABASE_DAMAGED', text);
      rmSync(folder, { recursive: true });
      folder = mkdtempSync(join(tmpdir(), 'quittance-channels-'));
    }
  });

  it('refuses a row that is not as it was written', async () => {
    const store = openChannelStore(options());
    await store.commit([{ vault: record.vault, record, applied: [], at: 5 }]);
    store.close();
    const bytes = readFileSync(options().file);
    const at = bytes.indexOf('"claim":"0"');
    assert.ok(at > 0);
    bytes[at + 9] = '9'.charCodeAt(0);
    writeFileSync(options().file, bytes);
    assertCode(() => openChannelStore(options()), 'DATABASE_DAMAGED');
  });
});

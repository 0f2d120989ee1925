/** Channels on disk: what was written is there after a restart, and what was altered is found. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChannelStore } from '../../channels/index.ts';
import { assertCode } from '../support/assertions.ts';
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
  const withAll = {
    ...record,
    asked: [
      { type: 'pay', by: 'residual', id: hash, amount: 2n ** 127n },
      { type: 'lock', by: 'residual', htlc: { hash, amount: 3n, expiry: 9 } },
      { type: 'fulfill', by: 'senior', secret },
      { type: 'release', by: 'senior', hash },
      { type: 'swap', by: 'residual' },
    ] as const,
    proposal: { state: record.newest.state, changes: [], signature: record.newest.signatures[0] },
    newest: {
      ...record.newest,
      state: { ...record.newest.state, version: 7, htlcs: [{ hash, amount: 5n, expiry: 2 ** 40 - 1, toSenior: true }] },
    },
  };

  it('gives back what was written, and in which version a change was made', async () => {
    const store = openChannelStore(options());
    const { vault } = record;
    await store.commit([{ vault, record, applied: [] }]);
    await store.commit([{ vault, record: withAll, applied: withAll.asked }]);
    store.close();
    const again = openChannelStore(options());
    assert.deepEqual(await again.load(), [withAll]);
    for (const change of withAll.asked.slice(0, 4)) assert.equal(await again.versionOf(vault, change), 7);
    assert.equal(await again.versionOf(vault, withAll.asked[4]), undefined);
    assert.equal(await again.versionOf('0x00', withAll.asked[0]), undefined);
    again.close();
  });

  it('is that of one contract', () => {
    openChannelStore(options()).close();
    assertCode(() => openChannelStore({ ...options(), chainId: 2n }), 'DATABASE_FOREIGN');
    assertCode(() => openChannelStore({ ...options(), channels: `0x${'c2'.repeat(20)}` }), 'DATABASE_FOREIGN');
  });

  it('refuses a row that is not as it was written', async () => {
    const store = openChannelStore(options());
    await store.commit([{ vault: record.vault, record, applied: [] }]);
    store.close();
    const bytes = readFileSync(options().file);
    const at = bytes.indexOf('"claim":"0"');
    assert.ok(at > 0);
    bytes[at + 9] = '9'.charCodeAt(0);
    writeFileSync(options().file, bytes);
    assertCode(() => openChannelStore(options()), 'DATABASE_DAMAGED');
  });
});

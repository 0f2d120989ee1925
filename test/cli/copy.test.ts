/** `quittance sequencer copy`: from a sequencer that runs, and from who lies. */

import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { isRollupError } from '@quittance/protocol';
import Sqlite from 'better-sqlite3';
import type { Context } from '../../cli/process/command.ts';
import { createOutput } from '../../cli/process/output.ts';
import { findContradiction, runCopy } from '../../cli/sequencer/copy/run.ts';
import { startCopyServer } from '../../cli/sequencer/copy/serve.ts';
import { type Clock, type Listening, silentLogger, systemClock } from '../../runtime/index.ts';
import { openStorage, type Storage, type TransferEntry } from '../../storage/index.ts';
import { type LogRow, nextChain } from '../../storage/log-codec.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { writePrivate } from '../support/process/cli.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { startFrom } from '../support/sequencer/recovering.ts';
import { answersOf } from '../support/storage/answers.ts';

const TOKEN = 'a'.repeat(64);
/** As the first schema has it. */
const TRIGGER =
  "CREATE TRIGGER log_is_append_only_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END";

describe('CLI: quittance sequencer copy', function () {
  this.timeout(60_000);
  let harness: PayerHarness;
  let copies: Listening | undefined;
  let liar: Server | undefined;
  let count = 0;

  beforeEach(async () => {
    harness = await createPayerHarness();
  });
  afterEach(async () => {
    await copies?.stop();
    copies = undefined;
    liar?.closeAllConnections();
    liar?.close();
    liar = undefined;
    await harness.close();
  });

  const serve = async (
    storage: Pick<Storage, 'file' | 'copyTo'> = harness.storage,
    clock: Clock = systemClock,
  ): Promise<string> => {
    const where = { host: '127.0.0.1', port: 0 };
    copies = await startCopyServer({ storage, ...where, tokens: [TOKEN], clock, logger: silentLogger });
    return copies.url;
  };
  const take = async (copyUrl: string, { token = TOKEN, into = '' } = {}) => {
    const file = into || join(harness.directory, `copy-${count++}.db`);
    let stdout = '';
    const output = createOutput({
      ...{ json: true, quiet: true, color: false, stderr: () => undefined },
      stdout: (text) => {
        stdout += text;
      },
    });
    const copyTokenFile = writePrivate(harness.directory, 'copy.token', `${token}\n`);
    const none = { l1Url: undefined, chainId: undefined, contract: undefined };
    const { signal } = new AbortController();
    await runCopy({ output, signal } as Context, { copyUrl, copyTokenFile, into: file, ...none });
    return { file, said: JSON.parse(stdout) as Record<string, unknown> };
  };
  const left = () => readdirSync(harness.directory).filter((name) => /copy-|\.copy|\.part/.test(name));

  it('has all that was acknowledged, while more is acknowledged, and a sequencer goes on from it', async () => {
    await harness.send(alice, harness.payment(0));
    await harness.settle();
    await harness.send(alice, harness.payment(1));
    const url = await serve();
    const [{ file, said }, later] = await Promise.all([take(url), harness.send(alice, harness.payment(2))]);
    const { log, batches } = harness.storage;
    assert.deepEqual([said['batch'], said['finalBatch']], [batches.last()!.number, batches.last()!.number]);
    assert.ok((said['entries'] as number) >= later.sequence - 1 && (said['entries'] as number) <= log.head().sequence);
    // Nobody sends any more: now both are the same.
    const { file: same } = await take(url);
    const copy = openStorage({ file: same });
    assert.deepEqual(answersOf(copy), answersOf(harness.storage));
    copy.close();
    assert.ok(existsSync(`${file}.head`));
    await copies!.stop();
    await startFrom(harness, same);
    assert.equal((await harness.send(alice, harness.payment(1))).status, 'pending');
    await harness.send(alice, harness.payment(3));
    await harness.settle();
    assert.equal(harness.sequencer.status().halted, undefined);
  });

  it('is given for the token only, and leaves nothing behind', async () => {
    const url = await serve();
    await assert.rejects(take(url, { token: 'b'.repeat(64) }), {
      name: 'UsageError',
      message: /does not know this token/,
    });
    await assert.rejects(take(url, { token: 'short' }), { name: 'UsageError', message: /32 or more/ });
    const ask = (path: string, headers = {}) => fetch(`${url}${path}`, { headers });
    assert.deepEqual(
      await Promise.all(
        [
          ask('/copy'),
          ask('/copy', { authorization: 'Bearer ' }),
          ask('/'),
          fetch(`${url}/copy`, { method: 'POST' }),
        ].map(async (answer) => (await answer).status),
      ),
      [401, 401, 404, 405],
    );
    await copies!.stop();
    assert.deepEqual(
      left().filter((name) => name.includes('.part') || name.endsWith('.copy')),
      [],
    );
  });

  it('is made one at a time, with signs of life, and given up when whoever asked is gone', async () => {
    const clock = createManualClock(0);
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: going, resolve: go } = Promise.withResolvers<void>();
    let steps = 0;
    const copyTo = async (path: string, onStep: () => void): Promise<void> => {
      begin();
      await going;
      for (; steps < 3; steps += 1) {
        await clock.advance(5_000);
        onStep();
      }
      await harness.storage.copyTo(path, onStep);
    };
    const url = await serve({ file: harness.file, copyTo }, clock);
    const first = take(url);
    await begun;
    await assert.rejects(take(url), { code: 'RPC_UNREACHABLE', message: /another copy is being made/ });
    go();
    assert.equal((await first).said['entries'], harness.storage.log.head().sequence);
    assert.equal(steps, 3);
    await copies!.stop();

    const gone = Promise.withResolvers<unknown>();
    const endless = async (_: string, onStep: () => void): Promise<void> => {
      for (;;) {
        await new Promise((next) => setImmediate(next));
        try {
          onStep();
        } catch (error) {
          gone.resolve(error);
          throw error;
        }
      }
    };
    const other = await serve({ file: harness.file, copyTo: endless });
    const abort = new AbortController();
    const { body } = await fetch(`${other}/copy`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: abort.signal,
    });
    assert.ok(body !== null);
    abort.abort();
    assert.ok(isRollupError(await gone.promise, 'CANCELLED'));
  });

  it('removes what a process left that was killed, and refuses to overwrite', async () => {
    writeFileSync(`${harness.file}.copy`, 'half');
    const url = await serve();
    assert.equal(existsSync(`${harness.file}.copy`), false);
    await assert.rejects(take(url, { into: harness.file }), { code: 'CONFIG_INVALID', message: /name a new file/ });
  });

  it('is RPC_UNREACHABLE where nobody listens', async () => {
    const url = await serve();
    await copies!.stop();
    await assert.rejects(take(url), { code: 'RPC_UNREACHABLE' });
  });

  it('says that its token goes over the network in the open', async () => {
    let stderr = '';
    const output = createOutput({
      ...{ json: false, quiet: false, color: false, stdout: () => undefined },
      stderr: (text) => {
        stderr += text;
      },
    });
    const copyTokenFile = writePrivate(harness.directory, 'copy.token', `${TOKEN}\n`);
    const values = { copyUrl: 'http://192.0.2.1:9', copyTokenFile, into: join(harness.directory, 'open.db') };
    const none = { l1Url: undefined, chainId: undefined, contract: undefined };
    const signal = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(runCopy({ output, signal } as Context, { ...values, ...none }), /stopped/);
    assert.match(stderr, /token goes to 192\.0\.2\.1:9 unencrypted: .* the port that gives copies/);
  });

  describe('from who lies', () => {
    const lie = async (answer: (response: ServerResponse) => void): Promise<string> => {
      liar = createServer((_, response) => answer(response));
      await new Promise<void>((resolve) => liar!.listen(0, '127.0.0.1', resolve));
      return `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    };
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const headOf = (bytes: Uint8Array, changes = {}) =>
      `${JSON.stringify({ bytes: bytes.length, sha256: sha256(bytes), ...changes })}\n`;
    const TEN = Buffer.from('ten bytes!');

    for (const [what, code, answer] of [
      ['no length', 'COPY_INVALID', (response) => response.end('hello\nworld')],
      ['a line without end', 'COPY_INVALID', (response) => response.end('x'.repeat(5_000))],
      ['a negative length', 'COPY_INVALID', (response) => response.end(headOf(TEN, { bytes: -1 }))],
      ['no hash', 'COPY_INVALID', (response) => response.end(headOf(TEN, { sha256: 'ab' }))],
      ['another hash', 'COPY_INVALID', (response) => response.end(headOf(TEN, { sha256: '0'.repeat(64) }) + TEN)],
      ['more than it said', 'COPY_INVALID', (response) => response.end(headOf(TEN, { bytes: 9 }) + TEN)],
      [
        'more than the disk has room for',
        'RESOURCES_SHORT',
        (response) => response.end(headOf(TEN, { bytes: 2 ** 50 })),
      ],
      ['less than it said', 'RPC_UNREACHABLE', (response) => response.end(headOf(TEN, { bytes: 11 }) + TEN)],
      ['nothing', 'RPC_UNREACHABLE', (response) => response.end('   ')],
      ['no database', 'COPY_INVALID', (response) => response.end(headOf(TEN) + TEN)],
      ['half an answer', 'RPC_UNREACHABLE', (response) => response.write(headOf(TEN), () => response.destroy())],
      [
        'a page in place of a refusal',
        'RPC_UNREACHABLE',
        (response) => response.writeHead(502).end(`<html>${'x'.repeat(10_000)}`),
      ],
    ] as readonly [string, string, (response: ServerResponse) => unknown][]) {
      it(`keeps nothing of ${what}`, async () => {
        await assert.rejects(take(await lie((response) => void answer(response))), { code });
        assert.deepEqual(left(), []);
      });
    }

    /** The database of the harness with one more change, as a node would give it. */
    const changed = async (change: (file: string) => void): Promise<string> => {
      const { file } = await take(await serve());
      await copies!.stop();
      copies = undefined;
      change(file);
      return lie((response) =>
        response.end(Buffer.concat([Buffer.from(headOf(readFileSync(file))), readFileSync(file)])),
      );
    };
    const forge = (file: string, use: (entry: TransferEntry) => Partial<TransferEntry>): void => {
      const storage = openStorage({ file });
      const entry = [...storage.log.range(1)].findLast((logged) => logged.entry.type === 'transfer')!.entry;
      storage.commit(() => storage.log.append([{ ...(entry as TransferEntry), ...use(entry as TransferEntry) }], 1));
      storage.close();
    };

    it('is COPY_INVALID with an open transfer that nobody signed', async () => {
      await harness.send(alice, harness.payment(0));
      const url = await changed((file) => forge(file, ({ nonce }) => ({ id: 5n, nonce: nonce + 1 })));
      await assert.rejects(take(url), { code: 'COPY_INVALID', message: /is not signed by its sender/ });
    });

    it('is COPY_INVALID with a sealed transfer that nobody signed', async () => {
      harness.prover.hold();
      const { sequence } = await harness.send(alice, harness.payment(0));
      await harness.sequencer.sealNow();
      await assert.doesNotReject(take(await serve()), 'as it is, it is taken');
      await copies!.stop();
      // The entry has another signature, and the chain of the log is made anew over it.
      const url = await changed((file) => {
        const database = new Sqlite(file);
        database.exec('DROP TRIGGER log_is_append_only_update');
        const rows = database
          .prepare<[number], LogRow>('SELECT * FROM log WHERE sequence >= ? ORDER BY sequence')
          .all(sequence);
        let { chain } = database.prepare<[number], LogRow>('SELECT * FROM log WHERE sequence = ?').get(sequence - 1)!;
        const update = database.prepare('UPDATE log SET payload = ?, chain = ? WHERE sequence = ?');
        for (const row of rows) {
          const payload = Buffer.from(row.payload);
          if (row.sequence === sequence) payload[payload.length - 1]! ^= 1;
          chain = nextChain(chain, { ...row, payload });
          update.run(payload, chain, row.sequence);
        }
        database.exec(TRIGGER);
        database.close();
      });
      await assert.rejects(take(url), { code: 'COPY_INVALID', message: /is not signed by its sender/ });
    });

    it('is COPY_INVALID with a bit flipped in an entry', async () => {
      const { id } = await harness.send(alice, harness.payment(0));
      const url = await changed((file) => {
        const bytes = readFileSync(file);
        const at = bytes.indexOf(Buffer.from(id.toString(16).padStart(64, '0'), 'hex'));
        bytes[at + 7]! ^= 4;
        writeFileSync(file, bytes);
      });
      await assert.rejects(take(url), { code: 'COPY_INVALID' });
    });

    it('says what L1 contradicts: another rollup, another final batch', async () => {
      const { chain, storage } = harness;
      assert.equal(await findContradiction(storage, chain), undefined);
      const other = { ...chain, contract: `0x${'11'.repeat(20)}` };
      assert.match((await findContradiction(storage, other))!, /is that of 0x0+f00d5 on chain 31337, not of 0x11/);
      const headerHash = async () => `0x${'22'.repeat(32)}`;
      assert.match((await findContradiction(storage, { ...chain, headerHash }))!, /final batch \d has header hash/);
    });
  });
});

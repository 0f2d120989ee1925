import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPair, signMessage } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import { readCalls, readIds, writeCalls } from '../../../scripts/bench/parts/accept/calls-file.ts';
import { readAnswer, requestOf } from '../../../scripts/bench/parts/accept/connection.ts';
import { Latencies, percentile } from '../../../scripts/bench/parts/accept/latencies.ts';
import { refusalOf } from '../../../scripts/bench/parts/accept/load.ts';
import { parseAcceptOptions } from '../../../scripts/bench/parts/accept/options.ts';
import { signAll } from '../../../scripts/bench/parts/accept/presign.ts';
import { countLost, growthOf } from '../../../scripts/bench/parts/accept/run.ts';
import { createWallet } from '../../../scripts/bench/parts/accept/wallets.ts';
import { openStorage } from '../../../storage/index.ts';
import { runBench } from '../../support/process/bench.ts';
import { portableCrypto } from '../../support/rollup/world.ts';
import { transferEntry } from '../../support/storage/log-entries.ts';

describe('./dev bench accept', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-test-accept-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('runs all ways at a tiny size, loses nothing, and says what it measured', async () => {
    const { code, stderr, result } = await runBench('accept', [
      ...['--minutes', '0.01', '--rate', '400', '--single-rate', '50', '--list', '20', '--wallets', '32'],
      ...['--connections', '2', '--profile', 'quick'],
    ]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(Object.keys(result).sort(), [
      ...['binary', 'list', 'longestBlockMs', 'lost', 'memoryGrowth', 'minutes', 'sealedPerSecond', 'single'],
    ]);
    assert.deepEqual([result['lost'], result['minutes']], [0, 0.01]);
    for (const name of ['list', 'binary', 'single']) {
      const report = result[name] as Record<string, number>;
      assert.ok(report['transfers']! > 0 && report['perSecond']! > 0, JSON.stringify(report));
      assert.ok(report['p50Ms']! > 0 && report['p50Ms']! <= report['p99Ms']!, JSON.stringify(report));
      assert.equal(report['lost'], 0);
    }
  });

  it('refuses settings that mean nothing', async () => {
    const wrong = [
      ...[
        ['--minutes', '0'],
        ['--rate', 'fast'],
        ['--rate', '0.5'],
        ['--profile', 'huge'],
        ['--wallets', '127'],
      ],
      ...[['--only', 'x'], ['--what'], ['x']],
    ];
    for (const args of wrong) assert.throws(() => parseAcceptOptions(args), args.join(' '));
    assert.equal((await runBench('accept', wrong[0]!)).code, 2);
  });

  it('prepares all runs, or one, at a rate or as fast as they are answered', () => {
    const { list, binary, single } = parseAcceptOptions(['--rate', 'max', '--wallets', '128']).modes;
    assert.deepEqual([list!.rate, list!.connections], [undefined, 8]);
    assert.deepEqual(binary, { ...list, format: 'binary' });
    assert.deepEqual([single!.rate, single!.connections, single!.transfersPerCall], [4_000, 64, 1]);
    assert.deepEqual(Object.keys(parseAcceptOptions(['--only', 'single']).modes), ['single']);
  });

  it('counts an acknowledged transfer that the log does not have', () => {
    const file = join(folder, 'lost.db');
    const storage = openStorage({ file });
    storage.commit(() => storage.log.append([1n, 2n, 5n].map(transferEntry), 0));
    storage.close();
    for (const [name, ids] of [
      ['one', [1n, 2n, 3n]],
      ['two', [4n, 5n]],
    ] as const) {
      const writer = writeCalls(join(folder, name));
      writer.write(Buffer.alloc(0), ids);
      writer.close();
    }
    const connections = ['one', 'two'].map((name) => ({ name: join(folder, name), localAddress: undefined }));
    const lost = (acknowledged: number[]) => countLost(file, { connections }, { acknowledged }).lost;
    assert.equal(lost([0, 0]), 0);
    assert.equal(lost([2, 0]), 0);
    assert.equal(lost([3, 0]), 1);
    assert.equal(lost([3, 2]), 2);
    assert.equal(lost([4, 0]), 2, 'more was acknowledged than was sent');
  });

  it('reads back the calls and ids that it prepared, over the bounds of pages', () => {
    const name = join(folder, 'calls');
    const calls = Array.from({ length: 40 }, (_, number) => ({
      body: `${number} `.repeat(20_000),
      ids: Array.from({ length: number * 100 }, (_, at) => BigInt(number * 1_000 + at)),
    }));
    const writer = writeCalls(name);
    for (const { body, ids } of calls) writer.write(Buffer.from(body), ids);
    writer.close();
    const read = [...readCalls(name)].map(({ body, transfers }) => [body.toString(), transfers]);
    assert.deepEqual(
      read,
      calls.map(({ body, ids }) => [body, ids.length]),
    );
    assert.deepEqual(
      [...readIds(name)],
      calls.flatMap(({ ids }) => ids),
    );
  });

  it('signs what a wallet would sign', async () => {
    const [payer, payee] = [createWallet('payer'), createWallet('payee')];
    const receiver = { keyY: payee.keyPair.publicKey.y, owner: payee.owner };
    const intents = [
      { kind: 'transfer', from: 3, to: 4, receiver, amount: 5n, fee: 1_000_000n, nonce: 6, validUntil: 0 },
      { kind: 'transferToNew', from: 3, receiver, amount: 5n, fee: 1_000_000n, nonce: 7, validUntil: 9 },
    ] as const;
    const signed = await signAll(
      intents.map((intent) => ({ wallet: payer, intent })),
      77n,
    );
    assert.deepEqual(
      signed,
      intents.map((intent) => signIntent(payer.keyPair, 77n, intent)),
    );
    const { id, authorization } = signed[0]!;
    assert.deepEqual(signMessage(portableCrypto.hasher, createKeyPair(payer.keyPair.secret), id), {
      r8: authorization.r8,
      s: authorization.s,
    });
  });

  it('takes an answer for an acknowledgement only if it names each transfer that was sent', () => {
    const answer = (value: object) => JSON.stringify({ jsonrpc: '2.0', id: 1, ...value });
    const refused = (reason: string) => ({ error: { code: -1, message: 'no', data: { reason } } });
    assert.equal(refusalOf(200, answer({ result: { id: '7' } }), [7n]), undefined);
    assert.equal(refusalOf(200, answer({ result: [{ id: '7' }, { id: '8' }] }), [7n, 8n]), undefined);
    assert.equal(refusalOf(200, answer(refused('MEMPOOL_FULL')), [7n]), 'MEMPOOL_FULL');
    assert.equal(refusalOf(429, answer(refused('RATE_LIMITED')), [7n]), 'HTTP_429');
    assert.equal(refusalOf(200, answer({ result: [{ id: '7' }, refused('MEMPOOL_FULL')] }), [7n, 8n]), 'MEMPOOL_FULL');
    assert.equal(refusalOf(503, 'busy', [7n]), 'HTTP_503');
    for (const wrong of [{ result: { id: '8' } }, { result: [] }, refused('NONCE_GAP'), {}]) {
      assert.throws(() => refusalOf(200, answer(wrong), [7n]), JSON.stringify(wrong));
    }
    assert.throws(() => refusalOf(200, answer({ result: [{ id: '8' }, { id: '7' }] }), [7n, 8n]));
  });

  it('reads an answer once all of it is there', () => {
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nx: y\r\n\r\nhelloHTTP/1.1');
    const whole = bytes.length - 'HTTP/1.1'.length;
    for (const length of [0, 10, 30, whole - 1]) assert.equal(readAnswer(bytes.subarray(0, length)), undefined);
    const answer = readAnswer(bytes)!;
    assert.deepEqual([answer.status, answer.length, answer.body.toString()], [200, whole, 'hello']);
    assert.equal(readAnswer(Buffer.from('HTTP/1.1 204 No Content\r\n\r\n'))!.length, 27);
    assert.throws(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')));
    assert.match(
      requestOf(Buffer.from('häh'), 'text/plain').toString(),
      /content-type: text\/plain\r\ncontent-length: 4\r\n\r\nhäh$/,
    );
  });

  it('reports percentiles of the run and of its tenths', () => {
    const latencies = new Latencies();
    for (let at = 0; at < 1_000; at++) latencies.add(at, at < 900 ? 1 : 50);
    const { p50Ms, p99Ms, maxMs, p99MsByTenth } = latencies.report(1_000);
    assert.deepEqual([p50Ms, p99Ms, maxMs], [1, 50, 50]);
    assert.deepEqual(p99MsByTenth, [1, 1, 1, 1, 1, 1, 1, 1, 1, 50]);
    assert.equal(percentile([], 0.99), 0);
  });

  it('calls growth what memory adds after a fifth of the run', () => {
    const memory = (from: number, to: number) => [
      50,
      80,
      ...Array.from({ length: 8 }, (_, at) => from + ((to - from) * at) / 7),
    ];
    assert.equal(growthOf(memory(100, 100)), 0);
    assert.equal(growthOf(memory(100, 150)), 0.5);
    assert.equal(growthOf([]), 0);
  });
});

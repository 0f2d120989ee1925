import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode } from '@quittance/protocol';
import { UsageError } from '../../cli/process/errors.ts';
import { isLoopback, membershipOf } from '../../cli/sequencer/node-settings.ts';
import type { Stats } from '../../sequencer/index.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';

const SECRET_URL = 'postgres://rollup:hunter2@db1:5432,db2/journal?target_session_attrs=read-write';

const refuses = (action: () => unknown, message: RegExp) =>
  assert.throws(action, (error) => error instanceof UsageError && message.test(error.message));

describe('CLI: what makes a sequencer a node', () => {
  const alone = {
    ...{ journal: undefined, journalFile: undefined, otherJournal: false, nodeName: undefined },
    ...{ advertiseUrl: undefined, requireQuorum: false, host: '127.0.0.1', port: 3_000 },
  };
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-cluster-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is a journal, by its URL or by a file with it', () => {
    assert.equal(membershipOf(alone), undefined);
    const expected = {
      url: SECRET_URL,
      advertised: 'http://127.0.0.1:3000',
      isOtherWanted: false,
      requiresQuorum: false,
    };
    const { name, ...rest } = membershipOf({ ...alone, journal: SECRET_URL })!;
    assert.deepEqual(rest, expected);
    assert.match(name, /^[A-Za-z0-9]/);
    const journalFile = writePrivate(folder, 'journal', `${SECRET_URL}\n`);
    assert.equal(membershipOf({ ...alone, journalFile })?.url, SECRET_URL);
    assert.equal(membershipOf({ ...alone, journal: SECRET_URL, host: '::1' })?.advertised, 'http://[::1]:3000');
  });

  it('is warned of where only its own machine reaches it', () => {
    for (const url of ['http://127.0.0.1:3000', 'http://localhost:1', 'http://[::1]:3000'])
      assert.ok(isLoopback(url), url);
    for (const url of ['http://10.0.0.1:3000', 'https://node.example', 'http://[fd00::1]:3000']) {
      assert.ok(!isLoopback(url), url);
    }
  });

  it('is not said twice, nor half', () => {
    refuses(() => membershipOf({ ...alone, journal: SECRET_URL, journalFile: 'x' }), /same thing/);
    refuses(() => membershipOf({ ...alone, nodeName: 'a' }), /--node-name is for nodes/);
    refuses(() => membershipOf({ ...alone, advertiseUrl: 'http://a' }), /--advertise-url is for nodes/);
    refuses(() => membershipOf({ ...alone, requireQuorum: true }), /--require-quorum is for nodes/);
    refuses(() => membershipOf({ ...alone, otherJournal: true }), /--other-journal is for nodes/);
  });

  it('needs a URL where others reach it, and a file that can be read and holds one URL', () => {
    for (const place of [{ port: 0 }, { host: '0.0.0.0' }, { host: '::' }]) {
      refuses(() => membershipOf({ ...alone, journal: SECRET_URL, ...place }), /needs --advertise-url/);
    }
    refuses(() => membershipOf({ ...alone, journalFile: join(folder, 'none') }), /cannot be read/);
    const two = writePrivate(folder, 'two', `${SECRET_URL}\n${SECRET_URL}`);
    refuses(() => membershipOf({ ...alone, journalFile: two }), /more than one/);
    const other = writePrivate(folder, 'other', 'mysql://a/b');
    refuses(() => membershipOf({ ...alone, journalFile: other }), /expected a URL like postgres/);
  });

  it('is shown without its password, and refused without being quoted', async () => {
    const shown = await runCli(['config', 'print'], { environment: { QUITTANCE_JOURNAL: SECRET_URL } });
    assert.match(shown.stdout, /journal +postgres:\/\/db1:5432,db2\/… +environment QUITTANCE_JOURNAL/);
    assert.doesNotMatch(shown.stdout, /hunter2/);
    const wrong = await runCli(['config', 'print'], { environment: { QUITTANCE_JOURNAL: 'pg://rollup:hunter2@db' } });
    assert.match(wrong.stdout, /wrong: .*expected a URL like postgres/);
    assert.doesNotMatch(wrong.stdout, /hunter2@db/);
  });
});

const NODE = { version: '0.1.0', secondsAgo: 1, epoch: 3, head: 70, lag: 0 } as const;
const STATS: Stats = {
  ...{ node: 'a', role: 'replica', epoch: 3, head: 70, lag: 0, sealedBatch: 5, postedBatch: 4, finalBatch: 3 },
  ...{
    openTransfers: 0,
    unpostedTransfers: 2,
    transfersPerSecond: 12.5,
    latencyMs: { p50: 8, p99: 20 },
    trouble: null,
  },
  fleet: null,
  leader: { name: 'b', url: 'http://b:3000', epoch: 3 },
  nodes: [
    { ...NODE, name: 'a', role: 'replica', url: 'http://a:3000' },
    { ...NODE, name: 'b', role: 'leader', url: 'http://b:3000', head: 72 },
    { ...NODE, name: 'c', role: 'replica', url: 'http://c:3000', secondsAgo: 61, lag: 2 },
  ],
};

describe('CLI: cluster status', () => {
  let server: Server;
  let url: string;
  let answer: { readonly path: string; readonly body: string };
  before(async () => {
    server = createServer((request, response) => {
      response.statusCode = request.url === answer.path ? 200 : 404;
      response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => void server.close());
  const ask = (stats: unknown, ...more: string[]) => {
    answer = { path: '/stats', body: JSON.stringify(stats) };
    return runCli(['cluster', 'status', '--url', url, ...more]);
  };

  it('shows nodes, roles and how far each is, as a table and as JSON', async () => {
    const { code, stdout, stderr } = await ask(STATS);
    assert.equal(code, ExitCode.done, stderr);
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/));
    assert.deepEqual(lines.slice(0, 4), [
      ['node', 'role', 'epoch', 'last entry', 'behind', 'version', 'url'],
      ['a', 'replica', '3', '70', '0', '0.1.0', 'http://a:3000'],
      ['b', 'leader', '3', '72', '0', '0.1.0', 'http://b:3000'],
      ['c', 'silent for 61 s', '3', '70', '2', '0.1.0', 'http://c:3000'],
    ]);
    assert.match(
      stdout,
      /b leads, epoch 3\nbatches: 5 sealed, 4 on L1, 3 final\na takes 12.5 transfers a second, .*8 ms/,
    );
    const json = await ask(STATS, '--json');
    assert.deepEqual(JSON.parse(json.stdout), STATS);
  });

  it('ends with a code of its own when nobody leads, and when the node is not ready', async () => {
    const leaderless = await ask({ ...STATS, leader: null, latencyMs: null });
    assert.equal(leaderless.code, ExitCode.unreachable);
    assert.match(leaderless.stdout, /NO NODE LEADS/);
    assert.match(leaderless.stderr, /NOT_LEADER/);
    const trouble = { code: 'QUORUM_MISSING', message: 'no standby' };
    const unready = await ask({ ...STATS, trouble });
    assert.equal(unready.code, ExitCode.unreachable);
    assert.match(unready.stdout, /a IS NOT READY, QUORUM_MISSING: no standby/);
  });

  it('says what is wrong with what does not answer, or not so', async () => {
    for (const body of ['{}', '<html>', '{"node":1}']) {
      answer = { path: '/stats', body };
      const { code, stderr } = await runCli(['cluster', 'status', '--url', url]);
      assert.equal(code, ExitCode.failed);
      assert.match(stderr, /RPC_ANSWER_INVALID.*name the JSON-RPC of a node/);
    }
    const none = await runCli(['cluster', 'status', '--url', 'http://127.0.0.1:1']);
    assert.equal(none.code, ExitCode.unreachable);
  });
});

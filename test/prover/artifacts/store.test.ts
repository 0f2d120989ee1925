import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { withLock } from '../../../prover/artifacts/lock.ts';
import { type ArtifactRecipe, ensureArtifact, MANIFEST_FILE, verifyArtifact } from '../../../prover/artifacts/store.ts';
import { type Logger, silentLogger } from '../../../runtime/index.ts';
import { assertRejects } from '../../support/assertions.ts';
import { temporaryFolder } from '../fixtures/folder.ts';

describe('prover/artifacts: the store', () => {
  const folder = temporaryFolder();
  let builds = 0;
  let warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };

  const recipe = (name: string, inputsHash = 'aa'.repeat(32)): ArtifactRecipe => ({
    directory: join(folder(), name),
    inputsHash,
    logger,
    build: async (directory) => {
      builds += 1;
      await writeFile(join(directory, 'one.bin'), 'first file');
      await writeFile(join(directory, 'two.bin'), 'second file');
      return { kind: 'test' };
    },
  });

  beforeEach(() => {
    builds = 0;
    warnings = [];
  });

  it('builds an artifact once and reuses it while nothing changes', async () => {
    await ensureArtifact(recipe('reused'));
    const manifest = await ensureArtifact(recipe('reused'));
    assert.equal(builds, 1);
    assert.deepEqual(Object.keys(manifest.files), ['one.bin', 'two.bin']);
    assert.equal(manifest.details['kind'], 'test');
    assert.deepEqual(warnings, []);
  });

  it('keeps unfinished work when a build fails, hands it to the next one, and removes it once that is done', async () => {
    const found: boolean[] = [];
    const resumable = (fails: boolean): ArtifactRecipe => ({
      ...recipe('resumed'),
      build: async (directory, unfinished) => {
        const part = join(unfinished, 'part');
        found.push(existsSync(part));
        await mkdir(unfinished, { recursive: true });
        await writeFile(part, 'half of it');
        if (fails) throw new Error('the power is out');
        await writeFile(join(directory, 'whole'), 'all of it');
        return {};
      },
    });
    await assert.rejects(ensureArtifact(resumable(true)), /power/);
    assert.equal(existsSync(join(folder(), 'resumed')), false);
    const { files } = await ensureArtifact(resumable(false));
    assert.deepEqual(Object.keys(files), ['whole']);
    assert.deepEqual(found, [false, true]);
    assert.deepEqual(
      (await readdir(folder())).filter((name) => name.startsWith('resumed')),
      ['resumed'],
    );
  });

  it('rebuilds an artifact with one flipped bit and says so in one line that names the file', async () => {
    await ensureArtifact(recipe('flipped'));
    const path = join(folder(), 'flipped', 'two.bin');
    const bytes = await readFile(path);
    bytes[3]! ^= 1;
    await writeFile(path, bytes);
    await assertRejects(verifyArtifact(join(folder(), 'flipped')), 'ARTIFACT_DAMAGED');
    await ensureArtifact(recipe('flipped'));
    assert.equal(builds, 2);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /two\.bin is damaged: .*; rebuilding$/);
    assert.equal(await readFile(path, 'utf8'), 'second file');
  });

  it('rebuilds an artifact with a cut or missing file', async () => {
    await ensureArtifact(recipe('cut'));
    await truncate(join(folder(), 'cut', 'one.bin'), 3);
    await ensureArtifact(recipe('cut'));
    await rm(join(folder(), 'cut', 'one.bin'));
    await ensureArtifact(recipe('cut'));
    assert.equal(builds, 3);
  });

  for (const [title, text] of [
    ['no JSON', 'not json {'],
    ['null', 'null'],
    ['of another version', '{"version":2,"inputsHash":"aa","files":{}}'],
    ['without files', `{"version":1,"inputsHash":"${'aa'.repeat(32)}","files":null}`],
    ['of other inputs', '{"version":1,"inputsHash":"bb","files":{}}'],
    ['that points outside its folder', `{"version":1,"inputsHash":"${'aa'.repeat(32)}","files":{"../x":"00"}}`],
  ] as const) {
    it(`rebuilds an artifact whose manifest is ${title}`, async () => {
      await ensureArtifact(recipe('manifest'));
      await writeFile(join(folder(), 'manifest', MANIFEST_FILE), text);
      const before = builds;
      await ensureArtifact(recipe('manifest'));
      assert.equal(builds, before + 1);
    });
  }

  it('leaves nothing behind when building fails, and passes the reason on', async () => {
    const failing = { ...recipe('failing'), build: () => Promise.reject(new Error('no space')) };
    await assert.rejects(ensureArtifact(failing), /no space/);
    assert.equal(existsSync(join(folder(), 'failing')), false);
    assert.equal(existsSync(join(folder(), 'failing.lock')), false);
    assert.equal(existsSync(join(folder(), `failing.tmp-${process.pid}`)), false);
  });

  it('names the damaged file, what to do and why that failed when it cannot be built again', async () => {
    await ensureArtifact(recipe('lost'));
    const path = join(folder(), 'lost', 'one.bin');
    await writeFile(path, 'other content');
    const failing = { ...recipe('lost'), build: () => Promise.reject(new Error('no space')) };
    const error = await assertRejects(ensureArtifact(failing), 'ARTIFACT_DAMAGED');
    assert.equal(error.data['path'], path);
    assert.match(error.message, /delete its folder to have it made again, which failed: no space$/);
    await ensureArtifact(recipe('lost'));
  });

  it('builds once when two callers want the same artifact at the same time', async () => {
    await Promise.all([ensureArtifact(recipe('both')), ensureArtifact(recipe('both'))]);
    assert.equal(builds, 1);
  });

  it('builds once when two processes want the same artifact at the same time', async function () {
    this.timeout(60_000);
    const script = fileURLToPath(new URL('../fixtures/ensure.ts', import.meta.url));
    const parameters = [script, join(folder(), 'processes'), join(folder(), 'built.log')];
    const run = promisify(execFile);
    await Promise.all([run(process.execPath, parameters), run(process.execPath, parameters)]);
    assert.equal(await readFile(join(folder(), 'built.log'), 'utf8'), 'built\n');
    assert.deepEqual(
      (await readdir(folder())).filter((name) => name.startsWith('processes')),
      ['processes'],
    );
  });

  it('removes what an interrupted build left behind', async () => {
    await mkdir(join(folder(), 'leftover.tmp-12345'));
    await ensureArtifact(recipe('leftover'));
    assert.deepEqual(
      (await readdir(folder())).filter((name) => name.startsWith('leftover')),
      ['leftover'],
    );
  });

  it('keeps a second task out while the lock is held', async () => {
    const path = join(folder(), 'held.lock');
    const order: string[] = [];
    const first = withLock(path, async () => {
      order.push('first begins');
      await wait(150);
      order.push('first ends');
    });
    await wait(20);
    await withLock(path, async () => void order.push('second'));
    await first;
    assert.deepEqual(order, ['first begins', 'first ends', 'second']);
  });

  it('takes over the lock of a process that no longer lives', async () => {
    const path = join(folder(), 'abandoned.lock');
    await writeFile(path, '4194305\n');
    assert.equal(await withLock(path, async () => 'done'), 'done');
  });

  it('gives up waiting for a lock after its time, naming the file', async () => {
    const path = join(folder(), 'stuck.lock');
    await mkdir(folder(), { recursive: true });
    await writeFile(path, `${process.pid}\n`);
    const error = await assertRejects(
      withLock(path, async () => undefined, { timeoutMs: 120 }),
      'TIMEOUT',
    );
    assert.equal(error.data['path'], path);
  });
});

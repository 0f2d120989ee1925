import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lane } from '../../scripts/runner/lane.ts';
import { ALONE, longestFirst } from '../../scripts/runner/order.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('the test runner', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-tests-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const runWith = (...parameters: string[]) =>
    new Promise<{ code: number; lines: string[] }>((resolve) => {
      const environment = { ...process.env, QUITTANCE_CONTRACTS_BUILT: '1' };
      execFile(
        process.execPath,
        ['scripts/test.ts', ...parameters],
        { cwd: ROOT, env: environment },
        (error, stdout, stderr) => {
          const code = error === null ? 0 : Number(error.code);
          resolve({ code, lines: `${stdout}${stderr}`.trimEnd().split('\n') });
        },
      );
    });

  const write = (name: string, content: string): string => {
    const file = join(folder, `${name}.test.ts`);
    writeFileSync(file, content);
    return file;
  };

  /** Runs one file of tests and gives the exit code with the closing lines. */
  const run = (name: string, content: string) => runWith(write(name, content));

  it('ends with 0 when everything passed', async () => {
    const { code, lines } = await run('good', "describe('a', () => { it('b', () => {}); });");
    assert.equal(code, 0);
    assert.equal(lines.at(-1), '1 passed, 0 failed, 0 skipped');
  });

  for (const [how, test] of [
    ['while it runs', "it('c', function () { this.skip(); });"],
    ['where it is defined', "it.skip('c', () => {});"],
    ['by having no body', "it('c');"],
  ] as const) {
    it(`ends with 1 and names the test that was skipped ${how}`, async () => {
      const { code, lines } = await run('skip', `describe('a', () => { it('b', () => {}); ${test} });`);
      assert.equal(code, 1);
      assert.equal(lines.at(-1), '1 passed, 0 failed, 1 skipped');
      assert.ok(lines.includes('  a c'), lines.join('\n'));
    });
  }

  it('ends with 1 when a test failed, and when there was none', async () => {
    const failed = await run('bad', "describe('a', () => { it('b', () => { throw new Error('c'); }); });");
    assert.equal(failed.code, 1);
    assert.equal(failed.lines.at(-1), '0 passed, 1 failed, 0 skipped');
    assert.equal((await run('none', '')).code, 1);
  });

  it('ends with 1 when nobody catches a rejection, though every test passed', async () => {
    const leaves = "void Promise.reject(new Error('c'));";
    for (const content of [
      `describe('a', () => { it('b', () => { ${leaves} }); });`,
      `describe('a', () => { it('b', () => {}); after(() => { ${leaves} }); });`,
    ]) {
      const { code, lines } = await run('leaves', content);
      assert.equal(code, 1);
      assert.ok(lines.includes('1 passed, 1 failed, 0 skipped'), lines.join('\n'));
      assert.ok(
        lines.some((line) => line.includes('a rejection that nobody catches')),
        lines.join('\n'),
      );
    }
    const heard = `describe('a', () => { it('b', () => { Promise.reject(new Error('c')).catch(() => {}); }); });`;
    assert.equal((await run('hears', heard)).code, 0);
  });

  it('goes on in a new process once one holds much memory, and in the same before that', async () => {
    const says =
      "import { appendFileSync } from 'node:fs'; it('b', () => appendFileSync(process.env.PIDS!, process.pid + ' '));";
    const files = [write('one', says), write('two', says)];
    const processesOf = async (options: { maxHeapBytes?: number }): Promise<number> => {
      const pids = join(mkdtempSync(join(folder, 'pids-')), 'pids');
      const lane = new Lane('test', { live: true, environment: { ...process.env, PIDS: pids }, ...options });
      for (const file of files) assert.equal((await lane.run({ file })).passed, 1);
      lane.close();
      return new Set(readFileSync(pids, 'utf8').trim().split(' ')).size;
    };
    assert.equal(await processesOf({}), 1);
    assert.equal(await processesOf({ maxHeapBytes: 1 }), 2);
  });

  it('fails a file that cannot be loaded, and runs the others', async () => {
    write('broken', "import './absent.ts';");
    write('sound', "it('b', () => {});");
    const { code, lines } = await runWith(folder);
    assert.equal(code, 1);
    assert.equal(lines.at(-1), '1 passed, 1 failed, 0 skipped');
    assert.ok(
      lines.some((line) => line.endsWith('broken.test.ts: it cannot be loaded')),
      lines.join('\n'),
    );
  });

  it('shows what each file wrote in one piece, though several run at a time', async () => {
    for (const name of ['one', 'two', 'three']) {
      const ticks = 'for (let i = 0; i < 20; i++) { console.log(NAME, i); await new Promise(setImmediate); }';
      write(name, `const NAME = '${name}'; it('talks', async () => { ${ticks} });`);
    }
    const { code, lines } = await runWith(folder);
    assert.equal(code, 0, lines.join('\n'));
    for (const name of ['one', 'two', 'three']) {
      const first = lines.indexOf(`${name} 0`);
      const expected = Array.from({ length: 20 }, (_, index) => `${name} ${index}`);
      assert.deepEqual(lines.slice(first, first + 20), expected);
    }
    assert.equal(lines.at(-1), '3 passed, 0 failed, 0 skipped');
  });

  it('says all failures again at the end, by file', async () => {
    for (const name of ['one', 'two'])
      write(name, `it('${name} holds', () => { throw new Error('broken ${name}'); });`);
    const { code, lines } = await runWith(folder);
    assert.equal(code, 1);
    const closing = lines.slice(lines.indexOf('failed:')).join('\n');
    for (const name of ['one', 'two']) {
      assert.ok(closing.includes(`${name}.test.ts: ${name} holds`) && closing.includes(`broken ${name}`), closing);
    }
  });

  it('fails the file that ends its process, with what it wrote, and runs those that are left', async () => {
    write('a-fatal', "it('ends', () => { console.log('last words'); process.exit(0); });");
    for (const name of ['b', 'c', 'd']) write(name, `it('${name}', () => {});`);
    for (const serial of [[], ['--serial']]) {
      const { code, lines } = await runWith(folder, ...serial);
      assert.equal(code, 1);
      assert.equal(lines.at(-1), '3 passed, 1 failed, 0 skipped');
      assert.ok(lines.includes('last words'));
      assert.ok(lines.some((line) => line.endsWith('a-fatal.test.ts: it ends the process that tests run in')));
    }
  });

  it('runs files one by one in the order of their names with --serial', async () => {
    for (const name of ['b', 'a', 'c']) write(name, `it('${name} is here', () => { console.log('ran ${name}'); });`);
    const { lines } = await runWith(folder, '--serial');
    assert.deepEqual(
      lines.filter((line) => line.startsWith('ran ')),
      ['ran a', 'ran b', 'ran c'],
    );
  });

  it('leaves nothing that its processes wrote', async () => {
    write('one', "it('a', () => {});");
    write('two', "it('b', () => {});");
    const before = new Set(existsSync('build/test-output') ? readdirSync('build/test-output') : []);
    await runWith(folder);
    // Another run of the tests, of which this test may be a part, has its own.
    const left = readdirSync('build/test-output').filter((name) => !before.has(name));
    assert.deepEqual(left, []);
  });

  for (const parameters of [['test/absent'], ['--processes', '0'], ['--processes', 'x'], ['--unknown']]) {
    it(`ends with 2 and says why for ${parameters.join(' ')}`, async () => {
      const { code, lines } = await runWith(...parameters);
      assert.equal(code, 2);
      assert.equal(lines.length, 1, lines.join('\n'));
    });
  }

  it('starts with the longest files by what was measured', () => {
    const durations = { 'test/a.test.ts': 5, 'test/b.test.ts': 50, 'test/c.test.ts': 20 };
    assert.deepEqual(longestFirst(Object.keys(durations), durations), [
      'test/b.test.ts',
      'test/c.test.ts',
      'test/a.test.ts',
    ]);
  });

  it('names only files that exist among those that run alone, each with a reason', () => {
    for (const [file, reason] of Object.entries(ALONE)) {
      assert.ok(existsSync(join(ROOT, file)), file);
      assert.ok(reason.length > 10, file);
    }
  });
});

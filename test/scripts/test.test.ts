import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('the test runner', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-tests-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs one file of tests and gives the exit code with the closing lines. */
  const run = (name: string, content: string) => {
    const file = join(folder, `${name}.test.ts`);
    writeFileSync(file, content);
    return new Promise<{ code: number; lines: string[] }>((resolve) => {
      execFile(process.execPath, ['scripts/test.ts', file], { cwd: ROOT }, (error, stdout) => {
        resolve({ code: error === null ? 0 : Number(error.code), lines: stdout.trimEnd().split('\n') });
      });
    });
  };

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
    assert.equal((await run('none', '')).code, 1);
  });
});

import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Loads a module in a process of its own. @returns the paths of all that came with it. */
function loadedWith(path: string): string[] {
  const program = `
    import { registerHooks } from 'node:module';
    const urls = [];
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) });
    await import(${JSON.stringify(`${ROOT}${path}`)});
    process.stdout.write(JSON.stringify(urls));
    process.exit(0);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { maxBuffer: 2 ** 26 });
  return JSON.parse(said.toString()) as string[];
}

describe('Journal: a sequencer on one machine', () => {
  const ofPostgres = (url: string): boolean => /\/journal\/postgres\/|\/node_modules\/pg(?:-|\/)/.test(url);

  it('loads neither the driver of PostgreSQL nor what uses it', () => {
    const loaded = loadedWith('sequencer/index.ts');
    assert.ok(
      loaded.length > 100 && loaded.some((url) => url.endsWith('/storage/journal/open.ts')),
      `${loaded.length}`,
    );
    assert.deepEqual(loaded.filter(ofPostgres), []);
    // What the test looks for is what a journal loads.
    assert.ok(loadedWith('storage/journal/postgres/postgres.ts').some(ofPostgres));
  });
});

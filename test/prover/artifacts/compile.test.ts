import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileFile } from '../../../prover/artifacts/compile.ts';
import { collectSources } from '../../../prover/artifacts/sources.ts';
import { PACKAGE_ROOT } from '../../../prover/paths.ts';
import { silentLogger } from '../../../runtime/index.ts';
import { assertRejects } from '../../support/assertions.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { interrupt } from '../fixtures/interrupt.ts';
import { FIXTURES } from '../fixtures/toy.ts';

describe('prover/artifacts: compiling', () => {
  const folder = temporaryFolder();
  const step = join(FIXTURES, 'step.circom');

  it('counts the library files that a circuit includes among its sources', async () => {
    const sources = await collectSources(step, [join(PACKAGE_ROOT, 'node_modules')], PACKAGE_ROOT);
    assert.ok(sources['test/prover/fixtures/step.circom']);
    assert.ok(sources['node_modules/circomlib/circuits/bitify.circom']);
    assert.ok(sources['node_modules/circomlib/circuits/comparators.circom'], 'an include of an include');
  });

  it('names an include that does not exist and who includes it', async () => {
    const path = join(folder(), 'lonely.circom');
    await writeFile(path, 'pragma circom 2.1.9;\ninclude "nowhere.circom";\n');
    const error = await assertRejects(collectSources(path, [], folder()), 'ARTIFACT_MISSING');
    assert.equal(error.data['path'], 'nowhere.circom');
    assert.equal(error.data['includedBy'], path);
  });

  it('gives a changed source another folder and an unchanged one the same', async function () {
    this.timeout(60_000);
    const path = join(folder(), 'square.circom');
    const source = (constant: number): string =>
      `pragma circom 2.1.9;\ntemplate S() { signal input a; signal output b; b <== a * a + ${constant}; }\ncomponent main {public [a]} = S();\n`;
    const options = { buildDirectory: folder() };
    await writeFile(path, source(1));
    const first = await compileFile('square', path, options);
    const again = await compileFile('square', path, options);
    await writeFile(path, source(2));
    const changed = await compileFile('square', path, options);
    assert.equal(first.directory, again.directory);
    assert.notEqual(first.directory, changed.directory);
  });

  it('reports what circom says about a source that it refuses', async () => {
    const path = join(folder(), 'broken.circom');
    await writeFile(path, 'pragma circom 2.1.9;\ntemplate S() { signal input a; a <== ; }\ncomponent main = S();\n');
    const error = await assertRejects(compileFile('broken', path, { buildDirectory: folder() }), 'CIRCUIT_REFUSED');
    assert.match(error.message, /broken\.circom/);
  });

  it('says CANCELLED, not that circom refuses, when it is cancelled or interrupted', async function () {
    this.timeout(60_000);
    const controller = new AbortController();
    const logger = { ...silentLogger, info: () => setImmediate(() => controller.abort()) };
    const compiling = compileFile('cancelled', step, { buildDirectory: folder(), logger, signal: controller.signal });
    assert.doesNotMatch((await assertRejects(compiling, 'CANCELLED')).message, /refuses/);
    assert.match(await interrupt('compile', folder()), /^CANCELLED compiling .*was interrupted$/);
  });
});

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileFile } from '../../../prover/artifacts/compile.ts';
import { collectSources } from '../../../prover/artifacts/sources.ts';
import { decodeR1cs, readR1cs } from '../../../prover/formats/r1cs.ts';
import { readSections } from '../../../prover/formats/sections.ts';
import { readSymbols } from '../../../prover/formats/sym.ts';
import { PACKAGE_ROOT } from '../../../prover/paths.ts';
import { silentLogger } from '../../../runtime/index.ts';
import { assertCode } from '../../support/assertions.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { interrupt } from '../fixtures/interrupt.ts';
import { assertRejects } from '../fixtures/rejects.ts';
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

  it('reads the constraint system and the symbols of a compiled circuit', async () => {
    const circuit = await compileFile('toy-step', step);
    const system = await readR1cs(circuit.r1csPath);
    const symbols = await readSymbols(circuit.symPath);
    assert.deepEqual([system.outputCount, system.publicInputCount], [1, 2]);
    assert.equal(system.constraintCount, 11);
    assert.deepEqual(
      ['stateOut', 'stateIn', 'key'].map((name) => symbols.get(name)),
      [1, 2, 3],
    );
  });

  it('refuses a constraint system that is cut, of another field, or names a wire that does not exist', async () => {
    const bytes = await readFile((await compileFile('toy-step', step)).r1csPath);
    const changed = (offset: number, value: number): Uint8Array => {
      const copy = new Uint8Array(bytes);
      copy[offset] = value;
      return copy;
    };
    assertCode(() => decodeR1cs(bytes.subarray(0, 5), 'x'), 'ARTIFACT_DAMAGED');
    assertCode(() => decodeR1cs(bytes.subarray(0, bytes.length - 1), 'x'), 'ARTIFACT_DAMAGED');
    assertCode(() => decodeR1cs(changed(0, 0x72 + 1), 'x'), 'ARTIFACT_DAMAGED', 'magic');
    assertCode(() => decodeR1cs(changed(4, 2), 'x'), 'ARTIFACT_DAMAGED', 'version');
    const modulus = bytes.indexOf(Buffer.from('010000f093f5e143', 'hex'));
    assert.ok(modulus > 0);
    assertCode(() => decodeR1cs(changed(modulus, 2), 'x'), 'ARTIFACT_DAMAGED', 'field');
    // The wire count is the first of the header's counts: one wire only, and every row names others.
    assertCode(() => decodeR1cs(changed(modulus + 32, 4), 'x'), 'ARTIFACT_DAMAGED', 'wires');
    // Section 3 (labels) called section 4: custom gates, which a prover would leave out.
    const labels = readSections(bytes, 'r1cs', 1, 'x').get(3)!.byteOffset - bytes.byteOffset;
    assertCode(() => decodeR1cs(changed(labels - 12, 4), 'x'), 'ARTIFACT_DAMAGED', 'custom gates');
  });
});

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compileFile } from '../../../prover/artifacts/compile.ts';
import { decodeR1cs, readR1cs } from '../../../prover/formats/r1cs.ts';
import { readSections } from '../../../prover/formats/sections.ts';
import { interfaceNames, readSymbols } from '../../../prover/formats/sym.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { FIXTURES } from '../fixtures/toy.ts';

describe('prover/formats: .r1cs and .sym', () => {
  const folder = temporaryFolder();
  const step = join(FIXTURES, 'step.circom');

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

  it('refuses symbols that are cut and interface wires without a name', async () => {
    const path = join(folder(), 'cut.sym');
    const text = await readFile((await compileFile('toy-step', step)).symPath, 'utf8');
    await writeFile(path, `${text}7,x`);
    const error = await assertRejects(readSymbols(path), 'ARTIFACT_DAMAGED');
    assert.equal(error.data['line'], text.split('\n').length);
    assertCode(() => interfaceNames(new Map([['a', 1]]), 2), 'INVARIANT_BROKEN');
  });
});

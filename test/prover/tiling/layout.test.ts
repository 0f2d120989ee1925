import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FIELD_MODULUS } from '@quittance/protocol';
import { compileFile } from '../../../prover/artifacts/compile.ts';
import { ELEMENT_BYTES, readElement, writeElement } from '../../../prover/formats/field.ts';
import { readR1cs } from '../../../prover/formats/r1cs.ts';
import { readSymbols } from '../../../prover/formats/sym.ts';
import { findBrokenRow, findViolation } from '../../../prover/tiling/check.ts';
import { exportR1cs } from '../../../prover/tiling/export-r1cs.ts';
import {
  domainPower,
  findLayoutFault,
  readTiledSystem,
  type TiledSystem,
  writeLayout,
} from '../../../prover/tiling/layout.ts';
import { loadTile, tileLayout, WireAllocator } from '../../../prover/tiling/tile.ts';
import { CircomWitnessGenerator } from '../../../prover/witness/circom.ts';
import type { WitnessGenerator } from '../../../prover/witness/types.ts';
import { assertCode, assertRejects } from '../../support/assertions.ts';
import { createRandom, propertySeed } from '../../support/property/random.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { FIXTURES, toyChain, toyGenerator, toyInputs, toyTile, toyValues } from '../fixtures/toy.ts';

const KEY = 77n;
const XS = [3n, 250n] as const;

describe('prover/tiling: layout', () => {
  const folder = temporaryFolder();
  let tiled: TiledSystem;
  let witnesses: WitnessGenerator;

  before(async function () {
    this.timeout(60_000);
    tiled = await toyChain(2);
    witnesses = await toyGenerator();
  });
  after(() => witnesses.close());

  it('accepts an honest assignment with the public inputs that the circuits compute', async () => {
    const witness = await witnesses.generate(tiled, toyInputs(KEY, XS));
    assert.equal(findViolation(tiled, witness), undefined);
    assert.equal(readElement(witness, ELEMENT_BYTES), toyValues(KEY, XS).digest);
    assert.equal(readElement(witness, 2 * ELEMENT_BYTES), KEY);
  });

  it('is refused, on every wire but free ones, once a wire is changed', async () => {
    const witness = await witnesses.generate(tiled, toyInputs(KEY, XS));
    for (let wire = 1; wire < tiled.layout.wireCount; wire++) {
      const changed = new Uint8Array(witness);
      writeElement(changed, wire * ELEMENT_BYTES, (readElement(witness, wire * ELEMENT_BYTES) + 1n) % FIELD_MODULUS);
      assert.ok(findViolation(tiled, changed), `wire ${wire} is bound by nothing`);
    }
  });

  it('is refused when the first state is not 0, although every tile is satisfied', async () => {
    const states = [5n];
    for (const x of XS) states.push(((states.at(-1)! + x) ** 5n + KEY) % FIELD_MODULUS);
    const honest = toyInputs(KEY, XS);
    const inputs = {
      ...honest,
      'toy-step': XS.map((x, index) => ({ stateIn: states[index]!, key: KEY, x })),
      'toy-close': [{ state: states.at(-1)! }],
    };
    const free: TiledSystem = { ...tiled, layout: { ...tiled.layout, zeroWires: [] } };
    const witness = await witnesses.generate(free, inputs);
    assert.equal(findViolation(free, witness), undefined);
    assert.deepEqual(findViolation(tiled, witness), { tile: 'zero', instanceIndex: 0, row: 0 });
  });

  it('agrees with the whole circuit, compiled at once, on honest and tampered assignments by signal name', async function () {
    this.timeout(60_000);
    const seed = propertySeed();
    const random = createRandom(seed);
    const whole = await loadTile(await compileFile('toy-chain', join(FIXTURES, 'chain.circom')));
    const wholeNames = await readSymbols(whole.circuit.symPath);
    const calculator = await CircomWitnessGenerator.create({ 'toy-chain': whole.circuit.wasmPath }, 1);
    const wholeLayout = tileLayout(
      2,
      new WireAllocator(2),
      [{ tile: whole, instances: [(signal) => ({ digest: 1, key: 2 })[signal]!] }],
      [],
    );
    const input = { digest: toyValues(KEY, XS).digest, key: KEY, x: XS };
    const wholeWitness = await calculator.generate(wholeLayout, { 'toy-chain': [input] });
    await calculator.close();
    const tiledWitness = await witnesses.generate(tiled, toyInputs(KEY, XS));

    const step = await toyTile('step');
    const stepNames = await readSymbols(step.circuit.symPath);
    const shared = sharedSignals(tiled, stepNames, wholeNames);
    assert.ok(shared.length >= 20, `${shared.length} signals survive in both systems`);
    const verdicts = new Set<boolean>();
    for (let round = 0; round < 200; round++) {
      const names = round === 0 ? [] : [shared[random.below(shared.length)]!];
      const tampered = { whole: elements(wholeWitness), tiled: elements(tiledWitness) };
      for (const { wholeWire, tiledWire } of names) {
        const value = random.fieldElement();
        tampered.whole[wholeWire] = value;
        tampered.tiled[tiledWire] = value;
      }
      const accepted = findBrokenRow(whole.system, tampered.whole) < 0;
      assert.equal(findViolation(tiled, bytes(tampered.tiled)) === undefined, accepted, `seed ${seed}, round ${round}`);
      verdicts.add(accepted);
    }
    assert.deepEqual(verdicts, new Set([true, false]));
  });

  it('is the same system after writing and reading layout.json and as one exported .r1cs', async () => {
    const path = join(folder(), 'layout.json');
    await writeLayout(path, tiled.layout);
    const read = await readTiledSystem(path);
    assert.deepEqual(read.layout, tiled.layout);
    await exportR1cs(tiled, join(folder(), 'chunk.r1cs'));
    const whole = await readR1cs(join(folder(), 'chunk.r1cs'));
    assert.equal(whole.constraintCount, tiled.layout.constraintCount);
    assert.equal(whole.wireCount, tiled.layout.wireCount);
    const witness = elements(await witnesses.generate(tiled, toyInputs(KEY, XS)));
    assert.equal(findBrokenRow(whole, witness), -1);
    witness[tiled.layout.zeroWires[0]!] = 1n;
    assert.ok(findBrokenRow(whole, witness) >= 0);
  });

  it('refuses a layout that does not fit its tiles', async () => {
    const { layout, systems } = tiled;
    const tile = layout.tiles[0]!;
    const withInstance = (change: object): typeof layout => ({
      ...layout,
      tiles: [{ ...tile, instances: [{ ...tile.instances[0]!, ...change }, tile.instances[1]!] }, layout.tiles[1]!],
    });
    const second = tile.instances[1]!.internalBase;
    const faults: readonly [typeof layout, RegExp][] = [
      [{ ...layout, constraintCount: 1 }, /constraints, not 1$/],
      [{ ...layout, version: 2 as 1 }, /^version 2$/],
      [{ ...layout, zeroWires: [layout.wireCount] }, /zero wire/],
      [{ ...layout, publicCount: layout.wireCount }, /public inputs/],
      [withInstance({ internalBase: 2 }), /overlap/],
      [withInstance({ internalBase: second }), /overlap/],
      [withInstance({ internalBase: layout.wireCount }), /overlap/],
      [withInstance({ interface: [0, 1] }), /interface length/],
      [withInstance({ interface: [1, 1, 2, 3] }), /interface of tile/],
    ];
    assert.equal(findLayoutFault(layout, systems), undefined);
    const path = join(folder(), 'misfit.json');
    for (const [faulty, reason] of faults) {
      assert.match(findLayoutFault(faulty, systems) ?? 'none', reason);
      await writeLayout(path, faulty);
      assert.match((await assertRejects(readTiledSystem(path), 'ARTIFACT_DAMAGED')).message, /misfit\.json/);
    }
  });

  it('refuses a layout.json that is cut or has fields of other types', async () => {
    const path = join(folder(), 'bad.json');
    await writeLayout(path, tiled.layout);
    const text = await readFile(path, 'utf8');
    const layout = JSON.parse(text);
    for (const bad of [
      text.slice(0, -5),
      'null',
      '[]',
      JSON.stringify({ ...layout, wireCount: '36' }),
      JSON.stringify({ ...layout, tiles: {} }),
      JSON.stringify({ ...layout, tiles: [null] }),
      JSON.stringify({
        ...layout,
        tiles: [{ ...layout.tiles[0], instances: [{ interface: [0.5], internalBase: 1 }] }],
      }),
      JSON.stringify({ ...layout, zeroWires: undefined }),
    ]) {
      await writeFile(path, bad);
      await assertRejects(readTiledSystem(path), 'ARTIFACT_DAMAGED');
    }
  });

  it('refuses a tile signal that has no wire', async () => {
    const close = await toyTile('close');
    const build = (): unknown =>
      tileLayout(
        1,
        new WireAllocator(1),
        [{ tile: close, instances: [(signal) => (signal === 'digest' ? 1 : 99)] }],
        [],
      );
    assert.equal(assertCode(build, 'INVARIANT_BROKEN').data['signal'], 'state');
  });

  it('takes the domain that snarkjs takes at the edges of a power of two', () => {
    const power = (constraintCount: number): number => domainPower({ constraintCount, publicCount: 9 });
    assert.deepEqual([2 ** 10 - 10, 2 ** 10 - 9, 2 ** 10 - 8].map(power), [10, 11, 11]);
  });
});

/** Signals of the two steps that both systems have, with their wires in each. */
function sharedSignals(
  { layout, systems }: TiledSystem,
  stepNames: ReadonlyMap<string, number>,
  wholeNames: ReadonlyMap<string, number>,
): { wholeWire: number; tiledWire: number }[] {
  const pairs = new Map<number, number>();
  const taken = new Set<number>();
  for (const [index, component] of ['first', 'second'].entries()) {
    const { interface: wires, internalBase } = layout.tiles[0]!.instances[index]!;
    for (const [name, wire] of stepNames) {
      const wholeWire = wholeNames.get(`${component}.${name}`) ?? -1;
      if (wire < 1 || wholeWire < 1) continue;
      const tiledWire = wires[wire] ?? internalBase + wire - wires.length;
      assert.ok(wire < systems[0]!.wireCount);
      if (!pairs.has(wholeWire) && !taken.has(tiledWire)) pairs.set(wholeWire, tiledWire);
      taken.add(tiledWire);
    }
  }
  return [...pairs].map(([wholeWire, tiledWire]) => ({ wholeWire, tiledWire }));
}

function elements(witness: Uint8Array): bigint[] {
  return Array.from({ length: witness.byteLength / ELEMENT_BYTES }, (_, wire) =>
    readElement(witness, wire * ELEMENT_BYTES),
  );
}

function bytes(values: readonly bigint[]): Uint8Array {
  const witness = new Uint8Array(values.length * ELEMENT_BYTES);
  for (const [wire, value] of values.entries()) writeElement(witness, wire * ELEMENT_BYTES, value);
  return witness;
}

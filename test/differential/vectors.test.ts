import assert from 'node:assert/strict';
import { RECORD_ERROR_CODES } from '@quittance/protocol';
import { fastOracle } from '../support/crypto/naive-curve.ts';
import { loadOracle } from '../support/crypto/oracle.ts';
import { toModelInput } from '../support/rollup/model-shapes.ts';
import { RULE_KINDS } from '../support/step/cases.ts';
import { SlotCalculators } from './calculators.ts';
import { CircuitComparison } from './circuit.ts';
import { createModel, judge } from './rules.ts';
import { differentialCrypto } from './run.ts';
import { SolidityComparison } from './solidity.ts';
import { type DifferentialVector, decodeVector, encodeVector } from './vector.ts';
import { createVectors, readVectorFiles, type VectorFile, writeVectors } from './vectors.ts';

const crypto = differentialCrypto();

describe('the vectors of records', function () {
  this.timeout(240_000);
  let files: [name: string, file: VectorFile][];
  let vectors: readonly DifferentialVector[];

  before(() => {
    if (process.env['QUITTANCE_UPDATE_SNAPSHOTS'] === '1') writeVectors(createVectors(crypto));
    files = readVectorFiles();
    vectors = files.flatMap(([, file]) => file.vectors);
  });

  const generated = () => files.filter(([, { generator }]) => generator !== undefined);
  const judged = () => vectors.map((vector) => ({ vector, judged: judge(decodeVector(vector, crypto)) }));

  it('are what their generator makes', () => {
    assert.deepEqual(
      generated().map(([name]) => name),
      ['differential.json'],
    );
    assert.deepEqual(createVectors(crypto), generated()[0]![1].vectors);
  });

  it('have every rule on every kind that a reachable state can break it with', () => {
    const codes = new Map<string, Set<number>>();
    for (const { code, record } of generated().flatMap(([, file]) => file.vectors)) {
      codes.set(code, (codes.get(code) ?? new Set()).add(Number(BigInt(record) >> 120n)));
    }
    for (const code of RECORD_ERROR_CODES) {
      // One reserved kind stands for all; money that there cannot be overflows by a deposit alone.
      const expected = { RESERVED_KIND: 1, BALANCE_OVERFLOW: 1 }[code as string] ?? RULE_KINDS[code].length;
      assert.equal(codes.get(code)?.size, expected, `${code}: ${[...(codes.get(code) ?? [])]}`);
    }
    assert.equal(codes.get('valid')?.size, 8);
  });

  it('have the outcome and the state in TypeScript that they name', () => {
    for (const { vector, judged: found } of judged()) assert.deepEqual(encodeVector(found), vector);
  });

  it('have them in the naive model', async () => {
    const oracle = fastOracle(await loadOracle());
    for (const { vector, judged: found } of judged()) {
      const model = createModel(oracle, found.scene);
      assert.equal(model.execute(toModelInput(found.operation)), vector.code, vector.title);
      if (vector.after === undefined) continue;
      const after = { stateRoot: String(model.root()), fees: model.fees.map(String) };
      assert.deepEqual(after, vector.after, vector.title);
    }
  });

  it('have them in Solidity', async () => {
    const solidity = await SolidityComparison.open();
    for (const { judged: found } of judged()) await solidity.compare(found);
    assert.equal(solidity.count, vectors.filter(({ authorization }) => typeof authorization === 'string').length);
  });

  it('have them in the circuit, which refuses every lie about them', async () => {
    const circuit = new CircuitComparison(await SlotCalculators.open(), 'vectors');
    for (const [position, { judged: found }] of judged().entries()) {
      await circuit.compare(found, { seed: 'vectors', world: 0, position });
    }
    await circuit.finish();
    const { records, accepted, refused, lies } = circuit.counts;
    assert.deepEqual({ records, all: accepted + refused }, { records: vectors.length, all: vectors.length });
    assert.ok(lies >= vectors.length, `${lies} lies`);
  });
});

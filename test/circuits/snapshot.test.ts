import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { CHUNK_OVERHEAD_CONSTRAINTS, FEE_TOKEN_COUNT, MAX_SLOT_CONSTRAINTS, SHARD_COUNT } from '@quittance/protocol';
import { fixedBaseTableSource } from '../../scripts/generate/fixed-base-table.ts';
import { openCircuit, openFixture } from '../support/circuits.ts';

interface InterfaceSignal {
  readonly name: string;
  readonly count: number;
}

interface Instance {
  readonly name: string;
  readonly outputs: readonly InterfaceSignal[];
  readonly inputs: readonly InterfaceSignal[];
  readonly constraints: number;
  readonly wires: number;
}

const folder = new URL('../../circuits/', import.meta.url);
const { circuits, templates } = JSON.parse(readFileSync(new URL('circuits.json', folder), 'utf8')) as {
  /** What a chunk is made of. */
  readonly circuits: readonly Instance[];
  /** Constraints of templates compiled alone (test/circuits/fixtures). */
  readonly templates: Readonly<Record<string, number>>;
};

const elements = ({ name, count }: InterfaceSignal): string[] =>
  count === 1 ? [name] : Array.from({ length: count }, (_, index) => `${name}[${index}]`);

describe('circuits: the list of instances', () => {
  for (const { name, outputs, inputs, constraints, wires } of circuits) {
    it(`has the number of constraints and wires of ${name}`, async () => {
      const { system } = await openCircuit(name);
      assert.deepEqual({ constraints: system.constraintCount, wires: system.wireCount }, { constraints, wires });
    });

    it(`has the interface of ${name}: outputs, then public inputs, each on a wire of its own`, async () => {
      const { system, symbols } = await openCircuit(name);
      const names = [...outputs, ...inputs].flatMap(elements);
      assert.equal(system.outputCount, outputs.flatMap(elements).length);
      assert.equal(system.publicInputCount, inputs.flatMap(elements).length);
      assert.deepEqual(
        names.map((signal) => symbols.get(signal)),
        names.map((_, position) => position + 1),
      );
    });
  }

  const fixtures = new URL('fixtures/', import.meta.url);
  for (const file of readdirSync(fixtures)) {
    const source = readFileSync(new URL(file, fixtures), 'utf8');
    const [, include] = /circuits\/(lib\/\w+\.circom)/.exec(source)!;
    const [, template, parameters] = /= (\w+)\((.*)\);/.exec(source)!;
    const expected = templates[`${template}(${parameters})`] ?? templates[template!];

    it(`has the number of constraints of ${template}(${parameters}), in the snapshot and in its header`, async () => {
      const { system } = await openFixture(file.replace('.circom', ''));
      assert.equal(system.constraintCount, expected);
      const library = readFileSync(new URL(include!, folder), 'utf8');
      const header = library
        .slice(0, library.indexOf(`template ${template}(`))
        .split('\n\n')
        .at(-1)!;
      assert.match(header, new RegExp(`Constraints:[^.]*\\b${expected!.toLocaleString('en-US')}\\b`), include);
    });
  }

  it('keeps a slot as small as the sizes of the profiles need it', () => {
    assert.ok(circuits.find(({ name }) => name === 'slot')!.constraints <= MAX_SLOT_CONSTRAINTS);
  });

  it('has as many constraints beside the slots as the sizes of the profiles say', () => {
    const constraintsOf = (tile: string) => circuits.find(({ name }) => name === tile)!.constraints;
    // Two root tiles, one context tile, 11 constraints that fix the ends.
    assert.equal(2 * constraintsOf('root') + constraintsOf('context') + 11, CHUNK_OVERHEAD_CONSTRAINTS);
  });

  it('has as many shards and fee tokens as the protocol', () => {
    const slot = circuits.find(({ name }) => name === 'slot')!;
    const countOf = (signal: string) => [...slot.inputs, ...slot.outputs].find(({ name }) => name === signal)!.count;
    for (const signal of ['shardsIn', 'shardsOut']) assert.equal(countOf(signal), SHARD_COUNT);
    for (const signal of ['feesIn', 'feesOut', 'feeTokens']) assert.equal(countOf(signal), FEE_TOKEN_COUNT);
  });

  it('has the fixed-base table that its generator makes', () => {
    assert.equal(readFileSync(new URL('lib/fixedBaseTable.circom', folder), 'utf8'), fixedBaseTableSource());
  });
});

import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import {
  BLOCKS_PER_GROUP,
  CHUNK_OVERHEAD_CONSTRAINTS,
  chunkOverheadOf,
  FEE_TOKEN_COUNT,
  FOLD_CONSTRAINTS,
  LIMB_BITS,
  MAX_SLOT_CONSTRAINTS,
  PROFILES,
  SHARD_COUNT,
} from '@quittance/protocol';
import { fixedBaseTableSource } from '../../scripts/generate/fixed-base-table.ts';
import { openCircuit, openFixture } from '../support/circuits/circuits.ts';

interface InterfaceSignal {
  readonly name: string;
  readonly count: number;
}

interface Instance {
  readonly name: string;
  readonly file: string;
  readonly template: string;
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

interface Template {
  readonly file: string;
  readonly template: string;
  /** The comment over it. */
  readonly header: string;
}

const TEMPLATES: readonly Template[] = globSync('**/*.circom', { cwd: folder })
  .sort()
  .flatMap((file) => {
    const source = readFileSync(new URL(file, folder), 'utf8');
    return [...source.matchAll(/^template (\w+)\(/gm)].map(({ index, 1: template }) => ({
      file: `circuits/${file}`,
      template: template!,
      header: source.slice(0, index).split('\n\n').at(-1)!,
    }));
  });

/** Asserts that the comment over a template says how many constraints it has. */
function assertCount(template: string, count: number): void {
  const { header } = TEMPLATES.find((candidate) => candidate.template === template)!;
  assert.match(header, new RegExp(`Constraints:[^.]*\\b${count.toLocaleString('en-US')}\\b`), template);
}

describe('circuits: the list of instances', () => {
  for (const { name, template, outputs, inputs, constraints, wires } of circuits) {
    it(`has the number of constraints and wires of ${name}, and its header the first`, async () => {
      assertCount(template, constraints);
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
    const [, template, parameters] = /= (\w+)\((.*)\);/.exec(source)!;
    const expected = templates[`${template}(${parameters})`] ?? templates[template!];

    it(`has the number of constraints of ${template}(${parameters}), in the snapshot and in its header`, async () => {
      const { system } = await openFixture(file.replace('.circom', ''));
      assert.equal(system.constraintCount, expected);
      assertCount(template!, expected!);
    });
  }

  it('names its purpose, its guarantees, its widths and its constraints over every template', () => {
    for (const { file, template, header } of TEMPLATES) {
      assert.match(header, /^\/\/ \S/, `${file} ${template}: purpose`);
      assert.match(header, /\/\/ {3}guarantees: /, `${file} ${template}`);
      assert.match(header, /field elements?|\b1 bit\b|\d bits/, `${file} ${template}: widths`);
      const isCounted = Object.keys(templates).some((counted) => counted.replace(/\(.*/, '') === template);
      const isTile = circuits.some((circuit) => circuit.template === template);
      assert.ok(isCounted || isTile, `${file} ${template}: constraints`);
    }
  });

  it('keeps a slot as small as the sizes of the profiles need it', () => {
    assert.ok(circuits.find(({ name }) => name === 'slot')!.constraints <= MAX_SLOT_CONSTRAINTS);
  });

  it('has as many constraints beside the slots as the sizes of the profiles say', () => {
    const constraintsOf = (tile: string) => circuits.find(({ name }) => name === tile)!.constraints;
    // Two root tiles, a context and a weights tile, 13 constraints that fix the ends.
    const fixed = 2 * constraintsOf('root') + constraintsOf('context') + constraintsOf('weights') + 13;
    assert.equal(fixed, CHUNK_OVERHEAD_CONSTRAINTS);
    assert.equal(constraintsOf('fold'), FOLD_CONSTRAINTS);
  });

  it('has chunks that fit their domains: 2^19, 2^21 and 2^24', () => {
    const slot = circuits.find(({ name }) => name === 'slot')!.constraints;
    const totals = Object.values(PROFILES).map(
      ({ slotsPerChunk }) => slotsPerChunk * slot + chunkOverheadOf(slotsPerChunk),
    );
    assert.deepEqual(totals, [287_514, 2_081_097, 16_698_965]);
    // With the nine public inputs and one more.
    assert.deepEqual(
      totals.map((total) => Math.ceil(Math.log2(total + 10))),
      [19, 21, 24],
    );
  });

  it('has as many shards and fee tokens as the protocol', () => {
    const slot = circuits.find(({ name }) => name === 'slot')!;
    const countOf = (signal: string) => [...slot.inputs, ...slot.outputs].find(({ name }) => name === signal)!.count;
    for (const signal of ['shardsIn', 'shardsOut']) assert.equal(countOf(signal), SHARD_COUNT);
    for (const signal of ['feesIn', 'feesOut', 'feeTokens']) assert.equal(countOf(signal), FEE_TOKEN_COUNT);
    for (const signal of ['weight', 'accumulatorIn', 'accumulatorOut']) assert.equal(countOf(signal), LIMB_BITS.length);
    const weights = circuits.find(({ name }) => name === 'weights')!;
    assert.equal(weights.outputs[0]!.count, LIMB_BITS.length * BLOCKS_PER_GROUP);
  });

  it('has the fixed-base table that its generator makes', () => {
    assert.equal(readFileSync(new URL('lib/fixedBaseTable.circom', folder), 'utf8'), fixedBaseTableSource());
  });
});

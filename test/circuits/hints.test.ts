import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { portableHasher, signMessage } from '@quittance/protocol';
import type { CircuitInput } from '../../prover/index.ts';
import { BASE8 } from '../../scripts/generate/fixed-base-table.ts';
import { type Hints, openUnfolded, openUnfoldedForger } from '../support/circuits/circuits.ts';
import { rawSlotInputs } from '../support/circuits/raw-slot.ts';
import { WITNESSED } from '../support/circuits/slot-rows.ts';
import { KEYS } from '../support/rollup/scene.ts';

/** A value that the witness gives to a signal without saying how it follows from others: `signal <-- hint`. */
interface Hint {
  readonly file: string;
  readonly template: string;
  /** As it stands left of the `<--`. */
  readonly signal: string;
  /** The constraint that binds it, a few lines below. */
  readonly boundBy: string;
  /** What a forger puts right of the `<--`. */
  readonly forged: string;
  /** Where the forger works: a main of fixtures/, or the slot. */
  readonly circuit: string;
}

/** More lines than these between a hint and its constraint nobody reads together. */
const NEAR = 13;

const hint = (
  [file, template, signal]: readonly [string, string, string],
  boundBy: string,
  forged: string,
  circuit: string,
): Hint => ({ file, template, signal, boundBy, forged, circuit });

/** Every `<--` of circuits/, in the order of the files. circomlib's, in Num2Bits and IsZero, are forged in forgeries.ts. */
const HINTS: readonly Hint[] = [
  hint(['edwards', 'EdwardsAdd', 'x'], '(1 + d * product) * x === xy + yx;', '0', 'fixed-base'),
  hint(['edwards', 'EdwardsAdd', 'y'], '(1 - d * product) * y === cross + a * xy - yx;', '1', 'fixed-base'),
  hint(['edwards', 'EdwardsDouble', 'x'], '(a * squareX + squareY) * x === 2 * product;', '0', 'signature'),
  hint(
    ['edwards', 'EdwardsDouble', 'y'],
    '(2 - a * squareX - squareY) * y === squareY - a * squareX;',
    '1',
    'signature',
  ),
  hint(['expiry', 'Expiry', 'never'], 'never * validUntil === 0;', '1', 'expiry'),
  hint(['fees', 'FeeSums', 'match[j]'], 'match[j] * (feeTokens[j] - token) === 0;', 'j == 0 ? 1 : 0', 'fees'),
  hint(['montgomery', 'EdwardsToMontgomery', 'u'], 'u * (1 - y) === 1 + y;', '1', 'variable-base'),
  hint(['montgomery', 'EdwardsToMontgomery', 'v'], 'v * x === u;', '1', 'variable-base'),
  hint(['montgomery', 'MontgomeryToEdwards', 'x'], 'x * v === u;', '0', 'fixed-base'),
  hint(['montgomery', 'MontgomeryToEdwards', 'y'], 'y * (u + 1) === u - 1;', '1', 'fixed-base'),
  hint(['montgomery', 'MontgomeryAdd', 'slope'], 'slope * (u2 - u1) === v2 - v1;', '0', 'fixed-base'),
  hint(
    ['montgomery', 'MontgomeryDouble', 'slope'],
    'slope * (2 * vIn) === 3 * square + 2 * A * uIn + 1;',
    '0',
    'variable-base',
  ),
  hint(['record', 'Kind', 'is[i]'], 'sum === 1;', 'i == 0 ? 1 : 0', 'record'),
  hint(['record', 'Record', 'wordOwner'], 'splitWord === wordOwner + wordToken * 2 ** 160;', '1', 'record'),
  hint(['record', 'Record', 'wordToken'], 'splitWord === wordOwner + wordToken * 2 ** 160;', '1', 'record'),
  hint(['scalars', 'SubgroupScalar', 'topBit'], 'topBit * (topBit - 1) === 0;', '2', 'subgroup-scalar'),
  hint(['scalars', 'SubgroupScalar', 'bits[i]'], 'sum === in;', '1 - ((rest >> i) & 1)', 'subgroup-scalar'),
  hint(['scalars', 'HashModuloSubgroup', 'topBit'], 'topBit * (topBit - 1) === 0;', '2', 'hash-scalar'),
  hint(
    ['scalars', 'HashModuloSubgroup', 'multipleBits[i]'],
    'multipleBits[i] * (multipleBits[i] - 1) === 0;',
    '2',
    'hash-scalar',
  ),
  hint(['scalars', 'HashModuloSubgroup', 'bits[i]'], 'sum === in;', '1 - ((rest >> i) & 1)', 'hash-scalar'),
  hint(['scalars', 'HashModuloSubgroup', 'missing'], '(128 - ones) * missing === 1;', '0', 'hash-scalar'),
  hint(['shards', 'ShardUpdate', 'shardsOut[i]'], 'change === newRoot - oldRoot;', 'shardsIn[i]', 'shard-update'),
  hint(['signature', 'Signature', 'inverse'], 'inverse * fourTimes.x === 1;', '0', 'signature'),
  hint(['slot', 'Slot', 'distinct'], 'distinct * (from - to) === isTransfer + isTransferToNew;', '0', 'slot'),
  hint(['slot', 'Slot', 'nonceLeft'], 'nonceLeft * (fromNonce - (2 ** 32 - 1)) === isSigned;', '0', 'slot'),
  hint(
    ['variableBase', 'VariableBaseWindow', 'slope1'],
    'slope1 * (double.u - uQ) === double.v - vQ;',
    '0',
    'variable-base',
  ),
  hint(
    ['variableBase', 'VariableBaseWindow', 'slope2'],
    '(slope1 + slope2) * (double.u - middleU) === 2 * double.v;',
    '0',
    'variable-base',
  ),
  hint(['variableBase', 'VariableBase', 'inverse'], 'inverse * window[0].v === 1;', '0', 'variable-base'),
];

const bits = Array.from({ length: 250 }, (_, bit) => (12_345n >> BigInt(bit)) & 1n);

/** Honest inputs of each circuit, under which every hint counts. */
const INPUTS: Readonly<Record<string, CircuitInput>> = {
  expiry: { validUntil: 2n, batchTime: 1n },
  fees: { collect: 0n, token: 5n, fee: 3n, feeTokens: [1n, 5n, 7n, 9n], feesIn: [10n, 20n, 0n, 0n] },
  'fixed-base': { bits, topBit: 0n },
  'hash-scalar': { in: 12_345n },
  record: {
    kind: 2n,
    from: 1n,
    to: 2n,
    amountMantissa: 100n,
    amountExponent: 0n,
    feeMantissa: 3n,
    feeExponent: 0n,
    words: [7n, 9n, 0n],
  },
  'shard-update': {
    indexBits: [1n, 0n, 1n, 0n, 0n, 1n],
    shardsIn: Array.from({ length: 64 }, (_, index) => BigInt(index)),
    oldRoot: 37n,
    newRoot: 77n,
  },
  signature: signatureInputs(),
  slot: rawSlotInputs(WITNESSED['transferElsewhere']!),
  'subgroup-scalar': { in: 12_345n },
  'variable-base': { bits, topBit: 0n, xP: BASE8[0], yP: BASE8[1] },
};

function signatureInputs(): CircuitInput {
  const { x, y } = KEYS.alice.publicKey;
  const { r8, s } = signMessage(portableHasher, KEYS.alice, 5n);
  return { enabled: 1n, xA: x, yA: y, xR8: r8.x, yR8: r8.y, s, message: 5n };
}

const FOLDER = fileURLToPath(new URL('../../circuits/', import.meta.url));

/** The lines of each template, without comments. */
function templatesOf(path: string): Map<string, string[]> {
  const templates = new Map<string, string[]>();
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const name = /^template (\w+)\(/.exec(line)?.[1];
    if (name !== undefined) templates.set(name, []);
    [...templates.values()].at(-1)?.push(line.replace(/\/\/.*$/, '').trimEnd());
  }
  return templates;
}

const linesOf = ({ file, template }: Pick<Hint, 'file' | 'template'>): string[] =>
  templatesOf(join(FOLDER, 'lib', `${file}.circom`)).get(template)!;

/** The right side of a hint's `<--`, with what stands left of it. */
const assignmentOf = (entry: Hint): string =>
  linesOf(entry)
    .find((line) => line.trim().startsWith(`${entry.signal} <-- `))!
    .trim();

describe('circuits: what the witness says without a constraint', function () {
  this.timeout(120_000);
  const paths = globSync('**/*.circom', { cwd: FOLDER }).sort();
  it('is in this list, all of it and nothing else', () => {
    const found = paths.flatMap((path) =>
      [...templatesOf(join(FOLDER, path))].flatMap(([template, lines]) =>
        lines.flatMap((line) => {
          const signal = /(\S+) <-- /.exec(line)?.[1];
          assert.ok(signal !== undefined || !/<--|-->/.test(line), `${path}: ${line}`);
          return signal === undefined ? [] : [`${path} ${template} ${signal}`];
        }),
      ),
    );
    assert.deepEqual(
      found.sort(),
      HINTS.map(({ file, template, signal }) => `lib/${file}.circom ${template} ${signal}`).sort(),
    );
  });

  it('takes no template from circomlib but Num2Bits and IsZero', () => {
    const texts = paths.flatMap((path) => [...templatesOf(join(FOLDER, path))]);
    const own = new Set(texts.map(([template]) => template));
    const used = texts.flatMap(([, lines]) => lines.flatMap((line) => /= ([A-Z]\w*[a-z]\w*)\(/.exec(line)?.[1] ?? []));
    assert.deepEqual([...new Set(used)].filter((template) => !own.has(template)).sort(), ['IsZero', 'Num2Bits']);
  });

  for (const entry of HINTS) {
    const { file, template, signal, boundBy, forged, circuit } = entry;

    it(`binds ${signal} of ${template} a few lines below`, () => {
      const lines = linesOf(entry).map((line) => line.trim());
      const at = lines.findIndex((line) => line.startsWith(`${signal} <-- `));
      assert.ok(lines.slice(at + 1, at + 1 + NEAR).includes(boundBy), boundBy);
    });

    it(`refuses ${signal} of ${template} as ${forged}`, async () => {
      const hints: Hints = [[`lib/${file}.circom`, assignmentOf(entry), `${signal} <-- ${forged};`]];
      const [real, forger] = await Promise.all([openUnfolded(circuit), openUnfoldedForger(circuit, hints)]);
      const inputs = INPUTS[circuit]!;
      assert.deepEqual(real.brokenRows(real.witness(inputs)), [], 'the honest witness');
      // All that follows is computed from the forged value: what does not hold is what binds it.
      assert.notDeepEqual(real.brokenRows(forger.witness(inputs)), [], 'the forged witness');
    });
  }
});

import assert from 'node:assert/strict';
import type { CircuitInput } from '../../prover/index.ts';
import {
  ABSORBING_HINTS,
  type Circuit,
  type Hints,
  openUnfolded,
  openUnfoldedForger,
} from '../support/circuits/circuits.ts';
import { RANGE_FORGERIES, RULE_FORGERIES, VALID } from '../support/circuits/forgeries.ts';
import { type RawSlot, rawSlotInputs } from '../support/circuits/raw-slot.ts';
import { CHECKS, SlotRows, WITNESSED } from '../support/circuits/slot-rows.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';

/** How many kinds of rows are left out in one run; another seed takes others. */
const SAMPLE = 24;

/** Rows that only check: 23 rules, and for each side 8 nodes, a leaf and a shard on the path. */
const CHECK_ROWS = 43;

/** Text of lib/, by signal: products before a range check or a hash, which locks what is made of them, and a check's operands. */
const WEAKENED: Readonly<Record<string, readonly [file: string, text: string]>> = {
  deposited: ['slot', 'signal deposited <== isDeposit * words[2];'],
  checkedFromBalance: ['slot', 'signal checkedFromBalance <== (1 - isDeposit) * newFromBalance;'],
  exitAmount: ['slot', 'signal exitAmount <== exitPays * fromBalance;'],
  transferred: ['slot', 'signal transferred <== (isTransfer + isTransferToNew) * fields.amount;'],
  receiverOwner: ['slot', 'signal receiverOwner <== isTransfer * toOwner;'],
  'message.in[2]': ['slot', 'message.in[2] <== words[0] + isTransfer * toKeyY;'],
  'path.oldLeaf': ['access', 'path.oldLeaf <== oldLeaf.out;'],
  'update.oldRoot': ['access', 'update.oldRoot <== path.oldRoot;'],
};

/** The text with its constraint taken away: the witness says what the signal is, as before, and nothing holds it there. */
function weakened([file, text]: readonly [file: string, text: string], hint?: string): Hints {
  const [, declaration, name, value] = /^(signal )?([\w.[\]]+) <== (.*);$/.exec(text)!;
  const assignment = `${name} <-- ${hint ?? value};`;
  return [[`lib/${file}.circom`, text, declaration ? `signal ${name}; ${assignment}` : assignment]];
}

type Claim = (inputs: CircuitInput) => CircuitInput;

const withValue =
  (name: string): Claim =>
  (inputs) => ({ ...inputs, [name]: 1_000_000n });
/** Another child, beside the path, of the node at a level: the nodes above it are others. */
const withChild =
  (name: string, level: number, position: number): Claim =>
  (inputs) => {
    const children = inputs[name] as readonly (readonly bigint[])[];
    return { ...inputs, [name]: children.with(level, children[level]!.with(position, 1n)) };
  };

/** What a witness may claim of the state, and the check that refuses it. */
const PATH_FORGERIES: readonly (readonly [title: string, claim: Claim, rule: string])[] = [
  ['a receiver with more than its leaf has', withValue('toBalance'), "the receiver's leaf is a child"],
  ['a path of the sender with another node', withChild('fromChildren', 3, 0), "the sender's nodes are children"],
  ['a path of the receiver with another node', withChild('toChildren', 3, 3), "the receiver's nodes are children"],
  ['a path of the sender to another shard root', withChild('fromChildren', 0, 0), "the sender's shard"],
  ['a path of the receiver to another shard root', withChild('toChildren', 0, 3), "the receiver's shard"],
  ['a sender with more than its leaf has', withValue('fromBalance'), "the sender's leaf is a child"],
];

describe('circuits: a row less', function () {
  this.timeout(120_000);
  const seed = propertySeed();
  let slot: SlotRows;

  before(async () => {
    slot = await SlotRows.open();
  });

  it('is not seen where there is none: all checks are there, and no record leaves open what is not explained', () => {
    assert.deepEqual(slot.missing, []);
    assert.equal(slot.findGap(), undefined);
    assert.equal(Object.keys(CHECKS).flatMap((check) => slot.rows.get(check)!).length, CHECK_ROWS);
  });

  for (const [signal, text] of Object.entries(WEAKENED)) {
    it(`is seen when ${signal} is assigned and not constrained`, async () => {
      const weak = await SlotRows.open(weakened(text));
      assert.notEqual(weak.findGap(), undefined);
    });
  }

  it(`is seen whichever row that computes is left out (QUITTANCE_TEST_SEED=${seed})`, () => {
    const random = createRandom(`left-out/${seed}`);
    const patterns = [...slot.rows].filter(([pattern]) => !(pattern in CHECKS));
    for (let round = 0; round < SAMPLE; round++) {
      const [pattern, rows] = patterns[random.below(patterns.length)]!;
      const row = rows[random.below(rows.length)]!;
      assert.notEqual(slot.findGap([row]), undefined, `row ${row}: ${pattern}`);
    }
  });

  it('lets a deposit of 1 credit 10^30 where `deposited` is not constrained, and is refused where it is', async () => {
    const text = WEAKENED['deposited']!;
    const weak = await openUnfolded('slot', weakened(text, 'isDeposit * 10 ** 30'));
    const raw: RawSlot = { ...VALID.deposit, words: [VALID.deposit.words[0], VALID.deposit.words[1], 1n] };
    const inputs = rawSlotInputs(raw);
    const forged = weak.witness(inputs);
    assert.equal(forged[weak.wire('newToBalance')], 1_000n + 10n ** 30n);
    assert.deepEqual(weak.brokenRows(forged), []);

    // The same values under the names of the real circuit, which has the same wires.
    const broken = slot.circuit.brokenRows(forged).map((row) => slot.circuit.rowNames(row));
    assert.equal(broken.length, 1);
    assert.ok(broken[0]!.includes('deposited'));
  });

  describe('that only checks', () => {
    let forger: Circuit;
    const refusing = new Set<string>();

    /** Patterns of the rows that refuse what the forger makes of these inputs. */
    const refusalsOf = (inputs: CircuitInput): string[] => {
      const patterns = slot.circuit.brokenRows(forger.witness(inputs)).map((row) => slot.patternOf(row));
      for (const pattern of patterns) refusing.add(pattern);
      return patterns;
    };

    before(async () => {
      forger = await openUnfoldedForger('slot');
    });

    for (const [title, claim, rule] of PATH_FORGERIES) {
      it(`refuses ${title}`, () => {
        const broken = refusalsOf(claim(rawSlotInputs(WITNESSED['transferElsewhere']!)));
        assert.deepEqual(
          broken.flatMap((pattern) => CHECKS[pattern] ?? []),
          [rule],
        );
      });
    }

    it('refuses a forged witness that all rows that compute accept, each check one', () => {
      const all = [...Object.values(RULE_FORGERIES).flat(), ...RANGE_FORGERIES];
      for (const { slot: raw, hints = ABSORBING_HINTS } of all) {
        if (hints === ABSORBING_HINTS) refusalsOf(rawSlotInputs(raw));
      }
      const checks = Object.keys(CHECKS);
      assert.deepEqual(
        checks.filter((check) => !refusing.has(check)),
        [],
        'checks that refuse nothing',
      );
    });
  });
});

/**
 * The circuit beside TypeScript: the product's witness of a valid record satisfies every constraint and leads to
 * TypeScript's state; every lie about an invalid one, and the lie that a valid one did nothing, breaks a constraint.
 */

import assert from 'node:assert/strict';
import { encodeRecord, hashLeaf, MerkleTree, nextVisibleSum } from '@quittance/protocol';
import type { CircuitInput } from '../../prover/index.ts';
import type { Limbs } from '../../prover/limbs.ts';
import type { Circuit, Hints } from '../support/circuits/circuits.ts';
import { createRandom, type Random } from '../support/property/random.ts';
import type { StepScene } from '../support/step/step.ts';
import type { SlotProver } from './calculators.ts';
import { LieLedger, type RowCounts } from './ledger.ts';
import { liesOf } from './lies.ts';
import { type Place, withPlace } from './place.ts';
import { type JudgedCase, judge } from './rules.ts';
import { commitmentAfter, expressibleOf, honestInputs, type SlotPrefix } from './slots.ts';

/** Witnesses of one call of a calculator. */
const BATCH = 64;
/** c before the slot of a lie (raw-slot.ts). */
const LIE_COMMITMENT = 11n;

/** A witness to come, and what has to hold of it. */
interface Pending {
  readonly inputs: CircuitInput;
  /** Undefined for an honest witness. */
  readonly hints?: Hints;
  readonly place: Place;
  /** @throws AssertionError */
  readonly check: (values: bigint[]) => void;
}

export interface CircuitCounts {
  records: number;
  accepted: number;
  refused: number;
  lies: number;
  readonly brokenRows: Readonly<Record<string, RowCounts>>;
}

function treeOf({ state, crypto }: StepScene): MerkleTree {
  const tree = new MerkleTree(crypto.hasher);
  tree.setLeaves([...state.accounts()].map(([index, account]) => [index, hashLeaf(crypto.hasher, account)]));
  return tree;
}

export class CircuitComparison {
  readonly counts: CircuitCounts;
  readonly #prover: SlotProver;
  readonly #circuit: Circuit;
  readonly #random: Random;
  readonly #ledger: LieLedger;
  #pending: Pending[] = [];

  constructor(prover: SlotProver, seed: string) {
    this.#prover = prover;
    this.#circuit = prover.circuit;
    this.#ledger = new LieLedger(prover.circuit);
    this.counts = { records: 0, accepted: 0, refused: 0, lies: 0, brokenRows: this.#ledger.rowCounts };
    this.#random = createRandom(`${seed}/circuit`);
  }

  /** Asks about a record before it is carried out; the answers are checked later, in `finish` at the latest. */
  async compare(judged: JudgedCase, place: Place): Promise<void> {
    const expressed = judge({ ...judged, operation: expressibleOf(judged.operation) });
    this.counts.records += 1;
    if (expressed.code === 'valid') {
      this.counts.accepted += 1;
      this.#pending.push(this.#acceptance(expressed, place));
    } else this.counts.refused += 1;
    this.#pending.push(...this.#refusals(expressed, place));
    if (this.#pending.length >= BATCH) await this.finish();
  }

  /** Checks all that is left. @throws DisagreementError */
  async finish(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    const groups = Map.groupBy(pending, ({ hints }) => hints);
    for (const [hints, group] of groups) {
      const inputs = group.map((each) => each.inputs);
      const witnesses = await (hints ? this.#prover.forge(inputs, hints) : this.#prover.honest(inputs));
      for (const [index, values] of witnesses.entries()) {
        const { check, place } = group[index]!;
        withPlace(place, () => check(values));
      }
    }
  }

  #acceptance(judged: JudgedCase, place: Place): Pending {
    const random = this.#random;
    const prefix: SlotPrefix = {
      challenge: random.bits(128),
      commitment: random.fieldElement(),
      binding: { sumV: random.fieldElement(), weight: randomLimbs(random, 0), accumulator: randomLimbs(random, 127) },
    };
    const { sumV, weight, accumulator } = prefix.binding;
    const { inputs, shards } = honestInputs(judged, prefix);
    const outputs = {
      shardsOut: shards,
      commitmentOut: commitmentAfter(judged, prefix.commitment),
      sumVOut: nextVisibleSum(sumV, prefix.challenge, judged.operation),
      accumulatorOut: accumulator.map((limb, index) => limb + weight[index]! * encodeRecord(judged.operation.fields)),
      feesOut: judged.effects!.fees,
    };
    const check = (values: bigint[]) => {
      assert.deepEqual(this.#circuit.brokenRows(values), [], 'the circuit refuses a valid record');
      const expected = { ...outputs, ...pick(inputs, ['shardsIn', 'feesIn', 'batchTime', 'domain', 'feeTokens']) };
      for (const [name, value] of Object.entries(expected)) {
        assert.deepEqual(this.#values(values, name), [value].flat(), `${name} of the circuit and of TypeScript`);
      }
    };
    return { inputs, place, check };
  }

  #refusals(judged: JudgedCase, place: Place): Pending[] {
    const { hasher } = judged.scene.crypto;
    return liesOf(judged, treeOf(judged.scene), hasher).map(({ title, hints, inputs, isSkip }) => ({
      inputs,
      hints,
      place,
      check: (values) => {
        const [commitment] = this.#values(values, 'commitmentOut');
        assert.equal(commitment, commitmentAfter(judged, LIE_COMMITMENT), 'the lie is about another record');
        if (isSkip) this.#claimNoChange(values);
        this.counts.lies += 1;
        const kind = `${judged.code} ${title}`;
        assert.ok(this.#ledger.isBroken(kind, values), `the circuit accepts ${kind}`);
      },
    }));
  }

  /** Whatever the witness computed: it claims that shards and fee sums stay. */
  #claimNoChange(values: bigint[]): void {
    for (const name of ['shards', 'fees']) {
      for (const [position, value] of this.#values(values, `${name}In`).entries()) {
        values[this.#circuit.wire(`${name}Out[${position}]`)] = value;
      }
    }
  }

  /** Values of a signal, of all its elements if it is an array. */
  #values(values: readonly bigint[], name: string): bigint[] {
    const { symbols } = this.#circuit;
    if (symbols.has(name)) return [values[this.#circuit.wire(name)]!];
    const found: bigint[] = [];
    while (symbols.has(`${name}[${found.length}]`)) found.push(values[this.#circuit.wire(`${name}[${found.length}]`)]!);
    return found;
  }
}

/** Limbs of 87, 87 and 81 bits, and so many more. */
function randomLimbs(random: Random, more: number): Limbs {
  return [random.bits(87 + more), random.bits(87 + more), random.bits(81 + more)];
}

function pick<T extends object>(source: T, names: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(names.map((name) => [name, source[name]])) as Partial<T>;
}

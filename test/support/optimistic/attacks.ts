/** Changes to step proofs: what an attacker could send against a batch that is right. */

import { type Bytes32, FIELD_MODULUS, keccak } from '@quittance/protocol';
import type { Random } from '../property/random.ts';
import type { EvmStepProof } from './step-proof.ts';

type Mutation = (proof: EvmStepProof, others: readonly EvmStepProof[], random: Random) => Partial<EvmStepProof>;

const NOTHING = new Uint8Array();
const LARGE = 2n ** 256n - 1n;

/** Bytes cut, made longer, emptied, or with a bit flipped. */
function changedBytes(bytes: Uint8Array, random: Random): Uint8Array {
  const at = bytes.length === 0 ? 0 : random.below(bytes.length);
  return random.pick([
    NOTHING,
    bytes.slice(0, at),
    Uint8Array.from([...bytes, random.below(256)]),
    bytes.length === 0 ? Uint8Array.of(1) : bytes.with(at, bytes[at]! ^ (1 << random.below(8))),
  ]);
}

function changedHashes(hashes: readonly Bytes32[], random: Random): readonly Bytes32[] {
  const at = hashes.length === 0 ? 0 : random.below(hashes.length);
  const any: Bytes32 = random.pick([keccak(NOTHING), keccak(random.bytes())]);
  return random.pick([
    [],
    hashes.slice(at),
    hashes.slice(0, at),
    [...hashes, any],
    hashes.toReversed(),
    hashes.length === 0 ? [any] : hashes.with(at, any),
  ]);
}

/** A part of the proof of another step of the batch, or of another batch. */
const borrow =
  <Name extends keyof EvmStepProof>(...names: readonly Name[]): Mutation =>
  (_, others, random) => {
    const other = random.pick(others);
    return Object.fromEntries(names.map((name) => [name, other[name]]));
  };

const changeLeaf: Mutation = ({ witness }, _, random) => {
  const role = random.pick(['from', 'to'] as const);
  const leaf = witness[role];
  const changed = random.pick([
    { ...leaf, exists: !leaf.exists },
    { ...leaf, leaf: { ...leaf.leaf, balance: leaf.leaf.balance + 1n } },
    { ...leaf, leaf: { ...leaf.leaf, keyY: random.pick([0n, 1n, FIELD_MODULUS]) } },
    { ...leaf, siblings: leaf.siblings.toReversed() },
  ]);
  return { witness: { ...witness, [role]: changed } };
};

const changeCoordinate: Mutation = ({ witness }, _, random) => {
  const value = random.pick([0n, 1n, FIELD_MODULUS - 1n, LARGE, FIELD_MODULUS - witness.keyX]);
  return { witness: { ...witness, [random.pick(['keyX', 'r8X'] as const)]: value } };
};

const changeBefore: Mutation = ({ before }, _, random) => ({
  before: random.pick([
    { ...before, stateRoot: before.stateRoot + 1n },
    { ...before, fees: before.fees.with(random.below(4), 1n) },
    { ...before, visibleCount: random.pick([0, 1, before.visibleCount + 1, 2 ** 32]) },
  ]),
});

const changeContent: Mutation = ({ content }, _, random) => {
  const list = random.pick(['dataHashes', 'authorizationHashes', 'visibleHashes'] as const);
  return {
    content: random.pick([
      { ...content, form: random.pick([0, 1, 2, 255]) },
      { ...content, [list]: changedHashes(content[list], random) },
      { ...content, inputs: content.inputs.toReversed() },
    ]),
  };
};

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  changeData: ({ data }, _, random) => ({ data: changedBytes(data, random) }),
  changeAuthorizations: (proof, _, random) => ({ authorizations: changedBytes(proof.authorizations, random) }),
  changeOpenings: ({ openings }, _, random) => ({ openings: changedBytes(openings, random) }),
  changeEntryHashes: ({ entryHashes }, _, random) => ({ entryHashes: changedHashes(entryHashes, random) }),
  changeEntry: ({ entry }, _, random) => ({ entry: changedBytes(entry, random) }),
  changeCommitments: ({ commitments }, _, random) => ({ commitments: changedHashes(commitments, random) }),
  changeChunk: (_, __, random) => ({ chunk: random.below(4) }),
  changeSlot: (_, __, random) => ({ slot: random.below(6) }),
  changeBefore,
  changeContent,
  changeLeaf,
  changeCoordinate,
  borrowData: borrow('data', 'authorizations'),
  borrowOpenings: borrow('openings'),
  borrowList: borrow('entryHashes', 'entry'),
  borrowEntry: borrow('entry'),
  borrowEvidence: borrow('data', 'authorizations', 'openings', 'entryHashes', 'entry'),
  borrowState: borrow('before', 'witness'),
  borrowContent: borrow('content'),
  borrowPlace: borrow('chunk', 'slot'),
  borrowAnswer: borrow('commitments'),
};

/** A proof changed in one to three places. */
export function attackOn(
  proof: EvmStepProof,
  others: readonly EvmStepProof[],
  random: Random,
): { readonly title: string; readonly proof: EvmStepProof } {
  const names = Array.from({ length: 1 + random.below(3) }, () => random.pick(Object.keys(MUTATIONS)));
  let changed = proof;
  for (const name of names) changed = { ...changed, ...MUTATIONS[name]!(changed, others, random) };
  return { title: `${proof.chunk}/${proof.slot}: ${names.join(', ')}`, proof: changed };
}

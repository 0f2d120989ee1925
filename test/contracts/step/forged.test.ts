import assert from 'node:assert/strict';
import {
  createStepWitness,
  digitAt,
  FIELD_MODULUS,
  type Operation,
  TREE_DEPTH,
  xCandidates,
} from '@quittance/protocol';
import {
  CONTEXT,
  collectFee,
  createState,
  deposit,
  EMPTY_INDEX,
  forcedExit,
  INDEX,
  NO_FEES,
  transfer,
  transferToNew,
  withdraw,
} from '../../support/rollup/scene.ts';
import { portableCrypto } from '../../support/rollup/world.ts';
import {
  deployStepVerifier,
  type EvmWitness,
  evmWitness,
  executeStep,
  expectedResult,
  recordOf,
  type StepDeployment,
  type StepResult,
} from '../../support/step/step.ts';

type Leaf = EvmWitness['from']['leaf'];

/** One lie. `error` is the only way in which it may end; without one the part is not read and the outcome stays. */
interface Forgery {
  readonly title: string;
  readonly witness: EvmWitness;
  readonly error?: string;
}

const state = createState();
const scene = { crypto: portableCrypto, state, context: CONTEXT, fees: NO_FEES };
const root = 'WrongStateProof';
const range = 'WitnessNotInField';

const CHANGED_FIELDS: readonly (readonly [string, (leaf: Leaf) => Partial<Leaf>, string])[] = [
  ['keyY + 1', ({ keyY }) => ({ keyY: keyY + 1n }), root],
  ['keyY + r', ({ keyY }) => ({ keyY: keyY + FIELD_MODULUS }), range],
  ['another owner', ({ owner }) => ({ owner: `0x${'1'.repeat(owner.length - 2)}` }), root],
  ['another token', ({ tokenId }) => ({ tokenId: tokenId + 1 }), root],
  ['another nonce', ({ nonce }) => ({ nonce: nonce + 1 }), root],
  // The two share a word of the leaf.
  ['token and nonce exchanged', ({ tokenId, nonce }) => ({ tokenId: nonce, nonce: tokenId }), root],
  ['more balance', ({ balance }) => ({ balance: balance + 1n }), root],
];

/** The level, counted from the leaves, at which the paths of two leaves meet. */
function meetingLevel(from: number, to: number): number {
  let level = 0;
  while (from >> (2 * (level + 1)) !== to >> (2 * (level + 1))) level += 1;
  return level;
}

function forgeriesOf(honest: EvmWitness, { fields: { kind, from, to } }: Operation): Forgery[] {
  const all: Forgery[] = [];
  const isPair = (kind === 1 || kind === 2) && from !== to;
  const meeting = isPair ? meetingLevel(from, to) : TREE_DEPTH;
  const isRead = { from: kind !== 4 && kind !== 6, to: isPair || kind === 4 || kind === 6 };
  const forge = (title: string, error: string | undefined, change: Partial<EvmWitness>) =>
    all.push({ title, witness: { ...honest, ...change }, ...(error === undefined ? {} : { error }) });

  for (const role of ['from', 'to'] as const) {
    const leaf = honest[role];
    const errorWhen = (read: boolean, error: string) => (isRead[role] && read ? error : undefined);
    forge(`${role} exists: ${!leaf.exists}`, errorWhen(true, root), { [role]: { ...leaf, exists: !leaf.exists } });
    for (const [title, change, error] of CHANGED_FIELDS) {
      const changed = { ...leaf, leaf: { ...leaf.leaf, ...change(leaf.leaf) } };
      forge(`${role}: ${title}`, errorWhen(leaf.exists, error), { [role]: changed });
    }
    for (let level = 0; level < TREE_DEPTH; level += 1) {
      // One of three, and all three where the paths meet.
      for (const position of level === meeting ? [0, 1, 2] : [level % 3]) {
        const withSibling = (value: bigint) => ({
          ...leaf,
          siblings: leaf.siblings.with(level, leaf.siblings[level]!.with(position, value)),
        });
        const sibling = leaf.siblings[level]![position]!;
        const own = digitAt(role === 'from' ? from : to, TREE_DEPTH - 1 - level);
        const isReceiversPlace =
          isPair &&
          level === meeting &&
          (position < own ? position : position + 1) === digitAt(to, TREE_DEPTH - 1 - level);
        const isHashed = role === 'from' ? !isReceiversPlace : !isPair || level < meeting;
        const isChecked = role === 'from' || !isPair || level < meeting;
        const at = `${role}, sibling ${position} of level ${level}`;
        forge(`${at} + 1`, errorWhen(isHashed, root), { [role]: withSibling((sibling + 1n) % FIELD_MODULUS) });
        // Hashes like the sibling itself: must not count as another witness.
        if (position === level % 3) {
          forge(`${at} + r`, errorWhen(isChecked, range), { [role]: withSibling(sibling + FIELD_MODULUS) });
        }
      }
    }
  }
  forge('the leaves exchanged', from === to ? undefined : root, { from: honest.to, to: honest.from });
  return all;
}

describe('StepVerifier with a forged witness', () => {
  let deployment: StepDeployment;

  before(async () => {
    deployment = await deployStepVerifier();
  });

  /** The result, or the name of the custom error. Anything else is a failure. */
  async function answer(operation: Operation, witness: EvmWitness): Promise<StepResult | string> {
    try {
      return await executeStep(deployment.verifier, scene, recordOf(operation), witness);
    } catch (error) {
      const data = (error as { data?: string }).data;
      const parsed = data === undefined ? null : deployment.verifier.interface.parseError(data);
      if (parsed === null) throw error;
      return parsed.name;
    }
  }

  async function assertForgeries(operation: Operation): Promise<void> {
    const record = recordOf(operation);
    const expected = expectedResult(scene, record);
    const honest = evmWitness(createStepWitness(state, operation.fields, record.authorization));
    assert.deepEqual(await answer(operation, honest), expected);
    for (const { title, witness, error } of forgeriesOf(honest, operation)) {
      assert.deepEqual(await answer(operation, witness), error ?? expected, title);
    }
  }

  const records: Readonly<Record<string, Operation>> = {
    'a transfer to a neighbor': transfer(),
    'a transfer across the tree to another token': transfer({}, 'dave'),
    'a transfer to an empty leaf': transfer({ to: EMPTY_INDEX }),
    'a transfer to oneself': transfer({ to: INDEX.alice }),
    'a transfer of another signer': transfer({ signer: 'bob', from: INDEX.alice }),
    'a transferToNew': transferToNew({ feeFloat: 1 }),
    'a transferToNew to an account': transferToNew({ to: INDEX.carol }),
    'a withdraw': withdraw(),
    'a withdraw from an empty leaf': withdraw({ from: EMPTY_INDEX }),
    'a deposit to an account': deposit(),
    'a deposit to an empty leaf': deposit({ to: EMPTY_INDEX }),
    'a forced exit': forcedExit(),
    'a forced exit that pays too little': forcedExit({}, [0n, 0xaaaa0001n, 0n]),
    'a collectFee': collectFee(),
    'a collectFee to an empty leaf': collectFee({ to: EMPTY_INDEX }),
  };
  for (const [title, operation] of Object.entries(records)) {
    it(`never gives ${title} another outcome, and reverts when a part that counts is wrong`, () =>
      assertForgeries(operation));
  }

  it('rejects another x of key or R8, and takes either of the two', async () => {
    const operation = transfer({ signer: 'carol', from: INDEX.alice });
    for (const [record, code] of [
      [transfer(), 'valid'],
      [operation, 'BAD_SIGNATURE'],
    ] as const) {
      const honest = evmWitness(createStepWitness(state, record.fields, recordOf(record).authorization));
      for (const name of ['keyX', 'r8X'] as const) {
        const x = honest[name];
        const either = await answer(record, { ...honest, [name]: FIELD_MODULUS - x });
        assert.equal(typeof either === 'string' ? either : either.code, code);
        for (const wrong of [0n, x + 1n, x + FIELD_MODULUS, FIELD_MODULUS - x - 1n, 2n ** 256n - 1n]) {
          assert.equal(await answer(record, { ...honest, [name]: wrong }), 'WrongCoordinate', `${name} = ${wrong}`);
        }
      }
    }
  });

  it('does not ask for an x where an earlier rule decides', async () => {
    const late = transfer({ validUntil: 1 });
    const honest = evmWitness(createStepWitness(state, late.fields, recordOf(late).authorization));
    assert.deepEqual(await answer(late, { ...honest, keyX: 1n, r8X: 1n }), { code: 'EXPIRED' });
  });

  it('proves nothing against another root', async () => {
    const record = recordOf(transfer());
    const witness = evmWitness(createStepWitness(state, record.fields, record.authorization));
    const other = createState({ carol: { balance: 5n } });
    await assert.rejects(
      executeStep(deployment.verifier, { ...scene, state: other }, record, witness),
      /WrongStateProof/,
    );
  });

  it('reverts for an authorization of another length than 69 bytes, and for a record of 125 bits', async () => {
    const record = recordOf(withdraw());
    const witness = evmWitness(createStepWitness(state, record.fields, record.authorization));
    for (const length of [1, 68, 70, 138]) {
      const authorization = new Uint8Array(length);
      await assert.rejects(
        executeStep(deployment.verifier, scene, { ...record, authorization }, witness),
        /WrongAuthorizationLength/,
      );
    }
    const before = { stateRoot: state.root, fees: NO_FEES, visibleCount: 0 };
    const wide = { record: 1n << 124n, words: [], authorization: '0x' };
    await assert.rejects(async () => deployment.verifier.executeStep(before, CONTEXT, wide, witness), /RecordTooWide/);
  });

  it('refuses to be deployed with hashes that are not Poseidon', async () => {
    const { ethers, poseidon4, poseidon5 } = deployment;
    const wrong = await ethers.deployContract('WrongPoseidon');
    await assert.rejects(ethers.deployContract('StepVerifier', [wrong, poseidon5]), /WrongHash/);
    await assert.rejects(ethers.deployContract('StepVerifier', [poseidon5, poseidon4]));
  });

  it('has a key whose y has no x, for which any x is a valid witness', async () => {
    let keyY = 2n;
    while (xCandidates(keyY).length > 0) keyY += 1n;
    const without = { ...scene, state: createState({ alice: { keyY } }) };
    const record = recordOf(transfer());
    const honest = evmWitness(createStepWitness(without.state, record.fields, record.authorization));
    for (const keyX of [0n, 1n, FIELD_MODULUS, 2n ** 256n - 1n]) {
      assert.deepEqual(await executeStep(deployment.verifier, without, record, { ...honest, keyX }), {
        code: 'BAD_SIGNATURE',
      });
    }
  });
});

import { strict as assert } from 'node:assert';
import {
  type ExecutionState,
  genesisHeader,
  headerHash,
  type LeafChange,
  type StoredHeader,
} from '@quittance/protocol';
import { type ReplayedLink, StateChain } from '../../watcher/replay/state-chain.ts';
import { assertCode } from '../support/assertions.ts';
import { createLieState, HOLDERS } from '../support/optimistic/lie-scene.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice, bob } = HOLDERS;

describe('Watcher: the chain of replayed batches', () => {
  const origin = createLieState();
  const base: StoredHeader = { ...genesisHeader(origin.root, 1_800_000_000), number: 6 };
  let chain: StateChain;
  beforeEach(() => {
    chain = new StateChain(portableCrypto.engine, base, origin.accounts());
  });

  /** Gives an account this balance. @returns the change. */
  const setBalance = (state: ExecutionState, index: number, balance: bigint): LeafChange => {
    const before = state.get(index);
    const after = { ...state.get(alice.index)!, ...before, balance };
    state.write({ index, after });
    return { index, before, after };
  };
  /** The batch behind `parent` that leads to a state. */
  const headerOn = (parent: StoredHeader, stateRoot: bigint): StoredHeader => ({
    ...{ ...parent, number: parent.number + 1 },
    ...{ parentHash: headerHash(parent), stateRoot },
  });
  /** Adds a batch that gives an account this balance, and a new one if `creates` says so. */
  const push = async (balance: bigint, index = alice.index, creates?: number): Promise<StoredHeader> => {
    await chain.push(async (state, parent) => {
      const changes = [setBalance(state, index, balance)];
      if (creates !== undefined) changes.push(setBalance(state, creates, 1n));
      return { header: headerOn(parent, state.root), changes };
    });
    return chain.tip;
  };
  const balanceAt = (hash: string, index = alice.index) => chain.at(hash, (state) => state.get(index)?.balance);

  it('refuses accounts that do not give the root of its base', async () => {
    assertCode(
      () => new StateChain(portableCrypto.engine, { ...base, stateRoot: 1n }, origin.accounts()),
      'INVARIANT_BROKEN',
    );
  });

  it('shows the state after any of its batches, and afterwards that after the last one', async () => {
    const one = await push(10n);
    const two = await push(20n, alice.index, 4_000);
    const three = await push(30n, bob.index);
    for (const [header, expected] of [
      [base, 1_000n],
      [one, 10n],
      [two, 20n],
      [three, 20n],
    ] as const) {
      assert.equal(balanceAt(headerHash(header)), expected);
    }
    assert.equal(balanceAt(headerHash(one), 4_000), undefined, 'an account that comes later');
    assert.equal(balanceAt(headerHash(two), 4_000), 1n);
    assert.equal(chain.tipHash, headerHash(three));
  });

  it('is as before when what is done for a moment throws', async () => {
    const one = await push(10n);
    await push(20n);
    const fail = (): never => {
      throw new Error('failed');
    };
    assert.throws(() => chain.at(headerHash(one), fail), /failed/);
    assert.deepEqual([balanceAt(headerHash(one)), balanceAt(chain.tipHash)], [10n, 20n]);
    assert.equal(balanceAt(chain.tipHash, bob.index), 1_000n);
  });

  it('is as before when a batch cannot be added', async () => {
    const one = await push(10n);
    type Attempt = (state: ExecutionState, parent: StoredHeader) => Promise<ReplayedLink | undefined>;
    const attempt = (execute: Attempt) => chain.push(execute);
    const refused = attempt(async () => {
      throw new Error('no such batch');
    });
    await assert.rejects(refused, /no such batch/);
    const ofAnotherRoot = attempt(async (state, parent) => ({
      header: headerOn(parent, 7n),
      changes: [setBalance(state, alice.index, 5n), setBalance(state, alice.index, 6n)],
    }));
    await assert.rejects(ofAnotherRoot, { code: 'INVARIANT_BROKEN', message: /after batch 8 is/ });
    const isAdded = await attempt(async () => undefined);
    assert.deepEqual([isAdded, chain.tipHash, balanceAt(chain.tipHash)], [false, headerHash(one), 10n]);
  });

  it('notices a state that was left changed', async () => {
    await push(10n);
    const left = chain.push(async (state) => {
      setBalance(state, alice.index, 5n);
      return undefined;
    });
    await assert.rejects(left, { code: 'INVARIANT_BROKEN', message: /after batch 7 is/ });
    chain = new StateChain(portableCrypto.engine, base, createLieState().accounts());
    const spoil = (state: ExecutionState) => setBalance(state, bob.index, 5n);
    assertCode(() => chain.at(headerHash(base), spoil), 'INVARIANT_BROKEN');
  });

  it('is used by nobody else while a batch is added', async () => {
    await push(10n);
    await chain.push(async () => {
      assertCode(() => chain.at(headerHash(base), () => undefined), 'INVARIANT_BROKEN');
      assertCode(() => chain.rewindTo(headerHash(base)), 'INVARIANT_BROKEN');
      assertCode(() => chain.moveBase(headerHash(base)), 'INVARIANT_BROKEN');
      await assert.rejects(push(20n), { code: 'INVARIANT_BROKEN' });
      return undefined;
    });
    await push(30n);
    assert.equal(balanceAt(chain.tipHash), 30n);
  });

  it('takes batches back to any of its own, and to no other', async () => {
    const one = await push(10n);
    await push(20n, alice.index, 4_000);
    chain.rewindTo(headerHash(one));
    assert.deepEqual(
      [chain.tipHash, balanceAt(chain.tipHash), balanceAt(chain.tipHash, 4_000)],
      [headerHash(one), 10n, undefined],
    );
    chain.rewindTo(headerHash(base));
    assert.equal(balanceAt(chain.tipHash), 1_000n);
    assertCode(() => chain.rewindTo(headerHash(one)), 'INVARIANT_BROKEN');
    assertCode(() => chain.at(headerHash(one), () => undefined), 'INVARIANT_BROKEN');
  });

  it('moves its base and tells the accounts that changed, as they are after it', async () => {
    await push(10n);
    const two = await push(20n, alice.index, 4_000);
    const three = await push(30n);
    const changed = chain.moveBase(headerHash(two));
    assert.deepEqual(
      [...changed].map(([index, account]) => [index, account?.balance]),
      [
        [alice.index, 20n],
        [4_000, 1n],
      ],
    );
    assert.deepEqual([chain.base.number, chain.hashes()], [8, [headerHash(two), headerHash(three)]]);
    assert.deepEqual([balanceAt(headerHash(two)), balanceAt(headerHash(three))], [20n, 30n]);
    assertCode(() => chain.rewindTo(headerHash(base)), 'INVARIANT_BROKEN');
  });
});

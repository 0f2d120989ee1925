import { strict as assert } from 'node:assert';
import { genesisHeader, headerHash, type RollupState, type StoredHeader } from '@quittance/protocol';
import { StateChain } from '../../watcher/replay/state-chain.ts';
import { assertCode } from '../support/assertions.ts';
import { createLieState, HOLDERS } from '../support/optimistic/lie-scene.ts';
import { portableCrypto } from '../support/rollup/world.ts';

const { alice, bob } = HOLDERS;

describe('Watcher: the chain of replayed batches', () => {
  const origin = createLieState();
  const base: StoredHeader = { ...genesisHeader(origin.root, 1_800_000_000), number: 6 };
  let chain: StateChain;
  beforeEach(() => {
    chain = new StateChain(portableCrypto.hasher, base, origin.accounts());
  });

  const setBalance = (state: RollupState, index: number, balance: bigint): void => {
    state.write({ index, after: { ...state.get(index)!, balance } });
  };
  /** Adds a batch that gives an account this balance, and a new one if `creates` says so. */
  const push = (balance: bigint, index = alice.index, creates?: number): StoredHeader => {
    chain.push((state, parent) => {
      setBalance(state, index, balance);
      if (creates !== undefined) state.writeAll([[creates, { ...state.get(index)!, balance: 1n }]]);
      return { ...parent, number: parent.number + 1, parentHash: headerHash(parent), stateRoot: state.root };
    });
    return chain.tip;
  };
  const balanceAt = (hash: string, index = alice.index) => chain.at(hash, (state) => state.get(index)?.balance);

  it('refuses accounts that do not give the root of its base', () => {
    assertCode(
      () => new StateChain(portableCrypto.hasher, { ...base, stateRoot: 1n }, origin.accounts()),
      'INVARIANT_BROKEN',
    );
  });

  it('shows the state after any of its batches, and afterwards that after the last one', () => {
    const one = push(10n);
    const two = push(20n, alice.index, 4_000);
    const three = push(30n, bob.index);
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

  it('takes back what is done for a moment, also when it throws', () => {
    const one = push(10n);
    push(20n);
    const spoil = (state: RollupState): never => {
      setBalance(state, alice.index, 5n);
      setBalance(state, bob.index, 5n);
      throw new Error('spoiled');
    };
    assert.throws(() => chain.at(headerHash(one), spoil), /spoiled/);
    assert.deepEqual([balanceAt(headerHash(one)), balanceAt(chain.tipHash)], [10n, 20n]);
    assert.equal(balanceAt(chain.tipHash, bob.index), 1_000n);
  });

  it('is as before when a batch cannot be added', () => {
    const one = push(10n);
    const attempt = (execute: (state: RollupState) => StoredHeader | undefined) => () => chain.push(execute);
    assert.throws(
      attempt((state) => {
        setBalance(state, alice.index, 5n);
        throw new Error('no such batch');
      }),
      /no such batch/,
    );
    assertCode(
      attempt((state) => {
        setBalance(state, alice.index, 5n);
        return { ...one, number: 8, stateRoot: 7n };
      }),
      'INVARIANT_BROKEN',
    );
    const isAdded = attempt((state) => {
      setBalance(state, alice.index, 5n);
      return undefined;
    })();
    assert.deepEqual([isAdded, chain.tipHash, balanceAt(chain.tipHash)], [false, headerHash(one), 10n]);
  });

  it('takes batches back to any of its own, and to no other', () => {
    const one = push(10n);
    push(20n, alice.index, 4_000);
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

  it('moves its base and tells the accounts that changed, as they are after it', () => {
    push(10n);
    const two = push(20n, alice.index, 4_000);
    const three = push(30n);
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

/** In which order an executor takes moves, and what it says of those that it left. */

import { strict as assert } from 'node:assert';
import { groupMoves, type MoveClaim, type MoveGroup } from '@quittance/derivation';
import { genesisHeader, packOwnerAndToken, ZERO_BYTES32 } from '@quittance/protocol';
import { sumOfLeft } from '../../cli/moves/handled.ts';
import { classesOf, inTurns, largestOf } from '../../cli/moves/order.ts';
import { createTeller, describe as describeReport } from '../../cli/moves/report.ts';

const siblings = [ZERO_BYTES32, ZERO_BYTES32, ZERO_BYTES32];

function moveOf(amount: bigint, index: number, batch = 1, tokenId = 0, destination = 0): MoveClaim {
  const header = { ...genesisHeader(1n, 0), number: batch, withdrawalCount: 8 };
  return { header, index, amount, siblings, destination, keyY: 9n, ownerAndToken: packOwnerAndToken(5n, tokenId) };
}
const indicesOf = (group: MoveGroup) => group.moves.map(({ index }) => index);

describe('CLI: the order of moves', () => {
  it('keeps dust apart from what is worth a thousand times as much', () => {
    const moves = [1n, 5_000n, 999n, 1_000n, 6_000n, 4n, 1_000_000n].map((amount, index) => moveOf(amount, index));
    assert.deepEqual(
      classesOf(moves).map((each) => each.map(({ amount }) => amount)),
      [[1n, 999n, 4n], [5_000n, 1_000n, 6_000n], [1_000_000n]],
    );
  });

  it('takes the largest of a group first, and of equal ones the first', () => {
    const [group] = groupMoves(
      [3n, 9n, 3n, 12n].map((amount, index) => moveOf(amount, index)),
      10,
    );
    const [largest, rest] = largestOf(group!, 3);
    assert.deepEqual([indicesOf(largest), indicesOf(rest)], [[0, 1, 3], [2]]);
  });

  it('puts the group first that carries most for each move, whichever batch and size it has', () => {
    const dust = Array.from({ length: 50 }, (_, index) => moveOf(3n, index, 1));
    const groups = groupMoves([...dust, moveOf(100n, 0, 2), moveOf(160n, 0, 3), moveOf(30n, 1, 3)], 16);
    assert.deepEqual(
      inTurns(groups, 0).map((group) => [group.header.number, group.moves.length]),
      [
        [2, 1],
        [3, 2],
        [1, 16],
        [1, 16],
        [1, 16],
        [1, 2],
      ],
    );
  });

  it('gives each token and destination a turn, whatever the amounts are', () => {
    const worthless = Array.from({ length: 4 }, (_, index) => moveOf(10n ** 30n, index, 1, 7));
    const groups = groupMoves([...worthless, moveOf(2n, 4), moveOf(1n, 5), moveOf(5n, 6, 1, 0, 3)], 1);
    const turns = (random: number) => inTurns(groups, random).map(({ tokenId, destination }) => [tokenId, destination]);
    const [worthlessTurn, ether, elsewhere] = [
      [7, 0],
      [0, 0],
      [0, 3],
    ];
    const rest = [worthlessTurn, worthlessTurn];
    assert.deepEqual(turns(0), [worthlessTurn, ether, elsewhere, worthlessTurn, ether, ...rest]);
    assert.deepEqual(turns(0.5), [ether, elsewhere, worthlessTurn, ether, worthlessTurn, ...rest]);
    assert.deepEqual(turns(0.99)[0], elsewhere);
    assert.deepEqual(inTurns([], 0.5), []);
  });
});

describe('CLI: what an executor says', () => {
  const left = { destination: 0, tokenId: 1, count: 2, amount: 5n, limit: 'maxSpend', reason: 'used up' } as const;

  it('has one entry for what a limit left of a token, whatever the number of batches', () => {
    const entries = [left, { ...left, count: 3, amount: 1n }, { ...left, tokenId: 2 }];
    assert.deepEqual(sumOfLeft(entries), [
      { ...left, count: 5, amount: 6n },
      { ...left, tokenId: 2 },
    ]);
  });

  it('is said again only when the look before did not say it', () => {
    const warnings: string[] = [];
    const output = { warn: (text: string) => warnings.push(text) } as never;
    const tell = createTeller({ output });
    tell({ skipped: [], left: [left] });
    tell({ skipped: [], left: [{ ...left, count: 1 }] });
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /2 moves of 5 base units together to destination 0 in token 1 .* later looks: used up/);
    tell({ skipped: [], left: [] });
    tell({ skipped: [], left: [{ ...left, limit: 'minAmount' }] });
    assert.match(warnings[1]!, /to their owners/);
    tell({ skipped: [{ ...left, batch: 4, reason: 'ZeroOwner' }], left: [left] });
    assert.deepEqual(warnings.length, 4);
  });

  it('ends with what was spent', () => {
    const executed = [{ ...left, batch: 1, fees: 1n, transactionHash: ZERO_BYTES32 }];
    assert.match(describeReport({ executed, skipped: [], left: [], spent: 77n }), /spent 77 wei on gas and fees$/);
    assert.equal(describeReport({ executed: [], skipped: [], left: [], spent: 0n }), 'no moves to execute');
    assert.equal(describeReport({ executed: [], skipped: [], left: [left], spent: 0n }), 'no moves were executed');
  });
});

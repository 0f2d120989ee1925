/** Where all money of a scene is: every amount in exactly one place. */

import assert from 'node:assert/strict';
import { findMoves, type MoveClaim, type MovePlace } from '@quittance/derivation';
import { packOwnerAndToken } from '@quittance/protocol';
import { type MovingScene, type PlannedMove, TOKEN_ID_THERE } from './scene.ts';

const idThere = (tokenId: number): number => (tokenId === 0 ? 0 : TOKEN_ID_THERE);

/** The sum of amounts of a token. */
function sumOf(moves: readonly PlannedMove[], tokenId: number): bigint {
  return moves.filter((move) => move.tokenId === tokenId).reduce((sum, { amount }) => sum + amount, 0n);
}

/** Who owes what, by the books and by the coins. */
async function totals({ provider, here, there, token }: MovingScene) {
  const [hereEther, thereEther] = [await provider.getBalance(here.contract), await provider.getBalance(there.contract)];
  const coins = (contract: string) => token.getFunction('balanceOf')(contract) as Promise<bigint>;
  return {
    here: [await here.rollup.trackedTotal(0), await here.rollup.trackedTotal(1)] as const,
    there: [await there.rollup.trackedTotal(0), await there.rollup.trackedTotal(TOKEN_ID_THERE)] as const,
    coinsHere: await coins(here.contract),
    coinsThere: await coins(there.contract),
    hereEther,
    thereEther,
  };
}

/** The books of a scene, from its beginning on. */
export async function openLedger(scene: MovingScene) {
  const { here, there, moves } = scene;
  const first = await totals(scene);

  /** The places of all moves, by L1's events. @throws AssertionError when one is in two places or in none. */
  async function check(): Promise<MovePlace[]> {
    const { number: head } = await here.reader.head();
    const claims = await here.reader.claims(here.block, head);
    const paid = new Map(claims.map((claim) => [`${claim.batch}/${claim.index}`, claim]));
    assert.equal(paid.size, claims.length, 'L1 paid nothing twice');
    const requests = await there.reader.priorityRequests(there.block, head);
    const places = moves.map((move): MovePlace => {
      const payment = paid.get(`${move.batch}/${move.index}`);
      const queued = requests.filter(({ words }) => words[0] === move.keyY);
      const isThere = payment?.destination !== undefined;
      const words = [move.keyY, packOwnerAndToken(BigInt(move.owner), idThere(move.tokenId)), move.amount];
      assert.deepEqual(
        queued.map((request) => request.words),
        isThere ? [words] : [],
      );
      if (payment === undefined) return 'waiting';
      return isThere ? 'queued' : 'claimed';
    });
    const now = await totals(scene);
    for (const tokenId of [0, 1]) {
      const at = (place: MovePlace) =>
        sumOf(
          moves.filter((_, position) => places[position] === place),
          tokenId,
        );
      assert.equal(now.here[tokenId], first.here[tokenId]! - at('queued') - at('claimed'));
      assert.equal(now.there[tokenId], at('queued'));
    }
    assert.equal(now.coinsHere, now.here[1]);
    assert.equal(now.coinsThere, now.there[1]);
    const fees = (await there.rollup.priorityFee()) * BigInt(requests.length);
    assert.equal(now.thereEther, now.there[0]! + fees);
    assert.equal(first.hereEther - now.hereEther, first.here[0]! - now.here[0]!);
    return places;
  }

  return {
    check,
    /** The places that `findMoves` gives, in the order of the moves. */
    async found(claimsOf: readonly MoveClaim[]): Promise<MovePlace[]> {
      const { number: head } = await here.reader.head();
      const paid = await here.reader.claims(here.block, head);
      const found = await findMoves(claimsOf, paid, new Map([[0, there.reader]]));
      return found.map(({ place }) => place);
    },
  };
}

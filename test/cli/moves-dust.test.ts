/** Hundreds of worthless moves in front of a few that are worth something, with little money to execute them. */

import { strict as assert } from 'node:assert';
import { createTransactionManager } from '@quittance/chain';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { createBudget } from '../../cli/moves/budget.ts';
import type { LeastAmount } from '../../cli/moves/dust.ts';
import { createExecutor } from '../../cli/moves/executor.ts';
import type { ExecutedMoves } from '../../cli/moves/handled.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createMovingScene, type MovingScene } from '../support/moves/scene.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';

const SEED = propertySeed();
const EXECUTOR = 3;
const SLOTS = 62;
const BATCHES = [180, 180];
/** The last three of each batch, behind the dust. */
const isWorthy = (index: number) => index > 177;
const WORTHY = 10n ** 9n;
const DUST = 3n;

describe(`CLI: an executor among dust (QUITTANCE_TEST_SEED=${SEED})`, () => {
  let scene: MovingScene;

  before(async function () {
    this.timeout(120_000);
    await createL1(); // compiles
    const amountOf = (index: number) => (isWorthy(index) ? WORTHY : DUST);
    const random = createRandom(SEED);
    scene = await createMovingScene({ random, slotsPerChunk: SLOTS, batches: BATCHES, owners: [], amountOf });
  });
  after(() => scene?.stop());

  /** One look of a new executor. */
  async function look(budget = createBudget(), minAmount?: readonly LeastAmount[], first = 0) {
    const { provider, here, there } = scene;
    const signer = l1Wallet(EXECUTOR).connect(provider);
    const { estimate, send } = createTransactionManager({
      ...{ provider, signer, clock: systemClock, logger: silentLogger, pollMs: 10 },
    });
    const executed: ExecutedMoves[] = [];
    const destinations = [{ number: 0, address: there.contract }];
    const execute = createExecutor({
      ...{ reader: here.reader, provider, fromBlock: here.block, destinations, maxFee: 10n ** 18n, minAmount },
      random: () => first / 2,
      ...{ estimate, send, onExecuted: (moves) => executed.push(moves) },
    });
    const before = await provider.getBalance(signer.address);
    const { skipped, left } = await execute(new AbortController().signal, budget);
    assert.deepEqual(skipped, []);
    const paid = before - (await provider.getBalance(signer.address));
    return { executed, left, paid };
  }
  const movesOf = (tokens: readonly number[], isWanted: (index: number) => boolean) =>
    scene.moves.filter(
      ({ destination, tokenId, index }) => destination === 0 && tokens.includes(tokenId) && isWanted(index),
    );
  const countOf = (executed: readonly { readonly count: number }[]) =>
    executed.reduce((sum, { count }) => sum + count, 0);
  /** What L1 paid to the destination, by amount. */
  async function arrived() {
    const { number: head } = await scene.here.reader.head();
    const claims = await scene.here.reader.claims(scene.here.block, head);
    const keys = new Set(claims.map(({ batch, index }) => `${batch}/${index}`));
    return scene.moves.filter(({ batch, index }) => keys.has(`${batch}/${index}`));
  }

  it('leaves all of it when it is told the least amount, and says how much that is', async () => {
    const { executed, left, paid } = await look(createBudget(), [{ tokenId: 0, amount: WORTHY + 1n }]);
    assert.deepEqual([executed, paid], [[], 0n]);
    for (const entry of left) {
      const all = movesOf([entry.tokenId], () => true);
      const amount = all.reduce((sum, move) => sum + move.amount, 0n);
      assert.deepEqual([entry.limit, entry.count, entry.amount], ['minAmount', all.length, amount]);
      assert.match(entry.reason, entry.tokenId === 0 ? /less than 1000000001/ : /does not name this token/);
    }
    assert.deepEqual(left.map(({ tokenId }) => tokenId).toSorted(), [0, 1]);
  });

  it('executes what is worth something within a few looks, and never spends more than each may', async () => {
    const worthy = movesOf([0, 1], isWorthy);
    // Enough for a few moves: 10^14 wei each, and gas at some gwei.
    const most = 2n * 10n ** 15n;
    const isHere = async () => {
      const there = await arrived();
      return worthy.some((move) => !there.includes(move));
    };
    let looks = 0;
    for (; looks < 10 && (await isHere()); looks++) {
      const budget = createBudget(most);
      // Tokens begin in turns here, as they do by chance.
      const { left, paid } = await look(budget, undefined, looks % 2);
      assert.ok(paid <= most, `${paid} of ${most}`);
      assert.equal(paid, budget.spent);
      assert.ok(left.some(({ limit }) => limit === 'maxSpend'));
    }
    assert.equal(await isHere(), false);
    const dust = (await arrived()).length - worthy.length;
    assert.ok(dust < 20 * looks, `${dust} moves of dust in ${looks} looks`);
  });

  it('takes the rest with the looks that follow, each once', async () => {
    const all = movesOf([0, 1], () => true);
    const before = (await arrived()).length;
    const bounded = await look(createBudget(4n * 10n ** 15n), [{ tokenId: 0, amount: 0n }]);
    assert.ok(countOf(bounded.executed) > 0);
    assert.ok(bounded.executed.every(({ tokenId }) => tokenId === 0));
    const { executed, left } = await look();
    assert.deepEqual(left, []);
    assert.equal(before + countOf(bounded.executed) + countOf(executed), all.length);
    assert.equal((await arrived()).length, all.length);
  });
});

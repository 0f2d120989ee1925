/** A thousand users move; the executor is killed at every step, others are faster, and L1 takes blocks back. */

import { strict as assert } from 'node:assert';
import { movesOf, movesTo, readClaimableBatches, toMoveProof } from '@quittance/derivation';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { openLedger } from '../support/moves/ledger.ts';
import { FATES, type Fate, live } from '../support/moves/mortal.ts';
import { createMovingScene, type MovingScene } from '../support/moves/scene.ts';
import { createRandom, propertySeed } from '../support/property/random.ts';

const SEED = propertySeed();
/** Batches are small enough for a transaction. */
const BATCHES = [340, 330, 330];
/** As in the profile standard. */
const SLOTS = 124;
const MAX_GAS_PER_USER = 25_000;
/** An owner who does not want to wait. */
const IMPATIENT = 7;
const REORG_CHANCE = 0.25;
const MAX_LIVES = 100;

describe(`A thousand moves between two rollups (QUITTANCE_TEST_SEED=${SEED})`, () => {
  const random = createRandom(SEED);
  const impatient = l1Wallet(IMPATIENT);
  let scene: MovingScene;
  let ledger: Awaited<ReturnType<typeof openLedger>>;

  const read = () => readClaimableBatches({ reader: scene.here.reader, fromBlock: scene.here.block });

  before(async function () {
    this.timeout(300_000);
    await createL1(); // compiles
    scene = await createMovingScene({ random, slotsPerChunk: SLOTS, batches: BATCHES, owners: [impatient.address] });
    ledger = await openLedger(scene);
  });
  after(() => scene?.stop());

  it('are all waiting at first', async () => {
    assert.equal(scene.moves.length, 1_000);
    assert.deepEqual(new Set(await ledger.check()), new Set(['waiting']));
  });

  it('can be claimed by an owner who does not want to wait', async () => {
    const [claim] = movesOf(await read(), BigInt(impatient.address));
    const rollup = rollupAt(scene.here.contract, impatient.connect(scene.provider));
    await (await rollup.claimMoves(claim!.header, claim!.destination, [toMoveProof(claim!)])).wait();
    const places = await ledger.check();
    assert.equal(places.filter((place) => place === 'claimed').length, 1);
  });

  it('are each in one place after every death, theft of work and reorg, and all there at the end', async function () {
    this.timeout(600_000);
    const { provider, moves } = scene;
    const seen = new Map<Fate, number>();
    let [lives, reorgs] = [0, 0];
    for (let isDone = false; !isDone; lives += 1) {
      assert.ok(lives < MAX_LIVES, 'the executor does not get on');
      // Every fate once, then as it comes.
      const fate = FATES[lives] ?? random.pick(FATES);
      const snapshot = (await provider.send('evm_snapshot', [])) as string;
      const life = await live(scene, fate, random.below(2), random);
      seen.set(fate, (seen.get(fate) ?? 0) + 1);
      await ledger.check();
      if (random.chance(REORG_CHANCE)) {
        reorgs += 1;
        await provider.send('evm_revert', [snapshot]);
        await ledger.check();
        continue;
      }
      isDone = !life.isKilled && life.executed.length === 0 && lives >= FATES.length;
    }
    const places = await ledger.check();
    for (const [position, { destination }] of moves.entries()) {
      if (destination !== 0) assert.equal(places[position], 'waiting');
      else assert.notEqual(places[position], 'waiting');
    }
    assert.deepEqual([...seen.keys()].sort(), [...FATES].sort());
    assert.ok(reorgs > 0);
  });

  it('are found on L1 by those who moved', async () => {
    const places = await ledger.check();
    const claims = movesTo(await read(), new Set([0, 7]));
    assert.deepEqual(await ledger.found(claims), places);
  });

  it(`cost at most ${MAX_GAS_PER_USER} gas a user`, async () => {
    const { here, provider } = scene;
    const { number: head } = await here.reader.head();
    const executed = (await here.reader.claims(here.block, head)).filter(
      ({ destination }) => destination !== undefined,
    );
    let gas = 0n;
    for (const hash of new Set(executed.map(({ transactionHash }) => transactionHash))) {
      gas += (await provider.getTransactionReceipt(hash))!.gasUsed;
    }
    assert.ok(Number(gas) / executed.length <= MAX_GAS_PER_USER, `${Number(gas) / executed.length} gas a user`);
  });
});

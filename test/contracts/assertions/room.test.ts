/** Who takes up the room of waiting batches: bonds do, proofs do not (docs/protocol.md, Assertion). */

import { DEPOSIT_RESERVE_LEAVES, headerHash, type StoredHeader } from '@quittance/protocol';
import { expect } from 'chai';
import { AbiCoder, keccak256 } from 'ethers';
import { type DeployedOptimistic, latestTime } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import type { BuiltAssertion, Tip } from '../../support/optimistic/asserted-batch.ts';
import {
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  dispute,
  finalize,
  sendAssertion,
  sendProven,
  submitProven,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { transferToNewOf } from '../../support/optimistic/slot-scripts.ts';
import { createPerson } from '../../support/rollup/person.ts';

const { alice } = HOLDERS;

describe('the room of waiting batches', () => {
  const MOST = 2;
  const fixture = assertionsFixture({ optimistic: { maxPending: MOST } }, async (world) => {
    await world.rollup.setProducer(world.alice.address, true);
    return {};
  });

  /** An empty batch behind the last of a chain. */
  const follow = async (chain: BuiltAssertion[], tip: Tip = fixture.prepared.tip): Promise<BuiltAssertion> => {
    const built = await buildOn(fixture.world, chain.at(-1) ?? tip, [{ slots: [] }]);
    chain.push(built);
    return built;
  };
  const finalizeLater = async (...batches: BuiltAssertion[]) => {
    const { world } = fixture;
    await at(world, (await latestTime(world)) + world.optimistic.challengePeriod + 1);
    await finalize(world, ...batches);
  };

  it('is not filled by proven batches: another producer asserts behind any number of them', async () => {
    const { world } = fixture;
    const chain: BuiltAssertion[] = [];
    await assertBatch(world, await follow(chain));
    for (let count = 0; count < 7; count += 1) await submitProven(world, await follow(chain));
    await assertBatch(world, await follow(chain), world.alice);
    await refuses(world, sendAssertion(world, await follow(chain), { signer: world.alice }), 'TooManyPending', MOST);
  });

  it('has no place for more batches with bonds than MAX_PENDING, and a proven one still waits behind them', async () => {
    const { world } = fixture;
    const chain: BuiltAssertion[] = [];
    await assertBatch(world, await follow(chain));
    await assertBatch(world, await follow(chain));
    await refuses(world, sendAssertion(world, await follow(chain)), 'TooManyPending', MOST);
    await sendProven(world, chain.at(-1)!);
    await refuses(world, sendAssertion(world, await follow(chain)), 'TooManyPending', MOST);
  });

  it('is free again for each batch with a bond that became final, and not for a proven one', async () => {
    const { world } = fixture;
    const chain: BuiltAssertion[] = [];
    await assertBatch(world, await follow(chain));
    await submitProven(world, await follow(chain));
    await assertBatch(world, await follow(chain));
    const fourth = await follow(chain);
    await refuses(world, sendAssertion(world, fourth), 'TooManyPending', MOST);
    await finalizeLater(chain[0]!);
    await assertBatch(world, fourth);
    await finalize(world, chain[1]!);
    await refuses(world, sendAssertion(world, await follow(chain)), 'TooManyPending', MOST);
    await finalize(world, chain[2]!);
    await assertBatch(world, chain[4]!);
    await refuses(world, sendAssertion(world, await follow(chain)), 'TooManyPending', MOST);
  });

  it('is free again behind a rejected batch, and whole when nothing waits', async () => {
    const { world, prepared } = fixture;
    const chain: BuiltAssertion[] = [];
    await assertBatch(world, await follow(chain));
    const second = await follow(chain);
    await assertBatch(world, second);
    await dispute(world, 2n, second);
    await world.l1.networkHelpers.time.increase(world.optimistic.answerWindow + 1);
    await assertionsBy(world, world.bob).rejectUnanswered(2n, 0);
    await assertBatch(world, second);
    await refuses(world, sendAssertion(world, await follow(chain)), 'TooManyPending', MOST);
    await finalizeLater(chain[0]!, second);
    const again: BuiltAssertion[] = [];
    await assertBatch(world, await follow(again, second));
    await assertBatch(world, await follow(again, second));
    await refuses(world, sendAssertion(world, await follow(again, second)), 'TooManyPending', MOST);
    expect(prepared.tip.header.number).to.equal(1);
  });

  describe('for new accounts', () => {
    /** Makes L1 believe that so many transfersToNew wait before the next batch: there are too many to send. */
    const withWaiting = async (world: DeployedOptimistic, waiting: number): Promise<StoredHeader> => {
      const { header } = fixture.prepared.tip;
      const rollup = await world.rollup.getAddress();
      const pretended = { ...header, transferToNewCount: waiting };
      for (let slot = 0; slot < 32; slot += 1) {
        const place = keccak256(AbiCoder.defaultAbiCoder().encode(['uint64', 'uint256'], [header.number, slot]));
        if ((await world.ethers.provider.getStorage(rollup, place)) !== headerHash(header)) continue;
        await world.l1.networkHelpers.setStorageAt(rollup, place, headerHash(pretended));
        return pretended;
      }
      throw new Error('the header was not found in storage');
    };

    it('holds what deposits leave free, for asserted and proven batches alike', async () => {
      const { world, prepared } = fixture;
      const parent = await withWaiting(world, DEPOSIT_RESERVE_LEAVES - 2);
      const tip = { ...prepared.tip, header: parent };
      const creating = (from: Tip, count: number) =>
        buildOn(world, from, [
          {
            slots: Array.from({ length: count }, (_, index) =>
              transferToNewOf(
                alice,
                { ...createPerson(`new ${index}`), index: 40 + index + 3 * from.header.number },
                1n,
              ),
            ),
          },
        ]);
      const most = DEPOSIT_RESERVE_LEAVES;
      await refuses(fixture.world, sendAssertion(world, await creating(tip, 3)), 'TooManyNewAccounts', most, most + 1);
      const first = await creating(tip, 1);
      await assertBatch(world, first);
      await refuses(fixture.world, sendProven(world, await creating(first, 2)), 'TooManyNewAccounts', most, most + 1);
      const second = await creating(first, 1);
      await sendProven(world, second);
      await refuses(
        fixture.world,
        sendAssertion(world, await creating(second, 1)),
        'TooManyNewAccounts',
        most,
        most + 1,
      );
      await sendAssertion(world, await creating(second, 0));
    });
  });
});

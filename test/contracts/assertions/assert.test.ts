import { FIELD_MODULUS, headerHash, packOwnerAndToken, RecordKind } from '@quittance/protocol';
import { expect } from 'chai';
import { getCreateAddress } from 'ethers';
import { record } from '../../support/contracts/batch.ts';
import { deployContract, latestTime } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import type { BuiltAssertion } from '../../support/optimistic/asserted-batch.ts';
import {
  assertArguments,
  assertBatch,
  assertionsBy,
  at,
  buildOn,
  sendAssertion,
} from '../../support/optimistic/calls.ts';
import { assertionsFixture } from '../../support/optimistic/fixture.ts';
import { HOLDERS } from '../../support/optimistic/lie-scene.ts';
import { priorityOf, transferOf } from '../../support/optimistic/slot-scripts.ts';

const { alice, bob } = HOLDERS;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Batch = { -readonly [Key in keyof BuiltAssertion['batch']]: Mutable<BuiltAssertion['batch'][Key]> };

describe('Assertions.assertBatch', () => {
  const fixture = assertionsFixture({ optimistic: { maxPending: 3 } });

  const build = (time?: number) =>
    buildOn(fixture.world, fixture.prepared.tip, [{ slots: [transferOf(alice, bob.index, 5n)] }, { slots: [] }], time);
  /** The batch with other content of the call, which nobody executes. */
  const changed = async (change: (batch: Batch) => void): Promise<BuiltAssertion> => {
    const built = await build();
    const batch = structuredClone(built.batch) as Batch;
    change(batch);
    return { ...built, batch };
  };

  it('keeps what waits under the first id, with the bond, and emits the header that TypeScript computes', async () => {
    const { world } = fixture;
    const { assertions, producer, optimistic } = world;
    const built = await build();
    const sent = sendAssertion(world, built);
    await expect(sent).to.changeEtherBalance(world.ethers, assertions, optimistic.assertionBond);
    await expect(sent)
      .to.emit(assertions, 'BatchAsserted')
      .withArgs(1n, 2n, built.headerHash, producer.address, false, Object.values(built.header));
    expect(await assertions.assertion(1n)).to.deep.equal([
      built.headerHash,
      built.contentHash,
      producer.address,
      BigInt(await latestTime(world)),
      2n,
      false,
      false,
      2n,
      0n,
      0n,
      1n,
    ]);
    expect(await assertions.pendingRange()).to.deep.equal([1n, 2n]);
    expect(await assertions.pendingId(2n)).to.equal(1n);
    expect(await assertions.isPending(1n)).to.equal(true);
    expect(await assertions.isFinalizable()).to.equal(false);
    expect(await assertions.counts()).to.deep.equal([1n, 0n]);
  });

  it('changes nothing of what is final', async () => {
    const { world } = fixture;
    await sendAssertion(world, await build());
    expect(await world.rollup.finalState()).to.deep.equal([1n, 0n, 0n]);
    expect(await world.rollup.headerHash(2)).to.equal(`0x${'00'.repeat(32)}`);
  });

  it('refuses any bond but the exact one', async () => {
    const { world } = fixture;
    const { assertionBond } = world.optimistic;
    for (const value of [0n, assertionBond - 1n, assertionBond + 1n]) {
      await refuses(world, sendAssertion(world, await build(), { value }), 'WrongBond', assertionBond, value);
    }
  });

  describe('refuses a caller', () => {
    it('that is no producer', async () => {
      const { world } = fixture;
      await refuses(
        world,
        sendAssertion(world, await build(), { signer: world.alice }),
        'NotProducer',
        world.alice.address,
      );
    });

    it('that was a producer', async () => {
      const { world } = fixture;
      await world.rollup.setProducer(world.producer.address, false);
      await refuses(world, sendAssertion(world, await build()), 'NotProducer', world.producer.address);
    });

    it('that is a contract', async () => {
      const { world } = fixture;
      const forwarder = await deployContract(world.ethers, 'Forwarder');
      await world.rollup.setProducer(await forwarder.getAddress(), true);
      const data = world.assertions.interface.encodeFunctionData('assertBatch', assertArguments(await build()));
      await refuses(
        world,
        forwarder.forward(await world.assertions.getAddress(), data, {
          value: world.optimistic.assertionBond,
        }),
        'CallerNotPlainAccount',
        await forwarder.getAddress(),
        world.owner.address,
      );
    });

    it('that is a contract without code yet, since it is being deployed', async () => {
      const { world } = fixture;
      const { alice, assertions, ethers, optimistic } = world;
      const data = assertions.interface.encodeFunctionData('assertBatch', assertArguments(await build()));
      const caller = getCreateAddress({ from: alice.address, nonce: await alice.getNonce() });
      await world.rollup.setProducer(caller, true);
      const value = optimistic.assertionBond;
      await refuses(
        world,
        ethers.deployContract('CallInConstructor', [await assertions.getAddress(), data], { signer: alice, value }),
        'CallerNotPlainAccount',
        caller,
        alice.address,
      );
    });

    it('that has delegated its account to code', async () => {
      const { world } = fixture;
      const forwarder = await deployContract(world.ethers, 'Forwarder');
      const built = await build();
      await world.ethers.provider.send('hardhat_setCode', [
        world.producer.address,
        `0xef0100${(await forwarder.getAddress()).slice(2)}`,
      ]);
      await refuses(
        world,
        sendAssertion(world, built),
        'CallerNotPlainAccount',
        world.producer.address,
        world.producer.address,
      );
    });
  });

  it('takes anyone’s batch a second after an operation is overdue for the timeout, and not before', async () => {
    const { world, prepared } = fixture;
    const { rollup, parameters } = world;
    await rollup.requestExit(1, 0, { value: parameters.priorityFee });
    const open = (await latestTime(world)) + parameters.priorityDelay + parameters.livenessTimeout + 1;
    const exit = record(RecordKind.forcedExit, [0n, packOwnerAndToken(BigInt(world.owner.address), 0), 0n], 1);
    const built = await buildOn(world, prepared.tip, [{ slots: [priorityOf(exit)] }], open - 10);
    await at(world, open - 1);
    await refuses(
      fixture.world,
      sendAssertion(world, built, { signer: world.alice }),
      'NotProducer',
      world.alice.address,
    );
    await at(world, open);
    await sendAssertion(world, built, { signer: world.alice });
  });

  describe('refuses a parent', () => {
    it('with any field changed', async () => {
      const { world, prepared } = fixture;
      const { header } = prepared.tip;
      const built = await build();
      const changes = [
        { number: 0 },
        { time: header.time - 1 },
        { parentHash: `0x${'11'.repeat(32)}` },
        { stateRoot: header.stateRoot + 1n },
        { chunksHash: `0x${'11'.repeat(32)}` },
        { withdrawalsRoot: `0x${'11'.repeat(32)}` },
        { withdrawalCount: 1 },
        { priorityCount: 1 },
        { transferToNewCount: 1 },
      ];
      expect(changes.length).to.equal(Object.keys(header).length);
      for (const change of changes) {
        const parent = { ...header, ...change };
        await refuses(
          world,
          sendAssertion(world, { ...built, parent }),
          'WrongParent',
          headerHash(header),
          headerHash(parent),
        );
      }
    });

    it('that is the last final one while another batch waits on it', async () => {
      const { world, prepared } = fixture;
      const first = await build();
      await assertBatch(world, first);
      await refuses(
        world,
        sendAssertion(world, await build(first.header.time - 1)),
        'WrongParent',
        first.headerHash,
        headerHash(prepared.tip.header),
      );
    });

    it('that is final but not the last', async () => {
      const { world, prepared } = fixture;
      const stale = await buildOn(world, { ...prepared.tip, header: world.genesis }, [{ slots: [] }]);
      await refuses(
        world,
        sendAssertion(world, stale),
        'WrongParent',
        headerHash(prepared.tip.header),
        headerHash(world.genesis),
      );
    });

    it('that waits but is not the last', async () => {
      const { world } = fixture;
      const first = await build();
      const second = await buildOn(world, first, [{ slots: [] }]);
      await assertBatch(world, first);
      await assertBatch(world, second);
      const other = await buildOn(world, first, [{ slots: [transferOf(bob, alice.index, 1n)] }]);
      await refuses(world, sendAssertion(world, other), 'WrongParent', second.headerHash, first.headerHash);
    });
  });

  it('takes batches on waiting ones up to the limit, and one more when a place is free again', async () => {
    const { world } = fixture;
    const { maxPending } = world.optimistic;
    const chain: BuiltAssertion[] = [await build()];
    for (let count = 1; count <= maxPending; count += 1) {
      chain.push(await buildOn(world, chain.at(-1)!, [{ slots: [] }]));
    }
    for (const built of chain.slice(0, maxPending)) await assertBatch(world, built);
    expect(await world.assertions.pendingRange()).to.deep.equal([1n, 1n + BigInt(maxPending)]);
    await refuses(world, sendAssertion(world, chain[maxPending]!), 'TooManyPending', maxPending);
    const { header } = chain[0]!;
    const { challengePeriod } = world.optimistic;
    await at(world, (await latestTime(world)) + challengePeriod + 1);
    await assertionsBy(world, world.alice).finalizeBatches([header]);
    expect(await assertBatch(world, chain[maxPending]!)).to.equal(BigInt(maxPending + 1));
  });

  describe('refuses a time', () => {
    it('before the parent, and takes the same second', async () => {
      const { world, prepared } = fixture;
      const { time } = prepared.tip.header;
      await refuses(world, sendAssertion(world, await build(time - 1)), 'BatchBeforeParent', time, time - 1);
      await sendAssertion(world, await build(time));
    });

    it('in the future, and takes the time of the block', async () => {
      const { world } = fixture;
      const next = (await latestTime(world)) + 10;
      const [future, present] = [await build(next + 1), await build(next + 1)];
      await at(world, next);
      await refuses(fixture.world, sendAssertion(world, future), 'BatchInFuture', next, next + 1);
      await at(world, next + 1);
      await sendAssertion(world, present);
    });

    it('too far back, and takes the oldest', async () => {
      const { world, prepared } = fixture;
      const { time } = prepared.tip.header;
      const built = await build(time);
      const last = time + Number(world.parameters.maxBatchAge);
      await world.l1.networkHelpers.time.increaseTo(last - 1);
      await at(world, last);
      const snapshot = await world.l1.networkHelpers.takeSnapshot();
      await sendAssertion(world, built);
      await snapshot.restore();
      await at(world, last + 1);
      await refuses(world, sendAssertion(world, built), 'BatchTooOld', time + 1, time);
    });
  });

  describe('refuses a shape', () => {
    it('of another number', async () => {
      for (const number of [1, 3]) {
        await refuses(
          fixture.world,
          sendAssertion(
            fixture.world,
            await changed((batch) => {
              batch.number = number;
            }),
          ),
          'WrongBatchNumber',
          2,
          number,
        );
      }
    });

    it('of no chunks and of more than the most', async () => {
      const { world, prepared } = fixture;
      const none = { ...(await build()), chunks: [], authorizations: [], visible: [] };
      await refuses(world, sendAssertion(world, none), 'WrongChunkCount', 3, 0);
      const four = await buildOn(world, prepared.tip, [{ slots: [] }, { slots: [] }, { slots: [] }, { slots: [] }]);
      await refuses(world, sendAssertion(world, four), 'WrongChunkCount', 3, 4);
    });

    it('with a list of another length', async () => {
      const { world } = fixture;
      for (const list of ['roots', 'commitments', 'feeTokens'] as const) {
        const expected = list === 'roots' ? 3 : 2;
        const longer = await changed((batch) => {
          batch[list] = [...batch[list], 1n];
        });
        await refuses(world, sendAssertion(world, longer), 'WrongListLength', list, expected, expected + 1);
        const shorter = await changed((batch) => {
          batch[list] = batch[list].slice(1);
        });
        await refuses(world, sendAssertion(world, shorter), 'WrongListLength', list, expected, expected - 1);
      }
      const built = await build();
      const { chunks, visible, authorizations } = built;
      for (const [list, count] of [
        [[...chunks, new Uint8Array(62)], 3],
        [chunks.slice(1), 1],
      ] as const) {
        await refuses(world, sendAssertion(world, { ...built, chunks: list }), 'WrongListLength', 'chunks', 2, count);
      }
      // The visible lists say how many chunks there are.
      const fewer = { ...built, visible: visible.slice(1) };
      await refuses(world, sendAssertion(world, fewer), 'WrongListLength', 'roots', 2, 3);
      const longer = { ...built, authorizations: [...authorizations, new Uint8Array()] };
      await refuses(world, sendAssertion(world, longer), 'WrongListLength', 'authorizations', 2, 3);
      const shorter = { ...built, authorizations: authorizations.slice(1) };
      await refuses(world, sendAssertion(world, shorter), 'WrongListLength', 'authorizations', 2, 1);
    });
  });

  describe('refuses a number', () => {
    it('as first root that is not the parent’s root', async () => {
      const { world, prepared } = fixture;
      const { stateRoot } = prepared.tip.header;
      const built = await changed((batch) => {
        batch.roots = [stateRoot + 1n, ...batch.roots.slice(1)];
      });
      await refuses(world, sendAssertion(world, built), 'WrongFirstRoot', stateRoot, stateRoot + 1n);
    });

    it('not below r as root or commitment, which no proof and no step could name, and takes r − 1', async () => {
      const { world } = fixture;
      for (const list of ['roots', 'commitments'] as const) {
        for (const position of list === 'roots' ? [1, 2] : [0, 1]) {
          const of = (value: bigint) =>
            changed((batch) => {
              batch[list] = batch[list].with(position, value);
            });
          for (const value of [FIELD_MODULUS, 2n ** 256n - 1n]) {
            const input = list === 'roots' ? 1 : 2;
            const chunk = list === 'roots' ? position - 1 : position;
            await refuses(fixture.world, sendAssertion(world, await of(value)), 'InputNotInField', chunk, input, value);
          }
          const snapshot = await world.l1.networkHelpers.takeSnapshot();
          await sendAssertion(world, await of(FIELD_MODULUS - 1n));
          await snapshot.restore();
        }
      }
    });

    it('as fee tokens that are not in order', async () => {
      const built = await changed((batch) => {
        batch.feeTokens = batch.feeTokens.with(1, 0n);
      });
      await refuses(fixture.world, sendAssertion(fixture.world, built), 'WrongFeeTokens', 1, 0n);
    });
  });
});

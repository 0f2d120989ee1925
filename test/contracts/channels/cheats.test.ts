/** Who cheats gains nothing, and who means harm does none: old versions, forks of versions, reorgs, calls sent first. */

import { type ChannelState, signChannelState } from '@quittance/protocol';
import { expect } from 'chai';
import { secretOf } from '../../support/channels/secrets.ts';
import { BOND, type ChannelWorld, deployChannels, htlcOf, stateOf } from '../../support/channels/world.ts';
import { deployContract, latestTime, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { connectedTo } from '../../support/contracts/types.ts';

describe('a channel with somebody who cheats', () => {
  const fixture = rollupFixture({}, (world) => deployChannels(world));
  const it_ = (): ChannelWorld => fixture.prepared;
  const fund = (value: bigint, to = it_().vault) => fixture.world.owner.sendTransaction({ to, value });
  const balanceOf = (account: string): Promise<bigint> => fixture.world.ethers.provider.getBalance(account);
  const snapshot = () => fixture.world.l1.networkHelpers.takeSnapshot();
  const nextAt = (time: bigint | number) => fixture.world.l1.networkHelpers.time.setNextBlockTimestamp(time);

  /** Pays both what is there for them. @returns what each got. */
  async function payAll(): Promise<{ a: bigint; b: bigint }> {
    const { channels, terms, a, b, vault } = it_();
    const before = { a: await balanceOf(a), b: await balanceOf(b) };
    for (const [party, toB] of [
      [a, false],
      [b, true],
    ] as const) {
      // Nothing at all is refused.
      await channels
        .payout(terms, toB)
        .catch(() => refuses(channels, channels.payout(terms, toB), 'NothingToPay', vault, party));
    }
    return { a: (await balanceOf(a)) - before.a, b: (await balanceOf(b)) - before.b };
  }

  it('pays by the newest version, whichever old one is shown by whom, and whoever shows the newest', async () => {
    const { channels, terms, sign, byOther, a, b, vault } = it_();
    const versions: ChannelState[] = [
      stateOf({ version: 0, residualIsB: false }),
      stateOf({ version: 1, claim: 60n, residualIsB: false }),
      stateOf({ version: 2, claim: 35n, residualIsB: false, htlcs: [htlcOf({ expiry: 1, amount: 25n })] }),
      stateOf({ version: 3, claim: 90n, residualIsB: true }),
      stateOf({ version: 4, claim: 5n, residualIsB: true }),
      stateOf({ version: 5, claim: 40n, residualIsB: true }),
    ];
    const newest = versions.at(-1)!;
    await fund(100n);
    const start = await snapshot();
    for (const [cheat, victim] of [
      [a, b],
      [b, a],
    ] as const) {
      for (const old of versions.slice(0, -1)) {
        for (const by of [victim, fixture.world.bob.address]) {
          await it_().close(old, { by: cheat });
          if (by === victim) await it_().challenge(newest, victim);
          else await byOther.challenge(terms, newest, sign(newest));
          // No version of the cheat is higher.
          for (const again of versions) {
            await refuses(channels, it_().challenge(again, cheat), 'VersionNotHigher', 5, again.version);
          }
          await it_().endPeriod();
          await channels.settle(terms, newest);
          const holder = old.version === 4 ? cheat : victim;
          expect((await channels.closeOf(vault)).bondHolder).to.equal(holder);
          expect(await payAll(), `${old.version} by ${cheat}`).to.deep.equal({ a: 40n, b: 60n });
          await start.restore();
        }
      }
    }
  });

  it('lets an old version stand where nobody shows a newer one in the period, and closes no second time', async () => {
    const { channels, terms, vault, b } = it_();
    const old = stateOf({ version: 1, claim: 90n });
    await fund(100n);
    await it_().close(old);
    await it_().endPeriod();
    await channels.settle(terms, old);
    const newest = stateOf({ version: 9, claim: 5n });
    const { periodEnd } = await channels.closeOf(vault);
    await expect(it_().challenge(newest)).to.be.revertedWithCustomError(channels, 'PeriodOver');
    await refuses(channels, it_().close(newest, { by: b }), 'AlreadyClosing', vault, 1);
    expect(await payAll()).to.deep.equal({ a: 90n, b: 10n });
    await refuses(channels, it_().close(newest, { by: b }), 'AlreadyClosing', vault, 1);
    expect((await channels.closeOf(vault)).periodEnd).to.equal(periodEnd);
  });

  it('takes of two states with one version that which is shown first, in both orders', async () => {
    const { channels, terms, hashOf, vault } = it_();
    const twins = [stateOf({ version: 3, claim: 10n }), stateOf({ version: 3, claim: 90n })] as const;
    await fund(100n);
    const start = await snapshot();
    for (const [first, second] of [twins, [twins[1], twins[0]]] as const) {
      for (const isShownByChallenge of [false, true]) {
        if (isShownByChallenge) await it_().close(stateOf({ version: 1 }));
        await (isShownByChallenge ? it_().challenge(first) : it_().close(first));
        await refuses(channels, it_().challenge(second), 'VersionNotHigher', 3, 3);
        await it_().endPeriod();
        await refuses(channels, channels.settle(terms, second), 'WrongState', hashOf(first), hashOf(second));
        await channels.settle(terms, first);
        expect((await channels.closeOf(vault)).claim).to.equal(first.claim);
        expect(await payAll()).to.deep.equal({ a: first.claim, b: 100n - first.claim });
        await start.restore();
      }
    }
  });

  it('pays what is left after each prefix of the transfers of a cooperative close, whoever is the residual party', async () => {
    const { channels, terms, a, b } = it_();
    const start = await snapshot();
    for (const residualIsB of [false, true]) {
      for (const claim of [0n, 1n, 30n, 99n, 100n]) {
        const own = residualIsB ? { a: claim, b: 100n - claim } : { a: 100n - claim, b: claim };
        // The residual party first; who would get nothing gets no transfer.
        const order = residualIsB ? (['b', 'a'] as const) : (['a', 'b'] as const);
        for (const executed of [0, 1, 2]) {
          for (const gift of [0n, 7n]) {
            const got = { a: 0n, b: 0n };
            for (const party of order.slice(0, executed)) got[party] = own[party];
            await fund(100n - got.a - got.b + gift);
            const state = stateOf({ version: 4, claim, residualIsB });
            await it_().close(state, { by: claim % 2n === 0n ? a : b });
            await it_().endPeriod();
            await channels.settle(terms, state);
            const paid = await payAll();
            const name = `claim ${claim} of ${residualIsB ? 'a' : 'b'}, ${executed} executed`;
            expect(got.a + paid.a >= own.a && got.b + paid.b >= own.b, name).to.equal(true);
            expect(paid.a + paid.b + got.a + got.b, name).to.equal(100n + gift);
            await start.restore();
          }
        }
      }
    }
  });

  it('lets a challenge that a reorg dropped be sent again, to the last second', async () => {
    const { channels, terms, vault, hashOf } = it_();
    const [old, newest] = [stateOf({ version: 1, claim: 90n }), stateOf({ version: 8, claim: 10n })];
    await fund(100n);
    await it_().close(old);
    const { periodEnd } = await channels.closeOf(vault);
    const before = await snapshot();
    await it_().challenge(newest);
    expect((await channels.closeOf(vault)).stateHash).to.equal(hashOf(newest));
    await before.restore();
    expect((await channels.closeOf(vault)).stateHash).to.equal(hashOf(old));
    await nextAt(periodEnd - 1n);
    await it_().challenge(newest);
    await channels.settle(terms, newest);
    expect(await payAll()).to.deep.equal({ a: 10n, b: 90n });
  });

  it('can be closed again, by either party, when a reorg dropped the close with all behind it', async () => {
    const { channels, terms, vault, b } = it_();
    const [old, newest] = [stateOf({ version: 1, claim: 90n }), stateOf({ version: 8, claim: 10n })];
    await fund(100n);
    const before = await snapshot();
    await it_().close(old);
    await it_().challenge(newest);
    await it_().endPeriod();
    await channels.settle(terms, newest);
    await before.restore();
    expect((await channels.closeOf(vault)).periodEnd).to.equal(0n);
    expect(await channels.creditOf(b)).to.equal(0n);
    await it_().close(newest, { by: b });
    await it_().endPeriod();
    await channels.settle(terms, newest);
    expect(await payAll()).to.deep.equal({ a: 10n, b: 90n });
  });

  it('costs who wanted to close a challenge, and no bond, when the other party closes first with an old version', async () => {
    const { channels, terms, vault, byA, sign, a, b } = it_();
    const newest = stateOf({ version: 8, claim: 10n });
    const { rollup } = fixture.world;
    await it_().close(stateOf({ version: 2 }), { by: b });
    const before = await balanceOf(await channels.getAddress());
    const fee = await rollup.priorityFee();
    const late = byA.close(terms, newest, sign(newest), [5], { value: BOND + fee });
    await refuses(channels, late, 'AlreadyClosing', vault, 2);
    await it_().challenge(newest, a);
    await byA.requestExits(terms, [5], { value: fee });
    expect(await balanceOf(await channels.getAddress())).to.equal(before);
    expect((await rollup.queueState())[0]).to.equal(1n);
    expect((await channels.closeOf(vault)).bondHolder).to.equal(a);
  });

  it('is not harmed by gifts of strangers, in its currency or another, at any time', async () => {
    const { world } = fixture;
    const { channels, terms, vault, a, b } = it_();
    const token = await deployContract(world.ethers, 'TestToken', ['Test', 'TST']);
    await token.mint(vault, 1_000n);
    await fund(13n);
    await fund(100n);
    const state = stateOf({ claim: 40n });
    await it_().close(state);
    await fund(1n);
    await it_().endPeriod();
    await channels.settle(terms, state);
    await fund(2n);
    expect(await payAll()).to.deep.equal({ a: 40n, b: 76n });
    await fund(3n);
    expect(await payAll()).to.deep.equal({ a: 0n, b: 3n });
    await refuses(channels, channels.payout(terms, false), 'NothingToPay', vault, a);
    await refuses(channels, channels.payout(terms, true), 'NothingToPay', vault, b);
    expect(await token.balanceOf(vault)).to.equal(1_000n);
  });

  it('is settled and paid by strangers as by the parties, and once', async () => {
    const { channels, terms, byOther, vault, a, b } = it_();
    await fund(100n);
    const state = stateOf({ claim: 40n });
    await it_().close(state);
    await it_().endPeriod();
    await byOther.settle(terms, state);
    await refuses(channels, channels.settle(terms, state), 'AlreadySettled', vault);
    expect(await channels.creditOf(a)).to.equal(BOND);
    const before = await balanceOf(b);
    await byOther.payout(terms, true);
    await refuses(channels, channels.payout(terms, true), 'NothingToPay', vault, b);
    expect((await balanceOf(b)) - before).to.equal(60n);
  });

  it('cannot be deployed, closed or opened for others by a stranger, under any terms', async () => {
    const { channels, terms, byOther, sign, vault, a, b } = it_();
    const { bob, ethers } = fixture.world;
    const value = { value: BOND };
    await refuses(channels, byOther.close(terms, stateOf(), sign(stateOf()), [], value), 'NotParty', bob.address, a, b);
    // Terms of his own make another vault, and it takes the signatures of both there.
    const own = { ...terms, a: bob.address };
    expect(await channels.vaultOf(own)).not.to.equal(vault);
    const close = byOther.close(own, stateOf(), sign(stateOf()), [], value);
    await expect(close).to.be.revertedWithCustomError(channels, 'WrongSignature');
    expect(await ethers.provider.getCode(vault)).to.equal('0x');
    await it_().close(stateOf());
    await refuses(channels, byOther.requestExits(terms, [], {}), 'NotParty', bob.address, a, b);
  });

  it('holds exactly the bonds of what is open and what nobody collected', async () => {
    const { world } = fixture;
    const { channels, terms, byA, byB, keys, a, b } = it_();
    const address = await channels.getAddress();
    const others = [8n, 9n].map((nonce) => ({ ...terms, nonce }));
    const signaturesOf = async (some: typeof terms, state: ChannelState) => {
      const hash = await channels.stateHash(await channels.vaultOf(some), state);
      return [keys.a, keys.b].map((key) => signChannelState(hash, key));
    };
    const state = stateOf({ version: 2 });
    await it_().close(state);
    await byB.close(others[0], state, await signaturesOf(others[0]!, state), [], { value: BOND });
    await byB.close(others[1], state, await signaturesOf(others[1]!, state), [], { value: BOND });
    expect(await balanceOf(address)).to.equal(3n * BOND);
    const newest = stateOf({ version: 9 });
    await byA.challenge(others[1], newest, await signaturesOf(others[1]!, newest));
    await world.l1.networkHelpers.time.increase(terms.period);
    await channels.settle(terms, state);
    await channels.settle(others[0], state);
    await channels.settle(others[1], newest);
    expect([await channels.creditOf(a), await channels.creditOf(b)]).to.deep.equal([2n * BOND, BOND]);
    await byA.collectBonds(a);
    expect(await balanceOf(address)).to.equal(BOND);
    await refuses(channels, byA.collectBonds(a), 'NoCredit', a);
    const byBob = connectedTo(channels, world.bob);
    await refuses(channels, byBob.collectBonds(world.bob.address), 'NoCredit', world.bob.address);
    await byB.collectBonds(b);
    expect(await balanceOf(address)).to.equal(0n);
  });

  it('gives an HTLC to whom its secret says, shown a second before its expiry, in it, or a second behind', async () => {
    const { channels, terms, preimages, vault } = it_();
    const expiry = (await latestTime(fixture.world)) + 10_000;
    await fund(100n);
    const start = await snapshot();
    for (const toSenior of [false, true]) {
      const state = stateOf({ claim: 20n, htlcs: [htlcOf({ amount: 11n, expiry, toSenior })] });
      for (const [after, isPaid] of [
        [-1, true],
        [0, true],
        [1, false],
      ] as const) {
        await it_().close(state);
        await nextAt(expiry + after);
        await preimages.reveal(secretOf('one').secret);
        await channels.settle(terms, state);
        const claim = isPaid === toSenior ? 31n : 20n;
        expect((await channels.closeOf(vault)).claim, `${after} s, ${toSenior}`).to.equal(claim);
        expect(await payAll()).to.deep.equal({ a: claim, b: 100n - claim });
        await start.restore();
      }
    }
  });
});

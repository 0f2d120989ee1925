/** What each party gets in the end: claims, HTLCs, money that comes late, in parts, as a gift, or not at all. */

import { type ChannelState, channelShares, type Htlc, MAX_LOCK_AFTER_PERIOD } from '@quittance/protocol';
import { expect } from 'chai';
import { ZeroAddress } from 'ethers';
import { secretOf } from '../../support/channels/secrets.ts';
import { BOND, type ChannelWorld, deployChannels, htlcOf, stateOf } from '../../support/channels/world.ts';
import { deployContract, latestTime, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { createRandom } from '../../support/property/random.ts';

describe('the settlement of a channel', () => {
  const fixture = rollupFixture({}, (world) => deployChannels(world));
  const it_ = (): ChannelWorld => fixture.prepared;
  const fund = (value: bigint) => fixture.world.owner.sendTransaction({ to: it_().vault, value });
  const balanceOf = (account: string): Promise<bigint> => fixture.world.ethers.provider.getBalance(account);

  /** Closes with a state, waits for the period, settles. */
  async function settled(state: ChannelState) {
    await it_().close(state);
    await it_().endPeriod();
    return it_().channels.settle(it_().terms, state);
  }

  /** Pays a party. @returns what it got. */
  async function pay(toB: boolean): Promise<bigint> {
    const { channels, terms, a, b } = it_();
    const party = toB ? b : a;
    const before = await balanceOf(party);
    await channels.payout(terms, toB);
    return (await balanceOf(party)) - before;
  }

  it('waits for the end of the period, and takes the state that was shown last, once', async () => {
    const { channels, terms, vault, hashOf, a } = it_();
    const state = stateOf({ claim: 3n });
    await refuses(channels, channels.settle(terms, state), 'NotClosing', vault);
    await it_().close(state);
    const { periodEnd } = await channels.closeOf(vault);
    await fixture.world.l1.networkHelpers.time.setNextBlockTimestamp(periodEnd - 1n);
    await refuses(channels, channels.settle(terms, state), 'PeriodNotOver', periodEnd, periodEnd - 1n);
    await it_().endPeriod();
    const other = stateOf({ claim: 4n });
    await refuses(channels, channels.settle(terms, other), 'WrongState', hashOf(state), hashOf(other));
    await expect(channels.settle(terms, state)).to.emit(channels, 'Settled').withArgs(vault, a, 3n);
    expect(await channels.creditOf(a)).to.equal(BOND);
    await refuses(channels, channels.settle(terms, state), 'AlreadySettled', vault);
  });

  it('pays the senior its claim and the other the rest, whoever asks and in whichever order', async () => {
    await fund(100n);
    await settled(stateOf({ claim: 30n }));
    expect([await pay(true), await pay(false)]).to.deep.equal([70n, 30n]);
    const { channels, terms, vault, a, b } = it_();
    await refuses(channels, channels.payout(terms, true), 'NothingToPay', vault, b);
    await refuses(channels, channels.payout(terms, false), 'NothingToPay', vault, a);
  });

  it('gives what comes late or as a gift to who is still short, and then to the residual party', async () => {
    await fund(10n);
    await settled(stateOf({ claim: 30n, residualIsB: false }));
    const { channels, terms, vault, a } = it_();
    expect(await pay(true)).to.equal(10n);
    await refuses(channels, channels.payout(terms, false), 'NothingToPay', vault, a);
    await fund(25n);
    expect([await pay(true), await pay(false)]).to.deep.equal([20n, 5n]);
    await fund(1n);
    expect(await pay(false)).to.equal(1n);
  });

  it('refuses to pay before it, and to nobody', async () => {
    const { channels, terms, vault, byA, byOther, contract, a, b } = it_();
    await fund(10n);
    await refuses(channels, channels.payout(terms, true), 'NotSettled', vault);
    await it_().close(stateOf());
    await refuses(channels, channels.payout(terms, true), 'NotSettled', vault);
    await it_().endPeriod();
    await channels.settle(terms, stateOf());
    await refuses(channels, byA.payoutTo(terms, ZeroAddress), 'NoReceiver', ZeroAddress);
    // A vault that pays itself has as much as before, and its party had its share.
    for (const nobody of [contract.channels, vault]) {
      await refuses(channels, byA.payoutTo(terms, nobody), 'NoReceiver', nobody);
    }
    await refuses(channels, byOther.payoutTo(terms, a), 'NotParty', fixture.world.bob.address, a, b);
  });

  it('lets a party have its own share sent elsewhere', async () => {
    await fund(10n);
    await settled(stateOf({ claim: 4n }));
    const { terms, byA, byB } = it_();
    const there = '0x00000000000000000000000000000000000000ff';
    await byA.payoutTo(terms, there);
    expect(await balanceOf(there)).to.equal(4n);
    await byB.payoutTo(terms, there);
    expect(await balanceOf(there)).to.equal(10n);
  });

  it('lets the vault obey the contract alone', async () => {
    await fund(10n);
    await it_().close(stateOf());
    const { ethers, bob } = fixture.world;
    for (const address of [it_().vault, it_().implementation]) {
      const vault = await ethers.getContractAt('ChannelVault', address, bob);
      for (const call of [
        vault.getFunction('requestExit')(0, 0),
        vault.getFunction('collectFees')(bob.address),
        vault.getFunction('pay')(ZeroAddress, bob.address, 1n),
      ]) {
        await refuses(vault, call, 'NotChannels', bob.address);
      }
    }
  });

  it('pays a bond back once, to whom its holder says', async () => {
    const { channels, byA, byB, contract, b } = it_();
    await settled(stateOf());
    const there = '0x00000000000000000000000000000000000000fe';
    await refuses(channels, byB.collectBonds(there), 'NoCredit', b);
    await refuses(channels, byA.collectBonds(ZeroAddress), 'NoReceiver', ZeroAddress);
    await refuses(channels, byA.collectBonds(contract.channels), 'NoReceiver', contract.channels);
    await byA.collectBonds(there);
    expect(await balanceOf(there)).to.equal(BOND);
    await refuses(channels, byA.collectBonds(there), 'NoCredit', it_().a);
  });

  describe('with HTLCs', () => {
    const expiry = async () => (await latestTime(fixture.world)) + 10_000;

    it('waits for the secret or the expiry of each', async () => {
      const { channels, terms, vault, preimages, a } = it_();
      const state = stateOf({ claim: 1n, htlcs: [htlcOf({ expiry: await expiry(), amount: 7n })] });
      await it_().close(state);
      await it_().endPeriod();
      const { periodEnd } = await channels.closeOf(vault);
      await refuses(channels, channels.settle(terms, state), 'HtlcPending', 0, state.htlcs[0]!.expiry, periodEnd);
      await preimages.reveal(secretOf('one').secret);
      await expect(channels.settle(terms, state)).to.emit(channels, 'Settled').withArgs(vault, a, 8n);
    });

    it('counts secrets that are shown together, each by its first time, at no more gas each than alone', async () => {
      const { preimages } = it_();
      const secrets = Array.from({ length: 50 }, (_, place) => secretOf(`together/${place}`));
      await preimages.reveal(secrets[0]!.secret);
      const first = await preimages.revealedAt(secrets[0]!.hash);
      const shown = [...secrets, secrets[1]!].map(({ secret }) => secret);
      const transaction = await preimages.revealAll(shown);
      const { gasUsed, logs } = (await transaction.wait())!;
      expect(logs.length).to.equal(secrets.length - 1);
      const at = await latestTime(fixture.world);
      expect(await preimages.revealedAt(secrets[0]!.hash)).to.equal(first);
      for (const { hash } of secrets.slice(1)) expect(await preimages.revealedAt(hash)).to.equal(at);
      const alone = await (await preimages.reveal(secretOf('alone').secret)).wait();
      expect(Number(gasUsed) / secrets.length).to.be.lessThan((Number(alone!.gasUsed) * 2) / 3);
    });

    it('waits for no secret longer than 30 days after the period, whatever the expiry', async () => {
      const { channels, terms, vault, preimages, a } = it_();
      const { time } = fixture.world.l1.networkHelpers;
      const state = stateOf({ claim: 1n, htlcs: [htlcOf({ expiry: 2 ** 40 - 1, amount: 7n })] });
      await it_().close(state);
      const last = Number((await channels.closeOf(vault)).periodEnd) + MAX_LOCK_AFTER_PERIOD;
      await time.setNextBlockTimestamp(last);
      await refuses(channels, channels.settle(terms, state), 'HtlcPending', 0, 2 ** 40 - 1, last);
      await time.setNextBlockTimestamp(last + 1);
      await preimages.reveal(secretOf('one').secret);
      await expect(channels.settle(terms, state)).to.emit(channels, 'Settled').withArgs(vault, a, 1n);
    });

    it('counts a secret in the last second and not one later, and a first time for good', async () => {
      const { channels, terms, vault, preimages, a } = it_();
      const { time, takeSnapshot } = fixture.world.l1.networkHelpers;
      const last = await expiry();
      const both: Htlc[] = [
        htlcOf({ expiry: last, amount: 7n }),
        htlcOf({ expiry: last, amount: 11n, toSenior: false }),
      ];
      const state = stateOf({ claim: 1n, htlcs: both });
      await it_().close(state);
      const snapshot = await takeSnapshot();
      await time.setNextBlockTimestamp(last);
      await preimages.reveal(secretOf('one').secret);
      await preimages.reveal(secretOf('one').secret);
      expect(await preimages.revealedAt(secretOf('one').hash)).to.equal(last);
      await expect(channels.settle(terms, state)).to.emit(channels, 'Settled').withArgs(vault, a, 8n);
      await snapshot.restore();
      await time.setNextBlockTimestamp(last + 1);
      await preimages.reveal(secretOf('one').secret);
      await expect(channels.settle(terms, state)).to.emit(channels, 'Settled').withArgs(vault, a, 12n);
    });
  });

  it('comes to the shares of the rules in TypeScript for random states, secrets and payments', async function () {
    this.timeout(120_000);
    const random = createRandom('channel settlements');
    const { takeSnapshot, time } = fixture.world.l1.networkHelpers;
    const start = await takeSnapshot();
    for (let schedule = 0; schedule < 40; schedule += 1) {
      const { channels, terms, preimages } = it_();
      const now = await latestTime(fixture.world);
      const htlcs = Array.from({ length: random.below(5) }, (_, position) =>
        htlcOf({
          amount: BigInt(random.below(50)),
          hash: secretOf(`${schedule}/${position}`).hash,
          expiry: now + 100 + random.below(8_000),
          toSenior: random.below(2) === 0,
        }),
      );
      const state = stateOf({
        version: 5,
        claim: BigInt(random.below(100)),
        residualIsB: random.below(2) === 0,
        htlcs,
      });
      if (random.below(2) === 0) await it_().close(state);
      else {
        await it_().close(stateOf({ version: random.below(5), claim: 99n }));
        await it_().challenge(state);
      }
      const shown = new Map<string, number>();
      for (const [position, { hash }] of htlcs.entries()) {
        if (random.below(3) === 0) continue;
        const at = (await latestTime(fixture.world)) + 1 + random.below(3_000);
        await time.setNextBlockTimestamp(at);
        await preimages.reveal(secretOf(`${schedule}/${position}`).secret);
        shown.set(hash, at);
      }
      await time.increase(12_000);
      await channels.settle(terms, state);
      const isPaid = ({ hash, expiry }: Htlc) => (shown.get(hash) ?? Number.POSITIVE_INFINITY) <= expiry;
      const got = { a: 0n, b: 0n };
      let total = 0n;
      for (let payment = 0; payment < 3; payment += 1) {
        const value = BigInt(random.below(120));
        if (value > 0n) await fund(value);
        total += value;
        const due = channelShares(state, total, isPaid);
        for (const party of random.below(2) === 0 ? (['a', 'b'] as const) : (['b', 'a'] as const)) {
          if (due[party] > got[party]) got[party] += await pay(party === 'b');
        }
        expect(got, `schedule ${schedule}`).to.deep.equal(due);
      }
      await start.restore();
    }
  });

  it('settles channels in tokens, those that barred a party or lie included, without harm to the other', async () => {
    const { world } = fixture;
    const token = await deployContract(world.ethers, 'BarringToken', []);
    await world.rollup.registerToken(await token.getAddress());
    const barred = await deployChannels(world, 1);
    await token.mint(barred.vault, 50n);
    const state = stateOf({ claim: 20n });
    await barred.close(state);
    await barred.endPeriod();
    await barred.channels.settle(barred.terms, state);
    await token.bar(barred.a);
    await expect(barred.channels.payout(barred.terms, false)).to.revert(world.ethers);
    await barred.channels.payout(barred.terms, true);
    expect(await token.balanceOf(barred.b)).to.equal(30n);
    await barred.byA.payoutTo(barred.terms, world.bob.address);
    expect(await token.balanceOf(world.bob.address)).to.equal(20n);
  });
});

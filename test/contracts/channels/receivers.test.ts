/** Parties that refuse their money, receivers that call back, and tokens that do not do what they say. */

import type { Htlc } from '@quittance/protocol';
import { expect } from 'chai';
import { type BaseContract, ZeroAddress } from 'ethers';
import { calledBack, callingCode, delegate, REFUSING_CODE, setCode } from '../../support/channels/receivers.ts';
import { secretOf } from '../../support/channels/secrets.ts';
import { BOND, type ChannelWorld, deployChannels, htlcOf, stateOf } from '../../support/channels/world.ts';
import { deployContract, latestTime, rollupFixture } from '../../support/contracts/deployment.ts';
import { refuses } from '../../support/contracts/refusal.ts';
import { type ContractTypes, typed } from '../../support/contracts/types.ts';

const THERE = '0x00000000000000000000000000000000000000fd';

describe('who is paid by a channel', () => {
  const fixture = rollupFixture({}, (world) => deployChannels(world));
  const it_ = (): ChannelWorld => fixture.prepared;
  const balanceOf = (account: string): Promise<bigint> => fixture.world.ethers.provider.getBalance(account);
  const fund = (value: bigint) => fixture.world.owner.sendTransaction({ to: it_().vault, value });
  const STATE = stateOf({ claim: 40n });

  /** Closes, settles, with 100 in the vault: 40 of A and 60 of B. */
  async function settled(): Promise<ChannelWorld> {
    await fund(100n);
    await it_().close(STATE);
    await it_().endPeriod();
    await it_().channels.settle(it_().terms, STATE);
    return it_();
  }

  it('may refuse ETH: that fails its own payment only, and it has its share sent elsewhere', async () => {
    const { channels, terms, byA, a, b, vault } = await settled();
    await delegate(fixture.world, a, REFUSING_CODE);
    const declares = await fixture.world.ethers.getContractAt('ChannelVault', vault);
    await refuses(declares, channels.payout(terms, false), 'PaymentRefused', a, 40n);
    const before = await balanceOf(b);
    await channels.payout(terms, true);
    expect((await balanceOf(b)) - before).to.equal(60n);
    await refuses(declares, byA.payoutTo(terms, a), 'PaymentRefused', a, 40n);
    await byA.payoutTo(terms, THERE);
    expect(await balanceOf(THERE)).to.equal(40n);
    await refuses(channels, byA.payoutTo(terms, THERE), 'NothingToPay', vault, a);
  });

  it('may refuse its bond: it stays there until it names somebody who takes it', async () => {
    const { channels, byA, a } = await settled();
    await delegate(fixture.world, a, REFUSING_CODE);
    await refuses(channels, byA.collectBonds(a), 'PaymentRefused', a, BOND);
    expect(await channels.creditOf(a)).to.equal(BOND);
    await byA.collectBonds(THERE);
    expect(await balanceOf(THERE)).to.equal(BOND);
    expect(await channels.creditOf(a)).to.equal(0n);
  });

  describe('and calls back', () => {
    /** Everything that pays, or that the guard keeps from calls within calls. */
    function guarded({ channels, terms, sign }: ChannelWorld): [name: string, data: string][] {
      const call = (name: string, ...values: unknown[]) => channels.interface.encodeFunctionData(name, values);
      return [
        ['payout to itself', call('payout', terms, false)],
        ['payout to the other', call('payout', terms, true)],
        ['payoutTo', call('payoutTo', terms, THERE)],
        ['collectBonds', call('collectBonds', THERE)],
        ['collectExitFees', call('collectExitFees', terms)],
        ['requestExits', call('requestExits', terms, [])],
        ['close', call('close', { ...terms, nonce: 99n }, STATE, sign(STATE), [])],
      ];
    }

    const selectorOf = (name: string, { interface: declared }: BaseContract = it_().channels) =>
      declared.getError(name)!.selector;

    /** A has code that calls `data` of the contract whenever it is paid, by itself. */
    async function callingParty(data: string): Promise<void> {
      const { a, channels } = it_();
      await delegate(fixture.world, a, callingCode(await channels.getAddress(), data));
    }

    it('gets its share once by payout, whatever it calls', async () => {
      const { channels, terms, a, b, vault } = await settled();
      const start = await fixture.world.l1.networkHelpers.takeSnapshot();
      for (const [name, data] of guarded(it_())) {
        await callingParty(data);
        const before = [await balanceOf(a), await balanceOf(b)] as const;
        await channels.payout(terms, false);
        expect(await calledBack(fixture.world, a), name).to.equal(selectorOf('ReentrancyGuardReentrantCall'));
        const gained = [(await balanceOf(a)) - before[0], (await balanceOf(b)) - before[1]];
        expect(gained, name).to.deep.equal([40n, 0n]);
        expect(await balanceOf(vault), name).to.equal(60n);
        await channels.payout(terms, true);
        expect((await balanceOf(b)) - before[1], name).to.equal(60n);
        await start.restore();
      }
    });

    it('gets its bond once, whatever it calls', async () => {
      const { channels, byA, a, b, vault } = await settled();
      const address = await channels.getAddress();
      // Somebody else's bond is there too.
      await fixture.world.ethers.provider.send('hardhat_setBalance', [address, `0x${(2n * BOND).toString(16)}`]);
      const start = await fixture.world.l1.networkHelpers.takeSnapshot();
      for (const [name, data] of guarded(it_())) {
        await callingParty(data);
        await byA.collectBonds(a);
        expect(await calledBack(fixture.world, a), name).to.equal(selectorOf('ReentrancyGuardReentrantCall'));
        expect(await balanceOf(address), name).to.equal(BOND);
        expect(await balanceOf(vault), name).to.equal(100n);
        expect(await channels.creditOf(b), name).to.equal(0n);
        await start.restore();
      }
    });

    it('gains nothing as a receiver that is named, or by what may be called from within', async () => {
      const { channels, terms, byA, byB, vault, b } = await settled();
      const address = await channels.getAddress();
      const state = stateOf({ version: 9, claim: 100n });
      for (const [name, error, values] of [
        ['settle', 'AlreadySettled', [terms, STATE]],
        ['challenge', 'PeriodOver', [terms, state, it_().sign(state)]],
        ['payout', 'ReentrancyGuardReentrantCall', [terms, true]],
      ] as const) {
        await setCode(fixture.world, THERE, callingCode(address, channels.interface.encodeFunctionData(name, values)));
        const start = await fixture.world.l1.networkHelpers.takeSnapshot();
        await byA.payoutTo(terms, THERE);
        expect(await calledBack(fixture.world, THERE), name).to.equal(selectorOf(error));
        expect(await balanceOf(THERE), name).to.equal(40n);
        expect((await channels.closeOf(vault)).claim, name).to.equal(40n);
        await start.restore();
      }
      // Nor by what a vault has.
      const declares = await fixture.world.ethers.getContractAt('ChannelVault', vault);
      const pay = declares.interface.encodeFunctionData('pay', [ZeroAddress, THERE, 1n]);
      await setCode(fixture.world, THERE, callingCode(vault, pay));
      await byB.payoutTo(terms, THERE);
      expect(await calledBack(fixture.world, THERE)).to.equal(selectorOf('NotChannels', declares));
      await refuses(channels, channels.payout(terms, true), 'NothingToPay', vault, b);
    });
  });
});

describe('a channel in a token', () => {
  const fixture = rollupFixture();

  /** A channel in a token of this kind, settled: 40 of A, the rest B's, with 100 in the vault. */
  async function settledIn<Name extends keyof ContractTypes>(name: Name, parameters: readonly unknown[] = []) {
    const { world } = fixture;
    const token: BaseContract = await deployContract(world.ethers, name, parameters);
    await world.rollup.registerToken(await token.getAddress());
    const tokenId = Number(await world.rollup.tokenIdOf(await token.getAddress()));
    const channel = await deployChannels(world, tokenId);
    await typed('TestToken', token).mint(channel.vault, 100n);
    const state = stateOf({ claim: 40n });
    await channel.close(state);
    await channel.endPeriod();
    await channel.channels.settle(channel.terms, state);
    return { ...channel, token: token as ContractTypes[Name] };
  }

  it('whose transfers cost something counts what it paid, and pays nobody more than is there', async () => {
    const { channels, terms, token, vault, a, b } = await settledIn('FeeSwitchToken');
    await token.setOdd(true);
    await channels.payout(terms, false);
    await channels.payout(terms, true);
    // The token keeps one of each.
    expect([await token.balanceOf(a), await token.balanceOf(b)]).to.deep.equal([39n, 59n]);
    expect(await token.balanceOf(vault)).to.equal(0n);
    await refuses(channels, channels.payout(terms, false), 'NothingToPay', vault, a);
    await token.mint(vault, 10n);
    await channels.payout(terms, true);
    expect(await token.balanceOf(b)).to.equal(59n + 8n);
  });

  it('that keeps a percentage, or adds something, changes no share', async () => {
    for (const [name, gotA, gotB] of [
      ['FeeOnTransferToken', 40n, 60n],
      ['BonusToken', 41n, 61n],
    ] as const) {
      const { channels, terms, token, vault, a, b } = await settledIn(name);
      await channels.payout(terms, true);
      await channels.payout(terms, false);
      expect([await token.balanceOf(a), await token.balanceOf(b)], name).to.deep.equal([gotA, gotB]);
      expect(await token.balanceOf(vault), name).to.equal(0n);
    }
  });

  it('that says it did not pay has paid nothing', async () => {
    const { channels, terms, vault, a, token } = await settledIn('FalseToken');
    const declares = await fixture.world.ethers.getContractAt('ChannelVault', vault);
    const address = await token.getAddress();
    await refuses(declares, channels.payout(terms, false), 'SafeERC20FailedOperation', address);
    const { paidSenior, paidResidual } = await channels.closeOf(vault);
    expect([paidSenior, paidResidual]).to.deep.equal([0n, 0n]);
    expect([await token.balanceOf(a), await token.balanceOf(vault)]).to.deep.equal([0n, 100n]);
  });

  it('that returns nothing, as some do, is paid out', async () => {
    const { channels, terms, a, token } = await settledIn('NoReturnToken');
    await channels.payout(terms, false);
    expect(await token.balanceOf(a)).to.equal(40n);
  });

  it('whose balances shrink pays what is there, and the senior first of what comes', async () => {
    const { channels, terms, token, vault, b } = await settledIn('RebasingToken');
    const paid = async () => {
      const { paidSenior, paidResidual } = await channels.closeOf(vault);
      return [paidSenior, paidResidual];
    };
    await channels.payout(terms, true);
    await token.rebase(50);
    // Of 40 that were left for A half is gone.
    await channels.payout(terms, false);
    expect(await paid()).to.deep.equal([20n, 60n]);
    // Of 10 that come B has none: it was paid of what is lost.
    await token.mint(vault, 20n);
    await refuses(channels, channels.payout(terms, true), 'NothingToPay', vault, b);
    await channels.payout(terms, false);
    expect(await paid()).to.deep.equal([30n, 60n]);
    await token.mint(vault, 30n);
    await channels.payout(terms, true);
    await channels.payout(terms, false);
    expect(await paid()).to.deep.equal([40n, 65n]);
    expect(await token.balanceOf(vault)).to.equal(0n);
  });

  it('that calls back from its transfers gets nobody a second share', async () => {
    const { channels, terms, byA, byB, token, vault, a, b } = await settledIn('ReentrantToken');
    const address = await channels.getAddress();
    const call = (name: string, ...values: unknown[]) => channels.interface.encodeFunctionData(name, values);
    for (const data of [
      call('payout', terms, false),
      call('payout', terms, true),
      call('collectBonds', THERE),
      call('collectExitFees', terms),
    ]) {
      await token.setCall(address, data);
      for (const sent of [channels.payout(terms, false), byB.payoutTo(terms, THERE)]) {
        await expect(sent).to.be.revertedWithCustomError(channels, 'ReentrancyGuardReentrantCall');
      }
    }
    await token.setCall(address, call('settle', terms, stateOf({ claim: 40n })));
    await refuses(channels, byA.payoutTo(terms, THERE), 'AlreadySettled', vault);
    await token.setCall(ZeroAddress, '0x');
    await channels.payout(terms, false);
    await channels.payout(terms, true);
    expect([await token.balanceOf(a), await token.balanceOf(b)]).to.deep.equal([40n, 60n]);
  });

  it('that reverts keeps its own channel back only, and not the bond, until it pays again', async () => {
    const { channels, terms, byA, a, token } = await settledIn('TestToken', ['Test', 'TST']);
    const { world } = fixture;
    const address = await token.getAddress();
    const code = await world.ethers.provider.getCode(address);
    await setCode(world, address, REFUSING_CODE);
    await expect(channels.payout(terms, false)).to.revert(world.ethers);
    await byA.collectBonds(THERE);
    expect(await world.ethers.provider.getBalance(THERE)).to.equal(BOND);
    await setCode(world, address, code);
    await channels.payout(terms, false);
    expect(await token.balanceOf(a)).to.equal(40n);
  });
});

describe('a channel with 64 HTLCs', () => {
  const fixture = rollupFixture({}, (world) => deployChannels(world));
  /** A tenth of what a block holds. */
  const FEW_GAS = 3_600_000n;

  it('is closed, challenged and settled within a tenth of a block, shown or expired', async () => {
    const { channels, terms, preimages, close, challenge, endPeriod } = fixture.prepared;
    const { world } = fixture;
    const expiry = (await latestTime(world)) + 4_000;
    const htlcs: Htlc[] = Array.from({ length: 64 }, (_, position) =>
      htlcOf({ hash: secretOf(`${position}`).hash, expiry, amount: 2n ** 128n - 1n, toSenior: position % 2 === 0 }),
    );
    const gasOf = async (sent: ReturnType<typeof close>) => (await (await sent).wait())!.gasUsed;
    const full = stateOf({ version: 5, claim: 2n ** 128n - 1n, htlcs });
    expect(await gasOf(close({ ...full, version: 1 }))).to.be.below(FEW_GAS);
    expect(await gasOf(challenge(full))).to.be.below(FEW_GAS);
    const start = await world.l1.networkHelpers.takeSnapshot();
    for (const isShown of [false, true]) {
      for (const [position] of htlcs.entries()) if (isShown) await preimages.reveal(secretOf(`${position}`).secret);
      await endPeriod();
      if (!isShown) await world.l1.networkHelpers.time.setNextBlockTimestamp(expiry + 1);
      expect(await gasOf(channels.settle(terms, full)), `${isShown}`).to.be.below(FEW_GAS);
      // The highest amounts there are: no sum of them overflows.
      expect((await channels.closeOf(fixture.prepared.vault)).claim).to.equal(33n * (2n ** 128n - 1n));
      await start.restore();
    }
  });
});

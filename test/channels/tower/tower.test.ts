/** A tower on the contracts themselves: cheats, secrets, payouts, restarts, reorganizations. */

import { strict as assert } from 'node:assert';
import type { ChannelState } from '@quittance/protocol';
import type { Party } from '@quittance/sdk/channels';
import type { WatchedState } from '../../../channels/index.ts';
import { secretOf } from '../../support/channels/secrets.ts';
import { towerOf, watched } from '../../support/channels/tower.ts';
import { BOND, type ChannelWorld, deployChannels, htlcOf, PERIOD, stateOf } from '../../support/channels/world.ts';
import { deployRollup, latestTime, rollupFixture } from '../../support/contracts/deployment.ts';

const OLD = stateOf({ version: 1, claim: 90n });
const NEWEST = stateOf({ version: 5, claim: 30n });

describe('a tower', () => {
  const fixture = rollupFixture({}, deployChannels);
  const it_ = (): ChannelWorld => fixture.prepared;
  const of = (state: ChannelState, party?: Party, secrets: readonly string[] = []): WatchedState =>
    watched(it_(), state, { ...(party === undefined ? {} : { party }), secrets });
  const partySigner = (party: Party) => fixture.world.ethers.getSigner(party === 'a' ? it_().a : it_().b);
  const towerFor = async (party: Party, ...states: WatchedState[]) =>
    towerOf(fixture.world, it_(), { states: () => states, signer: await partySigner(party) });
  const stranger = async (...states: WatchedState[]) =>
    towerOf(fixture.world, it_(), { states: () => states, signer: fixture.world.bob });
  const movesOf = ({ actions }: { readonly actions: readonly { readonly move: string; readonly result: string }[] }) =>
    actions.map(({ move, result }) => `${move} ${result}`);
  const closeOf = () => it_().channels.closeOf(it_().vault);
  const balanceOf = (account: string) => fixture.world.ethers.provider.getBalance(account);
  const fund = (amount: bigint) => fixture.world.owner.sendTransaction({ to: it_().vault, value: amount });

  it('does nothing about a channel that nobody closes', async () => {
    const { tower, alerts } = await towerFor('b', of(NEWEST, 'b'));
    const { channels, actions, problems, isComplete } = await tower.look();
    assert.deepEqual([actions, problems, isComplete, alerts], [[], [], true, []]);
    assert.deepEqual(
      channels.map(({ phase, move, version, standing }) => ({ phase, move, version, standing })),
      [{ phase: 'open', move: 'none', version: 5, standing: undefined }],
    );
  });

  it('challenges an old state, settles, is paid, and takes the bond of the cheat', async () => {
    const { tower, alerts } = await towerFor('b', of(NEWEST, 'b'));
    await fund(10n ** 18n);
    await it_().close(OLD);
    assert.deepEqual(movesOf(await tower.look()), ['challenge done']);
    assert.equal((await closeOf()).version, 5n);
    const waiting = await tower.look();
    assert.deepEqual(movesOf(waiting), []);
    assert.deepEqual([waiting.channels[0]!.phase, waiting.channels[0]!.move], ['ours', 'wait']);
    assert.equal(waiting.channels[0]!.until, Number((await closeOf()).periodEnd));
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    assert.deepEqual(movesOf(await tower.look()), ['settle done']);
    const before = await balanceOf(it_().b);
    assert.deepEqual(movesOf(await tower.look()), ['payout done', 'collectBonds done']);
    const gained = (await balanceOf(it_().b)) - before;
    assert.ok(gained > 10n ** 18n - 30n + BOND - 10n ** 15n, `${gained}`);
    const last = await tower.look();
    assert.deepEqual([movesOf(last), last.channels[0]!.phase, last.channels[0]!.move], [[], 'paid', 'wait']);
    assert.deepEqual(
      alerts.map(({ kind }) => kind),
      ['closing', 'oldState', 'challenged', 'settled', 'paidOut'],
    );
  });

  it('pays both sides with a tower each, and neither pays for what the other did', async () => {
    const [forA, forB] = [await towerFor('a', of(NEWEST, 'a')), await towerFor('b', of(NEWEST, 'b'))];
    await fund(10n ** 18n);
    await it_().close(NEWEST);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    assert.deepEqual(movesOf(await forA.tower.look()), ['settle done']);
    // 30 wei are not worth their gas, and A has its bond back.
    assert.deepEqual(movesOf(await forA.tower.look()), ['payout notWorthGas', 'collectBonds done']);
    assert.deepEqual(movesOf(await forB.tower.look()), ['payout done']);
    assert.deepEqual(movesOf(await forB.tower.look()), []);
  });

  it('is not fooled by an old state, and does nothing with one that is older than what stands', async () => {
    const { tower, alerts } = await stranger(of(OLD));
    await it_().close(NEWEST);
    const { channels, actions } = await tower.look();
    assert.deepEqual([channels[0]!.phase, actions], ['newer', []]);
    assert.deepEqual(
      alerts.map(({ kind }) => kind),
      ['closing', 'newerState'],
    );
  });

  it('believes the newest of several that both signed, and no other', async () => {
    const forged = { ...of(stateOf({ version: 9 })), signatures: of(NEWEST).signatures };
    const ofOther = { ...of(stateOf({ version: 8 })), terms: { ...it_().terms, nonce: 8n } };
    const { tower } = await stranger(forged, of(OLD), of(NEWEST), ofOther);
    await it_().close(OLD);
    assert.deepEqual(movesOf(await tower.look()), ['challenge done']);
    assert.equal((await closeOf()).version, 5n);
  });

  it('tells of a channel of which it has no state that L1 would take', async () => {
    const forged = { ...of(NEWEST), signatures: of(OLD).signatures };
    const { tower, alerts } = await stranger(forged);
    await it_().close(OLD);
    const { actions, problems } = await tower.look();
    assert.equal(actions.length, 0);
    assert.match(problems[0]!.message, /A’s signature is that of 0x/);
    assert.deepEqual(
      alerts.map(({ kind }) => kind),
      ['badState'],
    );
  });

  it('watches for whose account it has, else for whose states, and never for who is named in a forged one', async () => {
    const named = async (signer: Party | undefined, ...states: WatchedState[]) => {
      const { tower } = signer === undefined ? await stranger(...states) : await towerFor(signer, ...states);
      return movesOf(await tower.look());
    };
    await fund(10n ** 18n);
    await it_().close(NEWEST);
    await it_().endPeriod();
    await it_().channels.settle(it_().terms, NEWEST);
    const forged = { ...of(stateOf({ version: 9 }), 'b'), signatures: of(NEWEST).signatures };
    // What is A's is dust, and what is B's is worth a payout.
    assert.deepEqual(await named('a', of(NEWEST, 'b')), ['payout notWorthGas', 'collectBonds done']);
    assert.deepEqual(await named(undefined, of(NEWEST), forged), []);
    assert.deepEqual(await named(undefined, of(NEWEST, 'a'), of(OLD, 'b')), []);
    assert.deepEqual(await named(undefined, of(NEWEST, 'b')), ['payout done']);
  });

  it('of a stranger challenges, and leaves bond and money to the parties', async () => {
    const { tower } = await stranger(of(NEWEST));
    await fund(100n);
    await it_().close(OLD);
    assert.deepEqual(movesOf(await tower.look()), ['challenge done']);
    assert.equal((await closeOf()).bondHolder, it_().b);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    const last = await tower.look();
    assert.deepEqual([movesOf(last), last.channels[0]!.move], [[], 'none']);
    assert.equal(await balanceOf(it_().vault), 100n);
  });

  it('of a stranger leaves a right close to the parties', async () => {
    const { tower } = await stranger(of(NEWEST));
    await it_().close(NEWEST);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    const { channels, actions } = await tower.look();
    assert.deepEqual([channels[0]!.phase, channels[0]!.move, actions], ['ready', 'none', []]);
  });

  it('goes on after a restart in the middle', async () => {
    const state = of(NEWEST, 'b');
    await it_().close(OLD);
    const fresh = async () => (await towerFor('b', state)).tower;
    assert.deepEqual(movesOf(await (await fresh()).look()), ['challenge done']);
    assert.deepEqual(movesOf(await (await fresh()).look()), []);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    assert.deepEqual(movesOf(await (await fresh()).look()), ['settle done']);
  });

  for (const depth of [1, 2, 7, 64]) {
    it(`challenges again when a reorganization of ${depth} blocks dropped the challenge`, async () => {
      const { networkHelpers } = fixture.world.l1;
      const { tower } = await towerFor('b', of(NEWEST, 'b'));
      await it_().close(OLD);
      const before = await networkHelpers.takeSnapshot();
      assert.deepEqual(movesOf(await tower.look()), ['challenge done']);
      for (let block = 1; block < depth; block++) await networkHelpers.mine();
      assert.deepEqual(movesOf(await tower.look()), []);
      await before.restore();
      await networkHelpers.mine(2);
      assert.equal((await closeOf()).version, 1n);
      assert.deepEqual(movesOf(await tower.look()), ['challenge done']);
      assert.equal((await closeOf()).version, 5n);
    });
  }

  it('forgets a close that a reorganization took back', async () => {
    const { tower } = await towerFor('b', of(NEWEST, 'b'));
    const before = await fixture.world.l1.networkHelpers.takeSnapshot();
    await it_().close(OLD);
    await tower.look();
    await before.restore();
    await fixture.world.l1.networkHelpers.mine();
    const { channels, actions } = await tower.look();
    assert.deepEqual([channels[0]!.phase, actions], ['open', []]);
  });

  describe('with secrets', () => {
    const { hash, secret } = secretOf('paid over hubs');
    // What pays B, the residual party, is not to the senior.
    const withHtlc = (expiry: number, toSenior = false) =>
      stateOf({ version: 5, claim: 30n, htlcs: [htlcOf({ hash, amount: 5n * 10n ** 17n, expiry, toSenior })] });
    const revealedAt = () => it_().preimages.revealedAt(hash);

    it('shows those that pay its party once somebody closes, after the challenge and in the same look', async () => {
      const state = withHtlc((await latestTime(fixture.world)) + 2 * PERIOD);
      const { tower } = await towerFor('b', of(state, 'b', [secret]));
      await it_().close(OLD);
      assert.deepEqual(movesOf(await tower.look()), ['challenge done', 'reveal done']);
      assert.deepEqual(movesOf(await tower.look()), []);
      await it_().endPeriod();
      await fixture.world.l1.networkHelpers.mine();
      // Nothing waits for an HTLC whose secret is there.
      assert.deepEqual(movesOf(await tower.look()), ['settle done']);
      assert.equal((await closeOf()).claim, 30n);
    });

    it('shows one whose time is over sooner than the period before it challenges', async () => {
      const state = withHtlc((await latestTime(fixture.world)) + PERIOD / 2);
      const { tower } = await towerFor('b', of(state, 'b', [secret]));
      await it_().close(OLD);
      assert.deepEqual(movesOf(await tower.look()), ['reveal done']);
      assert.deepEqual(movesOf(await tower.look()), ['challenge done']);
    });

    it('shows none that pays the other party', async () => {
      const state = withHtlc((await latestTime(fixture.world)) + 2 * PERIOD, true);
      const { tower } = await towerFor('b', of(state, 'b', [secret]));
      await it_().close(state);
      assert.deepEqual(movesOf(await tower.look()), []);
      assert.equal(await revealedAt(), 0n);
    });

    it('shows one in time although nobody closes, and not before that', async () => {
      const expiry = (await latestTime(fixture.world)) + 4_000;
      const { tower } = await towerFor('b', of(withHtlc(expiry), 'b', [secret]));
      const early = await tower.look();
      assert.deepEqual([movesOf(early), early.channels[0]!.until], [[], expiry - 900]);
      await fixture.world.l1.networkHelpers.time.increaseTo(expiry - 899);
      assert.deepEqual(movesOf(await tower.look()), ['reveal done']);
      assert.deepEqual(movesOf(await tower.look()), []);
    });

    it('gives none away when its time is over', async () => {
      const expiry = (await latestTime(fixture.world)) + 1_000;
      const { tower } = await towerFor('b', of(withHtlc(expiry), 'b', [secret]));
      await it_().close(withHtlc(expiry));
      await fixture.world.l1.networkHelpers.time.increaseTo(expiry);
      assert.deepEqual(movesOf(await tower.look()), []);
      assert.equal(await revealedAt(), 0n);
    });

    it('waits for what can still be shown, and settles when it is expired', async () => {
      const expiry = (await latestTime(fixture.world)) + 2 * PERIOD;
      const { tower } = await towerFor('b', of(withHtlc(expiry), 'b'));
      await it_().close(withHtlc(expiry));
      await it_().endPeriod();
      await fixture.world.l1.networkHelpers.mine();
      const pending = await tower.look();
      assert.deepEqual([pending.channels[0]!.phase, pending.channels[0]!.until], ['pending', expiry + 1]);
      await fixture.world.l1.networkHelpers.time.increaseTo(expiry + 1);
      assert.deepEqual(movesOf(await tower.look()), ['settle done']);
    });
  });

  it('looks by itself again and again, at once after each move', async () => {
    await fund(10n ** 18n);
    await it_().close(OLD);
    await it_().challenge(NEWEST);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    const { tower } = await towerFor('b', of(NEWEST, 'b'));
    const reports: (readonly string[])[] = [];
    const { promise: paid, resolve } = Promise.withResolvers<void>();
    const loop = tower.start({
      // Longer than any test: it waits only where nothing was done.
      intervalMs: 3_600_000,
      onReport(report) {
        reports.push(movesOf(report));
        if (report.channels[0]!.phase === 'paid') resolve();
      },
    });
    await paid;
    await loop.stop();
    assert.deepEqual(reports, [['settle done'], ['payout done', 'collectBonds done'], []]);
  });

  it('settles with a state that is newer than its own, which L1 has shown', async () => {
    const { tower } = await towerFor('b', of(OLD, 'b'));
    await it_().close(OLD);
    await it_().challenge(NEWEST, it_().a);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    assert.deepEqual(movesOf(await tower.look()), ['settle done']);
    assert.equal((await closeOf()).claim, 30n);
  });

  it('tells when the period is over with an older state, and does for its party what is left to do', async () => {
    const { tower, alerts } = await towerFor('b', of(NEWEST, 'b'));
    await fund(10n ** 18n);
    await it_().close(OLD);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    assert.deepEqual(movesOf(await tower.look()), ['settle done']);
    assert.deepEqual(movesOf(await tower.look()), ['payout done']);
    assert.ok(alerts.some(({ kind }) => kind === 'tooLate'));
  });

  it('tells of a receiver that refuses, and does not pay for trying', async () => {
    const { tower, alerts } = await towerFor('b', of(NEWEST, 'b'));
    await fund(10n ** 18n);
    await it_().close(NEWEST);
    await it_().endPeriod();
    await it_().channels.settle(it_().terms, NEWEST);
    // A party that became a contract which takes nothing: PUSH0 PUSH0 REVERT.
    await fixture.world.ethers.provider.send('hardhat_setCode', [it_().b, '0x5f5ffd']);
    const before = await balanceOf(it_().b);
    assert.deepEqual(movesOf(await tower.look()), ['payout refused']);
    assert.deepEqual(movesOf(await tower.look()), ['payout refused']);
    assert.equal(await balanceOf(it_().b), before);
    assert.deepEqual(
      alerts.filter(({ kind }) => kind === 'payoutRefused').map(({ message }) => /--receiver/.test(message)),
      [true],
    );
    const receiver = fixture.world.alice.address;
    const options = { receiver };
    const again = await towerOf(fixture.world, it_(), {
      ...{ states: () => [of(NEWEST, 'b')], signer: await partySigner('b'), options },
    });
    const had = await balanceOf(receiver);
    assert.deepEqual(movesOf(await again.tower.look()), ['payout done']);
    assert.equal((await balanceOf(receiver)) - had, 10n ** 18n - 30n);
  });
});

describe('a tower of a channel in a token', () => {
  it('pays what of it came', async () => {
    const world = await deployRollup();
    const token = await world.ethers.deployContract('TestToken', ['A token', 'TOK']);
    const address = await token.getAddress();
    await world.rollup.registerToken(address);
    const prepared = await deployChannels(world, Number(await world.rollup.tokenIdOf(address)));
    const call = <T>(name: string, ...args: unknown[]) =>
      (token.getFunction(name) as unknown as (...args: unknown[]) => Promise<T>)(...args);
    await call('mint', prepared.vault, 100n);
    await prepared.close(NEWEST);
    await prepared.endPeriod();
    await prepared.channels.settle(prepared.terms, NEWEST);
    const { tower } = await towerOf(world, prepared, {
      states: () => [watched(prepared, NEWEST, { party: 'b' })],
      signer: await world.ethers.getSigner(prepared.b),
    });
    const { actions } = await tower.look();
    assert.deepEqual(
      actions.map(({ move, result }) => `${move} ${result}`),
      ['payout done'],
    );
    assert.equal(await call<bigint>('balanceOf', prepared.b), 70n);
  });
});

/** A tower on an L1 that is away, lies, is full, or nearly too late; and one that closes alone and waits until all is paid. */

import { strict as assert } from 'node:assert';
import { createChannelsReader, createRollupReader } from '@quittance/chain';
import {
  L1_DEFAULTS,
  packOwnerAndToken,
  RecordKind,
  RollupError,
  type StoredHeader,
  type Withdrawal,
} from '@quittance/protocol';
import type { Party } from '@quittance/sdk/channels';
import type { JsonRpcApiProvider, JsonRpcProvider } from 'ethers';
import {
  closeAlone,
  createTowerSender,
  type Tower,
  type TowerReport,
  type TowerSender,
  untilPaidOut,
  type WatchedState,
} from '../../../channels/index.ts';
import { createVaultClaims } from '../../../cli/channel/claims.ts';
import { silentLogger, systemClock } from '../../../runtime/index.ts';
import { assertRejects } from '../../support/assertions.ts';
import { GWEI, towerOf, watched } from '../../support/channels/tower.ts';
import { BOND, type ChannelWorld, deployChannels, stateOf } from '../../support/channels/world.ts';
import { buildBatch, record, submit } from '../../support/contracts/batch.ts';
import { latestTime, rollupFixture } from '../../support/contracts/deployment.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const OLD = stateOf({ version: 1, claim: 90n });
const NEWEST = stateOf({ version: 5, claim: 30n });
const FEE = L1_DEFAULTS.priorityFeeWei;
const DEPOSIT = 4n * 10n ** 18n;

describe('a tower on an L1 that misbehaves', () => {
  const fixture = rollupFixture({}, async (world) => {
    const prepared = await deployChannels(world);
    await world.rollup.deposit(0, DEPOSIT, 1n, world.owner.address, { value: DEPOSIT + FEE });
    return prepared;
  });
  const it_ = (): ChannelWorld => fixture.prepared;
  const provider = () => fixture.world.ethers.provider as unknown as JsonRpcApiProvider;
  const partySigner = (party: Party) => fixture.world.ethers.getSigner(party === 'a' ? it_().a : it_().b);
  const movesOf = ({ actions }: Pick<TowerReport, 'actions'>) => actions.map(({ move, result }) => `${move} ${result}`);
  const closeOf = () => it_().channels.closeOf(it_().vault);

  /** A provider whose calls a test answers first: with an answer, or by throwing. */
  function behind(answer: (method: string, params: readonly unknown[]) => unknown): JsonRpcApiProvider {
    return new Proxy(provider(), {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          const given = answer(name === 'send' ? String(args[0]) : String(name), args);
          if (given !== undefined) return Promise.resolve(given);
          return (value as (...args: unknown[]) => unknown).apply(target, args);
        };
      },
    });
  }
  const towerOn = async (some: JsonRpcApiProvider, states: () => readonly WatchedState[], more = {}) =>
    towerOf(fixture.world, it_(), { states, signer: await partySigner('b'), provider: some, options: more });
  const senderOf = async (party: Party) =>
    createTowerSender({
      ...{ provider: provider(), signer: await partySigner(party), clock: systemClock, logger: silentLogger },
      maxFeePerGas: 500n * GWEI,
    });
  const newest = () => watched(it_(), NEWEST, { party: 'b' });

  it('looks again when L1 was away, and tells when that lasts', async () => {
    let isAway = false;
    const some = behind(() => {
      if (isAway) throw new Error('socket hang up');
      return undefined;
    });
    const clock = createManualClock(Date.now());
    const { tower, alerts } = await towerOn(some, () => [newest()], { clock });
    await it_().close(OLD);
    isAway = true;
    await assertRejects(tower.look(), 'L1_UNREACHABLE');
    assert.deepEqual(alerts, []);
    await clock.advance(300_000);
    await assertRejects(tower.look(), 'L1_UNREACHABLE');
    assert.deepEqual(
      alerts.map(({ kind }) => kind),
      ['l1Away'],
    );
    isAway = false;
    assert.deepEqual(movesOf(await tower.look()), ['challenge done']);
  });

  it('does nothing because of nonsense about one channel, and watches over the others', async () => {
    const other = { ...it_().terms, nonce: 8n };
    const vault = await it_().channels.vaultOf(other);
    const broken = { ...newest(), terms: other, vault };
    const nonsense = vault.slice(2).toLowerCase();
    const some = behind((method, [, params]) => {
      const [call] = (params ?? []) as readonly { readonly data?: string }[];
      return method === 'eth_call' && call?.data?.includes(nonsense) === true ? '0x1234' : undefined;
    });
    const { tower, alerts } = await towerOn(some, () => [broken, newest()]);
    await it_().close(OLD);
    const report = await tower.look();
    assert.deepEqual(movesOf(report), ['challenge done']);
    assert.equal(report.isComplete, false);
    assert.deepEqual(
      report.problems.map(({ where }) => where),
      [`channel ${vault}`],
    );
    assert.ok(alerts.some(({ kind, message }) => kind === 'badState' && message.includes(vault)));
  });

  it('sends nothing to another chain', async () => {
    let chainId = '0x7a69';
    const some = behind((method) => (method === 'eth_chainId' ? chainId : undefined));
    const { tower } = await towerOn(some, () => [newest()]);
    await it_().close(OLD);
    chainId = '0x1';
    await assertRejects(tower.look(), 'L1_WRONG_CHAIN');
    assert.equal((await closeOf()).version, 1n);
  });

  it('challenges before it asks what only payouts need', async () => {
    const failing = async (): Promise<never> => {
      throw new TypeError('the sequencer is gone');
    };
    const more = { accounts: { ofVault: failing }, claims: { unpaid: failing } };
    const { tower } = await towerOn(provider(), () => [newest()], more);
    await it_().close(OLD);
    const report = await tower.look();
    assert.deepEqual([movesOf(report), report.problems], [['challenge done'], []]);
    const later = await tower.look();
    assert.equal(later.problems.length, 2);
    assert.equal(later.channels[0]!.phase, 'ours');
  });

  it('waits ten seconds for what only payouts need, and no longer', async () => {
    const clock = createManualClock(Date.now());
    const never = () => new Promise<never>(() => undefined);
    const more = { clock, accounts: { ofVault: never }, claims: { unpaid: never } };
    const { tower } = await towerOn(provider(), () => [newest()], more);
    await it_().close(NEWEST);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    const looking = tower.look();
    const { promise: over, resolve } = Promise.withResolvers<void>();
    looking.then(() => resolve(), resolve);
    let isOver = false;
    over.then(() => {
      isOver = true;
    });
    // Less than what is sent is waited for.
    for (let waitedMs = 0; !isOver; ) {
      await provider().getBlockNumber();
      if (clock.scheduled === 0 || waitedMs >= 25_000) continue;
      await clock.advance(5_000);
      waitedMs += 5_000;
    }
    assert.deepEqual(movesOf(await looking), ['settle done']);
  });

  it('goes on when L1 answers nonsense about all channels, as of a false token', async () => {
    const some = behind((method, [, params]) => {
      const [call] = (params ?? []) as readonly { readonly data?: string }[];
      return method === 'eth_call' && call?.data?.includes(it_().vault.slice(2).toLowerCase()) ? '0x1234' : undefined;
    });
    const { tower } = await towerOn(some, () => [newest()]);
    const report = await tower.look();
    assert.deepEqual([report.channels, report.isComplete], [[], false]);
    assert.equal(report.problems.length, 1);
  });

  it('pays for nothing that another did between its look and its move', async () => {
    const own = await senderOf('b');
    const sender: TowerSender = {
      ...own,
      async dryRun(call) {
        if ((await closeOf()).version === 1n) await it_().challenge(NEWEST, it_().a);
        return own.dryRun(call);
      },
    };
    const { tower } = await towerOn(provider(), () => [newest()], { sender });
    await it_().close(OLD);
    const before = await provider().getBalance(it_().b);
    assert.deepEqual(movesOf(await tower.look()), ['challenge refused']);
    assert.equal(await provider().getBalance(it_().b), before);
    assert.deepEqual(movesOf(await tower.look()), []);
  });

  it('tells when the newest block is old, and still does what it can', async () => {
    const clock = createManualClock(Date.now() + 3_600_000);
    const { tower, alerts } = await towerOn(provider(), () => [newest()], { clock, maxHeadAgeSeconds: 300 });
    await it_().close(stateOf({ version: 1, claim: 90n }));
    const report = await tower.look();
    assert.deepEqual(movesOf(report), ['challenge done']);
    assert.ok(alerts.some(({ kind }) => kind === 'staleHead'));
  });

  it('raises its fee quickly when the period is nearly over', async () => {
    const { ethers, l1 } = fixture.world;
    await it_().close(OLD);
    const { periodEnd } = await closeOf();
    await l1.networkHelpers.time.increaseTo(Number(periodEnd) - 30);
    const clock = createManualClock((Number(periodEnd) - 30) * 1_000);
    const signer = await partySigner('b');
    const options = { provider: provider(), signer, clock, logger: silentLogger, maxFeePerGas: 500n * GWEI };
    const sender = await createTowerSender(options);
    const { tower } = await towerOn(provider(), () => [newest()], { clock, sender });
    await ethers.provider.send('evm_setAutomine', [false]);
    try {
      const looking = tower.look();
      const fees: bigint[] = [];
      const pending = async () => {
        const block = await ethers.provider.send('eth_getBlockByNumber', ['pending', true]);
        const [own] = (block as { transactions: { maxFeePerGas: string }[] }).transactions;
        return own === undefined ? undefined : BigInt(own.maxFeePerGas);
      };
      // A thirty-seconds' offer stands for three.
      for (let steps = 0; fees.length < 3 && steps < 200; steps++) {
        await clock.advance(250);
        // Each question gives the tower the time for one of its own.
        for (let questions = 0; questions < 10; questions++) await pending();
        const fee = await pending();
        if (fee !== undefined && fee !== fees.at(-1)) fees.push(fee);
      }
      assert.equal(fees.length, 3);
      assert.ok(fees[1]! > fees[0]! && fees[2]! > fees[1]!);
      assert.ok(clock.nowMs() <= (Number(periodEnd) - 20) * 1_000);
      await l1.networkHelpers.mine();
      for (let steps = 0; steps < 20 && (await closeOf()).version === 1n; steps++) await clock.advance(250);
      await clock.advance(3_000);
      assert.deepEqual(movesOf(await looking), ['challenge done']);
    } finally {
      await ethers.provider.send('evm_setAutomine', [true]);
    }
  });

  it('tells of a state that stands and that L1 does not show', async () => {
    const some = behind((method) =>
      method === 'eth_getTransactionByHash' ? { input: '0x1234', blobVersionedHashes: [] } : undefined,
    );
    const { tower, alerts } = await towerOn(some, () => [watched(it_(), OLD, { party: 'b' })]);
    await it_().close(NEWEST);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    const { channels, actions } = await tower.look();
    assert.deepEqual([channels[0]!.phase, channels[0]!.move, actions], ['unknown', 'wait', []]);
    assert.ok(alerts.some(({ kind }) => kind === 'unknownState'));
  });

  it('finds a state that was shown by a contract, inside its calldata', async () => {
    const real = await it_().close(NEWEST);
    const inner = (await provider().getTransaction(real.hash))!.data.slice(2);
    const some = behind((method) =>
      method === 'eth_getTransactionByHash'
        ? { input: `0xdeadbeef${'00'.repeat(31)}${inner}${'00'.repeat(40)}` }
        : undefined,
    );
    const { tower } = await towerOn(some, () => [watched(it_(), OLD, { party: 'b' })]);
    await it_().endPeriod();
    await fixture.world.l1.networkHelpers.mine();
    assert.deepEqual(movesOf(await tower.look()), ['settle done']);
  });

  describe('when its party closes alone', () => {
    const rollupReader = () => createRollupReader({ provider: provider(), ...fixture.world.deployment });
    const ask = async (shown: WatchedState, party: Party, accounts: Parameters<typeof closeAlone>[0]['accounts']) => {
      const reader = createChannelsReader({
        ...{ provider: provider(), chainId: it_().contract.chainId, contract: it_().contract.channels },
      });
      return closeAlone({ reader, rollup: rollupReader(), sender: await senderOf(party), shown, accounts });
    };
    /** A final batch that pays the vault, before anybody claimed that. */
    const pays = async (amount: bigint, parent: StoredHeader) => {
      const { world } = fixture;
      const withdrawals: Withdrawal[] = [{ ownerAndToken: packOwnerAndToken(BigInt(it_().vault), 0), amount }];
      const [{ ownerAndToken }] = withdrawals as [Withdrawal];
      const chunks = [[record(RecordKind.withdraw, [0n, ownerAndToken, amount], 1)]];
      const built = buildBatch(world, { parent, time: await latestTime(world), chunks });
      await submit(world, built);
      return built.header;
    };

    it('requests exits, brings what is final to the vault, and waits until all is paid', async () => {
      const accounts = { balances: [{ index: 5, balance: 10n ** 18n }], ofVault: async () => accounts.balances };
      const shown = watched(it_(), NEWEST, { party: 'b' });
      const closed = await ask(shown, 'b', accounts);
      assert.deepEqual([closed.close.version, closed.accountIndices], [5, [5]]);
      const claims = createVaultClaims({
        ...{ reader: rollupReader(), provider: provider() as unknown as JsonRpcProvider, fromBlock: 0 },
      });
      const { tower } = await towerOn(provider(), () => [shown], { accounts, claims });
      // The exit is requested already, and not final: nothing is requested twice.
      assert.deepEqual(movesOf(await tower.look()), []);
      const later = [...accounts.balances, { index: 9, balance: 10n ** 18n }];
      accounts.balances = later;
      assert.deepEqual(movesOf(await tower.look()), ['requestExits done']);
      assert.deepEqual(movesOf(await tower.look()), []);
      await pays(3n * 10n ** 18n, fixture.world.genesis);
      assert.deepEqual(movesOf(await tower.look()), ['claim done']);
      assert.equal(await provider().getBalance(it_().vault), 3n * 10n ** 18n);
      await it_().endPeriod();
      await fixture.world.l1.networkHelpers.mine();
      assert.deepEqual(movesOf(await tower.look()), ['settle done']);
      assert.deepEqual(movesOf(await tower.look()), ['payout done', 'collectBonds done']);
      const waiting = await tower.look();
      assert.equal(waiting.channels[0]!.phase, 'paid', 'the exits are not final');
    });

    it('ends once nothing more is to come', async () => {
      const accounts = { ofVault: async () => [] };
      const claims = { unpaid: async () => [] };
      await ask(watched(it_(), NEWEST, { party: 'b' }), 'b', []);
      await fixture.world.owner.sendTransaction({ to: it_().vault, value: 10n ** 18n });
      await it_().endPeriod();
      await fixture.world.l1.networkHelpers.mine();
      const { tower } = await towerOn(provider(), () => [newest()], { accounts, claims });
      const seen: TowerReport[] = [];
      let failures = 0;
      const flaky: Pick<Tower, 'look'> = {
        async look(signal) {
          failures += 1;
          if (failures === 1) throw new RollupError('L1_UNREACHABLE', 'no answer');
          return tower.look(signal);
        },
      };
      const told: unknown[] = [];
      const options = { tower: flaky, vault: it_().vault, clock: systemClock, intervalMs: 1 };
      await untilPaidOut({
        ...options,
        onReport: (report) => void seen.push(report),
        onFailure: (error) => void told.push(error),
      });
      assert.deepEqual(seen.flatMap(movesOf), ['settle done', 'payout done', 'collectBonds done']);
      assert.equal(told.length, 1);
    });

    it('goes on with a close that is there already, and requests no exits in the exodus', async () => {
      const first = await ask(watched(it_(), OLD, { party: 'a' }), 'a', []);
      assert.ok(first.included !== undefined);
      const second = await ask(watched(it_(), NEWEST, { party: 'b' }), 'b', [5]);
      assert.deepEqual([second.included, second.close.version], [undefined, 1]);
    });

    it('refuses what L1 would, before anything is sent', async () => {
      const forged = { ...watched(it_(), NEWEST), signatures: watched(it_(), OLD).signatures };
      await assertRejects(ask(forged, 'b', []), 'CONFIG_INVALID');
      const { bob } = fixture.world;
      const reader = createChannelsReader({
        ...{ provider: provider(), chainId: it_().contract.chainId, contract: it_().contract.channels },
      });
      const sender = await createTowerSender({
        ...{ provider: provider(), signer: bob, clock: systemClock, logger: silentLogger, maxFeePerGas: 500n * GWEI },
      });
      const shown = watched(it_(), NEWEST);
      const rollup = rollupReader();
      await assertRejects(closeAlone({ reader, rollup, sender, shown, accounts: [] }), 'CONFIG_INVALID');
      await fixture.world.ethers.provider.send('hardhat_setBalance', [it_().b, `0x${BOND.toString(16)}`]);
      await assertRejects(ask(shown, 'b', []), 'INSUFFICIENT_FUNDS');
      assert.equal((await closeOf()).periodEnd, 0n);
    });
  });
});

/** A party that runs stops channels that somebody closes alone, and signs nothing where it does not see L1. */

import assert from 'node:assert/strict';
import { type ChannelEvent, createChannelsReader } from '@quittance/chain';
import { RollupError } from '@quittance/protocol';
import type { JsonRpcApiProvider } from 'ethers';
import { type CloseWatchOptions, createCloseWatch } from '../../../channels/node/closes.ts';
import { silentLogger } from '../../../runtime/index.ts';
import { createLedger } from '../../support/channels/ledger.ts';
import { connectParties, createTestParty } from '../../support/channels/parties.ts';
import { deployChannels, stateOf } from '../../support/channels/world.ts';
import { rollupFixture } from '../../support/contracts/deployment.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const PERIOD = 3_600;
const LOOK_MS = 2_000;
const NO_HASH = `0x${'00'.repeat(32)}`;

/** An L1 whose head, closes and events a test says. */
function createFakeL1() {
  const closed = new Set<string>();
  const events: { readonly block: number; readonly vault: string }[] = [];
  const state = { number: 1_000, timestamp: 0, isAway: false, hasNoEvents: false, asked: 0 };
  const reader: CloseWatchOptions['reader'] = {
    async head() {
      if (state.isAway) throw new RollupError('L1_UNREACHABLE', 'it is away', {});
      const { number, timestamp } = state;
      return { number, timestamp, hash: NO_HASH, parentHash: NO_HASH };
    },
    async events({ fromBlock, toBlock }) {
      if (state.hasNoEvents) throw new RollupError('L1_UNREACHABLE', 'it gives no events', {});
      return events
        .filter(({ block }) => block >= fromBlock && block <= toBlock)
        .map(({ vault }) => ({ type: 'closing', vault: vault.toUpperCase().replace('0X', '0x') }) as ChannelEvent);
    },
    async closeOf(vault) {
      state.asked += 1;
      return closed.has(vault) ? ({} as never) : undefined;
    },
  };
  return { reader, closed, events, state };
}

/** A hub with an open channel, whose other party is connected, and its watch. */
async function openHub(more: Partial<CloseWatchOptions> = {}) {
  const ledger = createLedger();
  const [wallet, hub] = [await createTestParty(ledger, 0xa1), await createTestParty(ledger, 0xb2)];
  await connectParties(wallet.party, hub.party);
  const request = { tokenId: 0, amount: 1_000_000n, period: PERIOD, funder: 'a' } as const;
  const vault = await wallet.party.open(hub.party.address, request);
  for (const { party } of [wallet, hub, wallet, hub]) await party.look();
  const l1 = createFakeL1();
  const clock = createManualClock();
  const blind: RollupError[] = [];
  const watch = createCloseWatch({
    ...{ reader: l1.reader, party: hub.party, clock, logger: silentLogger, lookMs: LOOK_MS, areBlocksRegular: false },
    onBlind: (error) => blind.push(error),
    ...more,
  });
  const pay = (id: number) => {
    const change = { type: 'pay', by: 'residual', id: `0x${id.toString(16).padStart(64, '0')}`, amount: 5n } as const;
    return wallet.party.exchange.want(vault, change);
  };
  return {
    wallet,
    hub,
    vault,
    watch,
    l1,
    clock,
    blind,
    pay,
    isStopped: () => hub.party.exchange.record(vault)!.isClosing,
  };
}

describe('closes on L1, as a party that runs sees them', () => {
  it('stop the channel: not one payment more is signed in it', async () => {
    const { hub, wallet, vault, watch, l1, pay, isStopped } = await openHub();
    await watch.look();
    assert.equal(await pay(1), 1);
    l1.state.number += 1;
    l1.events.push({ block: l1.state.number, vault });
    await watch.look();
    assert.equal(isStopped(), true);
    await assert.rejects(pay(2), { code: 'CHANNEL_CHANGE_REFUSED', message: /is being closed/ });
    assert.equal(hub.party.exchange.record(vault)!.newest.state.version, 1);
    await assert.rejects(
      hub.party.exchange.want(vault, { type: 'pay', by: 'senior', id: `0x${'09'.repeat(32)}`, amount: 1n }),
      { code: 'CHANNEL_CLOSED' },
    );
    await wallet.party.stop();
  });

  it('are found at the first look, however long ago they were', async () => {
    const { vault, watch, l1, isStopped } = await openHub();
    l1.closed.add(vault);
    await watch.look();
    assert.equal(isStopped(), true);
  });

  it('stop their channel also where L1 does not answer about others, and the look is made again', async () => {
    const { vault, watch, l1, isStopped } = await openHub({});
    l1.closed.add(vault);
    l1.state.hasNoEvents = true;
    await watch.look();
    assert.equal(isStopped(), true);
    const other = await openHub();
    other.l1.state.hasNoEvents = true;
    await other.watch.look();
    other.l1.events.push({ block: other.l1.state.number, vault: other.vault });
    await assert.rejects(other.watch.look(), { code: 'L1_UNREACHABLE' });
    assert.equal(other.isStopped(), false);
    other.l1.state.hasNoEvents = false;
    await other.watch.look();
    assert.equal(other.isStopped(), true);
  });

  it('are found in blocks that came in the place of others', async () => {
    const { vault, watch, l1, isStopped } = await openHub();
    await watch.look();
    l1.events.push({ block: l1.state.number - 60, vault });
    await watch.look();
    assert.equal(isStopped(), true);
  });

  it('are found within thirty looks where the node leaves their events out', async () => {
    const { vault, watch, l1, isStopped } = await openHub();
    await watch.look();
    l1.closed.add(vault);
    for (let looks = 0; looks < 30; looks += 1) await watch.look();
    assert.equal(isStopped(), true);
  });

  it('of other channels stop nothing, and each channel is asked for once', async () => {
    const { watch, l1, isStopped } = await openHub();
    l1.events.push({ block: 990, vault: `0x${'ee'.repeat(20)}` });
    for (let looks = 0; looks < 5; looks += 1) await watch.look();
    assert.deepEqual([isStopped(), l1.state.asked], [false, 1]);
  });

  it('of the contract stop a channel, too', async function () {
    this.timeout(120_000);
    const watch = await realWatch();
    await watch.look();
    assert.deepEqual(watch.stopped, []);
    await fixture.prepared.close(stateOf());
    await watch.look();
    assert.deepEqual(watch.stopped, [fixture.prepared.vault.toLowerCase()]);
  });

  const fixture = rollupFixture({}, deployChannels);
  /** A watch on the real contracts. */
  async function realWatch() {
    const { vault, terms, contract } = fixture.prepared;
    const provider = fixture.world.ethers.provider as unknown as JsonRpcApiProvider;
    const reader = createChannelsReader({ provider, chainId: contract.chainId, contract: contract.channels });
    await reader.connect();
    const name = vault.toLowerCase();
    const stopped: string[] = [];
    const records = new Map([[name, { vault: name, terms, isClosing: false, capacity: 1n }]]);
    const party = { exchange: { records }, stopChannel: async (one: string) => void stopped.push(one) };
    const clock = createManualClock();
    const watch = createCloseWatch({
      ...{ reader, clock, logger: silentLogger, lookMs: LOOK_MS, areBlocksRegular: false },
      party: party as unknown as CloseWatchOptions['party'],
      onBlind: () => undefined,
    });
    return { look: watch.look, stopped };
  }
});

describe('a party that does not see L1', () => {
  const passes = async (clock: ReturnType<typeof createManualClock>, seconds: number) => clock.advance(seconds * 1_000);

  it('ends after half of its shortest period, and not before', async () => {
    const { watch, l1, clock, blind } = await openHub();
    watch.start();
    await passes(clock, 10);
    l1.state.isAway = true;
    await passes(clock, PERIOD / 2 - 10);
    assert.equal(blind.length, 0);
    await passes(clock, 20);
    assert.equal(blind[0]?.code, 'L1_UNREACHABLE');
    assert.match(blind[0].message, /1800 s are safe/);
    await watch.stop();
  });

  it('ends where L1 answers, and its head is older than that', async () => {
    const { watch, l1, clock, blind } = await openHub({ areBlocksRegular: true });
    l1.state.timestamp = Math.floor(clock.nowMs() / 1_000);
    watch.start();
    await passes(clock, PERIOD / 2 - 10);
    assert.equal(blind.length, 0);
    await passes(clock, 20);
    assert.equal(blind[0]?.code, 'L1_UNREACHABLE');
    await watch.stop();
  });

  it('goes on where no channel is open', async () => {
    const { watch, l1, clock, blind, vault, hub } = await openHub();
    await hub.party.stopChannel(vault);
    l1.state.isAway = true;
    watch.start();
    await passes(clock, 2 * PERIOD);
    assert.equal(blind.length, 0);
    await watch.stop();
  });
});

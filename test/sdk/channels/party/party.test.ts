import assert from 'node:assert/strict';
import { createLedger, LEDGER_FEE } from '../../../support/channels/ledger.ts';
import { connectParties, createTestParty } from '../../../support/channels/parties.ts';

const MILLION = 1_000_000n;

async function openPair(funder: 'a' | 'b' = 'a', amount = MILLION) {
  const ledger = createLedger();
  const [wallet, hub] = [await createTestParty(ledger, 0xa1), await createTestParty(ledger, 0xb2)];
  let cut = await connectParties(wallet.party, hub.party);
  const vault = await wallet.party.open(hub.party.address, { tokenId: 0, amount, period: 3_600, funder });
  const lookBoth = async () => {
    for (const { party } of [wallet, hub, wallet, hub]) await party.look();
  };
  return {
    ...{ ledger, wallet, hub, vault, lookBoth },
    cut: () => cut(),
    async reconnect() {
      cut = await connectParties(wallet.party, hub.party);
    },
    pay: (from: typeof wallet, value: bigint, id: number) => {
      const { newest, party } = from.party.exchange.records.get(vault)!;
      const by = newest.state.residualIsB === (party === 'b') ? 'residual' : 'senior';
      const name = `0x${id.toString(16).padStart(64, '0')}`;
      return from.party.exchange.want(vault, { type: 'pay', by, id: name, amount: value });
    },
    /** Until both have the same newest version. */
    async settle(): Promise<void> {
      const versionOf = (of: typeof wallet) => of.party.exchange.record(vault)!.newest.state.version;
      while (versionOf(wallet) !== versionOf(hub)) await new Promise((resolve) => setImmediate(resolve));
    },
    summary: (of: typeof wallet) => of.party.channels().find((one) => one.vault === vault)!,
  };
}

describe('channels of two parties', () => {
  for (const funder of ['a', 'b'] as const) {
    it(`are opened with the money of ${funder}, paid in both directions, and closed by both`, async () => {
      const { ledger, wallet, hub, lookBoth, pay, settle, summary, vault } = await openPair(funder);
      assert.equal(summary(wallet).stage, 'opening');
      await lookBoth();
      assert.deepEqual([summary(wallet).stage, summary(hub).stage], ['open', 'open']);
      const [payer, payee] = funder === 'a' ? [wallet, hub] : [hub, wallet];
      assert.equal(summary(payer).ours, MILLION);
      await pay(payer, 300_000n, 1);
      await settle();
      await pay(payee, 100_000n, 2);
      await settle();
      assert.deepEqual([summary(payer).ours, summary(payee).ours], [800_000n, 200_000n]);

      await wallet.party.closeTogether(vault);
      await lookBoth();
      assert.deepEqual([summary(wallet).stage, summary(hub).stage], ['closed', 'closed']);
      assert.equal(ledger.leaves[payer.index]!.balance, 1n + 800_000n - 2n * LEDGER_FEE);
      assert.equal(ledger.leaves[payee.index]!.balance, 1n + 200_000n);
      assert.deepEqual([...wallet.troubles, ...hub.troubles], []);
    });
  }

  it('are closed by whoever wants it', async () => {
    const { ledger, wallet, hub, lookBoth, pay, vault } = await openPair();
    await lookBoth();
    await pay(wallet, 300_000n, 1);
    await hub.party.closeTogether(vault);
    assert.equal(ledger.leaves[hub.index]!.balance, 300_001n);
    assert.equal(ledger.leaves[wallet.index]!.balance, 1n + 700_000n - 2n * LEDGER_FEE);
  });

  for (const [what, paid, expected] of [
    ['nothing was paid', 0n, { wallet: MILLION - LEDGER_FEE, hub: 0n }],
    ['all was paid', MILLION, { wallet: 0n, hub: MILLION - LEDGER_FEE }],
    ['all but dust was paid', MILLION - 5n, { wallet: 5n, hub: MILLION - 5n - 2n * LEDGER_FEE }],
  ] as const) {
    it(`are closed when ${what}`, async () => {
      const { ledger, wallet, hub, lookBoth, pay, vault } = await openPair();
      await lookBoth();
      if (paid > 0n) await pay(wallet, paid, 1);
      await wallet.party.closeTogether(vault);
      await lookBoth();
      assert.equal(ledger.leaves[wallet.index]!.balance - 1n, expected.wallet);
      assert.equal(ledger.leaves[hub.index]!.balance - 1n, expected.hub);
    });
  }

  it('are closed to amounts that a record can state', async () => {
    const amount = 10n ** 18n;
    const { ledger, wallet, hub, lookBoth, pay, vault } = await openPair('a', amount);
    await lookBoth();
    await pay(wallet, 123_456_789_012_345_678n, 1);
    await wallet.party.closeTogether(vault);
    await lookBoth();
    assert.equal(ledger.leaves[hub.index]!.balance - 1n, 123_456_789_010_000_000n);
    const left = ledger.leaves[ledger.leaves.length - 1]!.balance;
    assert.ok(left < 10n ** 8n, `${left} stays behind`);
    assert.ok(ledger.leaves[wallet.index]!.balance > amount - 123_456_789_200_000_000n);
  });

  it('survive restarts of both between any two payments', async () => {
    const pair = await openPair();
    await pair.lookBoth();
    for (let round = 1; round <= 5; round += 1) {
      await pair.pay(pair.wallet, 10n, round);
      pair.cut();
      await (round % 2 === 0 ? pair.wallet : pair.hub).restart();
      await pair.reconnect();
    }
    await pair.wallet.party.closeTogether(pair.vault);
    await pair.lookBoth();
    assert.equal(pair.ledger.leaves[pair.hub.index]!.balance, 51n);
  });

  it('are paid in once, also after a restart between signing and sending', async () => {
    const { wallet, hub, ledger, vault, lookBoth, summary } = await openPair();
    await wallet.party.look();
    await wallet.restart();
    await connectParties(wallet.party, hub.party);
    await lookBoth();
    await wallet.party.look(true);
    assert.equal(summary(wallet).capacity, MILLION);
    assert.equal(ledger.leaves.filter(({ owner }) => owner === BigInt(vault)).length, 1);
  });

  it('take only what is final for money', async () => {
    const { ledger, wallet, hub, lookBoth, summary, pay } = await openPair();
    ledger.hold();
    await lookBoth();
    assert.deepEqual([summary(wallet).capacity, summary(hub).capacity], [0n, 0n]);
    await assert.rejects(pay(wallet, 1n, 1), { code: 'CHANNEL_FUNDS_SHORT' });
    ledger.release();
    await lookBoth();
    assert.equal(summary(hub).capacity, MILLION);
  });

  it('do not close while an HTLC is open', async () => {
    const { wallet, hub, lookBoth, vault } = await openPair();
    await lookBoth();
    const expiry = Math.floor(Date.now() / 1_000) + 3_600;
    const hash = `0x${'12'.repeat(32)}`;
    await wallet.party.exchange.want(vault, { type: 'lock', by: 'residual', htlc: { hash, amount: 5n, expiry } });
    await assert.rejects(wallet.party.closeTogether(vault), { code: 'CHANNEL_CHANGE_REFUSED' });
    await assert.rejects(hub.party.closeTogether(vault), { code: 'CHANNEL_CHANGE_REFUSED' });
  });

  it('says that the other party is away', async () => {
    const { wallet, cut, vault, lookBoth } = await openPair();
    await lookBoth();
    cut();
    await assert.rejects(wallet.party.closeTogether(vault), { code: 'CHANNEL_PEER_AWAY' });
  });

  it('are refused by who does not want them', async () => {
    const ledger = createLedger();
    const wallet = await createTestParty(ledger, 0xa1);
    const hub = await createTestParty(ledger, 0xb2, {
      judge: () => {
        throw Object.assign(new Error('no room'), { code: 'LIMIT' });
      },
    });
    await connectParties(wallet.party, hub.party);
    const request = { tokenId: 0, amount: MILLION, period: 3_600, funder: 'a' } as const;
    await assert.rejects(wallet.party.open(hub.party.address, request), /no room/);
    assert.deepEqual([wallet.party.channels(), hub.party.channels()], [[], []]);
  });
});

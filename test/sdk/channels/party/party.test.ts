import assert from 'node:assert/strict';
import { RollupError } from '@quittance/protocol';
import { assertRejects } from '../../../support/assertions.ts';
import { createLedger, LEDGER_FEE } from '../../../support/channels/ledger.ts';
import { connectParties, createTestParty, type TestParty } from '../../../support/channels/parties.ts';
import { secretOf } from '../../../support/channels/secrets.ts';

const MILLION = 1_000_000n;

const machineSeconds = (): number => Math.floor(Date.now() / 1_000);

async function openPair(funder: 'a' | 'b' = 'a', amount = MILLION, now = machineSeconds) {
  const ledger = createLedger();
  const [wallet, hub] = [await createTestParty(ledger, 0xa1, { now }), await createTestParty(ledger, 0xb2, { now })];
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

/** Resolves while a version is on its way that the hub proposed. */
async function isProposed({ hub, vault }: Awaited<ReturnType<typeof openPair>>): Promise<void> {
  while (hub.party.exchange.record(vault)!.proposal === undefined) await new Promise((go) => setImmediate(go));
}

/** Somebody pays into the account of the channel. */
async function gift({ ledger, vault }: Awaited<ReturnType<typeof openPair>>, amount: bigint) {
  const account = ledger.leaves.findIndex(({ owner }) => owner === BigInt(vault));
  const { owner, keyY } = ledger.leaves[account]!;
  ledger.credit(`0x${owner.toString(16)}:${keyY}`, amount);
  return { account };
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

  it('are closed although somebody pays dust into them that one side sees before the other', async () => {
    for (const first of ['wallet', 'hub'] as const) {
      for (const closer of ['wallet', 'hub'] as const) {
        const pair = await openPair();
        await pair.lookBoth();
        // All but dust is paid: the close begins with a swap, which stands on the balance.
        await pair.pay(pair.wallet, MILLION - 5n, 1);
        const { account } = await gift(pair, 3n);
        await pair[first].party.look(true);
        await pair[closer].party.closeTogether(pair.vault).catch(async (error: RollupError) => {
          assert.equal(error.code, 'CHANNEL_CHANGE_REFUSED');
          for (const { party } of [pair.wallet, pair.hub]) await party.look(true);
          await pair[closer].party.closeTogether(pair.vault);
        });
        await pair.lookBoth();
        assert.deepEqual([pair.summary(pair.wallet).stage, pair.summary(pair.hub).stage], ['closed', 'closed']);
        const [wallet, hub] = [pair.wallet, pair.hub].map(({ index }) => pair.ledger.leaves[index]!.balance - 1n);
        // The gift is whose who pays the fees.
        assert.equal(wallet! + hub!, MILLION + 3n - 2n * LEDGER_FEE);
        assert.equal(pair.ledger.leaves[account]!.balance, 0n);
      }
    }
  });

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
        throw new RollupError('CHANNEL_CHANGE_REFUSED', 'no room', { reason: 'room' });
      },
    });
    await connectParties(wallet.party, hub.party);
    const request = { tokenId: 0, amount: MILLION, period: 3_600, funder: 'a' } as const;
    await assert.rejects(wallet.party.open(hub.party.address, request), /no room/);
    assert.deepEqual([wallet.party.channels(), hub.party.channels()], [[], []]);
  });

  it('give away their dust once, however often that is asked for at the same time', async () => {
    const { wallet, hub, lookBoth, pay, settle, summary, vault } = await openPair('a', 10n ** 18n);
    await lookBoth();
    const claim = 123_456_789_012_345_678n;
    await pay(wallet, claim, 1);
    await settle();
    const peer = wallet.party.peerOf(hub.party.address);
    await Promise.all(Array.from({ length: 30 }, () => peer.request('channel_tidy', { vault, fee: '10' })));
    await settle();
    assert.equal(summary(hub).ours, 123_456_789_010_000_000n);
  });

  it('keep the close whose transfer in front was given away, until its time is over', async () => {
    const { wallet, hub, lookBoth, pay, vault } = await openPair();
    await lookBoth();
    await pay(wallet, 300_000n, 1);
    await wallet.party.closeTogether(vault);
    const peer = wallet.party.peerOf(hub.party.address);
    const again = {
      ...{ vault, version: 1, capacity: `${MILLION}`, fee: '10', validUntil: Math.floor(Date.now() / 1_000) + 3_600 },
      receiver: {
        index: wallet.index,
        keyY: BigInt(wallet.receiver.split(':')[1]!).toString(),
        owner: wallet.party.address,
      },
    };
    await assert.rejects(peer.request('channel_close', again), /signed already/);
    await assert.rejects(hub.party.closeTogether(vault), /signed already/);
  });

  /** A close as somebody asks for it who has `of`. */
  const closeOf = ({ vault }: Awaited<ReturnType<typeof openPair>>, of: TestParty, version: number) => ({
    ...{ vault, version, capacity: `${MILLION}`, fee: '10', validUntil: Math.floor(Date.now() / 1_000) + 3_600 },
    receiver: { index: of.index, keyY: `${BigInt(of.receiver.split(':')[1]!)}`, owner: of.party.address },
  });

  for (const [when, method, position] of [
    ['between the transfers', 'channel_signed', 1],
    ['before the transfer in front is signed', 'channel_sign', 0],
    ['before the answer to the last share', 'channel_signed', 0],
  ] as const) {
    it(`keep the close that is being signed, although the other party asks for another one ${when}`, async () => {
      const pair = await openPair();
      const { ledger, wallet, hub, lookBoth, pay, settle, vault } = pair;
      await lookBoth();
      await pay(wallet, 300_000n, 1);
      await settle();
      const attacks: Promise<unknown>[] = [];
      const attack = (): Promise<unknown> =>
        wallet.party.peerOf(hub.party.address).request('channel_close', closeOf(pair, wallet, 1));
      const peer = hub.party.peerOf(wallet.party.address);
      const { request } = peer;
      // The hub opens the close; what it says arrives behind what the wallet asks for at that moment.
      Object.assign(peer, {
        async request(name: string, params: { readonly position?: number }) {
          if (name === method && params.position === position) {
            attacks.push(attack().catch((error: RollupError) => error));
            await Promise.all(attacks);
          }
          return request(name, params);
        },
      });
      const closed = hub.party.closeTogether(vault).catch((error: RollupError) => error);
      const failure = await closed;
      if (failure === undefined) assert.notEqual(pair.summary(hub).closesUntil, undefined, 'all is signed here');
      for (let round = 0; round < 3; round += 1) await lookBoth();
      const [walletHas, hubHas] = [wallet, hub].map(({ index }) => ledger.leaves[index]!.balance - 1n);
      assert.equal(attacks.length, 1);
      // Never the one that pays the wallet alone.
      if (failure === undefined) assert.equal(hubHas, 300_000n);
      else assert.deepEqual([walletHas, hubHas], [0n, 0n]);
    });
  }

  it('give no share of the front transfer to who replaces the close at the same time', async () => {
    const pair = await openPair();
    const { ledger, wallet, hub, lookBoth, pay, settle, vault } = pair;
    await lookBoth();
    await pay(wallet, 300_000n, 1);
    await settle();
    const peer = wallet.party.peerOf(hub.party.address);
    const { request } = peer;
    const attacks: Promise<unknown>[] = [];
    const { isAccount } = ledger.rollup;
    Object.assign(peer, {
      async request(name: string, params: { readonly position?: number }) {
        if (name !== 'channel_sign' || params.position !== 0) return request(name, params);
        // The close has passed its first looks when the share is written down.
        const shared = Promise.withResolvers<void>();
        Object.assign(ledger.rollup, {
          isAccount: (...of: Parameters<typeof isAccount>) => shared.promise.then(() => isAccount(...of)),
        });
        attacks.push(request('channel_close', closeOf(pair, wallet, 1)).catch((error: RollupError) => error.message));
        const answer = await request(name, params);
        shared.resolve();
        await attacks[0];
        return answer;
      },
    });
    await wallet.party.closeTogether(vault).catch(() => undefined);
    await Promise.all(attacks);
    assert.match(String(await attacks[0]), /signed already/);
    await lookBoth();
    assert.equal(ledger.leaves[hub.index]!.balance - 1n, 300_000n);
  });

  it('pay the senior although the opener keeps the last share to itself, and sends only what pays it', async () => {
    const pair = await openPair();
    const { ledger, wallet, hub, lookBoth, pay, settle, vault } = pair;
    await lookBoth();
    await pay(wallet, 300_000n, 1);
    await settle();
    const peer = wallet.party.peerOf(hub.party.address);
    const { request } = peer;
    const { submit } = ledger.rollup;
    let isWallet = true;
    Object.assign(ledger.rollup, {
      submit: async (transfer: Parameters<typeof submit>[0]) => {
        if (!isWallet || transfer.intent.nonce === 0) await submit(transfer);
      },
    });
    Object.assign(peer, {
      request(name: string, params: { readonly position?: number }) {
        if (name === 'channel_signed' && params.position === 0)
          throw new RollupError('TIMEOUT', 'kept', { method: name });
        return request(name, params);
      },
    });
    await assertRejects(wallet.party.closeTogether(vault), 'TIMEOUT');
    await wallet.party.look();
    isWallet = false;
    assert.ok(ledger.leaves[wallet.index]!.balance > 1n, 'the wallet is paid');
    for (let look = 0; look < 2; look += 1) await hub.party.look();
    assert.equal(ledger.leaves[hub.index]!.balance - 1n, 300_000n);
  });

  for (const [who, method] of [
    ['whoever is asked', 'channel_sign'],
    ['the opener', 'answer'],
  ] as const) {
    it(`are not shared by ${who} so late that the transfer behind might not get there`, async () => {
      let passed = 0;
      const pair = await openPair('a', MILLION, () => machineSeconds() + passed);
      const { ledger, wallet, hub, lookBoth, pay, settle, vault } = pair;
      await lookBoth();
      await pay(wallet, 300_000n, 1);
      await settle();
      const peer = wallet.party.peerOf(hub.party.address);
      const { request } = peer;
      Object.assign(peer, {
        async request(name: string, params: { readonly position?: number }) {
          const isFront = name === 'channel_sign' && params.position === 0;
          if (isFront && method === 'channel_sign') passed = 3_400;
          const answer = await request(name, params);
          if (isFront && method === 'answer') passed = 3_400;
          return answer;
        },
      });
      await assert.rejects(wallet.party.closeTogether(vault), /which is too little to sign it/);
      await lookBoth();
      assert.deepEqual([ledger.leaves[wallet.index]!.balance, ledger.leaves[hub.index]!.balance], [1n, 1n]);
      passed = 7_300;
      Object.assign(peer, { request });
      await wallet.party.closeTogether(vault);
      assert.equal(ledger.leaves[hub.index]!.balance - 1n, 300_000n);
    });
  }

  it('stay open when a payment comes that no transfer states, until that is tidied too', async () => {
    const amount = 10n ** 18n;
    const pair = await openPair('a', amount);
    const { ledger, wallet, hub, lookBoth, pay, vault } = pair;
    await lookBoth();
    await pay(wallet, 5n * 10n ** 17n, 1);
    await pair.settle();
    const peer = hub.party.peerOf(wallet.party.address);
    const { request } = peer;
    let isPaid = false;
    Object.assign(peer, {
      async request(name: string, params: unknown) {
        const answer = await request(name, params);
        // Behind the tidying: the orderer waits until it is signed, and then stops.
        if (name === 'channel_tidy' && !isPaid) {
          isPaid = true;
          void pay(wallet, 123_456_789_012_345_678n, 2);
          await isProposed(pair);
        }
        return answer;
      },
    });
    await hub.party.closeTogether(vault);
    await lookBoth();
    assert.equal(ledger.leaves[hub.index]!.balance - 1n, 623_456_789_000_000_000n);
  });

  it('stay open while an HTLC came behind the tidying, which ends like any other', async () => {
    const pair = await openPair();
    const { wallet, hub, lookBoth, pay, vault } = pair;
    await lookBoth();
    await pay(wallet, 300_000n, 1);
    await pair.settle();
    const peer = hub.party.peerOf(wallet.party.address);
    const { request } = peer;
    const { secret, hash } = secretOf('late');
    const expiry = Math.floor(Date.now() / 1_000) + 3_600;
    let isLocked = false;
    Object.assign(peer, {
      async request(name: string, params: unknown) {
        const answer = await request(name, params);
        if (name === 'channel_tidy' && !isLocked) {
          isLocked = true;
          void wallet.party.exchange.want(vault, { type: 'lock', by: 'residual', htlc: { hash, amount: 5n, expiry } });
          await isProposed(pair);
        }
        return answer;
      },
    });
    await assert.rejects(hub.party.closeTogether(vault), /HTLCs are open/);
    assert.equal(pair.summary(hub).stage, 'open');
    await hub.party.exchange.want(vault, { type: 'fulfill', by: 'senior', secret });
    await pair.settle();
    await hub.party.closeTogether(vault);
    await lookBoth();
    assert.equal(pair.summary(hub).stage, 'closed');
  });

  it('do not take an older final state for a loss behind a restart', async () => {
    const pair = await openPair();
    const { ledger, wallet, lookBoth, summary } = pair;
    await lookBoth();
    const { account } = await gift(pair, 3n);
    await wallet.party.look(true);
    assert.equal(summary(wallet).capacity, MILLION + 3n);
    pair.cut();
    await wallet.restart();
    const stop = ledger.showOld(MILLION, account);
    await wallet.party.look(true);
    assert.deepEqual([summary(wallet).stage, summary(wallet).capacity], ['open', MILLION + 3n]);
    stop();
  });

  it('are not closed to a key that nobody can use, nor on another balance than the other party sees', async () => {
    const { wallet, hub, lookBoth, vault } = await openPair();
    await lookBoth();
    const peer = wallet.party.peerOf(hub.party.address);
    const validUntil = Math.floor(Date.now() / 1_000) + 3_600;
    const close = { vault, version: 0, capacity: `${MILLION}`, fee: '10', validUntil };
    for (const receiver of [
      { keyY: '0', owner: wallet.party.address },
      { index: 0, keyY: '5', owner: wallet.party.address },
    ]) {
      await assert.rejects(peer.request('channel_close', { ...close, receiver }), /cannot be paid/);
    }
    const keyY = `${BigInt(wallet.receiver.split(':')[1]!)}`;
    const receiver = { index: wallet.index, keyY, owner: wallet.party.address };
    const other = { ...close, receiver, capacity: `${MILLION + 1n}` };
    await assert.rejects(peer.request('channel_close', other), /holds 1000000 as seen here, not 1000001/);
  });

  it('go on when a sequencer that is behind shows less', async () => {
    const { ledger, wallet, lookBoth, summary } = await openPair();
    await lookBoth();
    const stop = ledger.showOld(1n, summary(wallet).index!);
    await wallet.party.look(true);
    assert.deepEqual([summary(wallet).stage, summary(wallet).capacity], ['open', MILLION]);
    stop();
  });

  it('are stopped when later finals show less', async () => {
    const { ledger, wallet, lookBoth, summary } = await openPair();
    await lookBoth();
    ledger.leaves[summary(wallet).index!]!.balance = 7n;
    ledger.credit(wallet.receiver, 1n);
    await wallet.party.look(true);
    assert.equal(summary(wallet).stage, 'closing');
  });

  it('refuse at once what waits when they are stopped', async () => {
    const { wallet, hub, lookBoth, pay, cut, vault } = await openPair();
    await lookBoth();
    cut();
    const paid = pay(wallet, 5n, 1);
    await wallet.party.stopChannel(vault);
    await assert.rejects(paid, { code: 'CHANNEL_CLOSED' });
    await hub.party.stopChannel(vault);
  });

  it('are forgotten a day after they were opened, if nobody paid them in', async () => {
    const ledger = createLedger();
    let now = 1_800_000_000;
    const wallet = await createTestParty(ledger, 0xa1, { now: () => now });
    const hub = await createTestParty(ledger, 0xb2, { now: () => now });
    await connectParties(wallet.party, hub.party);
    const request = { tokenId: 0, amount: MILLION, period: 3_600, funder: 'a' } as const;
    await wallet.party.open(hub.party.address, request);
    now += 86_400;
    await hub.party.look(true);
    assert.equal(hub.party.channels().length, 1);
    now += 1;
    await hub.party.look(true);
    assert.equal(hub.party.channels().length, 0);
    await hub.restart();
    assert.equal(hub.party.channels().length, 0);
    assert.deepEqual(hub.troubles, []);
  });

  it('are judged again when they are added, one after the other', async () => {
    const ledger = createLedger();
    let count = 0;
    const wallet = await createTestParty(ledger, 0xa1);
    const hub = await createTestParty(ledger, 0xb2, {
      judge: () => {
        count += 1;
        if (count > 1) throw new RollupError('CHANNEL_CHANGE_REFUSED', 'no room by now', { reason: 'room' });
      },
    });
    await connectParties(wallet.party, hub.party);
    const request = { tokenId: 0, amount: MILLION, period: 3_600, funder: 'b' } as const;
    await assert.rejects(wallet.party.open(hub.party.address, request), /no room by now/);
    assert.deepEqual([count, hub.party.channels().length], [2, 0]);
  });

  it('hear one hello on a connection', async () => {
    const { wallet, hub, lookBoth, vault } = await openPair();
    await lookBoth();
    const { newest } = wallet.party.exchange.record(vault)!;
    const peer = wallet.party.peerOf(hub.party.address);
    peer.notify('channel_messages', { vault, messages: [{ type: 'hello', newest }] });
    assert.equal((await peer.gone).code, 'CHANNEL_PEER_AWAY');
  });
});

/** Two sides change a state together: what each may do, and what the other refuses. */

import { strict as assert } from 'node:assert';
import { type ChannelChange, MAX_LOCK_SECONDS, spendable } from '@quittance/protocol';
import {
  type ChannelMessage,
  CLOCKS_APART,
  createChannelSide,
  MOST_ASKED,
  MOST_CHANGES,
} from '../../../../packages/sdk/channels/index.ts';
import { assertCode } from '../../../support/assertions.ts';
import { createPair, keysOf, quickKeysOf, recordOf } from '../../../support/channels/pair.ts';
import { secretOf } from '../../../support/channels/secrets.ts';

const pay = (by: 'senior' | 'residual', id: number, amount: bigint): ChannelChange => ({
  ...{ type: 'pay', by, amount },
  id: `0x${id.toString(16).padStart(64, '0')}`,
});

describe('the sides of a channel', () => {
  // A opened it, so A is the residual party; B orders.
  const connected = (keys = quickKeysOf) => {
    const pair = createPair(1_000n, keys);
    pair.connect();
    pair.settle();
    return pair;
  };
  const want = (pair: ReturnType<typeof connected>, party: 'a' | 'b', change: ChannelChange) =>
    pair.take(party, pair.ends[party].side.want(change));

  it('pay each other, and both have each state with both signatures', () => {
    const pair = connected(keysOf);
    want(pair, 'a', pay('residual', 1, 300n));
    pair.settle();
    want(pair, 'b', pay('senior', 2, 100n));
    pair.settle();
    const { a, b } = pair.ends;
    assert.equal(a.disk.newest.state.claim, 200n);
    assert.deepEqual(a.disk.newest, b.disk.newest);
    assert.equal(a.disk.newest.state.version, 2);
    assert.deepEqual(a.applied, b.applied);
    assert.deepEqual(a.disk.asked, []);
  });

  it('join what waits in one version, up to 256 changes', () => {
    const pair = connected();
    for (let id = 0; id < MOST_CHANGES + 10; id += 1) want(pair, 'a', pay('residual', id, 1n));
    while (pair.deliver('b'));
    pair.settle();
    assert.equal(pair.ends.a.disk.newest.state.version, 2);
    assert.equal(pair.ends.b.disk.newest.state.claim, BigInt(MOST_CHANGES + 10));
  });

  it('move the money of an HTLC for its secret, or back', () => {
    const pair = connected();
    const { secret, hash } = secretOf('x');
    want(pair, 'a', { type: 'lock', by: 'residual', htlc: { hash, amount: 400n, expiry: 900 } });
    pair.settle();
    assert.equal(spendable(pair.ends.a.disk.newest.state, pair.ends.a.disk, 'residual'), 600n);
    assertCode(() => pair.ends.a.side.want(pay('residual', 1, 601n)), 'CHANNEL_FUNDS_SHORT');
    assertCode(() => pair.ends.a.side.want({ type: 'release', by: 'residual', hash }), 'CHANNEL_CHANGE_REFUSED');
    want(pair, 'b', { type: 'fulfill', by: 'senior', secret });
    pair.settle();
    assert.equal(pair.ends.a.disk.newest.state.claim, 400n);
    want(pair, 'b', { type: 'lock', by: 'senior', htlc: { hash, amount: 400n, expiry: 900 } });
    pair.settle();
    assert.equal(pair.ends.a.disk.newest.state.claim, 0n);
    want(pair, 'a', { type: 'release', by: 'residual', hash });
    pair.settle();
    assert.equal(pair.ends.b.disk.newest.state.claim, 400n);
    assert.deepEqual(pair.ends.b.disk.newest.state.htlcs, []);
  });

  it('swap the residual side while nothing is in flight, HTLCs included, and nobody gains by it', () => {
    const pair = connected();
    want(pair, 'a', pay('residual', 1, 300n));
    want(pair, 'a', { type: 'lock', by: 'residual', htlc: { hash: secretOf('x').hash, amount: 50n, expiry: 900 } });
    pair.settle();
    pair.take('a', pair.ends.a.side.setFunds({ capacity: 1_000n, isMoving: true }));
    assertCode(
      () => pair.ends.a.side.want({ type: 'swap', by: 'residual', capacity: 1_000n }),
      'CHANNEL_CHANGE_REFUSED',
    );
    pair.take('a', pair.ends.a.side.setFunds({ capacity: 1_000n, isMoving: false }));
    want(pair, 'a', { type: 'swap', by: 'residual', capacity: 1_000n });
    pair.settle();
    const { state } = pair.ends.b.disk.newest;
    assert.equal(state.residualIsB, true);
    assert.equal(state.claim, 650n);
    assert.equal(state.htlcs[0]!.toSenior, false);
    assert.equal(spendable(state, pair.ends.b.disk, 'residual'), 300n);
  });

  const seen = (pair: ReturnType<typeof connected>, party: 'a' | 'b', capacity: bigint) => {
    pair.take(party, pair.ends[party].side.setFunds({ capacity, isMoving: false }));
    if (pair.ends[party].side.isBehind) pair.take(party, pair.ends[party].side.reconsider());
  };

  it('swap on the balance that the residual party saw, whatever anybody pays in meanwhile', () => {
    const pair = connected(keysOf);
    want(pair, 'a', pay('residual', 1, 300n));
    pair.settle();
    want(pair, 'a', { type: 'swap', by: 'residual', capacity: 1_000n });
    pair.deliver('b');
    pair.propose();
    // A gift, which both see before the version is signed.
    for (const party of ['a', 'b'] as const) seen(pair, party, 1_005n);
    for (const party of ['a', 'b'] as const) pair.crash(party);
    pair.connect();
    pair.settle();
    const { a, b } = pair.ends;
    assert.deepEqual(a.disk.newest, b.disk.newest);
    const { state } = a.disk.newest;
    assert.deepEqual([state.residualIsB, state.claim], [true, 700n]);
    assert.equal(spendable(state, b.disk, 'residual'), 305n);
  });

  it('do not swap on a balance that the orderer does not see', () => {
    const pair = connected();
    seen(pair, 'a', 1_005n);
    const swap = { type: 'swap', by: 'residual', capacity: 1_005n } as const;
    want(pair, 'a', swap);
    pair.settle();
    assert.deepEqual(pair.ends.a.refused, [swap]);
    assert.equal(pair.ends.b.disk.newest.state.version, 0);
  });

  it('sign what stands on money that the orderer saw first once the asker sees it, and not before', () => {
    const { hash } = secretOf('x');
    for (const change of [
      { type: 'swap', by: 'residual', capacity: 1_005n },
      { type: 'lock', by: 'residual', htlc: { hash, amount: 1_003n, expiry: 900 } },
      pay('residual', 2, 1_004n),
    ] as const) {
      const pair = connected(keysOf);
      want(pair, 'a', { type: 'swap', by: 'residual', capacity: 1_000n });
      pair.settle();
      // B is the residual party now, with nothing, and orders. It is paid all.
      want(pair, 'a', pay('senior', 1, 1_000n));
      pair.settle();
      seen(pair, 'b', 1_005n);
      want(pair, 'b', change);
      pair.settle();
      const { a, b } = pair.ends;
      assert.deepEqual([a.side.isBehind, a.disk.newest.state.version], [true, 2]);
      // As often as there is a connection, and with each look that still does not see it.
      pair.connect();
      assert.equal(a.side.isBehind, false);
      pair.settle();
      seen(pair, 'a', 1_001n);
      pair.settle();
      assert.deepEqual([a.side.isBehind, a.disk.newest.state.version], [true, 2]);
      seen(pair, 'a', 1_006n);
      pair.settle();
      assert.deepEqual([a.side.isBehind, b.disk.proposal], [false, undefined]);
      assert.deepEqual(a.disk.newest, b.disk.newest);
      assert.deepEqual(a.applied.at(-1), change);
    }
  });

  it('hold nothing that the orderer did not sign, or that breaks a rule besides', () => {
    const quick = quickKeysOf('b');
    const proposeTo = (change: readonly ChannelChange[], claim: bigint) => {
      const pair = connected();
      want(pair, 'a', { type: 'swap', by: 'residual', capacity: 1_000n });
      pair.settle();
      const state = { ...pair.ends.a.disk.newest.state, version: 2, claim };
      const signature = quick.sign(quick.hash(pair.ends.a.disk.vault, state));
      const { side } = pair.ends.a;
      return { side, receive: () => side.receive({ type: 'propose', version: 2, changes: change, signature }) };
    };
    const spend = pay('residual', 1, 7n);
    const right = proposeTo([spend], 1_007n);
    right.receive();
    assert.equal(right.side.isBehind, true);
    for (const wrong of [
      proposeTo([spend], 1_008n),
      proposeTo([spend, pay('senior', 2, 5n)], 1_002n),
      proposeTo([spend, pay('residual', 2, 0n)], 1_007n),
    ]) {
      assertCode(wrong.receive, 'CHANNEL_PEER_WRONG');
      assert.equal(wrong.side.isBehind, false);
    }
  });

  it('neither sign nor break off when the orderer proposes to one that closes already', () => {
    const pair = connected();
    want(pair, 'a', pay('residual', 1, 10n));
    pair.deliver('b');
    pair.propose();
    pair.take('a', pair.ends.a.side.setClosing());
    pair.settle();
    for (let time = 0; time < 2; time += 1) {
      pair.connect();
      pair.settle();
    }
    const { a, b } = pair.ends;
    assert.deepEqual([a.disk.newest.state.version, b.disk.newest.state.version], [0, 0]);
    assert.equal(b.disk.proposal?.state.version, 1);
  });

  it('break off when the senior spends more than its claim, which no final balance excuses', () => {
    const pair = connected();
    const { side } = pair.ends.a;
    const signature = keysOf('b').sign(`0x${'00'.repeat(32)}`);
    const propose = { type: 'propose', version: 1, changes: [pay('senior', 1, 1n)], signature } as const;
    assertCode(() => side.receive(propose), 'CHANNEL_PEER_WRONG');
    assert.equal(side.isBehind, false);
  });

  it('refuse what is wanted and cannot be, at once or in its turn', () => {
    const pair = connected();
    assertCode(() => pair.ends.b.side.want(pay('senior', 1, 1n)), 'CHANNEL_FUNDS_SHORT');
    assertCode(() => pair.ends.a.side.want(pay('residual', 1, 0n)), 'CHANNEL_CHANGE_REFUSED');
    assertCode(() => pair.ends.a.side.want(pay('senior', 1, 1n)), 'CHANNEL_CHANGE_REFUSED');
    assertCode(
      () => pair.ends.b.side.want({ type: 'fulfill', by: 'senior', secret: secretOf('x').secret }),
      'CHANNEL_CHANGE_REFUSED',
    );
    assertCode(() => pair.ends.b.side.want({ type: 'fulfill', by: 'senior', secret: '0x12' }), 'INVALID_HEX');
    const { hash } = secretOf('x');
    want(pair, 'a', { type: 'lock', by: 'residual', htlc: { hash, amount: 1n, expiry: 900 } });
    assertCode(() => pair.ends.a.side.want(pay('residual', 1, 1_000n)), 'CHANNEL_FUNDS_SHORT');
    // B has less final money in sight than A: it refuses what A asks for.
    pair.take('b', pair.ends.b.side.setFunds({ capacity: 10n, isMoving: false }));
    want(pair, 'a', pay('residual', 2, 500n));
    pair.settle();
    assert.deepEqual(pair.ends.a.refused, [pay('residual', 2, 500n)]);
    assert.deepEqual(pair.ends.a.disk.asked, []);
  });

  it('lock money for a week at most, and take no secret that comes too late', () => {
    const pair = connected();
    const { secret, hash } = secretOf('x');
    const lock = (expiry: number): ChannelChange => ({
      type: 'lock',
      by: 'residual',
      htlc: { hash, amount: 5n, expiry },
    });
    assertCode(() => pair.ends.a.side.want(lock(MAX_LOCK_SECONDS + 61)), 'CHANNEL_CHANGE_REFUSED');
    // Whatever the other side says: the orderer refuses it, the asker breaks off.
    pair.ends.b.side.receive({ type: 'ask', changes: [lock(MAX_LOCK_SECONDS + 61)] });
    assert.match(JSON.stringify(pair.ends.b.side.propose()!.send), /expires at/);
    want(pair, 'a', lock(100));
    pair.settle();
    const late = createPair(1_000n, (party) => ({ ...quickKeysOf(party), now: () => 101 }));
    for (const party of ['a', 'b'] as const) {
      late.ends[party].disk = pair.ends[party].disk;
      late.crash(party);
    }
    late.connect();
    late.settle();
    assertCode(() => late.ends.b.side.want({ type: 'fulfill', by: 'senior', secret }), 'CHANNEL_CHANGE_REFUSED');
    late.take('b', late.ends.b.side.want({ type: 'release', by: 'senior', hash }));
    late.settle();
    assert.deepEqual(late.ends.a.disk.newest.state.htlcs, []);
  });

  it('lock and pay for secrets on clocks that are a minute apart, as of today', () => {
    const NOW = 1_800_000_000;
    const { secret, hash } = secretOf('x');
    for (const [ofA, ofB] of [
      [NOW, NOW],
      [NOW + 60, NOW],
      [NOW, NOW + 60],
    ] as const) {
      const clock = { a: ofA, b: ofB };
      const pair = connected((party) => ({ ...quickKeysOf(party), now: () => clock[party] }));
      for (const [party, by, other, payee] of [
        ['a', 'residual', 'b', 'senior'],
        ['b', 'senior', 'a', 'residual'],
      ] as const) {
        const expiry = clock[party] + MAX_LOCK_SECONDS - CLOCKS_APART;
        want(pair, party, { type: 'lock', by, htlc: { hash, amount: 40n, expiry } });
        pair.settle();
        want(pair, other, { type: 'fulfill', by: payee, secret });
        pair.settle();
        assert.deepEqual(pair.ends.a.disk.newest, pair.ends.b.disk.newest);
        assert.deepEqual(pair.ends.a.disk.newest.state.htlcs, []);
      }
      assert.equal(pair.ends.a.disk.newest.state.version, 4);
    }
  });

  it('go on although a secret was wanted that is too late now', () => {
    let now = 0;
    const pair = connected((party) => ({ ...quickKeysOf(party), now: () => now }));
    const { secret, hash } = secretOf('x');
    want(pair, 'a', pay('residual', 1, 300n));
    pair.settle();
    want(pair, 'b', { type: 'lock', by: 'senior', htlc: { hash, amount: 40n, expiry: 100 } });
    pair.settle();
    // Wanted in time, and on its way to nobody.
    for (const party of ['a', 'b'] as const) pair.crash(party);
    const late: ChannelChange = { type: 'fulfill', by: 'residual', secret };
    want(pair, 'a', late);
    now = 101;
    want(pair, 'a', pay('residual', 2, 5n));
    pair.connect();
    pair.settle();
    assert.deepEqual(pair.ends.a.refused, [late]);
    assert.equal(pair.ends.b.disk.newest.state.claim, 265n);
  });

  it('move no money while a version is proposed that stands on it', () => {
    const pair = connected();
    want(pair, 'a', pay('residual', 1, 300n));
    pair.deliver('b');
    pair.propose();
    assertCode(() => pair.ends.b.side.setFunds({ capacity: 900n, isMoving: false }), 'CHANNEL_CHANGE_REFUSED');
    assertCode(() => pair.ends.b.side.setFunds({ capacity: 1_000n, isMoving: true }), 'CHANNEL_CHANGE_REFUSED');
    pair.take('b', pair.ends.b.side.setFunds({ capacity: 1_100n, isMoving: false }));
    pair.settle();
    pair.take('b', pair.ends.b.side.setFunds({ capacity: 900n, isMoving: true }));
  });

  it('refuse what is asked for while the orderer closes already', () => {
    const pair = connected();
    pair.take('b', pair.ends.b.side.setClosing());
    want(pair, 'a', pay('residual', 1, 10n));
    pair.settle();
    assert.deepEqual(pair.ends.a.refused, [pay('residual', 1, 10n)]);
    assert.deepEqual(pair.ends.a.disk.asked, []);
    // Also what was asked for on a line that is gone.
    want(pair, 'a', pay('residual', 2, 10n));
    pair.connect();
    pair.settle();
    assert.deepEqual(pair.ends.a.refused.slice(1), [pay('residual', 2, 10n)]);
    assert.deepEqual([pair.ends.a.disk.asked, pair.ends.b.disk.newest.state.version], [[], 0]);
  });

  it('make a change once, however often it is wanted', () => {
    const pair = connected();
    for (let time = 0; time < 3; time += 1) want(pair, 'a', pay('residual', 1, 10n));
    pair.settle();
    assert.equal(pair.ends.b.disk.newest.state.claim, 10n);
    for (let time = 0; time < 3; time += 1) want(pair, 'b', pay('senior', 2, 3n));
    pair.settle();
    assert.equal(pair.ends.b.disk.newest.state.claim, 7n);
  });

  it('take at most 1,024 changes that wait', () => {
    const pair = connected();
    const { side } = pair.ends.a;
    const many = createPair(10_000n, quickKeysOf);
    for (let id = 0; id < MOST_ASKED; id += 1) many.ends.a.side.want(pay('residual', id, 1n));
    assertCode(() => many.ends.a.side.want(pay('residual', MOST_ASKED, 1n)), 'CHANNEL_CHANGE_REFUSED');
    const changes = Array.from({ length: MOST_ASKED + 1 }, (_, id) => pay('residual', id, 1n));
    assertCode(() => pair.ends.b.side.receive({ type: 'ask', changes }), 'CHANNEL_PEER_WRONG');
    assert.equal(side.record.newest.state.version, 0);
  });

  it('change nothing more once they are closing', () => {
    const pair = connected();
    for (const party of ['a', 'b'] as const) pair.take(party, pair.ends[party].side.setClosing());
    assertCode(() => pair.ends.a.side.want(pay('residual', 1, 1n)), 'CHANNEL_CLOSED');
    assertCode(() => pair.ends.b.side.want(pay('senior', 1, 1n)), 'CHANNEL_CLOSED');
  });

  it('end the connection with who breaks the rules, and keep what both signed', () => {
    const keys = { a: keysOf('a'), b: keysOf('b') };
    const hash = (version: number, claim: bigint) =>
      keys.b.hash(recordOf('a', 0n, keysOf).vault, { version, claim, residualIsB: false, htlcs: [] });
    const propose = (version: number, claim: bigint, changes: ChannelChange[], by = keys.b): ChannelMessage => ({
      ...{ type: 'propose', version, changes },
      signature: by.sign(hash(version, claim)),
    });
    const wrongs: [string, ChannelMessage][] = [
      ['takes money that nobody asked to pay', propose(1, 300n, [pay('residual', 1, 300n)])],
      ['takes another amount', propose(1, 31n, [pay('residual', 7, 31n)])],
      ['leaves a version out', propose(2, 30n, [pay('residual', 7, 30n)])],
      ['proposes nothing', propose(1, 0n, [])],
      ['signs another state', propose(1, 29n, [pay('residual', 7, 30n)])],
      ['signs as somebody else', propose(1, 30n, [pay('residual', 7, 30n)], keys.a)],
      ['pays more than it has', propose(1, 0n, [pay('senior', 1, 5n)])],
      ['makes our change twice', propose(1, 60n, [pay('residual', 7, 30n), pay('residual', 7, 30n)])],
      ['asks who does not order', { type: 'ask', changes: [] }],
      ['signs what was not proposed', { type: 'sign', version: 1, signature: keys.b.sign(hash(1, 0n)) }],
    ];
    for (const [name, message] of wrongs) {
      const pair = connected(keysOf);
      pair.ends.a.side.want(pay('residual', 7, 30n));
      const before = pair.ends.a.side.record;
      assertCode(() => pair.ends.a.side.receive(message), 'CHANNEL_PEER_WRONG', name);
      assert.deepEqual(pair.ends.a.side.record, before, name);
    }
    const toOrderer: [string, ChannelMessage][] = [
      ['proposes to who orders', propose(1, 0n, [pay('senior', 1, 1n)])],
      ['signs what was not proposed', { type: 'sign', version: 1, signature: keys.a.sign(hash(1, 0n)) }],
      ['refuses', { type: 'refuse', key: 'x', code: 'y', message: 'z' }],
    ];
    for (const [name, message] of toOrderer) {
      assertCode(() => connected(keysOf).ends.b.side.receive(message), 'CHANNEL_PEER_WRONG', name);
    }
    const pair = connected(keysOf);
    const malleated = { ...keys.b.sign(hash(1, 30n)), v: 29 };
    pair.ends.a.side.want(pay('residual', 7, 30n));
    const changes = [pay('residual', 7, 30n)];
    assertCode(
      () => pair.ends.a.side.receive({ type: 'propose', version: 1, changes, signature: malleated }),
      'BAD_SIGNATURE',
    );
  });

  it('say nothing before hello', () => {
    const pair = createPair(1_000n, quickKeysOf);
    assertCode(
      () =>
        pair.ends.a.side.receive({ type: 'propose', version: 1, changes: [], signature: { v: 27, r: '0x', s: '0x' } }),
      'CHANNEL_PEER_WRONG',
    );
    assertCode(() => pair.ends.b.side.receive({ type: 'ask', changes: [] }), 'CHANNEL_PEER_WRONG');
    assert.equal(pair.ends.b.side.propose(), undefined);
  });

  it('take over what both signed when their own copy is an old one, and what is forged never', () => {
    const pair = connected(keysOf);
    const old = { a: pair.ends.a.disk, b: pair.ends.b.disk };
    want(pair, 'a', pay('residual', 1, 300n));
    pair.settle();
    const newest = pair.ends.a.disk;
    for (const party of ['a', 'b'] as const) {
      const copy = createPair(1_000n, keysOf);
      copy.ends.a.disk = newest;
      copy.ends.b.disk = pair.ends.b.disk;
      copy.ends[party].disk = old[party];
      for (const one of ['a', 'b'] as const) copy.crash(one);
      copy.connect();
      copy.settle();
      assert.deepEqual(copy.ends[party].disk.newest, newest.newest);
    }
    const forged = { ...newest.newest, state: { ...newest.newest.state, version: 9 } };
    const fresh = createChannelSide(old.a, keysOf('a'));
    fresh.begin();
    assertCode(() => fresh.receive({ type: 'hello', newest: forged }), 'CHANNEL_PEER_WRONG');
    const same = { ...old.a.newest, state: { ...old.a.newest.state, claim: 5n } };
    assertCode(() => fresh.receive({ type: 'hello', newest: same }), 'CHANNEL_PEER_WRONG');
  });

  it('tell of changes of which an old copy does not know what became', () => {
    const pair = connected(keysOf);
    pair.ends.a.side.want(pay('residual', 1, 300n));
    const withAsked = { ...pair.ends.a.side.record };
    const later = connected(keysOf);
    want(later, 'a', pay('residual', 2, 5n));
    later.settle();
    const copy = createChannelSide(withAsked, keysOf('a'));
    copy.begin();
    const { forgotten } = copy.receive({ type: 'hello', newest: later.ends.b.disk.newest });
    assert.deepEqual(forgotten, [pay('residual', 1, 300n)]);
  });
});

/** What routes need of two sides: hops that nobody changes, secrets that come too late, and reasons. */

import { strict as assert } from 'node:assert';
import { type ChannelChange, MAX_HOPS } from '@quittance/protocol';
import { type ChannelMessage, createChannelSide } from '../../../../packages/sdk/channels/index.ts';
import { assertCode } from '../../../support/assertions.ts';
import { createPair, keysOf, quickKeysOf, recordOf } from '../../../support/channels/pair.ts';
import { secretOf } from '../../../support/channels/secrets.ts';

const { secret, hash } = secretOf('x');
const HOP = { to: `0x${'0f'.repeat(20)}`, amount: 9n, expiry: 800 };
const lock = (by: 'senior' | 'residual', onward = [HOP]): Extract<ChannelChange, { type: 'lock' }> => ({
  ...{ type: 'lock', by, onward },
  htlc: { hash, amount: 10n, expiry: 900 },
});
const fulfill = (by: 'senior' | 'residual'): ChannelChange => ({ type: 'fulfill', by, secret });

describe('the hops of an HTLC', () => {
  it('come to the other side as they were wanted, and are no part of the state', () => {
    const pair = createPair(1_000n, keysOf);
    pair.connect();
    pair.settle();
    pair.take('a', pair.ends.a.side.want(lock('residual')));
    pair.settle();
    assert.deepEqual(pair.ends.b.applied, [lock('residual')]);
    assert.deepEqual(pair.ends.a.disk.newest.state.htlcs, [{ hash, amount: 10n, expiry: 900, toSenior: true }]);
  });

  it('cannot be changed by who orders: another party, amount or expiry, one more, one less, another order', () => {
    const other = { ...HOP, to: `0x${'0e'.repeat(20)}` };
    const lies: (typeof HOP)[][] = [
      [],
      [other],
      [{ ...HOP, amount: 8n }],
      [{ ...HOP, expiry: 801 }],
      [HOP],
      [HOP, other, HOP],
      [other, HOP],
    ];
    const wanted = [HOP, other];
    for (const lie of [wanted, ...lies]) {
      const pair = createPair(1_000n, keysOf);
      pair.connect();
      pair.settle();
      pair.ends.a.side.want(lock('residual', wanted));
      const { vault } = recordOf('a', 0n, keysOf);
      const htlcs = [{ hash, amount: 10n, expiry: 900, toSenior: true }];
      const state = { version: 1, claim: 0n, residualIsB: false, htlcs };
      const signature = keysOf('b').sign(keysOf('b').hash(vault, state));
      const message: ChannelMessage = { type: 'propose', version: 1, changes: [lock('residual', lie)], signature };
      if (lie === wanted) assert.equal(pair.ends.a.side.receive(message).send[0]!.type, 'sign');
      else assertCode(() => pair.ends.a.side.receive(message), 'CHANNEL_PEER_WRONG', JSON.stringify(lie.length));
    }
  });

  it('are at most three, each to somebody, of more than nothing', () => {
    const pair = createPair(1_000n, quickKeysOf);
    const { side } = pair.ends.a;
    const four = Array<typeof HOP>(MAX_HOPS + 1).fill(HOP);
    assertCode(() => side.want(lock('residual', four)), 'CHANNEL_CHANGE_REFUSED');
    assertCode(() => side.want(lock('residual', [{ ...HOP, amount: 0n }])), 'CHANNEL_CHANGE_REFUSED');
    assertCode(() => side.want(lock('residual', [{ ...HOP, to: '0x0' }])), 'INVALID_ADDRESS');
    side.want(lock('residual', four.slice(1)));
  });

  it('are given back with a reason that nobody changes', () => {
    const pair = createPair(1_000n, quickKeysOf);
    pair.connect();
    pair.settle();
    pair.take('a', pair.ends.a.side.want({ type: 'pay', by: 'residual', id: secret, amount: 500n }));
    pair.settle();
    pair.take('b', pair.ends.b.side.want(lock('senior')));
    pair.settle();
    const release = { type: 'release', by: 'residual', hash, reason: 'NO_CHANNEL' } as const;
    for (const reason of ['', 'no', 'A'.repeat(41), 'A B']) {
      assertCode(() => pair.ends.a.side.want({ ...release, reason }), 'CHANNEL_CHANGE_REFUSED', reason);
    }
    pair.take('a', pair.ends.a.side.want(release));
    const copy = createChannelSide(pair.ends.a.disk, quickKeysOf('a'));
    copy.begin();
    const { newest } = pair.ends.b.disk;
    copy.receive({ type: 'hello', newest });
    const state = { ...newest.state, version: 3, claim: 500n, htlcs: [] };
    const { vault } = pair.ends.a.disk;
    const signature = quickKeysOf('b').sign(quickKeysOf('b').hash(vault, state));
    const propose = (changes: readonly ChannelChange[]): ChannelMessage => ({
      type: 'propose',
      version: 3,
      changes,
      signature,
    });
    const { reason: _, ...silent } = release;
    for (const lie of [silent, { ...release, reason: 'FEE_TOO_LOW' }]) {
      assertCode(() => copy.receive(propose([lie])), 'CHANNEL_PEER_WRONG');
    }
    assert.equal(copy.receive(propose([release])).send[0]!.type, 'sign');
  });
});

describe('a secret that was proposed in time, and comes after it', () => {
  /** B has proposed the secret of an HTLC; A hears of it behind its expiry. */
  const late = (...more: ChannelChange[]) => {
    let now = 0;
    const shown = new Map<string, number>();
    const pair = createPair(1_000n, (party) => ({
      ...quickKeysOf(party),
      now: () => now,
      revealedAt: (of) => shown.get(of),
    }));
    pair.connect();
    pair.settle();
    pair.take('a', pair.ends.a.side.want(lock('residual')));
    pair.settle();
    for (const change of [fulfill('senior'), ...more]) pair.take('b', pair.ends.b.side.want(change));
    pair.propose();
    now = 901;
    pair.connect();
    pair.settle();
    return { pair, shown };
  };
  const release = { type: 'release', by: 'senior', hash, reason: 'EXPIRED' } as const;

  it('is not signed, is no reason to end the connection, and is looked at again when L1 shows it in time', () => {
    for (const [at, isTaken] of [
      [900, true],
      [901, false],
    ] as const) {
      const { pair, shown } = late();
      assert.equal(pair.ends.a.disk.newest.state.version, 1);
      assert.equal(pair.ends.b.disk.proposal!.state.version, 2);
      shown.set(hash, at);
      pair.take('a', pair.ends.a.side.reconsider());
      pair.settle();
      assert.equal(pair.ends.a.disk.newest.state.version, isTaken ? 2 : 1);
      assert.equal(pair.ends.b.disk.newest.state.claim, isTaken ? 10n : 0n);
    }
  });

  it('is given back in its place, with the same version, when its author wants that', () => {
    const { pair } = late();
    pair.take('b', pair.ends.b.side.want(release));
    assert.deepEqual(pair.ends.b.refused, [fulfill('senior')]);
    pair.settle();
    for (const party of ['a', 'b'] as const) {
      const { newest, proposal } = pair.ends[party].disk;
      assert.deepEqual([newest.state.version, newest.state.htlcs, proposal], [2, [], undefined]);
      assert.deepEqual(pair.ends[party].applied.at(-1), release);
    }
    pair.take('a', pair.ends.a.side.want({ type: 'pay', by: 'residual', id: secret, amount: 1_000n }));
    pair.settle();
    assert.equal(pair.ends.b.disk.newest.state.claim, 1_000n);
  });

  it('stays where it is when something else needs its money', () => {
    const { pair } = late({ type: 'pay', by: 'senior', id: hash, amount: 10n });
    const before = pair.ends.b.disk;
    assertCode(() => pair.ends.b.side.want(release), 'CHANNEL_FUNDS_SHORT');
    assert.deepEqual(pair.ends.b.side.record, before);
  });

  it('is given back only when the other party refused it on this connection, and it refuses nothing else', () => {
    const { pair } = late();
    pair.ends.b.side.begin();
    assertCode(() => pair.ends.b.side.want(release), 'CHANNEL_CHANGE_REFUSED');
    const { newest } = pair.ends.a.disk;
    pair.ends.b.side.receive({ type: 'hello', newest });
    const refuse = (key: string): ChannelMessage => ({ type: 'refuse', key, code: 'X', message: 'x' });
    assertCode(() => pair.ends.b.side.receive(refuse('senior pay 0x00')), 'CHANNEL_PEER_WRONG');
    assertCode(() => pair.ends.b.side.receive(refuse(`senior fulfill ${hash}`)), 'CHANNEL_PEER_WRONG');
    pair.ends.b.side.receive(refuse(`senior fulfill ${secret}`));
    pair.ends.b.side.want(release);
  });

  it('is refused also among others, which are checked all the same', () => {
    const { pair } = late({ type: 'pay', by: 'senior', id: hash, amount: 1n });
    pair.ends.a.side.begin();
    pair.ends.a.side.receive({ type: 'hello', newest: pair.ends.b.disk.newest });
    const { proposal } = pair.ends.b.disk;
    const changes = [...proposal!.changes, { type: 'pay', by: 'residual', id: hash, amount: 5n } as const];
    const propose = { type: 'propose', version: 2, changes, signature: proposal!.signature } as const;
    assertCode(() => pair.ends.a.side.receive(propose), 'CHANNEL_PEER_WRONG');
    const forged = { ...propose, changes: proposal!.changes, signature: { ...proposal!.signature, s: hash } };
    assertCode(() => pair.ends.a.side.receive(forged), 'CHANNEL_PEER_WRONG');
  });
});

/** The plan of an HTLC that is for us: the whole table, each way to know something, each boundary of time. */

import { strict as assert } from 'node:assert';
import { judge, type Way } from '../../../../packages/sdk/channels/forward/judge.ts';
import {
  FORWARD_TABLE,
  forwardMove,
  type HashView,
  type InChannel,
  isOver,
  KNOWLEDGE,
  knownOf,
  PHASES,
  phaseOf,
  type Times,
} from '../../../../packages/sdk/channels/forward/plan.ts';
import { type ForwardPolicy, requirePolicy } from '../../../../packages/sdk/channels/forward/policy.ts';
import type { KeptHtlc, KeptInvoice } from '../../../../packages/sdk/channels/index.ts';
import { CLOCKS_APART, FORWARD_DEFAULTS, type HtlcEnd, hubFee } from '../../../../packages/sdk/channels/index.ts';
import { assertCode } from '../../../support/assertions.ts';
import { quickKeysOf, recordOf } from '../../../support/channels/pair.ts';
import { secretOf } from '../../../support/channels/secrets.ts';
import { readDocument, sectionOf, tablesOf } from '../../../support/sources/markdown.ts';

const NOW = 1_000_000;
const EXPIRY = NOW + 10_000;
const { secret, hash } = secretOf('x');
const policy: ForwardPolicy = { ...FORWARD_DEFAULTS, feeBase: 5n, feePartsPerMillion: 1_000 };
const times = (some: Partial<Times> = {}): Times => ({ now: NOW, l1: NOW - 30, ...some });

const htlc = (some: Partial<KeptHtlc> = {}): KeptHtlc => ({
  ...{ vault: 'in', hash, isOutgoing: false, amount: 1_006n, expiry: EXPIRY, onward: [], version: 1, order: 5 },
  ...some,
});
const outgoing = (end?: HtlcEnd, some: Partial<KeptHtlc> = {}): KeptHtlc => {
  const sent = htlc({ vault: 'out', isOutgoing: true, amount: 1_000n, expiry: EXPIRY - 3_600, order: 6, ...some });
  return end === undefined ? sent : { ...sent, end };
};
const view = (some: Partial<HashView> = {}): HashView => ({
  ...{ kept: [htlc()], pending: undefined, secret: undefined, invoice: undefined, refusal: undefined },
  ...{ isUnanswered: () => true, ...some },
});
const channel: InChannel = { tokenId: 0, wasTold: false, isGivenBack: false };
const known = (some: Partial<HashView>, in_: Partial<InChannel> = {}, at: Partial<Times> = {}, one = htlc()) =>
  knownOf(one, { ...channel, ...in_ }, view(some), times(at), policy);

describe('the plan of an HTLC that is for us', () => {
  it('has one move for all that can be known at any time, as docs/channels.md says', () => {
    const table = tablesOf(sectionOf(readDocument('docs/channels.md'), 'Routes')).find(([row]) => row?.length === 7)!;
    const documented = table.map(([name, ...moves]) => [name!.split(':')[0], ...moves]);
    assert.deepEqual(
      documented,
      KNOWLEDGE.map((knowledge) => [knowledge, ...PHASES.map((phase) => FORWARD_TABLE[knowledge][phase])]),
    );
    assert.equal(forwardMove('secret', 'urgent'), 'reveal');
  });

  it('goes by the later of two clocks, to the second', () => {
    const { revealBefore } = policy;
    const cases: [ReturnType<typeof phaseOf>, number][] = [
      ['early', EXPIRY - revealBefore],
      ['urgent', EXPIRY - revealBefore + 1],
      ['urgent', EXPIRY - CLOCKS_APART],
      ['late', EXPIRY - CLOCKS_APART + 1],
      ['late', EXPIRY],
      ['over', EXPIRY + 1],
    ];
    for (const [phase, time] of cases) {
      assert.equal(phaseOf(times({ now: time, l1: 0 }), EXPIRY, policy), phase);
      assert.equal(phaseOf(times({ now: 0, l1: time }), EXPIRY, policy), phase);
    }
  });

  it('takes L1 for sure only behind the expiry by both clocks', () => {
    const after = { now: EXPIRY + 1, l1: EXPIRY + 1 };
    assert.equal(isOver(times({ ...after, unshownAt: EXPIRY }), EXPIRY), false);
    assert.equal(isOver(times({ ...after, unshownAt: EXPIRY + 1 }), EXPIRY), true);
    assert.equal(isOver(times({ ...after, now: EXPIRY, unshownAt: EXPIRY + 1 }), EXPIRY), false);
    assert.equal(phaseOf(times({ ...after, unshownAt: EXPIRY + 1 }), EXPIRY, policy), 'expired');
    assert.equal(phaseOf(times({ ...after, shownAt: EXPIRY + 1 }), EXPIRY, policy), 'expired');
    assert.equal(phaseOf(times({ ...after, shownAt: EXPIRY, unshownAt: EXPIRY + 1 }), EXPIRY, policy), 'shown');
    assert.equal(phaseOf(times({ shownAt: NOW }), EXPIRY, policy), 'shown');
  });

  it('knows a secret from wherever, and what it was passed on to', () => {
    assert.deepEqual(known({ secret }), { knowledge: 'secret', secret });
    assert.equal(known({}), undefined);
    assert.deepEqual(known({ refusal: 'PEER_AWAY' }), { knowledge: 'refused', reason: 'PEER_AWAY' });
    assert.equal(known({ kept: [htlc(), outgoing()] })!.knowledge, 'open');
    assert.equal(known({ pending: { vault: 'out', expiry: EXPIRY - 3_600 } })!.knowledge, 'open');
    const released = outgoing({ type: 'release', version: 2, reason: 'NO_CHANNEL' });
    assert.deepEqual(known({ kept: [htlc(), released] }), { knowledge: 'dead', reason: 'NO_CHANNEL' });
    const silent = outgoing({ type: 'release', version: 2 });
    assert.deepEqual(known({ kept: [htlc(), silent] }), { knowledge: 'dead', reason: 'RELEASED' });
    assert.equal(known({ kept: [htlc(), outgoing({ type: 'forgotten' })] })!.knowledge, 'unknown');
    // In a channel that is not known to have ended it: whatever ended elsewhere does not count.
    assert.equal(known({ kept: [htlc(), outgoing(), { ...released, vault: 'other' }] })!.knowledge, 'open');
  });

  it('takes what it passed on for dead only when L1 is sure, and nobody has shown the secret meanwhile', () => {
    const over = { now: EXPIRY, l1: EXPIRY, unshownAt: EXPIRY };
    const pending = { vault: 'out', expiry: EXPIRY - 3_600 };
    assert.equal(known({ kept: [htlc(), outgoing()] }, {}, over)!.knowledge, 'dead');
    assert.equal(known({ pending }, {}, over)!.knowledge, 'dead');
    const early = { now: EXPIRY, l1: EXPIRY, unshownAt: EXPIRY - 3_600 };
    assert.equal(known({ kept: [htlc(), outgoing()] }, {}, early)!.knowledge, 'open');
    assert.equal(known({ pending }, {}, early)!.knowledge, 'open');
    assert.equal(known({ kept: [htlc(), outgoing()], isUnanswered: () => false }, {}, over)!.knowledge, 'open');
  });

  it('lets nothing follow once a release was asked for, and takes the second one with a hash for nothing', () => {
    const reason = (some: Partial<HashView>, in_: Partial<InChannel>, one?: KeptHtlc) =>
      known(some, in_, {}, one)?.reason;
    assert.equal(reason({ secret }, { isGivenBack: true }), 'RELEASED');
    const first = htlc({ vault: 'first', order: 4 });
    assert.equal(reason({ kept: [first, htlc()] }, {}), 'HASH_IN_USE');
    assert.equal(known({ kept: [first, htlc()] }, {}, {}, first), undefined);
    assert.equal(known({ kept: [first, htlc()], secret })!.knowledge, 'secret');
  });

  it('takes an invoice of its own for its amount, in time, once, and never goes back on a secret that it told', () => {
    const invoice: KeptInvoice = { hash, secret, tokenId: 0, amount: 1_006n, memo: '', expiresAt: NOW };
    const paid = { vault: 'in', version: 1, at: 1 };
    const of = (some: Partial<KeptInvoice>, in_: Partial<InChannel> = {}, one = htlc()) =>
      known({ invoice: { ...invoice, ...some } }, in_, {}, one);
    assert.deepEqual(of({}), { knowledge: 'secret', secret });
    assert.equal(of({ amount: 1_007n })!.reason, 'AMOUNT_TOO_LOW');
    assert.equal(of({ tokenId: 1 })!.reason, 'UNKNOWN_HASH');
    assert.equal(of({ expiresAt: NOW - 1 })!.reason, 'EXPIRED');
    assert.equal(of({ paid })!.reason, 'ALREADY_PAID');
    const { leastTime } = policy;
    assert.equal(of({}, {}, htlc({ expiry: NOW + leastTime }))!.knowledge, 'secret');
    assert.equal(of({}, {}, htlc({ expiry: NOW + leastTime - 1 }))!.reason, 'EXPIRY_TOO_SOON');
    assert.equal(of({ expiresAt: 0 }, { wasTold: true })!.knowledge, 'secret');
    assert.equal(of({ expiresAt: 0, isShown: true }, {}, htlc({ expiry: NOW }))!.knowledge, 'secret');
    assert.equal(of({ amount: 1_007n, isShown: true })!.reason, 'AMOUNT_TOO_LOW');
    assert.equal(of({ paid, isShown: true })!.reason, 'ALREADY_PAID');
    const first = htlc({ vault: 'first', order: 4 });
    assert.equal(known({ invoice, kept: [first, htlc()] })!.reason, 'HASH_IN_USE');
    // Also where it says that it is to be passed on: who knows the secret of its own invoice gives no receipt for less.
    const onward = [{ to: '0x00', amount: 1n, expiry: NOW }];
    assert.equal(of({ amount: 2_000n }, {}, htlc({ onward }))!.reason, 'AMOUNT_TOO_LOW');
  });
});

describe('whether an HTLC can be passed on', () => {
  const next = `0x${'0e'.repeat(20)}`;
  const ends = { us: `0x${'0a'.repeat(20)}`, payer: `0x${'0b'.repeat(20)}` };
  const hop = { to: next, amount: 1_000n, expiry: EXPIRY - policy.expiryDelta };
  const record = { ...recordOf('a', 1_000n, quickKeysOf), vault: 'out' };
  const way = (some: Partial<Way> & { readonly record?: Way['record'] } = {}): Way => ({
    record,
    isConnected: true,
    ...some,
  });
  const of = (some: Partial<KeptHtlc>, ways: readonly Way[] = [way()], now = NOW) => {
    const judged = judge(htlc({ onward: [hop], ...some }), ends, ways, now, policy);
    return 'reason' in judged ? judged.reason : judged;
  };
  const withState = (some: object): Way => {
    const { newest } = record;
    return way({ record: { ...record, newest: { ...newest, state: { ...newest.state, ...some } } } });
  };

  it('locks what the first hop says, for whom the rest says', () => {
    const lock = { type: 'lock', by: 'residual', htlc: { hash, amount: 1_000n, expiry: hop.expiry } };
    assert.deepEqual(of({}), { vault: 'out', change: lock });
    const rest = { to: ends.payer, amount: 1n, expiry: 1 };
    assert.deepEqual(of({ onward: [hop, rest] }), { vault: 'out', change: { ...lock, onward: [rest] } });
  });

  it('asks for the fee and the time, to the unit', () => {
    assert.equal(hubFee(policy, 1_000n), 6n);
    assert.equal(hubFee(policy, 1_001n), 7n);
    assert.equal(of({ amount: 1_005n }), 'FEE_TOO_LOW');
    const judged = (leastAmount: bigint) =>
      judge(htlc({ onward: [hop] }), ends, [way()], NOW, { ...policy, leastAmount });
    assert.deepEqual(judged(1_007n), { reason: 'AMOUNT_TOO_LOW' });
    assert.ok('vault' in judged(1_006n));
    assert.equal(of({ expiry: EXPIRY - 1 }), 'EXPIRY_TOO_SOON');
    const last = hop.expiry - policy.leastTime;
    assert.notEqual(of({}, [way()], last), 'EXPIRY_TOO_SOON');
    assert.equal(of({}, [way()], last + 1), 'EXPIRY_TOO_SOON');
  });

  it('needs a channel there that is open, connected, has a place and the money', () => {
    assert.equal(of({ onward: [] }), 'UNKNOWN_HASH');
    assert.equal(of({ onward: [{ ...hop, to: ends.us }] }), 'ROUTE_WRONG');
    assert.equal(of({ onward: [{ ...hop, to: ends.payer }] }), 'ROUTE_WRONG');
    assert.equal(of({}, []), 'NO_CHANNEL');
    assert.equal(of({ vault: 'out' }), 'NO_CHANNEL');
    assert.equal(of({}, [way({ record: { ...record, isClosing: true } })]), 'NO_CHANNEL');
    assert.equal(of({}, [way({ isConnected: false })]), 'PEER_AWAY');
    const one = { hash: secretOf('y').hash, amount: 0n, expiry: 1, toSenior: true };
    assert.equal(of({}, [withState({ htlcs: Array(64).fill(one) })]), 'CHANNEL_FULL');
    assert.notEqual(of({}, [withState({ htlcs: Array(63).fill(one) })]), 'CHANNEL_FULL');
    assert.equal(of({}, [withState({ htlcs: [{ ...one, hash }] })]), 'CHANNEL_FULL');
    assert.equal(of({}, [withState({ claim: 1n })]), 'FUNDS_SHORT');
    const poor = withState({ claim: 1n });
    assert.equal((of({}, [poor, way({ isConnected: false }), way()]) as { vault: string }).vault, 'out');
  });

  it('is judged by a policy with which no money can be lost', () => {
    assert.deepEqual(requirePolicy(policy), policy);
    const { revealBefore } = policy;
    const wrongs: Partial<ForwardPolicy>[] = [
      { feeBase: -1n },
      { leastAmount: -1n },
      { feePartsPerMillion: -1 },
      { feePartsPerMillion: 0.5 },
      { revealBefore: 2 * CLOCKS_APART },
      { leastTime: revealBefore },
      { expiryDelta: revealBefore },
    ];
    for (const some of wrongs) assertCode(() => requirePolicy({ ...policy, ...some }), 'CONFIG_INVALID');
  });
});

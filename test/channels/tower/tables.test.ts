/** Every row of a tower's tables, reached by what L1 can say. */

import { strict as assert } from 'node:assert';
import type { ChannelClose } from '@quittance/chain';
import type { ChannelState, Htlc } from '@quittance/protocol';
import type { Party } from '@quittance/sdk/channels';
import { createStoreSource } from '../../../channels/index.ts';
import { worthExits } from '../../../channels/tower/exits.ts';
import { type ChannelView, closePhase, type L1Time, lastSecond, secretPhase } from '../../../channels/tower/phases.ts';
import {
  type ChannelCase,
  collectTask,
  orderTasks,
  planChannel,
  type TowerTask,
} from '../../../channels/tower/plan.ts';
import { showableSecrets } from '../../../channels/tower/secrets.ts';
import { stuckAfterMs } from '../../../channels/tower/sender.ts';
import {
  CLOSE_PHASES,
  CLOSE_STAGES,
  CLOSE_TABLE,
  type ClosePhase,
  SECRET_PHASES,
  SECRET_TABLE,
  type SecretPhase,
  STAGE_OF,
  TOWER_SIDES,
} from '../../../channels/tower/table.ts';
import { keysOf, recordOf } from '../../support/channels/pair.ts';
import { secretOf } from '../../support/channels/secrets.ts';
import { htlcOf, stateOf } from '../../support/channels/world.ts';

const NOW = 1_800_000_000;
const PERIOD_END = NOW + 1_000;
const VAULT = `0x${'fa'.repeat(20)}`;
const { hash: HASH, secret: SECRET } = secretOf('tables');
const OURS = stateOf({ version: 5, claim: 10n, htlcs: [htlcOf({ hash: HASH, expiry: NOW + 5_000, toSenior: false })] });
const at = (block: number, now = block): L1Time => ({ block, now });

function closeOf(some: Partial<ChannelClose> = {}): ChannelClose {
  return {
    ...{
      stateHash: '0x05',
      version: 5,
      periodEnd: PERIOD_END,
      bondHolder: '0xaa',
      isSettled: false,
      residualIsB: true,
    },
    ...{ closedVersion: 1, claim: 10n, paidSenior: 0n, paidResidual: 0n },
    ...some,
  };
}

function viewOf(some: Partial<ChannelView> = {}): ChannelView {
  return {
    terms: { tokenId: 0, a: '0xaa', b: '0xbb', period: 1_000, nonce: 1n },
    ...{ vault: VAULT, party: 'b', ours: { state: OURS, hash: '0x05' }, close: undefined, standing: undefined },
    ...{ revealed: new Map(), held: 0n, exits: [], claims: [], isDrained: false },
    ...some,
  };
}

const settled = (some: Partial<ChannelClose> = {}) => closeOf({ isSettled: true, ...some });
const BEHIND = PERIOD_END + 100_000;

/** A view in each phase, with the time. */
const PHASES: Readonly<Record<ClosePhase, readonly [view: Partial<ChannelView>, time: L1Time]>> = {
  open: [{}, at(NOW)],
  old: [{ close: closeOf({ version: 4, stateHash: '0x04' }) }, at(NOW)],
  ours: [{ close: closeOf(), standing: OURS }, at(NOW)],
  newer: [{ close: closeOf({ version: 6, stateHash: '0x06' }) }, at(NOW)],
  pending: [{ close: closeOf(), standing: OURS }, at(PERIOD_END)],
  ready: [{ close: closeOf(), standing: OURS }, at(BEHIND)],
  unknown: [{ close: closeOf({ version: 6, stateHash: '0x06' }) }, at(BEHIND)],
  owed: [{ close: settled(), held: 11n }, at(BEHIND)],
  paid: [{ close: settled(), held: 10n }, at(BEHIND)],
  done: [{ close: settled(), held: 10n, isDrained: true }, at(BEHIND)],
};

const SHOWN = { ...viewOf(), state: OURS, signatures: [] as never, secrets: [] };
const caseOf = (view: ChannelView, secrets: readonly string[] = []): ChannelCase => ({
  ...{ view, shown: SHOWN },
  secrets: new Map(secrets.map((secret) => [HASH, secret])),
});
const OPTIONS = { revealBefore: 900, isGuard: false };

describe('the tables of a tower', () => {
  for (const phase of CLOSE_PHASES) {
    for (const side of TOWER_SIDES) {
      it(`say ${CLOSE_TABLE[phase][side]} to a ${side} of a close that is ${phase}`, () => {
        const [some, time] = PHASES[phase];
        const view = viewOf(some);
        assert.equal(closePhase(view, time), phase);
        const isGuard = side === 'bystander';
        const plan = planChannel(caseOf(view), time, { ...OPTIONS, isGuard });
        assert.deepEqual([plan.phase, plan.move], [phase, CLOSE_TABLE[phase][side]]);
        // For nobody's side there is nobody to pay.
        if (!isGuard || phase === 'owed') return;
        const ofNobody = viewOf({ ...some, party: undefined });
        assert.equal(planChannel(caseOf(ofNobody), time, OPTIONS).move, CLOSE_TABLE[phase].bystander);
      });
    }
  }

  const [htlc] = OURS.htlcs as [Htlc];
  const SECRETS: Readonly<
    Record<SecretPhase, readonly [party: Party, has: boolean, shownAt: number | undefined, now: number]>
  > = {
    others: ['a', true, undefined, NOW],
    unknown: ['b', false, undefined, NOW],
    held: ['b', true, undefined, NOW],
    due: ['b', true, undefined, htlc.expiry - 900],
    shown: ['b', true, htlc.expiry, NOW],
    expired: ['b', true, undefined, htlc.expiry],
  };
  const STAGED: Readonly<Record<(typeof CLOSE_STAGES)[number], ChannelClose | undefined>> = {
    open: undefined,
    closing: closeOf({ periodEnd: NOW + 10_000 }),
    settled: settled(),
  };
  for (const known of SECRET_PHASES) {
    for (const stage of CLOSE_STAGES) {
      it(`say ${SECRET_TABLE[known][stage]} to a secret that is ${known}, of a channel that is ${stage}`, () => {
        const [party, has, shownAt, now] = SECRETS[known];
        const revealed = new Map(shownAt === undefined ? [] : [[HASH, shownAt]]);
        const close = STAGED[stage];
        const view = viewOf({ party, close, revealed, standing: OURS });
        assert.equal(secretPhase(htlc, OURS, view, has, at(now), 900), known);
        const { tasks, phase } = planChannel(caseOf(view, has ? [SECRET] : []), at(now), OPTIONS);
        assert.equal(STAGE_OF[phase], stage);
        assert.equal(
          tasks.some(({ move }) => move === 'reveal'),
          SECRET_TABLE[known][stage] === 'reveal',
        );
      });
    }
  }

  it('have each side of each second', () => {
    const old = (time: L1Time) => closePhase(viewOf(PHASES.old[0]), time);
    assert.equal(old(at(PERIOD_END - 1)), 'old');
    // L1 stands still between two blocks: as long as its newest one is before the end, the next may be, too.
    assert.equal(old(at(PERIOD_END - 1, PERIOD_END + 5)), 'old');
    assert.equal(old(at(PERIOD_END)), 'unknown');
    const ours = (time: L1Time, expiry = PERIOD_END - 1) => {
      const state: ChannelState = { ...OURS, htlcs: [{ ...htlc, expiry }] };
      return closePhase(viewOf({ close: closeOf(), standing: state, ours: { state, hash: '0x05' } }), time);
    };
    assert.equal(ours(at(PERIOD_END - 1)), 'ours');
    assert.equal(ours(at(PERIOD_END)), 'ready');
    assert.equal(ours(at(PERIOD_END), PERIOD_END), 'pending');
    assert.equal(ours(at(PERIOD_END + 1), PERIOD_END), 'ready');
    // 30 days after the period no secret counts, whatever the expiry.
    const far = { ...htlc, expiry: 2 ** 40 - 1 };
    assert.equal(lastSecond(far, closeOf()), PERIOD_END + 30 * 86_400);
    assert.equal(lastSecond(far, undefined), far.expiry);
    const known = (now: number) => secretPhase(htlc, OURS, viewOf(), true, at(now), 900);
    assert.deepEqual([htlc.expiry - 901, htlc.expiry - 900, htlc.expiry - 1, htlc.expiry].map(known), [
      'held',
      'due',
      'due',
      'expired',
    ]);
    const late = viewOf({ revealed: new Map([[HASH, htlc.expiry + 1]]) });
    assert.equal(secretPhase(htlc, OURS, late, true, at(NOW), 900), 'expired');
  });

  it('know whom an HTLC pays, whichever party is the residual one', () => {
    for (const [residualIsB, toSenior, payee] of [
      [true, true, 'a'],
      [true, false, 'b'],
      [false, true, 'b'],
      [false, false, 'a'],
    ] as const) {
      for (const party of ['a', 'b'] as const) {
        const found = secretPhase(
          { ...htlc, toSenior },
          { ...OURS, residualIsB },
          viewOf({ party }),
          true,
          at(NOW),
          900,
        );
        assert.equal(found, party === payee ? 'held' : 'others');
      }
      // Whoever watches for nobody shows what it was given.
      assert.equal(secretPhase({ ...htlc, toSenior }, OURS, viewOf({ party: undefined }), true, at(NOW), 900), 'held');
    }
  });
});

describe('the plan of a tower', () => {
  const claim = (key: string, amount: bigint) => ({ key, amount, call: { to: '0x', data: '0x', value: 0n } });

  it('begins with what runs out first, and goes on with what takes longest', () => {
    const view = viewOf({ close: closeOf({ version: 4 }), exits: [7], claims: [claim('x', 1n), claim('y', 2n)] });
    const moves = (time: L1Time, one: ChannelCase) =>
      planChannel(one, time, OPTIONS).tasks.map(({ key }) => key.split(':')[0]);
    assert.deepEqual(moves(at(NOW), caseOf(view, [SECRET])), ['challenge', 'reveal', 'exits', 'claim', 'claim']);
    const sooner = { ...OURS, htlcs: [{ ...htlcOf({ hash: HASH, toSenior: false }), expiry: PERIOD_END - 10 }] };
    const urgent = { ...view, ours: { ...view.ours, state: sooner } };
    assert.deepEqual(moves(at(NOW), caseOf(urgent, [SECRET])).slice(0, 2), ['reveal', 'challenge']);
    const keys = planChannel(caseOf(view), at(NOW), OPTIONS).tasks.map(({ key }) => key);
    assert.deepEqual(keys.slice(-2), ['claim:y', 'claim:x'], 'the most first');
    assert.deepEqual(
      planChannel(caseOf({ ...view, party: undefined }), at(NOW), OPTIONS).tasks.map(({ move }) => move),
      ['challenge'],
    );
  });

  it('knows when something changes by itself', () => {
    const until = (view: ChannelView, time: L1Time, secrets: readonly string[] = []) =>
      planChannel(caseOf(view, secrets), time, OPTIONS).until;
    assert.equal(until(viewOf(), at(NOW)), undefined);
    assert.equal(until(viewOf(), at(NOW), [SECRET]), NOW + 5_000 - 900);
    assert.equal(until(viewOf(PHASES.ours[0]), at(NOW)), PERIOD_END);
    assert.equal(until(viewOf(PHASES.pending[0]), at(PERIOD_END)), NOW + 5_001);
    assert.equal(until(viewOf(PHASES.owed[0]), at(BEHIND)), undefined);
  });

  it('puts the channels in order by what runs out, then by their moves', () => {
    const task = (move: TowerTask['move'], until?: number) => [{ move, key: `${move}:${until}`, until } as TowerTask];
    const ordered = orderTasks([
      ...[task('payout'), [], task('challenge', 50), task('settle'), task('reveal', 20), task('requestExits')],
    ]);
    assert.deepEqual(
      ordered.map(([first]) => first!.move),
      ['reveal', 'challenge', 'requestExits', 'settle', 'payout'],
    );
    assert.equal(collectTask(0n), undefined);
    assert.equal(collectTask(3n)?.move, 'collectBonds');
  });

  it('offers more the less time there is', () => {
    assert.deepEqual([undefined, 86_400, 100, 15, 0].map(stuckAfterMs), [45_000, 45_000, 10_000, 2_000, 2_000]);
  });

  it('requests exits that are worth their fee, and none of dust', () => {
    const account = (index: number, balance: bigint) => ({ index, balance });
    const all = [account(1, 10n ** 18n), account(2, 10n ** 15n), account(3, 2n * 10n ** 16n), account(4, 0n)];
    assert.deepEqual(worthExits(all, 1, 10n ** 17n), [1, 3]);
    assert.deepEqual(worthExits(all, 0, 10n ** 17n), [1]);
    assert.deepEqual(worthExits([], 0, 1n), []);
  });
});

describe('secrets of a party', () => {
  const kept = {
    ...{ vault: VAULT, hash: HASH, isOutgoing: true, amount: 1n, expiry: NOW, onward: [], version: 1, order: 1 },
  };
  const record = recordOf('b', 100n, keysOf);
  const fulfill = { type: 'fulfill', by: 'residual', secret: SECRET } as const;
  const invoice = { hash: HASH, secret: SECRET, tokenId: 0, amount: 1n, memo: '', expiresAt: NOW };

  it('may be shown once others were told them, or are about to be', () => {
    const { state } = record.newest;
    const proposal = { state, changes: [fulfill], signature: record.newest.signatures[0] };
    for (const secrets of [
      showableSecrets([{ ...record, asked: [fulfill] }], [], []),
      showableSecrets([{ ...record, proposal }], [], []),
      showableSecrets([], [{ ...kept, end: { type: 'fulfill', version: 2, secret: SECRET } }], []),
      showableSecrets([], [], [{ ...invoice, isShown: true }]),
    ]) {
      assert.deepEqual([...secrets], [[HASH, SECRET]]);
    }
  });

  it('of an invoice that nobody took a payment for stay where they are', () => {
    assert.equal(showableSecrets([record], [kept], [invoice]).size, 0);
    assert.equal(showableSecrets([], [{ ...kept, end: { type: 'release', version: 2 } }], []).size, 0);
  });

  it('come with the states of its store', async () => {
    const state = { ...record.newest.state, htlcs: [htlcOf({ hash: HASH })] };
    const full = { ...record, newest: { ...record.newest, state }, asked: [fulfill] };
    const source = createStoreSource('here', {
      load: async () => [full],
      htlcs: async () => [],
      invoices: async () => [],
    });
    const { states, problems } = await source.newest(false);
    assert.deepEqual(problems, []);
    const { terms, vault, party } = record;
    assert.deepEqual(states, [{ terms, vault, party, ...full.newest, secrets: [SECRET] }]);
  });
});

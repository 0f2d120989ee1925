import { strict as assert } from 'node:assert';
import { type ChannelTerms, channelAddress, channelStateHash, signChannelState } from '@quittance/protocol';
import type { ChannelClose, ExportedChannel, Party } from '@quittance/sdk/channels';
import { type CheckedFile, checkExport, checkTexts } from '../../explorer/src/channels/file.ts';
import {
  balancesOf,
  lockedMoney,
  type Move,
  movesOf,
  REVEAL_BEFORE,
  type Sight,
  standingOf,
} from '../../explorer/src/channels/standing.ts';
import { moveWords, periodText, roughEther, roughlyLeft, standingWords } from '../../explorer/src/channels/words.ts';
import { secretOf } from '../support/channels/secrets.ts';
import { htlcOf, stateOf } from '../support/channels/world.ts';

const KEYS = { a: Buffer.alloc(32, 0xa1), b: Buffer.alloc(32, 0xb2) };
const [A, B] = [channelAddress(KEYS.a), channelAddress(KEYS.b)];
const STRANGER = `0x${'5a'.repeat(20)}`;
const CHANNELS = `0x${'cc'.repeat(20)}`;
const VAULT = `0x${'aa'.repeat(20)}`;
const TERMS: ChannelTerms = { tokenId: 0, a: A, b: B, period: 3_600, nonce: 7n };
const END = 2_000_000_000;
const at = (time: number) => ({ block: time, now: time });
const ONE = secretOf('one');
const OURS = stateOf({ version: 5, claim: 30n });
const OLD = stateOf({ version: 1, claim: 90n });

const CLOSE: ChannelClose = {
  ...{ stateHash: `0x${'00'.repeat(32)}`, version: 5, closedVersion: 5, periodEnd: END, bondHolder: B },
  ...{ isSettled: false, residualIsB: true, claim: 0n, paidSenior: 0n, paidResidual: 0n },
};

function sightOf(some: Partial<Sight> = {}): Sight {
  return {
    ...{
      terms: TERMS,
      vault: VAULT,
      party: 'a',
      ours: OURS,
      secrets: new Map(),
      close: undefined,
      standing: undefined,
    },
    ...{ revealed: new Map(), held: 0n, accounts: [{ index: 4, balance: 100n }], requested: [] },
    ...some,
  };
}
const closing = (close: Partial<ChannelClose> = {}, some: Partial<Sight> = {}): Sight =>
  sightOf({ close: { ...CLOSE, ...close }, standing: OURS, requested: [4], ...some });
const kinds = (moves: readonly Move[]): string => moves.map(({ kind }) => kind).join(' ');

describe('explorer: where a channel stands', () => {
  for (const [title, sight, time, state, moves] of [
    ['nobody closes', sightOf(), END, 'open', 'close'],
    ['ours is shown', closing(), END - 1, 'closing', ''],
    [
      'ours is shown, and its account is not asked for',
      closing({}, { requested: [] }),
      END - 1,
      'closing',
      'requestExits',
    ],
    ['an older one is shown', closing({ version: 1 }, { standing: OLD }), END - 1, 'old', 'challenge'],
    ['an older one stands for good', closing({ version: 1 }, { standing: OLD }), END, 'due', 'settle'],
    ['a newer one is shown', closing({ version: 6 }, { standing: undefined }), END - 1, 'closing', ''],
    ['L1 does not tell the one that stands', closing({ version: 6 }, { standing: undefined }), END, 'unknown', ''],
    ['the period is over', closing(), END, 'due', 'settle'],
    [
      'it is settled and money is there',
      closing({ isSettled: true, claim: 30n }, { held: 100n }),
      END,
      'owed',
      'payout',
    ],
    ['it is settled and nothing has come', closing({ isSettled: true, claim: 30n }), END, 'paid', ''],
    ['it is paid', closing({ isSettled: true, claim: 30n, paidSenior: 30n }, { held: 70n }), END, 'paid', ''],
  ] as const) {
    it(`says ${state} where ${title}, and offers ${moves || 'nothing'}`, () => {
      assert.equal(standingOf(sight, at(time)).state, state);
      assert.equal(kinds(movesOf(sight, at(time), A)), moves);
    });
  }

  it('takes a challenge for possible until a block is behind the end, whatever our clock says', () => {
    const sight = closing({ version: 1 }, { standing: OLD });
    assert.equal(standingOf(sight, { block: END - 1, now: END + 50 }).state, 'old');
    assert.equal(standingOf(sight, { block: END, now: END }).state, 'due');
  });

  it('waits for HTLCs until the last second of each, or until its secret was shown', () => {
    const standing = stateOf({ version: 5, htlcs: [htlcOf({ expiry: END + 100 })] });
    const sight = closing({}, { ours: standing, standing });
    assert.deepEqual(standingOf(sight, at(END + 100)), { state: 'pending', version: 5, until: END + 101 });
    assert.equal(standingOf(sight, at(END + 101)).state, 'due');
    const revealed = new Map([[ONE.hash, END + 100]]);
    assert.equal(standingOf({ ...sight, revealed }, at(END + 1)).state, 'due');
  });

  it('waits for no HTLC longer than L1 does', () => {
    const standing = stateOf({ version: 5, htlcs: [htlcOf({ expiry: 2 ** 40 - 1 })] });
    const last = END + 30 * 86_400;
    const sight = closing({}, { ours: standing, standing });
    assert.equal(standingOf(sight, at(last)).state, 'pending');
    assert.equal(standingOf(sight, at(last + 1)).state, 'due');
  });

  it('offers strangers only what anybody can do', () => {
    assert.equal(kinds(movesOf(sightOf(), at(END), STRANGER)), '');
    assert.equal(kinds(movesOf(closing({}, { requested: [] }), at(END), STRANGER)), 'settle');
    assert.equal(kinds(movesOf(closing({ version: 1 }, { requested: [] }), at(END - 1), STRANGER)), 'challenge');
  });

  it('lets a party name the accounts where no sequencer is known, once', () => {
    const sight = closing({}, { accounts: undefined, requested: [] });
    assert.deepEqual(movesOf(sight, at(END - 1), A), [{ kind: 'requestExits', indices: [] }]);
    assert.equal(kinds(movesOf({ ...sight, requested: [9] }, at(END - 1), A)), '');
    assert.equal(kinds(movesOf({ ...sight, held: 5n }, at(END - 1), A)), '');
  });
});

describe('explorer: secrets of a channel', () => {
  const ours = stateOf({ version: 5, claim: 30n, htlcs: [htlcOf({ expiry: END, amount: 5n })] });
  const secrets = new Map([[ONE.hash, ONE.secret]]);
  const move = { kind: 'reveal', hash: ONE.hash, secret: ONE.secret, amount: 5n } as const;

  it('are offered while somebody closes, to whom they pay only', () => {
    const sight = closing({ periodEnd: END + 500 }, { ours, standing: ours, secrets });
    assert.deepEqual(movesOf(sight, at(END - 1), A), [move]);
    assert.deepEqual(movesOf({ ...sight, party: 'b' }, at(END - 1), A), []);
    assert.deepEqual(movesOf(sight, at(END), A), []);
    assert.deepEqual(movesOf({ ...sight, revealed: new Map([[ONE.hash, END - 9]]) }, at(END - 1), A), []);
    assert.deepEqual(movesOf({ ...sight, secrets: new Map() }, at(END - 1), A), []);
  });

  it('are offered while nobody closes only shortly before their end', () => {
    const sight = sightOf({ ours, secrets });
    assert.equal(kinds(movesOf(sight, at(END - REVEAL_BEFORE), A)), 'reveal close');
    assert.equal(kinds(movesOf(sight, at(END - REVEAL_BEFORE - 1), A)), 'close');
  });

  it('are listed with what is known of them', () => {
    const state = (some: Partial<Sight>, time: number): string =>
      lockedMoney(sightOf({ ours, ...some }), at(time))[0]!.secret;
    assert.equal(state({}, END - 1), 'unknown');
    assert.equal(state({ secrets }, END - 1), 'known');
    assert.equal(state({ secrets }, END), 'expired');
    assert.equal(state({ revealed: new Map([[ONE.hash, END]]) }, END + 9), 'shown');
    assert.equal(state({ revealed: new Map([[ONE.hash, END + 1]]) }, END + 9), 'expired');
  });
});

describe('explorer: whose money is in a channel', () => {
  const ours = stateOf({ version: 5, claim: 30n, htlcs: [htlcOf({ amount: 5n })] });
  const balances = (party: Party, some: Partial<Sight> = {}) =>
    balancesOf(sightOf({ party, ours, ...some }), at(END - 1));

  it('is the claim of one, and the rest of the other', () => {
    assert.deepEqual(balances('a'), { mine: 30n, theirs: 65n, locked: 5n });
    assert.deepEqual(balances('b'), { mine: 65n, theirs: 30n, locked: 5n });
  });

  it('is never more than there is', () => {
    assert.deepEqual(balances('a', { accounts: [{ index: 4, balance: 12n }] }), { mine: 7n, theirs: 0n, locked: 5n });
    assert.deepEqual(balances('a', { accounts: [] }), { mine: 0n, theirs: 0n, locked: 5n });
  });

  it('has no sum where nobody says how much there is, or while it is on its way', () => {
    assert.deepEqual(balances('a', { accounts: undefined }), { mine: 30n, theirs: undefined, locked: 5n });
    assert.deepEqual(balances('b', { close: CLOSE, standing: ours }), { mine: undefined, theirs: 30n, locked: 5n });
  });

  it('follows the state that stands: ours while it can be shown, then whichever was', () => {
    const some = { close: { ...CLOSE, version: 1 }, standing: OLD };
    assert.equal(balancesOf(sightOf({ ours, ...some }), at(END - 1)).mine, 30n);
    assert.equal(balancesOf(sightOf({ ours, ...some }), at(END)).mine, 90n);
  });

  it('is what was paid and what waits, once it is settled', () => {
    const close = { ...CLOSE, isSettled: true, claim: 35n, paidSenior: 20n };
    assert.deepEqual(balances('a', { close, held: 80n }), { mine: 35n, theirs: 65n, locked: 0n });
  });
});

describe('explorer: files of channels', () => {
  const contract = { chainId: 1n, channels: CHANNELS, vaultOf: () => VAULT };
  const signed = (some: Partial<ExportedChannel> = {}, chainId = 1n): ExportedChannel => {
    const { state = OURS } = some;
    const hash = channelStateHash({ chainId, channels: CHANNELS }, VAULT, state);
    const signatures = [signChannelState(hash, KEYS.a), signChannelState(hash, KEYS.b)] as const;
    return { terms: TERMS, vault: VAULT, party: 'a', state, signatures, secrets: [], ...some };
  };
  const good = (...all: readonly ExportedChannel[]): CheckedFile => {
    const checked = checkExport(all, contract);
    assert.ok('refused' in checked);
    return checked;
  };

  it('are believed where both signed, the newest state of each channel, with the secrets of all', () => {
    const { channels, refused } = good(signed({ secrets: [ONE.secret] }), signed({ state: OLD }), signed());
    assert.deepEqual([channels.length, channels[0]!.state, refused], [1, OURS, []]);
    assert.deepEqual([...channels[0]!.secrets], [[ONE.hash, ONE.secret]]);
  });

  it('leave out what one did not sign, however new, and say why', () => {
    const state = stateOf({ version: 9 });
    const [mine] = signed({ state }).signatures;
    const { channels, refused } = good(signed({ state, signatures: [mine, mine] }), signed());
    assert.deepEqual([channels[0]!.state, refused.length], [OURS, 1]);
    assert.match(refused[0]!.reason, new RegExp(`^${B} did not sign this state on chain 1$`));
    assert.equal(good(signed({}, 2n)).refused.length, 1);
  });

  it('are refused as a whole where they are of another chain or contract, empty, or no file of channels', () => {
    const foreign = signed({ contract: { chainId: 2n, channels: CHANNELS } });
    assert.deepEqual(checkExport([foreign], contract), { problem: 'foreign-chain', chainId: 2n });
    const other = signed({ vault: A, contract: { chainId: 1n, channels: B } });
    assert.deepEqual(checkExport([other], contract), { problem: 'other-contract', channels: B });
    assert.deepEqual(checkExport([], contract), { problem: 'empty' });
    assert.deepEqual(checkTexts(['{'], contract), { problem: 'unreadable', reason: 'it is no JSON' });
    assert.equal('problem' in checkTexts(['{"format":"x"}'], contract), true);
  });
});

describe('explorer: words about channels', () => {
  const context = {
    money: (units: bigint) => `${units} wei`,
    ether: String,
    bond: 9n,
    exitFee: 3n,
    period: '1 h',
    version: 5,
  };

  it('name what a move sends along: bond and a fee for each exit', () => {
    const { sends, isGrave, says } = moveWords({ kind: 'close', indices: [4, 6] }, context);
    assert.deepEqual(
      sends.map(({ name, value }) => `${name}: ${value}`),
      ['Bond, which the settlement gives back: 9 ETH', 'Exit of accounts 4, 6: 6 ETH'],
    );
    assert.ok(isGrave && says.some((sentence) => sentence.includes('kept back for 1 h')));
    assert.deepEqual(moveWords({ kind: 'settle', state: OURS }, context).sends, []);
  });

  it('are loud for an older state, and for one that stands for good', () => {
    const tone = (sight: Sight, time: number) => standingWords(standingOf(sight, at(time)), 5, String).tone;
    const sight = closing({ version: 1 }, { standing: OLD });
    assert.deepEqual(
      [tone(sight, END - 1), tone(sight, END), tone(closing(), END), tone(sightOf(), END)],
      [...['bad', 'bad', 'plain', 'plain']],
    );
  });

  it('give what gas costs with three digits', () => {
    assert.deepEqual([0n, 7n, 288_648_170_199_872n, 1_999_999n * 10n ** 12n].map(roughEther), [
      ...['0', '0.000000000000000007', '0.000289', '2'],
    ]);
  });

  it('tell how much time is left in steps, so that nobody hears it each second', () => {
    assert.deepEqual([0, 59, 60, 3_599, 86_399, 86_400].map(roughlyLeft), [
      'the time is over',
      'less than a minute left',
      'less than 5 minutes left',
      'less than an hour left',
      'less than a day left',
      'more than a day left',
    ]);
    assert.deepEqual([60, 3_660, 90_061, 0].map(periodText), ['1 min', '1 h 1 min', '1 d 1 h', '0 s']);
  });
});

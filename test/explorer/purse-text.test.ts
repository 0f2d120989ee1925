import { strict as assert } from 'node:assert';
import { createRequire } from 'node:module';
import type { Survey } from '@quittance/sdk';
import { keep } from '../../explorer/src/data/storage.ts';
import { standingOf, stepStates, worthwhile } from '../../explorer/src/escape/standing.ts';
import { openAttempts } from '../../explorer/src/wallet/attempts.ts';
import { askedText, isForContract } from '../../explorer/src/wallet/connect/asked-text.ts';
import { walletErrorCode } from '../../explorer/src/wallet/connect/eip1193.ts';
import { traced } from '../../explorer/src/wallet/connect/traced.ts';
import { joinAccounts, partsOf } from '../../explorer/src/wallet/money/accounts.ts';
import { helpAmount, parseAmount } from '../../explorer/src/wallet/money/amounts.ts';
import { askOf, askOfLink, EMPTY_ASK, linkFor } from '../../explorer/src/wallet/pay/payment-link.ts';
import { qrPath } from '../../explorer/src/wallet/pay/qr-path.ts';
import { parseReceiver } from '../../explorer/src/wallet/pay/receivers.ts';
import { byteLength, referenceProblem } from '../../explorer/src/wallet/pay/reference.ts';

const readQrCode = createRequire(import.meta.url)('jsqr') as typeof import('jsqr').default;

const OWNER = `0x${'ab'.repeat(20)}`;
const KEY = `0x${'12'.repeat(32)}`;
const ETH = { tokenId: 0, address: `0x${'00'.repeat(20)}`, symbol: 'ETH', decimals: 18 };
const USD = { tokenId: 1, address: `0x${'cd'.repeat(20)}`, symbol: 'USD', decimals: 6 };
const CONTRACT = `0x${'ef'.repeat(20)}`;

describe('explorer: amounts that people write', () => {
  for (const [text, decimals, units] of [
    ['1', 18, 10n ** 18n],
    [' 0.5 ', 18, 5n * 10n ** 17n],
    ['1.500000', 2, 150n],
    ['12', 0, 12n],
    ['0', 18, 0n],
    ['0.000000000000000001', 18, 1n],
  ] as const) {
    it(`reads ${JSON.stringify(text)} of ${decimals} decimals`, () => {
      assert.deepEqual(parseAmount(text, decimals, 'X'), { units });
    });
  }

  for (const [text, decimals, problem] of [
    ['', 18, /Say how much/],
    ['1,5', 18, /Write a point/],
    ['-1', 18, /like 12 or 0.5/],
    ['1e3', 18, /like 12 or 0.5/],
    ['0x10', 18, /like 12 or 0.5/],
    ['1.234', 2, /X has 2 decimals; this amount has 3/],
    ['9'.repeat(61), 18, /like 12 or 0.5/],
  ] as const) {
    it(`says what is wrong with ${JSON.stringify(text.slice(0, 10))}`, () => {
      const parsed = parseAmount(text, decimals, 'X');
      assert.match('problem' in parsed ? parsed.problem : '', problem);
    });
  }

  it('helps to the largest amount below that a record can state, and says so', () => {
    assert.deepEqual(helpAmount(10n ** 18n, 18, 'ETH'), { units: 10n ** 18n, sentence: undefined });
    const { units, sentence } = helpAmount(10n ** 18n + 1n, 18, 'ETH');
    assert.equal(units, 10n ** 18n);
    assert.match(sentence ?? '', /1 ETH will be sent, 0\.000000000000000001 ETH less than you wrote/);
    assert.throws(() => helpAmount(10n ** 60n, 18, 'ETH'), { code: 'OUT_OF_RANGE' });
  });
});

describe('explorer: who is paid', () => {
  it('is named by index, address, or owner and key', () => {
    assert.deepEqual(parseReceiver(' 5 '), { receiver: { kind: 'index', index: 5 } });
    assert.deepEqual(parseReceiver(OWNER.toUpperCase().replace('0X', '0x')), {
      receiver: { kind: 'address', to: OWNER.toUpperCase().replace('0X', '0x') },
    });
    const to = `${OWNER}:${KEY}`;
    assert.deepEqual(parseReceiver(to), { receiver: { kind: 'receiver', to } });
    assert.deepEqual(partsOf(`${OWNER}:${KEY}`), { owner: OWNER, keyY: BigInt(KEY) });
  });

  for (const text of ['', '123456789', '0x12', `${OWNER}:`, `${OWNER}:0x12`, `${OWNER}:${KEY}:`, 'bob', '-1']) {
    it(`is nobody for ${JSON.stringify(text.slice(0, 12))}`, () => {
      assert.ok('problem' in parseReceiver(text));
    });
  }

  it('is asked for by a link, which says the same behind the hash', () => {
    const ask = { to: `${OWNER}:${KEY}`, amount: '0.5', token: '1', reference: 'a & b = ü' };
    const page = { origin: 'https://example.org', pathname: '/x/' };
    const link = linkFor(page, ask, undefined);
    assert.ok(link.startsWith('https://example.org/x/#/wallet?to='));
    assert.deepEqual(askOfLink(` ${link} `), ask);
    assert.deepEqual(askOfLink(linkFor(page, ask, 'http://127.0.0.1:3000')), ask);
    assert.deepEqual(askOf(new URLSearchParams('')), EMPTY_ASK);
    assert.equal(askOf(new URLSearchParams({ to: '1'.repeat(10_000) })).to.length, 600);
    for (const other of [
      'https://example.org/',
      `https://example.org/#/exit?to=5`,
      'javascript:alert(1)',
      '5',
      'http://',
    ]) {
      assert.equal(askOfLink(other), undefined, other);
    }
  });

  it('is shown as a QR code that says the same, with its margin', () => {
    const link = linkFor(
      { origin: 'http://127.0.0.1:3000', pathname: '/explorer/' },
      { ...EMPTY_ASK, to: `${OWNER}:${KEY}` },
      undefined,
    );
    const { path, size } = qrPath(link);
    const SCALE = 4;
    const side = size * SCALE;
    const pixels = new Uint8ClampedArray(side * side * 4).fill(255);
    for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
      for (let at = 0; at < SCALE * SCALE; at += 1) {
        const [column, row] = [Number(x) * SCALE + (at % SCALE), Number(y) * SCALE + Math.floor(at / SCALE)];
        pixels.fill(0, (row * side + column) * 4, (row * side + column) * 4 + 3);
      }
    }
    assert.equal(readQrCode(pixels, side, side)?.data, link);
    assert.doesNotMatch(path, /M[0-3] |M\d+ [0-3]h/);
  });

  it('is told a reference of at most 140 bytes, which are no letters', () => {
    assert.equal(byteLength('é€😀'), 9);
    assert.equal(referenceProblem('a'.repeat(140)), undefined);
    assert.match(referenceProblem('a'.repeat(141)) ?? '', /at most 140 bytes; this one has 141/);
    assert.match(referenceProblem('é'.repeat(71)) ?? '', /142/);
  });
});

describe('explorer: the accounts of a wallet', () => {
  it('are joined from three states; what is not there yet is nothing', () => {
    const account = (index: number, balance: string, keyY = BigInt(KEY).toString()) => ({
      ...{ index, balance, keyY, owner: OWNER, tokenId: 0, nonce: 0 },
    });
    const latest = [account(1, '5'), account(2, '7', '9')];
    // What was at an index before may have been somebody else's.
    const joined = joinAccounts(BigInt(KEY), latest, [account(1, '4')], [account(1, '3', '9')]);
    assert.deepEqual(joined, [
      { index: 1, tokenId: 0, isOwnKey: true, soft: 5n, posted: 4n, final: 0n },
      { index: 2, tokenId: 0, isOwnKey: false, soft: 7n, posted: 0n, final: 0n },
    ]);
  });
});

describe('explorer: what was begun', () => {
  let count = 0;
  const name = (): string => `attempts.test.${count++}`;

  it('is kept by what identifies it, over a reload, and never by more than fifty', () => {
    const list = name();
    const attempts = openAttempts(list, () => 1_000);
    const key = attempts.begin('transfer', '1 ETH to account 5');
    attempts.learn(key, { signed: { id: '77', transfer: {} as never } });
    const again = openAttempts(list);
    assert.deepEqual(
      again.list.get().map(({ summary, signed, startedMs }) => [summary, signed?.id, startedMs]),
      [['1 ETH to account 5', '77', 1_000]],
    );
    for (let more = 0; more < 60; more += 1) again.begin('deposit', `${more} ETH`);
    assert.equal(openAttempts(list).list.get().length, 50);
    assert.equal(openAttempts(list).list.get().at(-1)?.summary, '59 ETH');
  });

  it('is not written over by another tab', () => {
    const list = name();
    const [one, other] = [openAttempts(list), openAttempts(list)];
    one.begin('transfer', 'first');
    other.begin('transfer', 'second');
    assert.deepEqual(
      one.list.get().map(({ summary }) => summary),
      ['first'],
    );
    const key = one.begin('transfer', 'third');
    one.forget(key);
    assert.deepEqual(
      openAttempts(list)
        .list.get()
        .map(({ summary }) => summary),
      ['first', 'second'],
    );
  });

  for (const kept of ['{', '{}', '[1]', '[{"key":1}]', '[{"key":"a","kind":"theft","startedMs":1,"summary":""}]']) {
    it(`is nothing where the storage has ${kept}`, () => {
      const list = name();
      keep(list, kept);
      assert.deepEqual(openAttempts(list).list.get(), []);
    });
  }
});

describe('explorer: what a wallet asks', () => {
  const approve = (amount: bigint, spender = CONTRACT) => ({
    kind: 'transaction' as const,
    to: USD.address,
    value: 0n,
    data: `0x095ea7b3${spender.slice(2).padStart(64, '0')}${amount.toString(16).padStart(64, '0')}`,
  });

  it('is said in words', () => {
    const words = (request: Parameters<typeof askedText>[0]) => askedText(request, CONTRACT, [ETH, USD]);
    assert.match(words({ kind: 'signature' }), /sign a message/);
    assert.match(words(approve(1_500_000n)), /approve exactly 1\.5 USD/);
    assert.match(words(approve(0n)), /take back an earlier approval/);
    assert.match(words(approve(1n, OWNER)), new RegExp(`a transaction to ${USD.address}`));
    assert.match(words({ ...approve(1n), to: CONTRACT }), /one transaction to the rollup contract/);
    assert.equal(isForContract({ ...approve(1n), to: CONTRACT.toUpperCase().replace('0X', '0x') }, CONTRACT), true);
    assert.equal(isForContract(approve(1n), CONTRACT), false);
  });

  it('is told when it is asked, answered and refused', async () => {
    const told: string[] = [];
    let isRefused = false;
    const provider = traced(
      {
        request: async ({ method }) => {
          if (isRefused) throw Object.assign(new Error('no'), { code: 4001 });
          return method === 'eth_sendTransaction' ? '0xhash' : '0xanswer';
        },
      },
      {
        asked: ({ kind }) => told.push(`asked ${kind}`),
        answered: ({ kind }, hash) => told.push(`answered ${kind} ${hash}`),
        refused: ({ kind }, error) => told.push(`refused ${kind} ${walletErrorCode(error)}`),
      },
    );
    await provider.request({ method: 'eth_chainId' });
    await provider.request({ method: 'personal_sign', params: ['0x', OWNER] });
    await provider.request({ method: 'eth_sendTransaction', params: [{ to: CONTRACT, value: '0x1' }] });
    isRefused = true;
    await assert.rejects(provider.request({ method: 'personal_sign', params: [] }));
    assert.deepEqual(told, [
      ...['asked signature', 'answered signature undefined', 'asked transaction', 'answered transaction 0xhash'],
      ...['asked signature', 'refused signature 4001'],
    ]);
  });

  it('finds the number of an error wherever a library put it', () => {
    assert.equal(walletErrorCode({ code: 'UNKNOWN', info: { error: { code: 4902 } } }), 4902);
    assert.equal(walletErrorCode({ data: { originalError: { code: 4001 } } }), 4001);
    assert.equal(walletErrorCode(new Error('x', { cause: { code: -32002 } })), -32002);
    assert.equal(walletErrorCode('text'), undefined);
    assert.equal(walletErrorCode(new Error('none')), undefined);
  });
});

describe('explorer: where somebody stands on the way out', () => {
  const survey = (changes: Partial<Survey>): Survey => ({
    ...{ chainId: 1n, contract: CONTRACT, batch: 5, batchTime: 1, stateRoot: 7n, time: 100, priorityFee: 1n },
    ...{ accounts: [], claims: [], requests: [], exodus: { state: 'later', dueAt: null } },
    costs: { account: 10n, claim: 10n, request: 10n },
    ...changes,
  });
  const account = { index: 3, token: ETH, balance: 1n, hasExited: false, left: null };
  const request = { operationId: 9, account: 3, token: ETH, amount: null, deadline: 200, isDust: false };
  const claim = { kind: 'withdrawal' as const, batch: 2, index: 0, token: ETH, amount: 1n, isDust: false };
  const dust = { ...account, index: 4, left: 'dust' as const };
  const cases: readonly (readonly [string, Partial<Survey>, ReturnType<typeof standingOf>])[] = [
    ['has nothing', {}, { state: 'nothing' }],
    ['has a final withdrawal', { claims: [claim] }, { state: 'claim' }],
    ['has a move that may still arrive', { claims: [{ ...claim, kind: 'move' }] }, { state: 'nothing' }],
    ['has dust only', { accounts: [dust], claims: [{ ...claim, isDust: true }] }, { state: 'nothing' }],
    ['has dust beside money', { accounts: [dust, account] }, { state: 'ask', accounts: [3] }],
    [
      'asked for all but dust',
      { accounts: [dust, account], requests: [request], exodus: { state: 'later', dueAt: 300 } },
      { state: 'wait', deadline: 200, dueAt: 300 },
    ],
    [
      'was paid all but dust',
      {
        accounts: [dust, { ...account, hasExited: true }],
        requests: [{ ...request, account: null, isDust: true }],
        exodus: { state: 'active' },
      },
      { state: 'nothing' },
    ],
    ['has money that nobody asked for', { accounts: [account] }, { state: 'ask', accounts: [3] }],
    [
      'asked, and waits',
      { accounts: [account], requests: [request], exodus: { state: 'later', dueAt: 300 } },
      { state: 'wait', deadline: 200, dueAt: 300 },
    ],
    [
      'has a deposit on its way',
      { requests: [{ ...request, account: null, amount: 5n }] },
      { state: 'wait', deadline: 200, dueAt: null },
    ],
    ['was let down', { accounts: [account], requests: [request], exodus: { state: 'due' } }, { state: 'open' }],
    ['can be paid', { accounts: [account], exodus: { state: 'active' } }, { state: 'pay' }],
    ['was paid', { accounts: [{ ...account, hasExited: true }], exodus: { state: 'active' } }, { state: 'nothing' }],
    [
      'has a move in the exodus',
      { claims: [{ ...claim, kind: 'move' }], exodus: { state: 'active' } },
      { state: 'claim' },
    ],
  ];
  for (const [title, changes, expected] of cases) {
    it(`is ${expected.state} for who ${title}`, () => {
      assert.deepEqual(standingOf(survey(changes)), expected);
    });
  }

  it('is what follows from the accounts that are chosen', () => {
    const both = survey({ accounts: [dust, account] });
    assert.deepEqual(worthwhile(both), [3]);
    assert.deepEqual(standingOf(both, [4]), { state: 'ask', accounts: [4] });
    assert.deepEqual(standingOf(both, []), { state: 'nothing' });
  });

  it('has a step that is now, all before it done', () => {
    assert.deepEqual(stepStates({ state: 'open' }), ['done', 'done', 'now', 'next']);
    assert.deepEqual(stepStates({ state: 'nothing' }), ['done', 'done', 'done', 'done']);
  });
});

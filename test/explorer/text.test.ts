import { strict as assert } from 'node:assert';
import { chartsOf } from '../../explorer/src/charts/series.ts';
import { waitBefore } from '../../explorer/src/data/waiting.ts';
import { amountNumber, amountText, countText, parseCount, shortText } from '../../explorer/src/text/amounts.ts';
import { lifeOf } from '../../explorer/src/text/life.ts';
import { href, parametersOf, placeOf } from '../../explorer/src/text/places.ts';
import { MAX_SEARCH_LENGTH, meaningsOf } from '../../explorer/src/text/search.ts';
import { countdownText, durationText, relativeText } from '../../explorer/src/text/times.ts';
import { harmless, hexOfText, referenceText, tokenText } from '../../explorer/src/text/untrusted.ts';
import { connectSources, hostOf, normalizeUrl, normalizeUrls } from '../../explorer/src/text/urls.ts';

describe('explorer: text', () => {
  it('shows amounts with all their digits', () => {
    assert.equal(amountText(1_500_000_000_000_000_000n, 18), '1.5');
    assert.equal(amountText(1n, 18), '0.000000000000000001');
    assert.equal(amountText(0n, 18), '0');
    assert.equal(amountText(-1_234_500n, 2), '−12,345');
    assert.equal(amountText(2n ** 128n - 1n, 18), '340,282,366,920,938,463,463.374607431768211455');
    assert.equal(amountText(1_234n, 0), '1,234');
    assert.equal(amountNumber(1_500n, 3), 1.5);
    assert.equal(countText(1_234_567n), '1,234,567');
    assert.deepEqual([0, 0.25, 1_234_567, 0.0000012, -0.0000012].map(shortText), [
      '0',
      '0.25',
      '1.23M',
      '1.2e-6',
      '-1.2e-6',
    ]);
  });

  it('reads whole numbers and nothing else', () => {
    assert.deepEqual(['0', '7', '999999999999999'].map(parseCount), [0, 7, 999_999_999_999_999]);
    for (const text of ['', '-1', '1.0', '01', '1e3', ' 1', '0x1', '1000000000000000']) {
      assert.equal(parseCount(text), undefined, text);
    }
  });

  it('says how long ago, how long until, and how long', () => {
    assert.equal(relativeText(1_000, 1_999), 'now');
    assert.equal(relativeText(1_000, 3_500), '2s ago');
    assert.equal(relativeText(7_200_000, 0), 'in 2h');
    assert.equal(countdownText(1_001, 0), '00:00:02');
    assert.equal(countdownText(90_061_000, 0), '1 d 01:01:01');
    assert.equal(countdownText(0, 5_000), '00:00:00');
    assert.deepEqual([850, 3_210, 125_000, 7_260_000].map(durationText), ['850 ms', '3.2 s', '2 min 5 s', '2 h 1 min']);
  });

  it('knows the steps of each mode, and what goes wrong', () => {
    const steps = (status: string, mode: 'zk' | 'optimistic' | 'hybrid', hasPending = false) =>
      lifeOf(status, mode, hasPending).map(({ name, state }) => `${name} ${state}`);
    assert.deepEqual(steps('proving', 'zk', true), [
      'pending done',
      'sealed done',
      'proving now',
      'posted next',
      'final next',
    ]);
    assert.deepEqual(steps('final', 'zk'), ['sealed done', 'proving done', 'posted done', 'final done']);
    assert.deepEqual(steps('disputed', 'optimistic'), ['sealed done', 'posted done', 'disputed bad', 'final next']);
    assert.deepEqual(steps('reverted', 'hybrid'), [
      'sealed done',
      'posted done',
      'reverted bad',
      'proving next',
      'final next',
    ]);
    assert.deepEqual(steps('posted', 'hybrid'), ['sealed done', 'posted now', 'proving next', 'final next']);
    assert.deepEqual(steps('dropped', 'zk', true), ['pending done', 'dropped bad']);
  });

  it('finds pages by their paths', () => {
    assert.equal(placeOf('').path, '/');
    assert.equal(placeOf('#main').path, '/');
    const { path, query } = placeOf('#/search?q=a%20b');
    assert.deepEqual([path, query.get('q')], ['/search', 'a b']);
    assert.deepEqual(parametersOf('/batch/:number', '/batch/5'), { number: '5' });
    assert.deepEqual(parametersOf('/batch/:number', '/batch/5/'), { number: '5' });
    assert.deepEqual(parametersOf('/', '/'), {});
    for (const other of ['/batch', '/batch/5/6', '/tx/5', '/batch/%']) {
      assert.equal(parametersOf('/batch/:number', other), undefined, other);
    }
    assert.equal(href('/search', { q: 'a&b', x: undefined }), '#/search?q=a%26b');
  });

  it('takes a search for all that it can mean', () => {
    assert.deepEqual(meaningsOf('  '), {});
    assert.deepEqual(meaningsOf('x'.repeat(MAX_SEARCH_LENGTH + 1)), {});
    assert.deepEqual(meaningsOf('7'), { account: 7, batch: 7, id: '7', reference: '0x37' });
    assert.deepEqual(Object.keys(meaningsOf('#1,234')), ['batch', 'id', 'reference']);
    assert.equal(meaningsOf('16777216').account, undefined);
    assert.equal(meaningsOf('16777215').account, 16_777_215);
    const owner = `0x${'aB'.repeat(20)}`;
    assert.deepEqual(meaningsOf(owner), { owner, reference: owner.toLowerCase() });
    const hash = `0x${'Ab'.repeat(32)}`;
    assert.deepEqual(meaningsOf(hash), { id: hash, hash: hash.toLowerCase(), reference: hash.toLowerCase() });
    assert.equal(meaningsOf('invoice 7').reference, hexOfText('invoice 7'));
    assert.equal(meaningsOf('é'.repeat(71)).reference, undefined);
    assert.equal(meaningsOf('é'.repeat(70)).reference?.length, 2 + 280);
  });

  it('makes text of others harmless', () => {
    assert.equal(harmless('a\u202eb\u200bc', 10), 'a�b�c');
    assert.equal(harmless('abcdef', 4), 'abc…');
    assert.equal(harmless('👩‍🚀', 10).includes('\u200d'), false);
    assert.equal(harmless(`e${'\u0301'.repeat(50)}`, 99).length <= 4, true);
    assert.equal(tokenText('  US\u0000DC \n really a very long name'), 'US�DC reall…');
    assert.equal(referenceText(hexOfText('invoice 7')), 'invoice 7');
    assert.equal(referenceText('0xff'), undefined);
    assert.equal(referenceText('0x6100'), undefined);
    assert.equal(referenceText(hexOfText('\u202eabc')), '�abc');
  });

  it('takes http addresses and no others', () => {
    assert.equal(normalizeUrl(' http://127.0.0.1:3000/ '), 'http://127.0.0.1:3000');
    assert.equal(normalizeUrl('localhost:3000'), 'http://localhost:3000');
    assert.equal(normalizeUrl('https://a.example/key#x'), 'https://a.example/key');
    for (const text of [
      '',
      'javascript:alert(1)',
      'ftp://a.example',
      'http://',
      'https://a.example@b.example',
      `http://${'a'.repeat(2_000)}`,
    ]) {
      assert.equal(normalizeUrl(text), undefined, text);
    }
    assert.equal(normalizeUrls('http://a, http://b'), 'http://a,http://b');
    assert.equal(normalizeUrls('http://a, data:x'), undefined);
    assert.equal(hostOf({ origin: 'https://a.example', pathname: '/x/explorer/' }), 'https://a.example/x');
    assert.equal(hostOf({ origin: 'https://a.example', pathname: '/' }), undefined);
    assert.equal(hostOf({ origin: 'null', pathname: '/explorer/' }), undefined);
  });

  it('lets the page connect to what was chosen', () => {
    const none = { rpc: undefined, l1: undefined, blobs: undefined, l1explorer: undefined };
    assert.deepEqual(connectSources(none), ["'self'"]);
    const chosen = {
      rpc: 'https://a.example/x',
      l1: 'http://b:1',
      blobs: 'http://c,http://b:1/',
      l1explorer: 'https://d',
    };
    assert.deepEqual(connectSources(chosen), [
      ...["'self'", 'https://a.example', 'wss://a.example', 'http://b:1', 'ws://b:1', 'http://c', 'ws://c'],
    ]);
  });

  it('waits longer after each attempt, up to a bound', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 50].map(waitBefore), [500, 1_000, 2_000, 4_000, 8_000, 8_000]);
  });

  it('draws what the sequencer counted', () => {
    const counts = { acceptedCount: 20, refusedCount: 0, sealedCount: 10, finalCount: 0 };
    const point = { atMs: 5_000, ...counts, latencyP50Ms: 2, latencyP99Ms: null, gasUsed: '7', gasCost: '3000000000' };
    const charts = chartsOf(
      {
        intervalMs: 10_000,
        points: [
          { ...point, fees: [{ tokenId: 1, amount: '250' }] },
          { ...point, fees: [] },
        ],
      },
      () => 2,
      (tokenId) => `T${tokenId}`,
    );
    assert.deepEqual(
      charts.map(({ title }) => title),
      ['Throughput', 'Latency', 'Cost of L1', 'Gas', 'Fees in T1'],
    );
    assert.deepEqual(
      charts[0]!.lines.map(({ values }) => values[0]),
      [2, 1, 0, 0],
    );
    assert.deepEqual(
      charts[1]!.lines.map(({ values }) => values[0]),
      [2, null],
    );
    assert.deepEqual(charts[2]!.lines[0]!.values, [3, 3]);
    assert.deepEqual(charts[4]!.lines[0]!.values, [2.5, 0]);
    assert.deepEqual(charts[0]!.times, [5, 5]);
  });
});

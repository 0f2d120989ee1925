import { strict as assert } from 'node:assert';
import * as parse from '../../cli/config/parse.ts';
import { valueText } from '../../cli/config/text.ts';
import { UsageError } from '../../cli/process/errors.ts';
import { feeTokensOf, metricsOf } from '../../cli/sequencer/derived.ts';
import { SEQUENCER_SETTINGS } from '../../cli/sequencer/settings.ts';

const refuses = (action: () => unknown, message: RegExp) =>
  assert.throws(action, (error) => error instanceof UsageError && message.test(error.message));

describe('CLI: origins that may call', () => {
  it('are origins or a star, and none for an empty list', () => {
    const list = ['https://wallet.example', 'http://localhost:5173'];
    assert.deepEqual(parse.origins(list.join(',')), list);
    assert.deepEqual(parse.origins('*'), ['*']);
    assert.deepEqual(parse.origins(''), []);
  });

  for (const text of [
    'wallet.example',
    'https://wallet.example/',
    'https://a.example/path',
    'ftp://a',
    'HTTPS://A.example',
    'null',
  ]) {
    it(`are not "${text}"`, () => refuses(() => parse.origins(text), /expected origins like/));
  }
});

describe('CLI: base units by token', () => {
  it('are read, and printed as they are read', () => {
    const list = parse.unitsByToken('0:5,7:10000000000000000000000');
    assert.deepEqual(list, [
      { tokenId: 0, units: 5n },
      { tokenId: 7, units: 10n ** 22n },
    ]);
    assert.equal(valueText(SEQUENCER_SETTINGS.feeRates, list), '0:5,7:10000000000000000000000');
    assert.deepEqual(parse.unitsByToken(''), []);
  });

  it('name each token once, with a whole number', () => {
    refuses(() => parse.unitsByToken('1:5,1:6'), /each token once/);
    for (const text of ['1', '1:', ':1', '1:-5', '1:0.5', 'a:1'])
      refuses(() => parse.unitsByToken(text), /expected tokenId/);
  });
});

describe('CLI: what follows from settings of a sequencer', () => {
  const feeTokens = [
    { tokenId: 0, minimumFee: 1n },
    { tokenId: 1, minimumFee: 2n },
  ];

  it('are fee tokens with their bounds and rates', () => {
    const feeMax = [{ tokenId: 0, units: 9n }];
    const feeRates = [{ tokenId: 1, units: 2_500n }];
    assert.deepEqual(feeTokensOf({ feeTokens, feeMax, feeRates }), [
      { tokenId: 0, minimumFee: 1n, maximumFee: 9n },
      { tokenId: 1, minimumFee: 2n, unitsPerEth: 2_500n },
    ]);
  });

  it('is a refusal for a bound or a rate of a token without fees', () => {
    const other = [{ tokenId: 2, units: 1n }];
    refuses(() => feeTokensOf({ feeTokens, feeMax: other, feeRates: [] }), /--fee-max names token 2/);
    refuses(() => feeTokensOf({ feeTokens, feeMax: [], feeRates: other }), /--fee-rates names token 2/);
  });

  it('is a place for the metrics: at a fixed distance, a free port beside a free one, or what the settings say', () => {
    const metricsHost = '127.0.0.1';
    const portOf = (port: number, metricsPort?: number) => metricsOf({ port, metricsPort, metricsHost })?.port;
    assert.deepEqual(metricsOf({ port: 3_000, metricsPort: undefined, metricsHost }), {
      host: metricsHost,
      port: 9_101,
    });
    assert.equal(portOf(0), 0);
    assert.equal(portOf(0, 9_101), 9_101);
    assert.equal(portOf(0, 0), 0);
    assert.equal(portOf(59_434), 65_535);
    assert.equal(portOf(59_435), 53_334);
    assert.equal(portOf(3_000, 0), 0);
    assert.equal(portOf(3_000, 3_000), undefined);
  });
});

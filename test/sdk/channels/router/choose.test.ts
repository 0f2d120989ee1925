/** Which way a payment takes: every row of the choice. */

import assert from 'node:assert/strict';
import type { Way, WayQuote } from '../../../../packages/sdk/channels/index.ts';
import { chooseWay, impossible } from '../../../../packages/sdk/channels/router/choose.ts';

const quoteOf = (way: Way, possible: boolean): WayQuote => {
  const common = { way, latencyMs: 1, guarantee: 'BOTH_SIGNED', fee: 0n } as const;
  return possible
    ? { ...common, possible }
    : { ...common, possible, why: { code: 'NOT_AVAILABLE', message: `no ${way}` } };
};

/** All subsets of the ways, with and without haste, and which way is taken. */
const ROWS: readonly (readonly [possible: readonly Way[], patient: Way | undefined, urgent: Way | undefined])[] = [
  [[], undefined, undefined],
  [['rollup'], 'rollup', 'rollup'],
  [['certified'], undefined, 'certified'],
  [['certified', 'rollup'], 'rollup', 'certified'],
  [['channel'], 'channel', 'channel'],
  [['channel', 'rollup'], 'channel', 'channel'],
  [['channel', 'certified'], 'channel', 'channel'],
  [['channel', 'certified', 'rollup'], 'channel', 'channel'],
];

describe('the choice of a way', () => {
  for (const [possible, patient, urgent] of ROWS) {
    it(`is ${patient ?? 'none'}, in haste ${urgent ?? 'none'}, of ${possible.join(', ') || 'nothing'}`, () => {
      const quotes = (['channel', 'certified', 'rollup'] as const).map((way) => quoteOf(way, possible.includes(way)));
      const chosen = (isUrgent: boolean, failed: readonly Way[] = []) =>
        chooseWay(quotes, {
          urgent: isUrgent,
          failed: new Map(failed.map((way) => [way, { code: 'NOT_FOUND', message: '' }])),
        })?.way;
      assert.deepEqual([chosen(false), chosen(true)], [patient, urgent]);
      // A way that died is not taken again, and the others come in the same order.
      for (const dead of possible) {
        const [, left] = ROWS.find(([ways]) => ways.join() === possible.filter((way) => way !== dead).join())!;
        assert.equal(chosen(false, [dead]), left);
      }
      assert.equal(chosen(true, possible), undefined);
    });
  }

  it('says of every way why not, and of one that was tried, what became of it', () => {
    const quotes = [quoteOf('channel', true), quoteOf('certified', true), quoteOf('rollup', false)];
    const failed = new Map([['channel', { code: 'CHANNEL_CLOSED', message: 'it closes' }]] as const);
    const { data, message } = impossible(quotes, failed);
    assert.deepEqual(data, { channel: 'CHANNEL_CLOSED', rollup: 'NOT_AVAILABLE', certified: 'NOT_AVAILABLE' });
    for (const part of ['it closes', 'only for urgent payments', 'no rollup']) assert.ok(message.includes(part), part);
  });
});

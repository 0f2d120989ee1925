import assert from 'node:assert/strict';
import { float16, float40 } from '@quittance/protocol';
import { roundAmount, roundFee } from '@quittance/sdk';
import fc from 'fast-check';
import { amountToSign } from '../../../packages/sdk/wallet/amounts.ts';
import { randomValidUntil } from '../../../packages/sdk/wallet/validity.ts';
import { assertCode } from '../../support/assertions.ts';
import { property } from '../../support/property/property.ts';

const ODD = 123_456_789_012_345_678n;

describe('amounts of a wallet', () => {
  it('are rounded down, or up, to what a record can state', () => {
    assert.equal(roundAmount(ODD), 123_456_789_010_000_000n);
    assert.ok(roundAmount(ODD) <= ODD && ODD <= roundAmount(ODD, 'up'));
    assert.equal(roundAmount(10n ** 18n), 10n ** 18n);
    assert.equal(roundFee(12_345n), 12_350n);
    assert.equal(roundFee(12_345n, 'down'), 12_340n);
    assertCode(() => roundAmount(-1n), 'OUT_OF_RANGE');
    assertCode(() => roundFee(2_047n * 10n ** 31n + 1n), 'OUT_OF_RANGE');
  });

  property('have no value between the two next to them', [fc.bigInt(0n, 2n ** 90n)], (value) => {
    for (const codec of [float40, float16]) {
      const [below, above] = [codec.floor(value), codec.ceil(value)];
      assert.ok(codec.isRepresentable(below) && codec.isRepresentable(above));
      assert.ok(below <= value && value <= above);
      assert.equal(codec.isRepresentable(value), below === above);
      if (below === above) continue;
      assert.equal(codec.floor(above - 1n), below);
      assert.equal(codec.ceil(below + 1n), above);
    }
  });

  it('that no record can state are refused with the two next to them', () => {
    const { data } = assertCode(() => amountToSign(ODD, false), 'NOT_REPRESENTABLE');
    assert.deepEqual([data.below, data.above], [roundAmount(ODD), roundAmount(ODD, 'up')]);
    assert.equal(amountToSign(ODD, true), roundAmount(ODD));
  });

  it('are bigints above 0', () => {
    for (const wrong of [0n, -1n, undefined, 5, '5']) {
      assertCode(() => amountToSign(wrong as bigint, false), 'OUT_OF_RANGE');
    }
  });
});

describe('the expiry of a signature', () => {
  const NOW_MS = 1_800_000_000_000;

  it('is between once and twice as far away as was asked for, and not the same twice', () => {
    const times = Array.from({ length: 50 }, () => randomValidUntil(NOW_MS, 3_600) - NOW_MS / 1_000);
    assert.ok(times.every((time) => time >= 3_600 && time <= 7_200));
    assert.ok(new Set(times).size > 1);
    assert.equal(randomValidUntil(NOW_MS, 0), 0);
  });

  it('is a time that a signature can state', () => {
    for (const wrong of [-1, 0.5, Number.NaN, 2 ** 40])
      assertCode(() => randomValidUntil(NOW_MS, wrong), 'OUT_OF_RANGE');
    assert.ok(randomValidUntil(NOW_MS, 2 ** 40 - 1 - NOW_MS / 1_000) < 2 ** 40);
  });
});

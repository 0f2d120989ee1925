import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { canRaise, capFees, type Fees, marketFees, raiseFees } from '../../packages/chain/fees.ts';

const fees = (maxFeePerGas: bigint, maxPriorityFeePerGas: bigint): Fees => ({ maxFeePerGas, maxPriorityFeePerGas });
const NOTHING = fees(0n, 0n);

describe('Chain: fees', () => {
  it('are the market’s', () => {
    const market = { maxFeePerGas: 10n, maxPriorityFeePerGas: 2n, gasPrice: 6n };
    assert.deepEqual(marketFees(market), fees(10n, 2n));
  });

  it('are the gas price on an L1 without base fees', () => {
    assert.deepEqual(marketFees({ maxFeePerGas: null, maxPriorityFeePerGas: null, gasPrice: 6n }), fees(6n, 6n));
  });

  it('are nothing where the provider knows of none', () => {
    assert.deepEqual(marketFees({ maxFeePerGas: null, maxPriorityFeePerGas: null, gasPrice: null }), NOTHING);
  });

  it('stay within the limit, the tip within the fee', () => {
    assert.deepEqual(capFees(fees(10n, 2n), 10n), fees(10n, 2n));
    assert.deepEqual(capFees(fees(11n, 2n), 10n), fees(10n, 2n));
    assert.deepEqual(capFees(fees(20n, 15n), 10n), fees(10n, 10n));
  });

  it('rise by a quarter', () => {
    assert.deepEqual(raiseFees(fees(100n, 8n), NOTHING, 1_000n), fees(126n, 11n));
  });

  it('rise to the market when that is more', () => {
    assert.deepEqual(raiseFees(fees(100n, 8n), fees(200n, 50n), 1_000n), fees(200n, 50n));
  });

  it('may rise as long as a tenth more is within the limit', () => {
    assert.equal(canRaise(fees(100n, 1n), 110n), true);
    assert.equal(canRaise(fees(100n, 1n), 109n), false);
    assert.equal(canRaise(fees(101n, 1n), 111n), false);
  });

  it('rise enough for a replacement whenever they may', () => {
    const wei = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(wei, wei, wei, wei, wei, (fee, tip, marketFee, marketTip, limit) => {
        const before = capFees(fees(fee, tip), limit);
        const after = raiseFees(before, fees(marketFee, marketTip), limit);
        assert.ok(after.maxFeePerGas <= limit && after.maxPriorityFeePerGas <= after.maxFeePerGas);
        if (!canRaise(before, limit)) return;
        assert.ok(after.maxFeePerGas * 10n >= before.maxFeePerGas * 11n);
        assert.ok(after.maxPriorityFeePerGas * 10n >= before.maxPriorityFeePerGas * 11n);
      }),
    );
  });
});

import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { canRaise, capFees, type Fees, marketFees, raiseFees } from '../../packages/chain/fees.ts';

const fees = (maxFeePerGas: bigint, maxPriorityFeePerGas: bigint): Fees => ({ maxFeePerGas, maxPriorityFeePerGas });
const NOTHING = fees(0n, 0n);
const limits = (maxFeePerGas: bigint, maxFeePerBlobGas = 0n) => ({ maxFeePerGas, maxFeePerBlobGas });

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
    assert.deepEqual(capFees(fees(10n, 2n), limits(10n)), fees(10n, 2n));
    assert.deepEqual(capFees(fees(11n, 2n), limits(10n)), fees(10n, 2n));
    assert.deepEqual(capFees(fees(20n, 15n), limits(10n)), fees(10n, 10n));
  });

  it('rise by a quarter', () => {
    assert.deepEqual(raiseFees(fees(100n, 8n), NOTHING, limits(1_000n)), fees(126n, 11n));
  });

  it('rise to the market when that is more', () => {
    assert.deepEqual(raiseFees(fees(100n, 8n), fees(200n, 50n), limits(1_000n)), fees(200n, 50n));
  });

  it('may rise as long as a tenth more is within the limit', () => {
    assert.equal(canRaise(fees(100n, 1n), limits(110n)), true);
    assert.equal(canRaise(fees(100n, 1n), limits(109n)), false);
    assert.equal(canRaise(fees(101n, 1n), limits(111n)), false);
  });

  it('rise enough for a replacement whenever they may', () => {
    const wei = fc.bigInt({ min: 0n, max: 10n ** 12n });
    fc.assert(
      fc.property(wei, wei, wei, wei, wei, (fee, tip, marketFee, marketTip, limit) => {
        const before = capFees(fees(fee, tip), limits(limit));
        const after = raiseFees(before, fees(marketFee, marketTip), limits(limit));
        assert.ok(after.maxFeePerGas <= limit && after.maxPriorityFeePerGas <= after.maxFeePerGas);
        if (!canRaise(before, limits(limit))) return;
        assert.ok(after.maxFeePerGas * 10n >= before.maxFeePerGas * 11n);
        assert.ok(after.maxPriorityFeePerGas * 10n >= before.maxPriorityFeePerGas * 11n);
      }),
    );
  });

  describe('of a transaction with blobs', () => {
    const three = (maxFeePerGas: bigint, maxPriorityFeePerGas: bigint, maxFeePerBlobGas: bigint): Fees => ({
      ...fees(maxFeePerGas, maxPriorityFeePerGas),
      maxFeePerBlobGas,
    });

    it('offer twice the price of blobs, and something where they are free', () => {
      const market = { maxFeePerGas: 10n, maxPriorityFeePerGas: 2n, gasPrice: 6n };
      assert.deepEqual(marketFees(market, 7n), three(10n, 2n, 14n));
      assert.deepEqual(marketFees(market, 0n), three(10n, 2n, 1n));
    });

    it('stay within a limit of their own', () => {
      assert.deepEqual(capFees(three(10n, 2n, 30n), limits(10n, 20n)), three(10n, 2n, 20n));
      assert.deepEqual(capFees(three(11n, 2n, 20n), limits(10n, 20n)), three(10n, 2n, 20n));
    });

    it('double all three, or rise to the market when that is more', () => {
      assert.deepEqual(raiseFees(three(100n, 8n, 1n), three(0n, 0n, 0n), limits(1_000n, 9n)), three(200n, 16n, 2n));
      assert.deepEqual(raiseFees(three(100n, 8n, 1n), three(0n, 50n, 7n), limits(1_000n, 9n)), three(200n, 50n, 7n));
      assert.deepEqual(raiseFees(three(1n, 0n, 1n), three(0n, 0n, 0n), limits(9n, 9n)), three(2n, 1n, 2n));
    });

    it('may rise as long as the double of each is within its limit', () => {
      assert.equal(canRaise(three(100n, 1n, 5n), limits(200n, 10n)), true);
      assert.equal(canRaise(three(100n, 1n, 5n), limits(199n, 10n)), false);
      assert.equal(canRaise(three(100n, 1n, 5n), limits(200n, 9n)), false);
    });

    it('rise enough for a replacement whenever they may', () => {
      const wei = fc.bigInt({ min: 0n, max: 10n ** 12n });
      fc.assert(
        fc.property(
          fc.array(wei, { minLength: 8, maxLength: 8 }),
          ([fee, tip, blob, mFee, mTip, mBlob, limit, blobLimit]) => {
            const most = limits(limit!, blobLimit!);
            const before = capFees(three(fee!, tip!, blob!), most);
            const after = raiseFees(before, three(mFee!, mTip!, mBlob!), most);
            assert.ok(after.maxFeePerGas <= limit! && after.maxPriorityFeePerGas <= after.maxFeePerGas);
            assert.ok(after.maxFeePerBlobGas! <= blobLimit!);
            if (!canRaise(before, most)) return;
            for (const name of ['maxFeePerGas', 'maxPriorityFeePerGas', 'maxFeePerBlobGas'] as const) {
              assert.ok(after[name]! >= before[name]! * 2n && after[name]! > before[name]!, name);
            }
          },
        ),
      );
    });
  });
});

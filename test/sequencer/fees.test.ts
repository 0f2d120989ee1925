import assert from 'node:assert/strict';
import { float16, PROFILES } from '@quittance/protocol';
import { costOf, provingCostOf } from '../../sequencer/batcher/forms.ts';
import { createFeeAdvice } from '../../sequencer/fees/advice.ts';
import { type SlotCostTerms, slotCost, typicalBatch } from '../../sequencer/fees/slot-cost.ts';
import { type FeeTerms, roundFeeUp, suggestFee } from '../../sequencer/fees/suggestion.ts';
import { createSequencerConfig, type FeeToken } from '../../sequencer/index.ts';
import { assertCode } from '../support/assertions.ts';

const GWEI = 10n ** 9n;
const ETHER = 10n ** 18n;
const MAX_FEE = 2_047n * 10n ** 31n;

describe('Sequencer: a fee that a record can state', () => {
  const cases: [bigint, bigint][] = [
    [0n, 0n],
    [1n, 1n],
    [2_047n, 2_047n],
    // 11 bits end at 2,047: beyond it only every tenth is left.
    [2_048n, 2_050n],
    [2_050n, 2_050n],
    [2_051n, 2_060n],
    [20_470n, 20_470n],
    [20_471n, 20_500n],
    [10n ** 12n + 1n, 1_001n * 10n ** 9n],
    [MAX_FEE, MAX_FEE],
    [MAX_FEE + 1n, MAX_FEE],
  ];
  for (const [value, expected] of cases) {
    it(`is ${expected} for ${value}`, () => {
      const fee = roundFeeUp(value);
      assert.equal(fee, expected);
      assert.ok(float16.isRepresentable(fee));
    });
  }

  it('is the least one: nothing between the value and it can be stated', () => {
    for (let value = 1_900n; value < 22_000n; value += 1n) {
      const fee = roundFeeUp(value);
      assert.ok(float16.isRepresentable(fee) && fee >= value, `${value}`);
      const below = float16.decode(float16.encodeFloor(value));
      if (below === value) assert.equal(fee, value);
      else assert.equal(float16.decode(float16.encodeFloor(fee - 1n)), below, `${value}`);
    }
  });
});

describe('Sequencer: the fee that is suggested', () => {
  const TERMS: FeeTerms = {
    slotCost: 1_000n,
    marginPercent: 20,
    minimumFee: 10n,
    maximumFee: undefined,
    unitsPerEth: ETHER,
  };
  const cases: [string, Partial<FeeTerms>, bigint][] = [
    ['is the cost with the margin', {}, 1_200n],
    ['is the cost alone without a margin', { marginPercent: 0 }, 1_000n],
    ['is rounded up, not down', { slotCost: 1_001n, marginPercent: 1 }, 1_012n],
    ['is at least the minimum', { minimumFee: 1_201n }, 1_201n],
    ['is at least the minimum that can be stated', { minimumFee: 20_471n }, 20_500n],
    ['is the bound beyond it', { maximumFee: 1_100n }, 1_100n],
    ['is the cost at the bound', { maximumFee: 1_200n }, 1_200n],
    ['is the bound that can be stated', { slotCost: 30_000n, maximumFee: 20_479n }, 20_470n],
    [
      'is the minimum where the bound that can be stated is less',
      { slotCost: 30_000n, minimumFee: 20_475n, maximumFee: 20_479n },
      20_500n,
    ],
    ['is the minimum without prices', { slotCost: undefined }, 10n],
    ['is the minimum without a rate', { unitsPerEth: undefined }, 10n],
    ['is that of another token by its rate', { slotCost: ETHER / 1_000n, unitsPerEth: 2_500n * 10n ** 6n }, 3_000_000n],
    ['is one unit at least for what costs anything', { unitsPerEth: 1n, minimumFee: 0n }, 1n],
    ['is the highest of all beyond it', { slotCost: 10n ** 40n, maximumFee: 10n ** 60n }, MAX_FEE],
  ];
  for (const [title, changes, expected] of cases) {
    it(title, () => assert.equal(suggestFee({ ...TERMS, ...changes }), expected));
  }
});

describe('Sequencer: what a transfer costs on L1', () => {
  const terms = (changes: Partial<SlotCostTerms> = {}): SlotCostTerms => ({
    mode: 'zk',
    profile: { ...PROFILES.standard, maxChunks: 9 },
    forms: ['calldata'],
    ...changes,
  });
  const prices = { feePerGas: GWEI, feePerBlobGas: 1n };

  it('is its share of a batch with half of the chunks, without the slots of fees', () => {
    const { size, transferCount } = typicalBatch(terms());
    assert.deepEqual([size.load.chunks, transferCount], [5, 5 * 120]);
    const cost = slotCost(terms(), prices);
    const whole = costOf(size, 'calldata', prices)!;
    assert.ok(cost * 600n >= whole && (cost - 1n) * 600n < whole);
    // About 1,100 gas in a full batch of nine (docs/performance.md); the base weighs more in a smaller one.
    assert.ok(cost > 1_000n * GWEI && cost < 2_500n * GWEI, `${cost}`);
  });

  it('follows the price of gas', () => {
    const [once, thrice] = [1n, 3n].map((times) => slotCost(terms(), { ...prices, feePerGas: times * GWEI }));
    assert.ok(thrice! <= 3n * once! && thrice! > 3n * (once! - 1n));
  });

  it('is that of the cheaper form, and of calldata while blobs have no price', () => {
    const both = terms({ forms: ['calldata', 'coefficients'] });
    const calldata = slotCost(terms(), prices);
    const cheap = slotCost(both, prices);
    assert.ok(cheap < calldata, `${cheap}, ${calldata}`);
    assert.equal(slotCost(both, { ...prices, feePerBlobGas: 10n ** 15n }), calldata);
    assert.equal(slotCost(both, { ...prices, feePerBlobGas: undefined }), calldata);
    assert.equal(slotCost(terms({ forms: ['coefficients'] }), { ...prices, feePerBlobGas: undefined }), calldata);
  });

  it('counts signatures where a batch is asserted by calldata, and proofs beside where both come', () => {
    const asserted = slotCost(terms({ mode: 'optimistic' }), prices);
    assert.ok(asserted > slotCost(terms(), prices));
    const hybrid = slotCost(terms({ mode: 'hybrid' }), prices);
    const proofs = provingCostOf(5, prices) / 600n;
    assert.ok(hybrid - asserted >= proofs && hybrid - asserted <= proofs + 1n);
  });

  it('has a batch of at least one chunk', () => {
    const { size } = typicalBatch(terms({ profile: { ...PROFILES.quick, maxChunks: 1 } }));
    assert.equal(size.load.chunks, 1);
  });
});

describe('Sequencer: advice about fees', () => {
  const advise = (feeTokens: readonly FeeToken[], hasFeeAccount = true, isPriced = true) => {
    const config = createSequencerConfig({ profile: PROFILES.quick, operator: { keyY: 1n, owner: 1n }, feeTokens });
    const latest = isPriced ? { feePerGas: GWEI, feePerBlobGas: undefined } : undefined;
    const context = { config, forms: ['calldata'] as const };
    return createFeeAdvice({ context, prices: () => latest, hasFeeAccount: () => hasFeeAccount });
  };
  const ETH = { tokenId: 0, minimumFee: 5n };

  it('has a rate for ETH, and for other tokens that of the operator', () => {
    const { suggestedFee } = advise([
      ETH,
      { tokenId: 1, minimumFee: 7n, unitsPerEth: ETHER },
      { tokenId: 2, minimumFee: 9n },
    ]);
    assert.ok(suggestedFee(0) > 10n ** 12n);
    assert.equal(suggestedFee(1), suggestedFee(0));
    assert.equal(suggestedFee(2), 9n);
  });

  it('is the minimum before prices are known, and while the operator can take no fees', () => {
    assert.equal(advise([ETH], true, false).suggestedFee(0), 5n);
    assert.equal(advise([ETH], false).suggestedFee(0), 5n);
  });

  it('says NOT_FOUND of a token without fees', () => {
    assertCode(() => advise([ETH]).suggestedFee(1), 'NOT_FOUND');
  });

  it('refuses bounds below the minimum, rates that are none and margins below 0', () => {
    for (const token of [
      { ...ETH, maximumFee: 4n },
      { ...ETH, unitsPerEth: 0n },
    ]) {
      assertCode(() => advise([token]), 'CONFIG_INVALID');
    }
    advise([{ ...ETH, maximumFee: 5n, unitsPerEth: 1n }]);
    const settings = { profile: PROFILES.quick, operator: { keyY: 1n, owner: 1n }, feeTokens: [ETH] };
    for (const feeMarginPercent of [-1, 0.5]) {
      assertCode(() => createSequencerConfig({ ...settings, feeMarginPercent }), 'CONFIG_INVALID');
    }
    assert.equal(createSequencerConfig({ ...settings, feeMarginPercent: 0 }).feeMarginPercent, 0);
  });
});

import { strict as assert } from 'node:assert';
import type { AssertionEvent } from '@quittance/chain';
import { createOptimisticReport, formatOptimisticReport } from '../../scripts/devnet/optimistic-report.ts';
import type { OptimisticResult } from '../../scripts/devnet/optimistic-scenario.ts';
import { TERMS } from '../support/sequencer/fake-assertions.ts';

const WATCHER = '0x0000000000000000000000000000000000000a11';
const place = { transactionHash: '0x01', blockNumber: 1, blockHash: '0x02', logIndex: 0 };
const disputed = (assertionId: bigint): AssertionEvent => ({
  ...place,
  type: 'disputed',
  disputeId: 1n,
  assertionId,
  chunk: 4,
  disputer: WATCHER,
});
const rejected = (assertionId: bigint, winner = WATCHER): AssertionEvent => ({
  ...place,
  type: 'rejected',
  assertionId,
  number: 2,
  winner,
  unanswered: false,
});

const RESULT: OptimisticResult = {
  terms: TERMS,
  wallets: { accepted: 1_000, seconds: 1, signSeconds: 1, ids: [] },
  lie: {
    lie: { submission: {} as never, chunk: 4, slot: 12, from: 1, to: 2, amount: 5n, answers: [] },
    number: 2,
    assertionId: 2n,
    block: 7,
    gas: 3_000_000,
    timeline: { disputed: 1.234, rejected: 5.678 },
  },
  watcher: WATCHER,
  moves: [
    { type: 'disputed', sender: WATCHER, gas: 100 },
    { type: 'stepProven', sender: WATCHER, gas: 900 },
  ],
  events: [disputed(2n), rejected(2n)],
  watcherCredit: 600n,
  honest: { number: 2, assertGas: 3_000_000, finalizeGas: 100_000, blobs: 0 },
  secondsToFinal: 21.06,
  batches: 3,
  claims: { count: 2, gas: 160_000n },
  stateRootL1: 9n,
  stateRootL2: 9n,
};

describe('The report about the lie', () => {
  it('says who found it when, what that cost, and who lost which bond', () => {
    const report = createOptimisticReport('standard', RESULT);
    assert.deepEqual([report.secondsToDetection, report.secondsToRejection], [1.2, 5.7]);
    assert.deepEqual([report.transactions, report.gas], [2, 1_000]);
    assert.deepEqual(report.bonds, {
      lostByLiar: '1000',
      winner: WATCHER,
      isOurWatcher: true,
      gainedByWinner: '500',
      burned: '500',
      lostByHonest: '0',
    });
    assert.deepEqual(report.honest.gasPerTransfer, 3_100);
    assert.deepEqual([report.honest.disputes, report.final], [0, true]);
    const text = formatOptimisticReport(report);
    assert.match(text, /chunk 4, slot 12, among 1000 transfers/);
    assert.match(text, /final +yes$/);
    assert.match(text, /its records and signatures +in calldata/);
    const inBlobs = createOptimisticReport('standard', { ...RESULT, honest: { ...RESULT.honest, blobs: 2 } });
    assert.match(formatOptimisticReport(inBlobs), /its records and signatures +in 2 blobs/);
  });

  it('counts a dispute of an honest batch', () => {
    const report = createOptimisticReport('standard', { ...RESULT, events: [...RESULT.events, disputed(3n)] });
    assert.deepEqual([report.honest.disputes, report.final], [1, true]);
  });

  it('is as good when another watcher was faster, and says who', () => {
    const other = '0x0000000000000000000000000000000000000b0b';
    const report = createOptimisticReport('quick', { ...RESULT, moves: [], events: [rejected(2n, other)] });
    assert.equal(report.final, true);
    assert.deepEqual([report.bonds.winner, report.bonds.isOurWatcher], [other, false]);
    assert.match(formatOptimisticReport(report), /to another watcher \(0x0+b0b\), .*final +yes$/s);
  });

  for (const [what, change] of [
    ['an honest batch was rejected', { events: [...RESULT.events, rejected(3n)] }],
    ['the lie was not rejected', { events: [disputed(2n)] }],
    ['L1 and L2 hold different roots', { stateRootL2: 8n }],
  ] as const) {
    it(`is no success when ${what}`, () => {
      const report = createOptimisticReport('standard', { ...RESULT, ...change });
      assert.equal(report.final, false);
      assert.match(formatOptimisticReport(report), /final +NO$/);
    });
  }
});

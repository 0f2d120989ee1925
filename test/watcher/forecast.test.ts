import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { OPTIMISTIC_DEFAULTS } from '@quittance/protocol';
import type { Move } from '../../watcher/dispute/modes.ts';
import { forecast, TYPICAL_GAS } from '../../watcher/forecast.ts';

const SNAPSHOT = new URL('../contracts/assertion-gas.snapshot.json', import.meta.url);
const GWEI = 10n ** 9n;

describe('Watcher: the forecast of costs', () => {
  const measured = JSON.parse(readFileSync(SNAPSHOT, 'utf8')) as Record<string, Record<string, number>>;
  // Of chunks of `standard`, as the forecast is.
  const all: Record<string, number> = { ...measured['without dispute'], ...measured['dispute'] };

  it('names the measured gas, rounded up by less than a quarter', () => {
    const names: Partial<Record<Move, string>> = {
      dispute: 'openDispute',
      answer: 'answerDispute',
      commit: 'commitStep',
      prove: 'proveStep',
      finalize: 'finalizeBatch',
      settle: 'settleDispute',
      collect: 'collectCredit',
    };
    for (const [move, name] of Object.entries(names)) {
      const gas = Number(TYPICAL_GAS[move as Move]);
      assert.ok(gas >= all[name]! && gas < 1.25 * all[name]!, `${move}: ${gas}, measured ${all[name]}`);
    }
  });

  it('adds up what a challenge takes, and earns more than its gas at the reference price', () => {
    const { assertionBondWei, disputeBondWei } = OPTIMISTIC_DEFAULTS;
    const constants = {
      address: '',
      challengePeriodSeconds: 1,
      answerWindowSeconds: 1,
      stepWindowSeconds: 1,
      assertionBond: assertionBondWei,
      disputeBond: disputeBondWei,
      maxPending: 1,
    };
    const { lines, challengeWei, rewardWei } = forecast(constants, 50n * GWEI);
    const gas = (['dispute', 'commit', 'prove'] as const).reduce((sum, move) => sum + TYPICAL_GAS[move], 0n);
    assert.equal(challengeWei, gas * 50n * GWEI + disputeBondWei);
    assert.ok(rewardWei >= gas * 50n * GWEI);
    assert.deepEqual(
      lines.filter(({ bondWei }) => bondWei > 0n).map(({ move, bondWei }) => [move, bondWei]),
      [['dispute', disputeBondWei]],
    );
  });
});

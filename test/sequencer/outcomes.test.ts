import { strict as assert } from 'node:assert';
import { packOperation } from '@quittance/protocol';
import { transferOutcomes } from '../../sequencer/batcher/outcomes.ts';
import type { PlannedDrop } from '../../sequencer/batcher/refused.ts';
import { msUntilCut } from '../../sequencer/batcher/sealer.ts';
import type { OpenEntry } from '../../sequencer/mempool/open-entry.ts';
import { deposit, transfer } from '../support/rollup/scene.ts';

const paid = (sequence: number): OpenEntry => ({
  sequence,
  receivedMs: 1_000,
  entry: {
    type: 'transfer',
    id: BigInt(100 + sequence),
    operation: transfer(),
    packed: packOperation(transfer()),
    nonce: sequence,
  },
});
const deposited = (sequence: number): OpenEntry => ({
  sequence,
  receivedMs: 1_000,
  entry: { type: 'priority', queueIndex: 0, operation: deposit() },
});
const dropOf = (source: OpenEntry): PlannedDrop => ({ source, refusal: { code: 'EXPIRED', message: 'too late' } });

describe('Sequencer: the outcomes of sealing', () => {
  const [first, second, third] = [paid(1), paid(2), paid(3)] as [OpenEntry, OpenEntry, OpenEntry];
  const sealed = (sequence: number) => ({
    id: BigInt(100 + sequence),
    sequence,
    status: 'sealed',
    logged: [first, second, third][sequence - 1],
  });
  const dropped = (sequence: number) => ({
    id: BigInt(100 + sequence),
    sequence,
    status: 'dropped',
    reason: 'EXPIRED',
    logged: [first, second, third][sequence - 1],
  });

  for (const [title, entries, drops, expected] of [
    ['are none of nothing', [], [], []],
    ['seal every transfer', [first, second], [], [sealed(1), sealed(2)]],
    ['name no priority operation', [deposited(5), first], [], [sealed(1)]],
    ['tell of drops first', [first, second, third], [dropOf(second)], [dropped(2), sealed(1), sealed(3)]],
    ['may be drops alone', [first], [dropOf(first)], [dropped(1)]],
  ] as const) {
    it(title, () => assert.deepEqual([...transferOutcomes(entries, drops)], expected));
  }
});

describe('Sequencer: when open content is cut', () => {
  for (const [title, first, nowMs, expected] of [
    ['never while there is none', undefined, 5_000, undefined],
    ['in all of the time that is left', paid(1), 1_000, 500],
    ['in the last millisecond', paid(1), 1_499, 1],
    ['now when its first operation is just old enough', paid(1), 1_500, 0],
    ['now when it is too old', paid(1), 2_000, -500],
  ] as const) {
    it(title, () => assert.equal(msUntilCut(first, 500, nowMs), expected));
  }
});

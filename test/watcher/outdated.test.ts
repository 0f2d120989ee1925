/** A move that is not possible any more when it is made: the everyday end of a race, unless it happens again and again. */

import { strict as assert } from 'node:assert';
import { RollupError, ZERO_BYTES32 } from '@quittance/protocol';
import { createMetrics, type Logger } from '../../runtime/index.ts';
import { type ActorOptions, createActor } from '../../watcher/dispute/actor.ts';
import type { Task } from '../../watcher/dispute/plan.ts';
import { createWatcherMeasurements } from '../../watcher/monitoring/measurements.ts';
import { createManualClock } from '../support/manual-clock.ts';

const head = { number: 9, hash: ZERO_BYTES32, parentHash: ZERO_BYTES32, timestamp: 5 };
const on = { head, nonce: 7, free: 7 };
const task = { move: 'commit', key: 'commit:1:0', chunkCase: { assertionId: 1n, chunk: 0 } } as Task;

describe('Watcher: a move that is not possible any more', () => {
  it('is a quiet line with its reason, and an alert when it is planned five times in a row', async () => {
    const lines: (readonly [level: string, message: string, fields: unknown])[] = [];
    const alerts: string[] = [];
    const note =
      (level: string) =>
      (message: string, fields?: unknown): void =>
        void lines.push([level, message, fields]);
    const logger = { info: note('info'), warn: note('warn'), error: note('error'), debug: note('debug') };
    // The parts that a commitment which cannot be made reaches.
    const parts = {
      chain: { account: '0x00' },
      store: { journal: {} },
      steps: {
        commitment: async () => {
          throw new RollupError('MOVE_OUTDATED', 'chunk 0 is not answered', { assertionId: 1n });
        },
      },
      logger: logger as unknown as Logger,
      clock: createManualClock(),
      alerts: { raise: ({ kind }: { readonly kind: string }) => void alerts.push(kind) },
      measurements: createWatcherMeasurements(createMetrics()),
      ...{ guard: {}, confirmations: 1, maxFeePerGas: 1n },
    };
    const actor = createActor(parts as unknown as ActorOptions);
    for (let look = 1; look < 5; look += 1) assert.equal(await actor.perform(task, on), 'waiting');
    assert.deepEqual(
      lines.map(([level]) => level),
      ['info', 'info', 'info', 'info'],
    );
    assert.deepEqual(lines[0]?.[2], { move: 'commit', key: 'commit:1:0', why: 'chunk 0 is not answered' });
    assert.deepEqual(alerts, []);
    await actor.perform(task, on);
    assert.equal(lines.at(-1)?.[0], 'warn');
    assert.deepEqual(alerts, ['actionFailed']);
  });
});

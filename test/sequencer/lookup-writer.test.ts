import { strict as assert } from 'node:assert';
import { setImmediate as turn } from 'node:timers/promises';
import { RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { createLookupWriter } from '../../sequencer/batcher/lookup-writer.ts';
import { readLookups } from '../../sequencer/start/lookups.ts';
import type { Storage } from '../../storage/index.ts';
import { createHarness } from '../support/sequencer/harness.ts';

/** A writer of steps; what it wrote, and why it halted. */
function createScene(steps: () => Generator<void, void, void>) {
  const halts: RollupError[] = [];
  let flushes = 0;
  const lookups = {
    flush() {
      flushes += 1;
      return steps();
    },
  };
  const writer = createLookupWriter({
    storage: { lookups } as unknown as Pick<Storage, 'lookups'>,
    pause: async () => void (await turn()),
    halt: (error) => halts.push(error),
  });
  return { writer, halts, flushes: () => flushes };
}

describe('Sequencer: the writer of lookups', () => {
  it('writes one after the other, and ends after a step when it is stopped', async () => {
    let written = 0;
    const { writer, flushes } = createScene(function* () {
      for (;;) {
        written += 1;
        yield;
      }
    });
    writer.wake();
    writer.wake();
    await turn();
    await turn();
    await writer.stop();
    const atEnd = written;
    assert.ok(atEnd >= 1);
    writer.wake();
    await turn();
    assert.deepEqual([written, flushes()], [atEnd, 1]);
  });

  it('stops the sequencer when the disk does not take it', async () => {
    const full = new RollupError('DISK_FULL', 'no room', { file: 'x.db' });
    const { writer, halts } = createScene(function* () {
      yield;
      throw full;
    });
    writer.wake();
    await turn();
    await turn();
    await writer.stop();
    assert.deepEqual(halts, [full]);
  });
});

describe('Sequencer: the lookups of a long log', () => {
  /** A harness on whose log so many entries are unread when it starts. */
  const start = async (unreadCount: number) => {
    let steps = 0;
    const harness = await createHarness({
      wrapStorage: (storage) => ({
        ...storage,
        lookups: {
          ...storage.lookups,
          get unreadCount() {
            return unreadCount - steps;
          },
          *flush() {
            for (; steps < unreadCount; steps++) yield;
          },
        },
      }),
      withFeeAccounts: false,
    });
    await harness.close();
    return steps;
  };

  it('are read before a sequencer answers', async () => {
    assert.equal(await start(3), 3);
  });

  it('are left alone where the table has them', async () => {
    const lookups = {
      unreadCount: 0,
      flush: () => assert.fail('it writes'),
    };
    await readLookups({ storage: { lookups } as unknown as Storage, logger: silentLogger });
  });
});

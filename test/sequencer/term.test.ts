import { strict as assert } from 'node:assert';
import type { RollupError } from '@quittance/protocol';
import { silentLogger } from '../../runtime/index.ts';
import { holdTerm, type Term } from '../../sequencer/node/term.ts';
import type { Journal } from '../../storage/index.ts';
import { createMemoryJournal, type MemoryJournal } from '../support/journal/memory.ts';
import { createManualClock, type ManualClock } from '../support/manual-clock.ts';

describe('Sequencer: the term of a leader', () => {
  let clock: ManualClock;
  let server: ManualClock;
  let memory: MemoryJournal;
  let journal: Journal;
  let other: Journal;
  let term: Term;
  let ends: RollupError[];
  /** For how long the process was stopped. */
  let stoppedMs: number;

  beforeEach(async () => {
    [clock, server, ends] = [createManualClock(), createManualClock(), []];
    stoppedMs = 0;
    memory = createMemoryJournal({ clock: server });
    journal = memory.open({ name: 'a', clock });
    other = memory.open({ name: 'b', clock });
    const taken = (await journal.lease.acquire())!;
    const stopped = { ...clock, monotonicMs: () => clock.monotonicMs() + stoppedMs };
    term = holdTerm({
      journal,
      taken,
      clock: stopped,
      logger: silentLogger,
      onEnded: (error) => void ends.push(error),
    });
  });
  afterEach(() => term.end(new Error('the test is over') as RollupError));

  /** Time passes for the node and for the journal alike. */
  const pass = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      await server.advance(500);
      await clock.advance(500);
    }
  };

  it('is renewed as long as the journal answers', async () => {
    await pass(60_000);
    assert.equal(term.ended(), undefined);
    assert.equal(await other.lease.acquire(), undefined);
  });

  it('ends two seconds before its lease while the journal does not answer, and says so once', async () => {
    await pass(2_000);
    memory.isCut = true;
    await pass(7_500);
    assert.equal(term.ended(), undefined);
    await pass(500);
    assert.equal(term.ended()?.code, 'NOT_LEADER');
    memory.isCut = false;
    assert.equal(await other.lease.acquire(), undefined, 'nobody else has it before that');
    await pass(4_000);
    assert.deepEqual(
      ends.map(({ code }) => code),
      ['NOT_LEADER'],
    );
    // It is not renewed after its end, although the journal answers again.
    assert.equal((await other.lease.acquire())?.epoch, 2);
  });

  it('is over for one that was stopped meanwhile, before any timer could say so', () => {
    stoppedMs = 7_999;
    assert.equal(term.ended(), undefined);
    stoppedMs = 8_000;
    assert.equal(term.ended()?.code, 'NOT_LEADER');
    assert.equal(ends.length, 0);
  });

  it('ends at once when another has taken the lease', async () => {
    await server.advance(10_500);
    assert.equal((await other.lease.acquire())?.epoch, 2);
    await clock.advance(2_000);
    assert.equal(term.ended()?.code, 'NOT_LEADER');
    assert.equal(ends.length, 1);
  });

  it('can be given up, so that another need not wait', async () => {
    await term.release();
    assert.equal(term.ended()?.code, 'SHUTTING_DOWN');
    assert.equal((await other.lease.acquire())?.epoch, 2);
    await pass(4_000);
    assert.equal(ends.length, 0);
  });

  it('runs out where it cannot be given up', async () => {
    memory.isCut = true;
    await term.release();
    memory.isCut = false;
    assert.equal(await other.lease.acquire(), undefined);
    await server.advance(10_500);
    assert.equal((await other.lease.acquire())?.epoch, 2);
  });
});

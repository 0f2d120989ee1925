import { strict as assert } from 'node:assert';
import { Arena } from '../support/adversary/arena.ts';
import { LIE_KINDS } from '../support/adversary/lie-kinds.ts';
import { overturn } from '../support/adversary/match.ts';

const LATE = 'a theft whose answer is late';

/** Each way to be wrong once: test/contracts/assertions has every lie, and the fraud bench plays them all. */
const PLAYED = [
  'a signature by another key',
  'an overdraft',
  'a transfer to oneself that doubles',
  'money from nowhere in a noop',
  'no authorizations at all',
  'a transfer that is executed twice',
  'fees that are left at the end',
  'a higher fee than was signed',
  'a deposit that goes to another account',
  'a forced exit that pays less',
  'a wrong root between chunks',
  'a wrong root at the end',
  'a theft whose answer is withheld',
  LATE,
  'a theft whose answer is garbage',
  'a theft whose answer is jumping at the end',
];

describe('the adversary against the watcher', () => {
  let arena: Arena;
  before(async () => {
    arena = await Arena.open({ slotsPerChunk: 8, maxChunks: 2 });
  });
  beforeEach(() => arena.assertHonest());

  it('has a name of its own for each lie', () => {
    const names = LIE_KINDS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.deepEqual(
      PLAYED.filter((name) => !names.includes(name)),
      [],
    );
  });

  for (const kind of LIE_KINDS.filter(({ name }) => PLAYED.includes(name))) {
    it(`overturns ${kind.name}`, async () => {
      const { overturned, polls, rule } = await overturn(arena, kind);
      assert.deepEqual([overturned, polls, rule], [true, 1, kind.rule]);
      if (kind.name === LATE) assert.deepEqual(arena.liar.refusedAnswers, ['TooLate']);
    });
  }

  it('overturns lies whose records are in blobs, and leaves honest batches in blobs alone', async () => {
    const inBlobs = await Arena.open({ slotsPerChunk: 8, maxChunks: 2 }, 'blobs');
    const played = ['a signature by another key', 'money from nowhere in a noop', 'a wrong root at the end'];
    for (const kind of LIE_KINDS.filter(({ name }) => played.includes(name))) {
      await inBlobs.assertHonest();
      const { overturned, polls, rule } = await overturn(inBlobs, kind);
      assert.deepEqual([overturned, polls, rule], [true, 1, kind.rule], kind.name);
    }
    await inBlobs.assertHonest();
    assert.deepEqual(await inBlobs.settleHonest(), []);
    assert.equal(inBlobs.honest.length, played.length + 1);
  });

  it('leaves the honest batches between two lies alone', async () => {
    const own = await Arena.open({ slotsPerChunk: 8, maxChunks: 2 });
    for (const kind of LIE_KINDS.filter(({ name }) => PLAYED.slice(0, 2).includes(name))) {
      await own.assertHonest();
      await overturn(own, kind);
    }
    await own.assertHonest();
    assert.deepEqual(await own.settleHonest(), []);
    assert.equal(own.honest.length, 3);
  });
});

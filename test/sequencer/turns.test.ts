import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { Largest } from '../../sequencer/mempool/largest.ts';
import { createTurns, type Source } from '../../sequencer/mempool/turns.ts';
import { property } from '../support/property/property.ts';

const source = (address: string, connection = 1): Source => ({ address, connection });
const FLOOD = source('flood');
const HONEST = source('honest');

describe('Sequencer: turns', () => {
  it('takes one from each address, and again, so that a flood waits behind itself', () => {
    const turns = createTurns<string>(100);
    for (let i = 0; i < 5; i++) turns.add(FLOOD, `f${i}`);
    turns.add(HONEST, 'h0');
    turns.add(HONEST, 'h1');
    assert.deepEqual(turns.take(4), ['f0', 'h0', 'f1', 'h1']);
    assert.deepEqual(turns.take(9), ['f2', 'f3', 'f4']);
    assert.deepEqual([turns.size, turns.take(1)], [0, []]);
  });

  it('gives an address with many connections no more turns than one with one', () => {
    const turns = createTurns<string>(100);
    for (const connection of [1, 2, 3]) turns.add(source('many', connection), `m${connection}`);
    for (const item of ['h0', 'h1', 'h2']) turns.add(HONEST, item);
    assert.deepEqual(turns.take(6), ['m1', 'h0', 'm2', 'h1', 'm3', 'h2']);
  });

  it('takes from the connections of an address in turns, too: behind a proxy all have its address', () => {
    const turns = createTurns<string>(100);
    for (let i = 0; i < 3; i++) turns.add(source('proxy', 1), `f${i}`);
    turns.add(source('proxy', 2), 'h0');
    assert.deepEqual(turns.take(4), ['f0', 'h0', 'f1', 'f2']);
  });

  it('takes the newest place away from whoever has the most when there is no more room', () => {
    const turns = createTurns<string>(3);
    for (let i = 0; i < 3; i++) assert.equal(turns.add(FLOOD, `f${i}`), undefined);
    assert.equal(turns.add(FLOOD, 'f3'), 'f3');
    assert.equal(turns.add(HONEST, 'h0'), 'f2');
    assert.equal(turns.add(HONEST, 'h1'), 'h1');
    assert.deepEqual(turns.take(9), ['f0', 'h0', 'f1']);
  });

  it('takes it from the connection with the most of the address with the most', () => {
    const turns = createTurns<string>(4);
    turns.add(source('proxy', 1), 'quiet');
    for (let i = 0; i < 3; i++) turns.add(source('proxy', 2), `loud${i}`);
    assert.equal(turns.add(HONEST, 'h0'), 'loud2');
  });

  /** How many entries of maps and sets `work` looks at. */
  const looksOf = (work: () => void): number => {
    const iterators = [new Map().entries(), new Set().values()].map((one) => Object.getPrototypeOf(one) as Iterator<0>);
    const originals = iterators.map((iterator) => iterator.next);
    let looks = 0;
    for (const [i, iterator] of iterators.entries()) {
      iterator.next = function (this: Iterator<0>) {
        looks += 1;
        return originals[i]!.call(this);
      };
    }
    try {
      work();
    } finally {
      for (const [i, iterator] of iterators.entries()) iterator.next = originals[i]!;
    }
    return looks;
  };

  for (const [addresses, connections] of [
    [5_000, 1],
    [1, 5_000],
    [50, 100],
  ] as const) {
    it(`finds who has the most of ${addresses} addresses with ${connections} connections without looking at all`, () => {
      const turns = createTurns<string>(5_000);
      for (let i = 0; i < 5_000; i++) turns.add(source(`a${i % addresses}`, i % connections), 'old');
      const looks = looksOf(() => {
        for (let i = 0; i < 100; i++) turns.add(source('list', -1), 'new');
      });
      assert.equal(turns.size, 5_000);
      assert.ok(looks <= 400, String(looks));
    });
  }

  const sources = fc.record({ address: fc.constantFrom('a', 'b', 'c'), connection: fc.constantFrom(1, 2) });
  const steps = fc.array(fc.oneof(sources, fc.integer({ min: 0, max: 6 })), { maxLength: 60 });

  property('loses nothing, never holds more than its limit, and keeps the order of each source', [steps], (list) => {
    const turns = createTurns<{ of: string; number: number }>(8);
    const left: { of: string; number: number }[] = [];
    let number = 0;
    let count = 0;
    for (const step of list) {
      if (typeof step === 'number') {
        left.push(...turns.take(step));
      } else {
        const lost = turns.add(step, { of: `${step.address}${step.connection}`, number: number++ });
        count += lost === undefined ? 1 : 0;
      }
      assert.ok(turns.size <= 8);
      assert.equal(turns.size + left.length, count);
    }
    left.push(...turns.take(100));
    assert.equal(left.length, count);
    assert.equal(new Set(left.map((item) => item.number)).size, count);
    for (const one of new Set(left.map(({ of }) => of))) {
      const numbers = left.filter(({ of }) => of === one).map((item) => item.number);
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      );
    }
  });
});

describe('Sequencer: the largest of many', () => {
  const keys = fc.constantFrom('a', 'b', 'c', 'd');
  const changes = fc.array(fc.tuple(keys, fc.boolean(), keys), { maxLength: 80 });

  property('is what looking through all of them finds, and oneself among equals', [changes], (list) => {
    const numbers = new Map<string, number>();
    const largest = new Largest<string>();
    for (const [key, isMore, own] of list) {
      const number = numbers.get(key) ?? 0;
      if (isMore || number > 0) {
        largest.change(key, number, isMore ? 1 : -1);
        numbers.set(key, number + (isMore ? 1 : -1));
      }
      const most = Math.max(0, ...numbers.values());
      if (most === 0) {
        assert.throws(() => largest.get(own), RangeError);
      } else {
        const found = largest.get(own);
        assert.equal(numbers.get(found), most);
        if (numbers.get(own) === most) assert.equal(found, own);
      }
    }
  });
});

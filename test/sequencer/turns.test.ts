import { strict as assert } from 'node:assert';
import fc from 'fast-check';
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

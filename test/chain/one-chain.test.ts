import { strict as assert } from 'node:assert';
import { type BlockReference, onOneChain, type RollupReader } from '@quittance/chain';

/** Block `number` of a chain; `fork` is where it left the first one. */
function blockOf(number: number, name = 'a', fork = 0): BlockReference {
  const hash = (at: number): string => `0x${at < fork ? 'a' : name}${at}`;
  return { number, hash: hash(number), parentHash: hash(number - 1), timestamp: number };
}

describe('Chain: another chain behind the same URL', () => {
  let texts: Map<string, string>;
  let node: { name: string; fork: number; newest: number };
  let asked: number[];

  /** A reader of what `node` serves, as after a restart. */
  const open = (blockNumber = 3, confirmations = 2): RollupReader => {
    const reader = {
      head: async () => blockOf(node.newest, node.name, node.fork),
      async block(number: number) {
        asked.push(number);
        return number <= node.newest ? blockOf(number, node.name, node.fork) : undefined;
      },
    };
    const meta = { get: (name: string) => texts.get(name), set: (name: string, text: string) => texts.set(name, text) };
    const store = { meta, commit: (change: () => void) => change() };
    return onOneChain(reader as unknown as RollupReader, { store, blockNumber, confirmations });
  };

  beforeEach(() => {
    texts = new Map();
    asked = [];
    node = { name: 'a', fork: 0, newest: 10 };
  });

  it('is refused with L1_WRONG_CHAIN and both hashes while running', async () => {
    const reader = open();
    assert.equal((await reader.head()).number, 10);
    node.name = 'b';
    await assert.rejects(reader.head(), {
      code: 'L1_WRONG_CHAIN',
      data: { number: 3, expected: '0xa3', actual: '0xb3' },
    });
    await assert.rejects(reader.head(), { code: 'L1_WRONG_CHAIN' });
    node.name = 'a';
    assert.equal((await reader.head()).number, 10);
  });

  it('is refused after a restart', async () => {
    await open().head();
    node.name = 'b';
    await assert.rejects(open().head(), { code: 'L1_WRONG_CHAIN' });
  });

  it('is no chain that was reorganized behind the known block', async () => {
    const reader = open();
    await reader.head();
    node = { name: 'b', fork: 4, newest: 9 };
    assert.deepEqual(await reader.head(), blockOf(9, 'b', 4));
  });

  it('is a chain that was reorganized down to the known block', async () => {
    const reader = open();
    await reader.head();
    node = { name: 'b', fork: 3, newest: 11 };
    await assert.rejects(reader.head(), { code: 'L1_WRONG_CHAIN' });
  });

  it('is not known as one while it lacks the block: L1_BEHIND', async () => {
    const reader = open();
    await reader.head();
    node = { name: 'b', fork: 0, newest: 2 };
    await assert.rejects(reader.head(), { code: 'L1_BEHIND', data: { expected: 3, actual: 2 } });
    node.newest = 3;
    await assert.rejects(reader.head(), { code: 'L1_WRONG_CHAIN' });
  });

  it('is not looked for as long as each head follows the last', async () => {
    const reader = open();
    await reader.head();
    asked = [];
    for (const newest of [10, 11, 12]) {
      node.newest = newest;
      await reader.head();
    }
    assert.deepEqual(asked, []);
    node.newest = 14;
    await reader.head();
    assert.deepEqual(asked, [3]);
  });

  it('is looked for after a failure', async () => {
    const reader = open();
    await reader.head();
    const { newest } = node;
    node = { name: 'b', fork: 0, newest: 2 };
    await assert.rejects(reader.head());
    node = { name: 'a', fork: 0, newest };
    asked = [];
    await reader.head();
    assert.deepEqual(asked, [3]);
  });

  it('is compared with no block that a reorg could still take back', async () => {
    node.newest = 3;
    const reader = open();
    await reader.head();
    assert.equal(texts.size, 0);
    node = { name: 'b', fork: 3, newest: 4 };
    await reader.head();
    assert.equal(texts.size, 1);
    await reader.head();
    node.newest = 6;
    await reader.head();
  });
});

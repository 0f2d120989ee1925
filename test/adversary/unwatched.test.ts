import { strict as assert } from 'node:assert';
import { Arena } from '../support/adversary/arena.ts';
import { THEFT } from '../support/adversary/lie-kinds.ts';
import { playOut, tell } from '../support/adversary/match.ts';
import { watch } from '../support/watcher/watch.ts';

describe('the adversary against nobody', () => {
  it('wins with a lie that is seen and not disputed', async () => {
    const arena = await Arena.open({ slotsPerChunk: 8, maxChunks: 2 });
    const { world, liar, tip } = arena;
    const observer = await watch(world, tip);
    const { lie, block, built } = await tell(arena, THEFT);
    const players = {
      ...{ liar, world, challenge: () => observer.poll(), now: () => arena.now() },
      pass: (seconds: number) => arena.pass(seconds),
      costOf: (account: string, from: number) => arena.costOf(account, from),
    };
    const { overturned, polls, transactions } = await playOut(players, lie, block);
    assert.deepEqual([overturned, polls, transactions], [false, 1, 0]);
    await liar.chain.send({ type: 'finalizeBatches', headers: [built.header] });
    await assert.rejects(observer.poll(), { code: 'LIE_FINAL' });
  });
});

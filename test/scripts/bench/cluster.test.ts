import { strict as assert } from 'node:assert';
import { describePostgres } from '../../support/journal/postgres.ts';
import { runBench } from '../../support/process/bench.ts';

describe('./dev bench cluster: its arguments', () => {
  it('name what can happen', async () => {
    const { code, stderr } = await runBench('cluster', ['--fault', 'flood']);
    assert.equal(code, 2);
    assert.match(stderr, /--fault takes one of kill, freeze, .*disk, not flood\nusage: \.\/dev bench cluster/);
  });
});

describePostgres('./dev bench cluster', function () {
  this.timeout(300_000);

  it('goes on when the leader has lost its disk, which begins anew from the journal', async () => {
    const { code, stderr, result } = await runBench('cluster', ['--runs', '1', '--fault', 'disk']);
    assert.equal(code, 0, stderr);
    const { runs, acknowledged, lost, doubled, forks, headersEqual, faults } = result as Record<string, unknown>;
    assert.deepEqual([runs, lost, doubled, forks, headersEqual], [1, 0, 0, 0, true]);
    assert.ok((acknowledged as number) > 20, String(acknowledged));
    assert.deepEqual((faults as Record<string, number>)['disk'], 1);
  });
});

import { strict as assert } from 'node:assert';
import { reorgSection } from '../../scripts/generate/performance/reorg.ts';

const MACHINE = { cpu: 'CPU', cores: 2, memoryBytes: 2 ** 34, ifma: true, node: 'v24', load: 0, date: '2026-11-21' };

describe('scripts/generate: reorgs', () => {
  const result = {
    depths: [1, 7],
    runs: 16,
    takenBack: 5,
    acknowledged: 1_234,
    undone: 6,
    lost: 0,
    doubled: 0,
    halted: 0,
  };

  it('goes to docs/performance.md with the machine', () => {
    const section = reorgSection({ machine: MACHINE, result: { ...result, rootsEqual: true } });
    for (const part of ['1, 7 blocks', 'load 0', '| 16 |', '| 1,234 |', '| lost | 0 |', '| always |']) {
      assert.ok(section.includes(part), part);
    }
    assert.equal(reorgSection(undefined), '');
  });

  it('does not hide that a state differed', () => {
    const section = reorgSection({ machine: MACHINE, result: { ...result, lost: 2, rootsEqual: false } });
    assert.match(section, /\| lost \| 2 \|[\s\S]*\| no \|/);
  });
});

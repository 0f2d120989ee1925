import { strict as assert } from 'node:assert';
import { stateKeysLines } from '../../scripts/bench/parts/state-keys/result.ts';
import { stateKeysSection } from '../../scripts/generate/performance/state-keys.ts';

const MACHINE = { cpu: 'CPU', cores: 2, memoryBytes: 2 ** 34, ifma: true, node: 'v24', load: 0, date: '2026-11-30' };

describe('scripts/generate: states of channels', () => {
  const result = {
    tasks: [
      { task: 'signature', portableMicroseconds: 500, nativeMicroseconds: 50 },
      { task: 'hash, 8 HTLCs', portableMicroseconds: 100.44, nativeMicroseconds: 15 },
    ],
  };

  it('go to docs/performance.md with the machine and the ratio', () => {
    const section = stateKeysSection({ machine: MACHINE, result });
    for (const part of ['load 0', '| signature | 500.0 µs | 50.0 µs | 10.0 |', '| 100.4 µs | 15.0 µs | 6.7 |']) {
      assert.ok(section.includes(part), part);
    }
    assert.equal(stateKeysSection(undefined), '');
  });

  it('are lines for people', () => {
    const [line] = stateKeysLines(result);
    assert.match(line!, /^signature +in JavaScript 500\.0 µs, by the addon 50\.0 µs: 10\.0 times as fast$/);
  });
});

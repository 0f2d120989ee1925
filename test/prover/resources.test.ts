import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { RollupError } from '@quittance/protocol';
import { nativeProofNeeds, nativeSetupNeeds, nativeZkeyNeeds, requireResources } from '../../prover/resources.ts';
import type { Layout } from '../../prover/tiling/layout.ts';
import { silentLogger } from '../../runtime/index.ts';

describe('prover: what a task takes', () => {
  /** 1,004 slots: the largest profile. */
  const layout: Layout = {
    version: 1,
    wireCount: 16_733_000,
    publicCount: 9,
    constraintCount: 16_699_000,
    tiles: [],
    zeroWires: [],
  };

  const lines: string[] = [];
  const logger = { ...silentLogger, info: (message: string) => void lines.push(message) };
  beforeEach(() => {
    lines.length = 0;
  });

  it('is bounded for the largest profile: a setup within 4 GB of memory and 8 GB of disk, a proof within 8 GB', () => {
    const { memoryBytes, diskBytes } = nativeSetupNeeds(layout);
    assert.ok(memoryBytes < 4e9 && diskBytes < 8e9, `${memoryBytes}, ${diskBytes}`);
    assert.ok(nativeZkeyNeeds(layout).diskBytes > diskBytes);
    assert.ok(nativeProofNeeds(layout).memoryBytes < 8e9);
  });

  it('is said before it starts', async () => {
    await requireResources('the setup of x', { memoryBytes: 1.5e9, diskBytes: 1 }, tmpdir(), logger);
    assert.deepEqual(lines, ['the setup of x needs up to 1.5 GB of memory and 0.0 GB of disk']);
  });

  it('is not said when it is little', async () => {
    await requireResources('a toy', { memoryBytes: 1, diskBytes: 1 }, tmpdir(), logger);
    assert.deepEqual(lines, []);
  });

  for (const [resource, needs] of [
    ['memory', { memoryBytes: 1e18, diskBytes: 0 }],
    ['disk', { memoryBytes: 0, diskBytes: 1e18 }],
  ] as const) {
    it(`is refused when ${resource} is short, with what is needed and what there is`, async () => {
      await assert.rejects(requireResources('the setup of x', needs, tmpdir(), logger), (error) => {
        assert.ok(error instanceof RollupError && error.code === 'RESOURCES_SHORT');
        assert.equal(error.data['resource'], resource);
        assert.equal(error.data['expected'], 1e18);
        assert.ok(Number(error.data['actual']) > 0);
        return true;
      });
    });
  }
});

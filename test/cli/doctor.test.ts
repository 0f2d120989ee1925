import { strict as assert } from 'node:assert';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkCargo,
  checkContracts,
  checkDependencies,
  checkDisk,
  checkKeys,
  checkNative,
  checkNode,
} from '../../cli/doctor/checks.ts';
import { checkL1 } from '../../cli/doctor/l1-checks.ts';
import { rawBlock } from '../support/l1/raw-block.ts';
import { startRpcStub } from '../support/l1/rpc-stub.ts';

/** Neither it nor a folder above it has anything of ours. */
const NOWHERE = join(tmpdir(), 'quittance-nowhere');

describe('CLI: the doctor', () => {
  it('knows which Node.js is too old', () => {
    for (const [version, state] of [
      ['20.19.0', 'failed'],
      ['22.12.9', 'failed'],
      ['22.13.0', 'ok'],
      ['23.0.0', 'ok'],
      ['24.1.0', 'ok'],
    ] as const) {
      assert.equal(checkNode(version).state, state, version);
    }
  });

  it('says what to do about everything that is missing', async () => {
    const findings = [
      checkNode('18.0.0'),
      checkNative('the addon is not built'),
      checkDependencies(NOWHERE),
      checkContracts(NOWHERE),
      checkKeys(NOWHERE),
    ];
    for (const { name, state, advice } of findings) {
      assert.notEqual(state, 'ok', name);
      assert.ok(advice !== undefined && advice.length > 10, name);
    }
    assert.ok(['ok', 'warning'].includes((await checkCargo()).state));
    assert.match((await checkDisk()).detail, /GiB free/);
  });

  it('warns of an L1 with value that has stopped, not of a local one without blocks', async () => {
    const now = 1_800_000_000;
    for (const [chainId, age, state] of [
      ['0x1', 601, 'warning'],
      ['0x1', 12, 'ok'],
      ['0x7a69', 100_000, 'ok'],
    ] as const) {
      const l1 = await startRpcStub(({ method }) =>
        method === 'eth_chainId' ? chainId : rawBlock({ number: 5, timestamp: now - age }),
      );
      try {
        const { findings, error } = await checkL1({ url: l1.url, expected: undefined, contract: undefined }, now);
        assert.equal(error, undefined);
        assert.deepEqual(
          findings.map((finding) => finding.state),
          [state],
        );
      } finally {
        await l1.stop();
      }
    }
  });

  it('reports an L1 that answers nonsense as a finding too', async () => {
    const l1 = await startRpcStub(({ method }) => (method === 'eth_chainId' ? '0x1' : { number: 'five' }));
    try {
      const { findings, error } = await checkL1({ url: l1.url, expected: undefined, contract: undefined }, 0);
      assert.equal(error?.code, 'L1_UNREACHABLE');
      assert.equal(findings[0]?.state, 'failed');
    } finally {
      await l1.stop();
    }
  });

  it('reports an L1 that does not answer as a finding with its error', async () => {
    const settings = { url: 'http://127.0.0.1:9', expected: undefined, contract: undefined };
    const { findings, error } = await checkL1(settings, 0);
    assert.equal(error?.code, 'L1_UNREACHABLE');
    assert.equal(findings[0]?.state, 'failed');
  });
});

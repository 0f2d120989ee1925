/** The commands of a ceremony on a toy circuit: snarkjs needs too long for ours. */

import { strict as assert } from 'node:assert';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { curves, powersOfTau } from 'snarkjs';
import {
  assertContributed,
  closeSnarkjs,
  decodeVerifyingKey,
  readCeremonyKey,
  startCeremony,
  type TiledSystem,
  verifyCeremony,
} from '../../prover/index.ts';
import { toyChain } from '../prover/fixtures/toy.ts';
import { runCli } from '../support/process/cli.ts';

/** The toy needs 2^5. */
const POWER = 6;

describe('CLI: a ceremony', function () {
  this.timeout(180_000);
  let folder: string;
  let tiled: TiledSystem;
  let r1csPath: string;
  const at = (name: string): string => join(folder, name);
  const ceremony = (...args: string[]) => runCli(['ceremony', ...args]);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-ceremony-'));
    const curve = await curves.getCurveFromName('bn128');
    await powersOfTau.newAccumulator(curve, POWER, at('empty.ptau'));
    await powersOfTau.contribute(at('empty.ptau'), at('raw.ptau'), 'test', 'not secret');
    await powersOfTau.preparePhase2(at('raw.ptau'), at('tau.ptau'));
    await closeSnarkjs();
    tiled = await toyChain(2);
    ({ r1csPath } = await startCeremony(tiled, at('tau.ptau'), folder));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('takes contributions and a beacon, after which the key verifies', async () => {
    const one = await ceremony(
      'contribute',
      '--key',
      at('chunk_0000.zkey'),
      '--new-key',
      at('1.zkey'),
      '--name',
      'one',
    );
    assert.equal(one.code, 0, one.stderr);
    const beacon = await ceremony(
      'beacon',
      '--key',
      at('1.zkey'),
      '--new-key',
      at('2.zkey'),
      '--beacon',
      '07'.repeat(16),
    );
    assert.equal(beacon.code, 0, beacon.stderr);
    await verifyCeremony({ r1csPath, zkeyPath: at('2.zkey') }, at('tau.ptau'));
    assertContributed(decodeVerifyingKey(await readCeremonyKey(at('2.zkey'), tiled)));
  });

  it('draws the secret of each contribution anew', async () => {
    for (const name of ['a.zkey', 'b.zkey']) {
      const { code, stderr } = await ceremony(
        'contribute',
        '--key',
        at('chunk_0000.zkey'),
        '--new-key',
        at(name),
        '--name',
        'x',
      );
      assert.equal(code, 0, stderr);
    }
    const [a, b] = await Promise.all(['a.zkey', 'b.zkey'].map((name) => readCeremonyKey(at(name), tiled)));
    assert.notDeepEqual(a!.vk_delta_2, b!.vk_delta_2);
  });

  it('writes over no file and goes on from none that is missing', async () => {
    const over = await ceremony(
      'contribute',
      '--key',
      at('chunk_0000.zkey'),
      '--new-key',
      at('tau.ptau'),
      '--name',
      'x',
    );
    assert.equal(over.code, 2, over.stderr);
    assert.match(over.stderr, /exists already/);
    const missing = await ceremony('contribute', '--key', at('no.zkey'), '--new-key', at('c.zkey'), '--name', 'x');
    assert.equal(missing.code, 2, missing.stderr);
    assert.ok(!existsSync(at('c.zkey')));
  });

  it('refuses a beacon that is no hexadecimal', async () => {
    const beacon = ['--key', at('chunk_0000.zkey'), '--new-key', at('y.zkey'), '--beacon', 'no hexadecimal'];
    const refused = await ceremony('beacon', ...beacon);
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /BEACON_INVALID/);
  });

  it('refuses a key of another circuit than ours', async () => {
    const { code, stdout, stderr } = await ceremony(
      ...['verify', '--profile', 'quick', '--ptau', at('tau.ptau'), '--key', at('chunk_0000.zkey')],
    );
    assert.equal(code, 2, stderr);
    assert.match(stderr, /another circuit/);
    assert.equal(stdout, '');
  });
});

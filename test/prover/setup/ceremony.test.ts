import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SnarkjsBackend } from '../../../prover/backends/snarkjs.ts';
import { readCeremonyKey } from '../../../prover/keys/ceremony-key.ts';
import { decodeVerifyingKey } from '../../../prover/keys/verifying-key.ts';
import {
  applyBeacon,
  type CeremonyFiles,
  contribute,
  startCeremony,
  verifyCeremony,
} from '../../../prover/setup/ceremony.ts';
import { type TiledSystem, writeLayout } from '../../../prover/tiling/layout.ts';
import { verifyProof } from '../../../prover/verify.ts';
import { assertRejects } from '../../support/assertions.ts';
import { temporaryFolder } from '../fixtures/folder.ts';
import { makePowersOfTau } from '../fixtures/powers-of-tau.ts';
import { toyChain, toyGenerator, toyInputs, toyValues } from '../fixtures/toy.ts';

/** 2 steps: 11·2 + 1 + 1 constraints fit 2^5; the toy powers of tau reach 2^6. */
const POWER = 6;

describe('prover/setup: the ceremony', function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder(), name);
  let tiled: TiledSystem;
  let files: CeremonyFiles;
  let final: CeremonyFiles;

  before(async () => {
    tiled = await toyChain(2);
    await makePowersOfTau(POWER, at('tau.ptau'), at);
    files = await startCeremony(tiled, at('tau.ptau'), folder());
    await contribute(files.zkeyPath, at('one.zkey'), 'one', 'entropy of a test, not secret');
    await applyBeacon(at('one.zkey'), at('final.zkey'), 'beacon', `${'00'.repeat(31)}07`);
    final = { ...files, zkeyPath: at('final.zkey') };
  });

  it('verifies a key with a contribution and a beacon, and its proofs verify', async () => {
    await verifyCeremony(final, at('tau.ptau'));
    const key = await readCeremonyKey(final.zkeyPath, tiled);
    assert.equal(key.development, undefined);
    const generator = await toyGenerator();
    const layoutPath = at('layout.json');
    await writeLayout(layoutPath, tiled.layout);
    const witness = await generator.generate(tiled, toyInputs(3n, [1n, 2n]));
    await generator.close();
    const backend = new SnarkjsBackend();
    const { proof } = await backend.prove({ layoutPath, provingKeyPath: final.zkeyPath, witness });
    await verifyProof(decodeVerifyingKey(key), [toyValues(3n, [1n, 2n]).digest, 3n], proof);
  });

  it('refuses a key that nobody contributed to, at verification and at use', async () => {
    await assertRejects(verifyCeremony(files, at('tau.ptau')), 'INSECURE_KEY');
    await assertRejects(readCeremonyKey(files.zkeyPath, tiled), 'INSECURE_KEY');
  });

  it('refuses a key of another circuit', async () => {
    const other = await toyChain(3);
    const { r1csPath } = await startCeremony(other, at('tau.ptau'), folder());
    await copyFile(r1csPath, at('other.r1cs'));
    await assertRejects(verifyCeremony({ ...final, r1csPath: at('other.r1cs') }, at('tau.ptau')), 'INSECURE_KEY');
    await assertRejects(readCeremonyKey(final.zkeyPath, other), 'KEY_OF_ANOTHER_CIRCUIT');
  });

  it('refuses a key made from other powers of tau', async () => {
    await startCeremony(tiled, at('tau.ptau'), folder());
    await makePowersOfTau(POWER, at('other.ptau'), at);
    await assertRejects(verifyCeremony(final, at('other.ptau')), 'INSECURE_KEY');
  });

  it('refuses powers of tau that are too few or not prepared, and a beacon that is no hex', async () => {
    await makePowersOfTau(3, at('small.ptau'), at);
    await assertRejects(startCeremony(tiled, at('small.ptau'), folder()), 'POWERS_OF_TAU_UNSUITABLE');
    await assertRejects(startCeremony(tiled, at(`raw${POWER}.ptau`), folder()), 'POWERS_OF_TAU_UNSUITABLE');
    await assertRejects(applyBeacon(at('one.zkey'), at('x.zkey'), 'beacon', 'xyz'), 'BEACON_INVALID');
  });
});

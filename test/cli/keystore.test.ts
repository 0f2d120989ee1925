import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Wallet } from 'ethers';
import { addressOfKeystore, openKeystore } from '../../cli/l1/keystore.ts';
import { UsageError } from '../../cli/process/errors.ts';
import { createOutput } from '../../cli/process/output.ts';
import { writePrivate } from '../support/process/cli.ts';
import { loadVectors } from '../support/vectors.ts';

interface KeystoreVector {
  readonly name: string;
  readonly password: string;
  /** Bare hexadecimal digits. */
  readonly privateKey: string;
  readonly json: { readonly crypto: { readonly kdfparams: { readonly n?: number; readonly r?: number } } };
}

/** RFC 7914, section 2: the cost must be below 2^(128·r/8). ethers refuses others, which geth's own test does not. */
const isScryptAllowed = ({ n = 0, r = 0 }) => n < 2 ** (16 * r) || n === 0;

describe('CLI: keystores that others wrote', () => {
  const { keystore_v3: vectors } = loadVectors<{ keystore_v3: readonly KeystoreVector[] }>('wallet_derivation');
  const output = createOutput({ json: false, quiet: true, color: false, stdout: () => {}, stderr: () => {} });
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-keystore-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { name, password, privateKey, json } of vectors) {
    const opens = privateKey.length === 64 && isScryptAllowed(json.crypto.kdfparams);
    it(`${opens ? 'opens' : 'refuses'} ${name}`, async () => {
      const opened = openKeystore(
        {
          keystore: writePrivate(folder, `${name}.json`, JSON.stringify(json)),
          passwordFile: writePrivate(folder, `${name}.password`, password),
        },
        output,
      );
      if (opens) assert.equal((await opened).privateKey, `0x${privateKey}`);
      else await assert.rejects(opened, UsageError);
    });
  }

  it('have an address for who only looks: what they say, and else the key’s', async () => {
    const one = vectors.find(({ json }) => isScryptAllowed(json.crypto.kdfparams));
    const { address } = new Wallet(`0x${one!.privateKey}`);
    const says = { ...one!.json, address: address.slice(2).toLowerCase() };
    const looked = (name: string, content: string, password?: string) =>
      addressOfKeystore(
        {
          keystore: writePrivate(folder, `look-${name}`, content),
          passwordFile: password === undefined ? undefined : writePrivate(folder, `look-${name}.password`, password),
        },
        output,
      );
    assert.equal(await looked('says', JSON.stringify(says)), address);
    assert.equal(await looked('bare', one!.privateKey), address);
    const silent = JSON.stringify({ ...one!.json, address: undefined });
    assert.equal(await looked('silent', silent, one!.password), address);
    await assert.rejects(looked('nonsense', 'nonsense'), UsageError);
  });
});

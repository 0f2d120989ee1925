import assert from 'node:assert/strict';
import { packageOf, packagesIn } from '../../scripts/pack/imports.ts';
import {
  commandManifest,
  libraryManifest,
  type Manifest,
  nativeManifest,
  platformName,
  rangesOf,
} from '../../scripts/pack/manifest.ts';
import { ownPlatform, parsePlatform } from '../../scripts/pack/native.ts';

const ROOT: Manifest = {
  name: 'quittance',
  version: '1.2.3',
  description: 'the command',
  license: 'GPL-3.0-or-later',
  engines: { node: '>=22.13' },
};
const SOURCE: Manifest = {
  name: '@quittance/sdk',
  version: '1.2.3',
  license: 'GPL-3.0-or-later',
  exports: { '.': './index.ts', './testing': './testing/index.ts' },
  dependencies: { '@quittance/rpc': '1.2.3', typebox: '1.4.3' },
  peerDependencies: { ethers: '^6.17.0', viem: '^2.0.0' },
  peerDependenciesMeta: { viem: { optional: true } },
};

describe('the manifest of a published library', () => {
  it('has the entries of the tree, compiled, types before code', () => {
    const { exports } = libraryManifest(SOURCE, ROOT) as { exports: Record<string, Record<string, object>> };
    assert.deepEqual(Object.keys(exports), ['.', './testing', './package.json']);
    assert.deepEqual(Object.entries(exports['./testing']!['import']!), [
      ['types', './dist/testing/index.d.mts'],
      ['default', './dist/testing/index.mjs'],
    ]);
    assert.deepEqual(Object.entries(exports['.']!['require']!), [
      ['types', './dist/index.d.cts'],
      ['default', './dist/index.cjs'],
    ]);
  });

  it('has carets for what others wrote, and our own version exactly', () => {
    assert.deepEqual(rangesOf({ typebox: '1.4.3', '@quittance/rpc': '1.2.3', ranged: '>=2' }), {
      typebox: '^1.4.3',
      '@quittance/rpc': '1.2.3',
      ranged: '>=2',
    });
  });

  it('is private no more, and hands on its peers', () => {
    const manifest = libraryManifest({ ...SOURCE, private: true } as Manifest, ROOT);
    assert.equal('private' in manifest, false);
    assert.deepEqual(manifest['peerDependencies'], SOURCE.peerDependencies);
    assert.deepEqual(manifest['peerDependenciesMeta'], SOURCE.peerDependenciesMeta);
  });

  it('names the repository where the tree does, with the folder', () => {
    assert.equal('repository' in libraryManifest(SOURCE, ROOT), false);
    const repository = { type: 'git', url: 'git+https://example.org/quittance.git' };
    const manifest = libraryManifest(SOURCE, { ...ROOT, repository });
    assert.deepEqual(manifest['repository'], { ...repository, directory: 'packages/sdk' });
  });

  it('is not made of a package without an entry', () => {
    const { exports, ...closed } = SOURCE;
    assert.ok(exports !== undefined);
    assert.throws(() => libraryManifest(closed, ROOT), /exports nothing/);
  });
});

describe('the manifest of the command', () => {
  const parts = { versions: { ethers: '6.17.0' }, imported: ['ethers'], platforms: [], files: ['cli'] };

  it('depends on exactly what it imports, in the versions that were tested', () => {
    const versions = { ...parts.versions, unused: '1.0.0' };
    assert.deepEqual(commandManifest(ROOT, { ...parts, versions })['dependencies'], { ethers: '6.17.0' });
  });

  it('has addons as packages that may fail to install', () => {
    const platforms = [parsePlatform('linux-x64-gnu'), parsePlatform('darwin-arm64')];
    const manifest = commandManifest(ROOT, { ...parts, platforms });
    assert.deepEqual(manifest['optionalDependencies'], {
      '@quittance/native-linux-x64-gnu': '1.2.3',
      '@quittance/native-darwin-arm64': '1.2.3',
    });
    assert.equal('optionalDependencies' in commandManifest(ROOT, parts), false);
  });

  it('is not made when it imports what nothing depends on', () => {
    assert.throws(() => commandManifest(ROOT, { ...parts, imported: ['ethers', 'left-pad'] }), /left-pad/);
  });
});

describe('the platform of an addon', () => {
  for (const name of ['linux-x64-gnu', 'linux-arm64-musl', 'darwin-arm64', 'win32-x64']) {
    it(`is read from its name and written the same: ${name}`, () => {
      assert.equal(platformName(parsePlatform(name)), name);
    });
  }

  for (const name of ['linux-x64', 'darwin-arm64-gnu', 'beos-x64', 'linux', '']) {
    it(`is refused where the name tells none: ${JSON.stringify(name)}`, () => {
      assert.throws(() => parsePlatform(name), /names no platform/);
    });
  }

  it('keeps npm from installing it elsewhere', () => {
    const { os, cpu, libc, name } = nativeManifest(parsePlatform('linux-x64-gnu'), ROOT);
    assert.deepEqual(
      { os, cpu, libc, name },
      {
        os: ['linux'],
        cpu: ['x64'],
        libc: ['glibc'],
        name: '@quittance/native-linux-x64-gnu',
      },
    );
  });

  it('is known of this machine', () => {
    assert.equal(parsePlatform(platformName(ownPlatform())).os, process.platform);
  });
});

describe('the packages that a file asks for', () => {
  it('are found in every form of asking, and not in comments', () => {
    const text = [
      "import { a } from '@noble/hashes/sha2.js';",
      'export * from "ethers";',
      "const b = require('circom2/package.json'), c = require.resolve('circomlib/package.json');",
      "const d = await import('micro-eth-signer/kzg.js');",
      "type E = import('typebox').TSchema;",
      "/** import { f } from 'commented'; */",
      "// import { g } from 'remarked';",
    ].join('\n');
    const expected = ['@noble/hashes', 'circom2', 'circomlib', 'ethers', 'micro-eth-signer', 'typebox'];
    assert.deepEqual([...packagesIn(text)].sort(), expected);
  });

  it('are no files, and nothing of Node', () => {
    for (const specifier of ['./a.js', '/a.js', 'node:fs', 'fs', 'file:///a', 'data:text/javascript,0']) {
      assert.equal(packageOf(specifier), undefined, specifier);
    }
  });
});

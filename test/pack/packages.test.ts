import assert from 'node:assert/strict';
import { existsSync, globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { LIBRARIES } from '../../scripts/pack/library.ts';
import type { Manifest } from '../../scripts/pack/manifest.ts';
import type { Tarball } from '../../scripts/pack/tarball.ts';
import { itNative } from '../support/native.ts';
import { callL1, type InstalledDevnet, startInstalledDevnet } from '../support/pack/devnet.ts';
import { Machine } from '../support/pack/machine.ts';
import { codeBlocksOf, librariesOf, packAll, stagedFolder, toolPath } from '../support/pack/packages.ts';

/** What a page may weigh that derives a key, signs, sends and reads. */
const MAX_PAGE_BYTES = 150_000;

/** What the programs of test/pack/fixtures write. */
interface Paid {
  readonly ids: readonly string[];
  readonly status: string;
}
interface Journey {
  readonly statuses: readonly string[];
  readonly gained: string;
  readonly paid: readonly (readonly [kind: string, symbol: string, amount: string])[];
  readonly entries: number;
}
interface Left {
  readonly state: string;
  readonly exodusAt?: number;
  readonly paid: readonly {
    readonly kind: string;
    readonly token: { readonly symbol: string };
    readonly amount: string;
  }[];
}

describe('the packages that are published', function () {
  this.timeout(600_000);
  const machine = new Machine();
  let tarballs: readonly Tarball[];
  /** Where a new user installed all of them. */
  let folder: string;

  before(async () => {
    tarballs = await packAll();
    folder = await machine.install('app', tarballs);
  });
  after(() => machine.remove());

  const manifestOf = (tarball: Tarball) =>
    JSON.parse(readFileSync(join(stagedFolder(tarball), 'package.json'), 'utf8')) as Manifest & { private?: boolean };
  const command = () => tarballs.find(({ name }) => name === 'quittance')!;
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

  it('are the five libraries and the command, each with its license, its README and its manifest', () => {
    const libraries = librariesOf(tarballs);
    assert.deepEqual(libraries.map(({ name }) => name).sort(), LIBRARIES.map((name) => `@quittance/${name}`).sort());
    for (const tarball of [...libraries, command()]) {
      for (const file of ['LICENSE', 'README.md', 'package.json']) {
        assert.ok(existsSync(join(stagedFolder(tarball), file)), `${tarball.name} has no ${file}`);
      }
      const manifest = manifestOf(tarball);
      assert.equal(manifest.private, undefined);
      assert.equal(manifest.license, 'GPL-3.0-or-later');
    }
  });

  it('ask for no package that is not published', () => {
    const published = tarballs.map(({ name }) => name);
    for (const tarball of tarballs) {
      const { dependencies = {}, peerDependencies = {} } = manifestOf(tarball);
      for (const [name, range] of Object.entries({ ...dependencies, ...peerDependencies })) {
        assert.doesNotMatch(range, /^(?:file|link|workspace):/, `${tarball.name} asks for ${name}@${range}`);
        if (name.startsWith('@quittance/')) assert.ok(published.includes(name), `${tarball.name} asks for ${name}`);
      }
    }
  });

  it('pass publint without a word', async () => {
    for (const tarball of tarballs) {
      const { messages, pkg } = await publint({ pkgDir: stagedFolder(tarball), strict: true, pack: false });
      assert.deepEqual(
        messages.map((message) => formatMessage(message, pkg)),
        [],
        tarball.name,
      );
    }
  });

  it('have types that are right for each way of importing, says attw', async () => {
    for (const tarball of librariesOf(tarballs)) {
      // Without the algorithm of Node 10, which knows no entries but the main one.
      const parameters = [tarball.path, '--profile', 'node16', '--format', 'json'];
      const { code, stdout, stderr } = await machine.run(toolPath('attw'), parameters, folder);
      const { problems } = JSON.parse(stdout) as { problems?: unknown };
      assert.equal(code, 0, `${tarball.name}: ${JSON.stringify(problems)}${stderr}`);
    }
  });

  it('are imported by a module', async () => {
    write(
      'module.mjs',
      `import { createKeyPair, signIntent } from '@quittance/sdk';
       import { isRollupError, portableHasher } from '@quittance/protocol';
       import { METHODS } from '@quittance/rpc';
       import { createProvider } from '@quittance/chain';
       import { rebuildRollup } from '@quittance/derivation';
       const { publicKey } = createKeyPair(new Uint8Array(32).fill(7));
       const parts = [signIntent, isRollupError, METHODS.rollup_getAccount, createProvider, rebuildRollup];
       console.log(String(portableHasher.hash([publicKey.x, publicKey.y])), parts.every(Boolean));`,
    );
    const { code, stdout, stderr } = await machine.run('node', ['module.mjs'], folder);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\d{70,} true\n$/);
  });

  it('are required by a script, where errors are those that a module knows too', async () => {
    write(
      'script.cjs',
      `const { createKeyPair, createClient } = require('@quittance/sdk');
       const { portableHasher, isRollupError } = require('@quittance/protocol');
       const parts = ['rpc', 'chain', 'derivation'].map((name) => require('@quittance/' + name));
       const { publicKey } = createKeyPair(new Uint8Array(32).fill(7));
       const error = createClient({ url: 'http://127.0.0.1:1' }).call('rollup_getConfig', {}).catch((error) => error);
       Promise.all([error, import('@quittance/protocol')]).then(([error, modern]) => {
         const isSame = isRollupError(error, 'RPC_UNREACHABLE') && modern.isRollupError(error, 'RPC_UNREACHABLE');
         console.log(String(portableHasher.hash([publicKey.x, publicKey.y])), parts.length, isSame);
       });`,
    );
    const { code, stdout, stderr } = await machine.run('node', ['script.cjs'], folder);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\d{70,} 3 true\n$/);
  });

  for (const [how, options] of [
    ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ] as const) {
    it(`are checked by a strict compiler, with our declarations, with resolution "${how}"`, async () => {
      const project = join(folder, how);
      mkdirSync(project, { recursive: true });
      writeFileSync(join(project, 'program.mts'), readFileSync('test/pack/fixtures/program.ts'));
      writeFileSync(
        join(project, 'script.cts'),
        `import sdk = require('@quittance/sdk');\nexport const key: sdk.KeyPair = sdk.createKeyPair(new Uint8Array(32));\n`,
      );
      LIBRARIES.forEach((name) => {
        codeBlocksOf(`packages/${name}/README.md`).forEach((code, index) => {
          writeFileSync(join(project, `readme-${name}-${index}.mts`), code);
        });
      });
      const strict = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false };
      const compilerOptions = { ...options, ...strict, target: 'es2023', lib: ['es2023', 'dom'], types: [] };
      const include = how === 'bundler' ? ['*.mts'] : ['*.mts', '*.cts'];
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
      const { stdout } = await machine.run(toolPath('tsc'), ['-p', project], folder);
      // Declarations of @types/node that ethers brings do not pass this compiler; ours and those of all others do.
      const faults = stdout
        .split('\n')
        .filter((line) => /^\S/.test(line) && !line.startsWith('node_modules/@types/node/'));
      assert.deepEqual(faults, []);
    });
  }

  it(`make a page of at most ${MAX_PAGE_BYTES.toLocaleString('en')} bytes, compressed, with nothing of Node`, async () => {
    const page = join(folder, 'page');
    mkdirSync(page, { recursive: true });
    writeFileSync(join(page, 'index.html'), '<button>pay</button><script type="module" src="./page.ts"></script>');
    writeFileSync(join(page, 'page.ts'), readFileSync('test/pack/fixtures/page.ts'));
    const { code, stdout, stderr } = await machine.run(toolPath('vite', 'explorer'), ['build', page], folder);
    assert.equal(code, 0, stdout + stderr);
    const scripts = globSync('dist/assets/*.js', { cwd: page }).map((path) => readFileSync(join(page, path)));
    const bytes = scripts.reduce((sum, script) => sum + gzipSync(script, { level: 9 }).length, 0);
    assert.ok(bytes > 10_000 && bytes <= MAX_PAGE_BYTES, `${bytes} bytes`);
    console.log(`      ${bytes.toLocaleString('en')} bytes`);
    for (const script of scripts)
      assert.doesNotMatch(script.toString(), /__vite-browser-external|require\("node:|from"node:/);
  });

  it('have no TypeScript to run, and sources for the debugger', () => {
    for (const tarball of [...librariesOf(tarballs), command()]) {
      const sources = globSync('**/*.ts', { cwd: stagedFolder(tarball) }).filter((path) => !/\.d\.[cm]?ts$/.test(path));
      assert.deepEqual(sources, [], tarball.name);
      assert.ok(globSync('**/*.map', { cwd: stagedFolder(tarball) }).length > 5, tarball.name);
    }
  });

  describe('the command', () => {
    it('says its version and what it can do', async () => {
      const version = await machine.npx(folder, 'quittance', '--version');
      assert.deepEqual(version, { code: 0, stdout: `${command().version}\n`, stderr: '' });
      const help = await machine.npx(folder, 'quittance', '--help');
      assert.equal(help.code, 0, help.stderr);
      for (const name of ['deploy', 'sequencer', 'wallet', 'watch', 'rebuild'])
        assert.match(help.stdout, new RegExp(`^ +${name}\\b`, 'm'));
    });

    it('finds everything that it needs, as its doctor sees it', async () => {
      const { code, stdout, stderr } = await machine.npx(folder, 'quittance', 'doctor', '--json');
      assert.equal(code, 0, stderr);
      const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string; detail: string }[] };
      const states = Object.fromEntries(findings.map(({ name, state }) => [name, state]));
      assert.equal(states['dependencies'], 'ok');
      assert.equal(states['contracts'], 'ok');
      assert.equal(states['cargo'], undefined, 'nobody needs it here');
      assert.ok(!/\.\/dev|repository/.test(stdout), stdout);
    });

    itNative('has the native core where there is a package of it', async () => {
      const { stdout } = await machine.npx(folder, 'quittance', 'doctor', '--json');
      assert.match(stdout, /"native core","state":"ok"/);
    });

    it('makes a key, and an address to be paid at', async () => {
      writeFileSync(join(folder, 'password'), 'correct horse battery staple', { mode: 0o600 });
      const files = ['--keystore', 'key.json', '--password-file', 'password'];
      const { code, stdout, stderr } = await machine.npx(folder, 'quittance', 'wallet', 'new', ...files, '--json');
      assert.equal(code, 0, stderr);
      assert.match(stdout, /0x[0-9a-fA-F]{40}/);
      assert.ok(existsSync(join(folder, 'key.json')));
    });

    describe('runs a devnet, on which a user', () => {
      let devnet: InstalledDevnet;
      /** L1, once the devnet is gone. */
      let l1: LocalChain | undefined;
      before(async () => {
        for (const name of ['pays', 'journey', 'posts', 'leaves']) {
          writeFileSync(join(folder, `${name}.mjs`), readFileSync(`test/pack/fixtures/${name}.mjs`));
        }
        devnet = await startInstalledDevnet(machine, folder);
      });
      after(async () => {
        await devnet?.stop();
        await l1?.stop();
      });

      it('sees the explorer', async () => {
        const { explorerUrl } = devnet.place;
        assert.ok(explorerUrl !== null);
        const page = await fetch(explorerUrl);
        assert.equal(page.status, 200);
        assert.match(await page.text(), /<script type="module"/);
      });

      it('pays 500 times from two processes at once, deposits, withdraws, is paid on L1, and forces an exit', async () => {
        const [one, two, journey] = await Promise.all([
          devnet.ask<Paid>('pays.mjs', '250'),
          devnet.ask<Paid>('pays.mjs', '250'),
          devnet.ask<Journey>('journey.mjs'),
        ]);
        assert.equal(new Set([...one.ids, ...two.ids]).size, 500);
        assert.deepEqual([one.status, two.status], ['final', 'final']);
        assert.deepEqual(journey.statuses, ['final', 'final', 'final']);
        assert.equal(journey.gained, String(10n ** 18n), 'what was deposited, and not more');
        assert.ok(
          journey.paid.some(
            ([kind, symbol, amount]) => kind === 'withdrawal' && symbol === 'ETH' && amount === String(3n * 10n ** 17n),
          ),
        );
        assert.ok(
          journey.paid.some(([, symbol]) => symbol === 'DUSD'),
          'the account whose exit was forced',
        );
        assert.ok(journey.entries >= 2, `${journey.entries} entries in the history`);
      });

      it('leaves with L1 alone when the server is gone, though a batch still waits there to become final', async () => {
        await devnet.ask('posts.mjs');
        assert.equal(await devnet.stop(), 0);
        l1 = await startAnvil({ stateFile: devnet.l1State });
        const asked = await devnet.ask<Left>('leaves.mjs', l1.url);
        assert.equal(asked.state, 'requested');
        await callL1(l1.url, 'evm_increaseTime', asked.exodusAt! - Math.floor(Date.now() / 1000) + 60);
        await callL1(l1.url, 'evm_mine');
        const left = await devnet.ask<Left>('leaves.mjs', l1.url);
        assert.equal(left.state, 'paid');
        const accounts = left.paid.filter(({ kind }) => kind === 'account');
        assert.deepEqual(accounts.map(({ token }) => token.symbol).sort(), ['DUSD', 'ETH']);
        assert.ok(accounts.every(({ amount }) => BigInt(amount) > 0n));
      });
    });

    it('weighs no more than a download should', () => {
      const { bytes } = command();
      // Half of it is the setup of blobs, once for the explorer's page and once for its worker.
      assert.ok(bytes < 8_000_000, `${bytes} bytes`);
      assert.ok(statSync(command().path).size === bytes);
    });
  });
});

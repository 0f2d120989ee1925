import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checkout, type DevResult, type Machine } from '../support/process/checkout.ts';

describe('./dev', () => {
  const checkouts: Checkout[] = [];
  afterEach(() => {
    for (const checkout of checkouts.splice(0)) checkout.remove();
  });
  const checkOut = (name = 'quittance', machine?: Machine): Checkout => {
    const checkout = new Checkout(name, machine);
    checkouts.push(checkout);
    return checkout;
  };

  const assertStarted = ({ code, stdout, stderr }: DevResult) => {
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^started under ${process.version.replaceAll('.', '\\.')}\n$`));
  };
  /** It ended with 1, and said only why: one sentence after the line that says what it was doing. */
  const assertStopped = ({ code, stderr }: DevResult, reason: RegExp) => {
    assert.equal(code, 1, stderr);
    const lines = stderr.trimEnd().split('\n');
    assert.match(lines.at(-1)!, reason);
    assert.ok(lines.length <= 3, stderr);
  };

  describe('installs', () => {
    for (const machine of ['old node', 'recent node'] as const) {
      it(`once, beside an ${machine}`.replace('an recent', 'a recent'), async () => {
        const checkout = checkOut('quittance', machine);
        assertStarted(await checkout.dev(['start']));
        const calls = checkout.npmCalls().length;
        assertStarted(await checkout.dev(['start']));
        assert.equal(checkout.npmCalls().length, calls);
      });
    }

    for (const [what, environment] of [
      ['NODE_ENV is production', { NODE_ENV: 'production' }],
      ['npm is told to omit what development needs', { npm_config_omit: 'dev' }],
      ['npm is told to ignore scripts', { npm_config_ignore_scripts: 'true' }],
    ] as const) {
      it(`everything when ${what}`, async () => {
        assertStarted(await checkOut().dev(['start'], environment));
      });
    }

    for (const name of ['a b', "it's", 'a"b', 'über', '-a', '[a]', 'a&b;c', '$HOME', '~', 'a+b=c@1.0']) {
      it(`in a folder called ${name}`, async () => {
        assertStarted(await checkOut(name).dev(['start']));
      });
    }

    for (const [what, target] of [
      ['an absolute', (folder: string) => join(folder, 'dev')],
      ['a relative', () => 'quittance/dev'],
    ] as const) {
      it(`in the checkout when it is called by ${what} link`, async () => {
        const checkout = checkOut();
        assertStarted(await checkout.dev(['start'], {}, checkout.link(target(checkout.folder), 'q')));
      });
    }

    it('in the checkout when it is called by a link to a link, and CDPATH is set', async () => {
      const checkout = checkOut();
      const first = checkout.link('quittance/dev', 'first');
      assertStarted(await checkout.dev(['start'], { CDPATH: '/:/usr' }, checkout.link(first, 'second')));
    });

    it('again after an installation that was interrupted', async () => {
      const checkout = checkOut();
      assertStarted(await checkout.dev(['start']));
      rmSync(join(checkout.folder, 'node_modules/.bin'), { recursive: true });
      assert.notEqual((await checkout.dev(['start'], { FAKE_NPM: 'interrupted' })).code, 0);
      assert.ok(!existsSync(join(checkout.folder, 'node_modules/.stamp')));
      assertStarted(await checkout.dev(['start']));
    });

    it('what was left incomplete, without another word', async () => {
      const checkout = checkOut('quittance', 'old node');
      assertStopped(await checkout.dev(['start'], { FAKE_NPM: 'nonode' }), /Node|registry/);
      assertStarted(await checkout.dev(['start']));
    });

    it('without the Node of npm where the machine has a recent one', async () => {
      assertStarted(await checkOut('quittance', 'recent node').dev(['start'], { FAKE_NPM: 'nonode' }));
    });

    it('the contracts too for `quittance`, also when their first build was interrupted', async () => {
      const checkout = checkOut();
      mkdirSync(join(checkout.folder, 'build/contracts/artifacts'), { recursive: true });
      assertStarted(await checkout.dev(['quittance']));
      assert.equal(checkout.buildCount, 1);
    });

    it('the native core anew for `quittance` when its sources changed, and only then', async () => {
      const checkout = checkOut();
      const build = (name: string) => join(checkout.folder, 'build', name);
      mkdirSync(build('contracts/artifacts/contracts/Assertions.sol'), { recursive: true });
      writeFileSync(build('contracts/artifacts/contracts/Assertions.sol/Assertions.json'), '{}');
      mkdirSync(build('native'), { recursive: true });
      writeFileSync(build('native/quittance.node'), 'old');
      checkout.addTool('cp', '#!/bin/sh\nread -r line <"$1"\necho "$line" >"$2"\n');
      checkout.addTool('cc', '#!/bin/sh\n');
      const library = 'target/release/libquittance_native.so';
      checkout.addTool(
        'cargo',
        `#!/bin/sh\nif [ "$1" = build ]; then mkdir -p target/release && echo new >${library}; else echo cargo 1; fi\n`,
      );
      const environment = { QUITTANCE_PORTABLE: '' };
      const first = await checkout.dev(['quittance'], environment);
      assertStarted(first);
      assert.match(first.stderr, /native: built/);
      assert.equal(readFileSync(build('native/quittance.node'), 'utf8'), 'new\n');
      const second = await checkout.dev(['quittance'], environment);
      assertStarted(second);
      assert.doesNotMatch(second.stderr, /native:/);
    });

    it('without the native core, in a sentence, where cargo has no C compiler', async () => {
      const checkout = checkOut();
      checkout.addTool('cargo', '#!/bin/sh\necho "error: linker `cc` not found" >&2\nexit 101\n');
      const result = await checkout.dev(['start'], { QUITTANCE_PORTABLE: '' });
      assertStarted(result);
      assert.match(
        result.stderr,
        /^No C compiler \(cc\) was found, which cargo links with: running on the portable path/m,
      );
      assert.doesNotMatch(result.stderr, /linker/);
    });

    it('SQLite from its source where there is no binary of it', async () => {
      assertStarted(await checkOut().dev(['start'], { FAKE_NPM: 'compiles' }));
    });
  });

  describe('says in one sentence', () => {
    for (const [what, trouble, reason] of [
      ['that the disk is full', 'full', /no space is left on the disk/],
      ['that the registry cannot be reached', 'offline', /the npm registry cannot be reached: check the network/],
      [
        'that the proxy does not answer',
        'proxy',
        /the npm registry cannot be reached: check the network and the proxy/,
      ],
      ['that a package is not the one of the lock file', 'tampered', /differs from what package-lock.json says/],
      ['that npm may not write', 'cache', /npm may not write to this folder or to its cache/],
      ['that npm is too old', 'old', /npm 6\.14\.18 is too old to read package-lock\.json: install Node\.js/],
      [
        'that SQLite needs a compiler here',
        'nosqlite',
        /takes a C\+\+ compiler, make and Python 3, in a path without spaces/,
      ],
      ['what else npm says', 'strange', /npm failed: npm error something that nobody foresaw/],
    ] as const) {
      it(`${what}, and installs when that is mended`, async () => {
        const checkout = checkOut();
        assertStopped(await checkout.dev(['start'], { FAKE_NPM: trouble }), reason);
        assertStopped(await checkout.dev(['start'], { FAKE_NPM: trouble }), reason);
        assertStarted(await checkout.dev(['start']));
      });
    }

    for (const name of ['a#b', 'a%41b', '100%', 'a?b', 'a*b', 'a\\b', 'a:b', 'a\tb', 'a\nb']) {
      it(`that nothing can be built in a folder called ${JSON.stringify(name)}, and does nothing`, async () => {
        const checkout = checkOut(name);
        const { code, stderr } = await checkout.dev(['start']);
        assert.equal(code, 1);
        assert.ok(stderr.startsWith(`Quittance cannot be built in ${checkout.folder}: `), stderr);
        assert.deepEqual(checkout.npmCalls(), []);
        assert.equal((await checkout.dev(['help'])).code, 0);
      });
    }

    it('that there is no npm', async () => {
      assertStopped(
        await checkOut('quittance', 'no npm').dev(['start']),
        /^npm was not found\. Install Node\.js 22\.13/,
      );
    });

    it('that npm does not run', async () => {
      const checkout = checkOut();
      checkout.addTool('npm', '#!/bin/sh\necho "env: node: No such file or directory" >&2\nexit 127\n');
      assertStopped(await checkout.dev(['start']), /^npm does not run on this machine\. Install Node\.js 22\.13/);
    });

    it('that the checkout cannot be written, and installs when it can', async () => {
      const checkout = checkOut();
      checkout.setWritable(false);
      assertStopped(await checkout.dev(['start'], { AS_NOBODY: '1' }), /nothing can be written in .*quittance/);
      checkout.setWritable(true);
      assertStarted(await checkout.dev(['start']));
    });
  });
});

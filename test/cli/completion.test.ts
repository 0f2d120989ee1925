import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_COMMANDS } from '../../cli/commands.ts';
import { bashScript, fishScript, zshScript } from '../../cli/completion/scripts.ts';
import { placesOf } from '../../cli/completion/table.ts';
import { GROUPS } from '../../cli/process/groups.ts';
import { leaveOut } from '../support/native.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';
import { hasShell, SHELLS } from '../support/process/shells.ts';

const places = placesOf(ALL_COMMANDS, GROUPS);

const SCRIPTS = { bash: bashScript(places), zsh: zshScript(places), fish: fishScript(places) } as const;

describe('CLI: completion', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-completion-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const shell of SHELLS) {
    const { name } = shell;
    if (!hasShell(name)) {
      leaveOut(`CLI: completion in ${name}: it is not here`);
      continue;
    }
    const offered = (...words: string[]): string[] =>
      shell.offered(writePrivate(folder, `completion.${name}`, SCRIPTS[name]), ...words);

    it(`offers in ${name} commands, those of a group, and those of a command that has some`, () => {
      assert.deepEqual(offered('rebu'), ['rebuild']);
      assert.deepEqual(offered('wallet', 'wi'), ['withdraw']);
      assert.deepEqual(offered('watch', 'e').toSorted(), ['earnings', 'explain']);
      const words = offered('completion', '').filter((word) => !word.startsWith('-'));
      assert.deepEqual(words.toSorted(), ['bash', 'fish', 'zsh']);
    });

    it(`offers in ${name} the flags of that command only`, () => {
      assert.deepEqual(offered('wallet', 'send', '--ref'), ['--reference']);
      assert.deepEqual(offered('wallet', 'address', '--ref'), []);
      assert.deepEqual(offered('watch', 'explain', '7', '--bat'), ['--batch']);
      assert.deepEqual(offered('--v'), ['--version']);
    });

    it(`offers in ${name} the words that a flag takes, paths where it takes one, and nothing where it takes anything`, () => {
      assert.deepEqual(offered('devnet', '--mode', '').toSorted(), ['hybrid', 'optimistic', 'zk']);
      assert.deepEqual(offered('devnet', '--json', '--mode', 'h'), ['hybrid']);
      // A shell may mark a folder.
      assert.deepEqual(
        offered('rebuild', '--config', 'et').map((path) => path.replace(/\/$/, '')),
        ['etc'],
      );
      assert.deepEqual(offered('rebuild', '--contract', ''), []);
    });
  }

  it('has every command with every flag in the script of each shell', () => {
    for (const script of Object.values(SCRIPTS)) {
      for (const { path, flags } of places) {
        assert.ok(script.includes(path));
        for (const { word } of flags) assert.ok(script.includes(word.slice(2)), `${path} ${word}`);
      }
    }
    assert.match(zshScript(places), /^#compdef quittance\n/);
    assert.match(fishScript(places), /^complete -c quittance -n '__quittance_at "devnet"' -l mode -x -a 'zk /m);
  });

  for (const [shell, script] of Object.entries(SCRIPTS)) {
    it(`is printed for ${shell}, and is what ${shell} can read where there is one`, async () => {
      const { code, stdout } = await runCli(['completion', shell]);
      assert.equal(code, 0);
      assert.equal(stdout, `${script}\n`);
      const file = writePrivate(folder, `completion.${shell}`, script);
      const { error, status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
      assert.ok(error !== undefined || status === 0, stderr);
    });
  }
});

/** Every command as a person and a script meet it: help, a typo, what is missing, quiet, without color, as JSON. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_COMMANDS, allSettings, COMMANDS } from '../../cli/commands.ts';
import { flagOf, type Setting } from '../../cli/config/setting.ts';
import { COMMON } from '../../cli/config/settings.ts';
import type { Command } from '../../cli/process/command.ts';
import { misuseOf } from '../../cli/process/errors.ts';
import { createOutput, type Output } from '../../cli/process/output.ts';
import { createProgram } from '../../cli/program.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';

const ESCAPE = '\u001b';
const known = allSettings(COMMANDS);

/** What a command line wrote, and what it threw. */
interface Walked {
  readonly stdout: string;
  readonly stderr: string;
  readonly ran: string | undefined;
  readonly error: unknown;
}

/** The command line of one command, in this process and up to the command itself: what stands before is the same for all. */
async function walk(command: Command, ...more: readonly string[]): Promise<Walked> {
  const written = { stdout: '', stderr: '' };
  let ran: string | undefined;
  const output: Output = createOutput({ json: false, quiet: true, color: false, stdout: () => {}, stderr: () => {} });
  const run = async (): Promise<void> => {
    ran = command.name;
  };
  const program = createProgram([{ ...command, run }], {
    environment: {},
    known,
    onMisuse: (text) => {
      written.stderr += text;
    },
    onHelp: (text) => {
      written.stdout += text;
    },
    createContext: () => ({ output, signal: AbortSignal.abort() }),
  });
  const error: unknown = await program.parseAsync([...command.name.split(' '), ...more], { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { ...written, ran, error };
}

/** Settings that have to be given, and nothing else. */
const requiredOf = ({ settings }: Command): [string, Setting<unknown>][] =>
  Object.entries(settings).filter(([, { presence }]) => presence.required);

describe('CLI: every command', () => {
  for (const command of ALL_COMMANDS) {
    const { settings } = command;

    it(`${command.name}: prints its help on stdout, with every flag, variable and example, in lines of 80 letters`, async () => {
      const { stdout, stderr, error, ran } = await walk(command, '--help');
      assert.equal((error as { exitCode?: number }).exitCode, 0);
      assert.deepEqual([stderr, ran], ['', undefined]);
      for (const [key, { name = key }] of Object.entries({ ...settings, ...COMMON })) {
        assert.ok(stdout.includes(flagOf(key)), flagOf(key));
        assert.ok(
          stdout.replaceAll(/\s+/g, '').includes(`QUITTANCE_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`),
          name,
        );
      }
      for (const example of command.examples) assert.ok(stdout.includes(`  ${example}`), example);
      assert.ok(!stdout.includes(ESCAPE));
      const [talk] = stdout.split('\nExamples:');
      // One word can be longer: a URL is not broken.
      const long = talk!.split('\n').filter((line) => line.length > 80 && line.trim().includes(' '));
      assert.deepEqual(long, []);
    });

    it(`${command.name}: refuses an unknown flag on stderr, says which was meant, and does nothing`, async () => {
      const flag = flagOf(Object.keys({ ...settings, ...COMMON })[0]!);
      const typo = `${flag}x`;
      const { stdout, stderr, error, ran } = await walk(command, typo);
      assert.equal((error as { code?: string }).code, 'commander.unknownOption');
      assert.deepEqual([stdout, ran], ['', undefined]);
      assert.ok(stderr.includes(`unknown option '${typo}'`), stderr);
      assert.match(
        misuseOf(error as Parameters<typeof misuseOf>[0]).message,
        /^unknown option '--\S+'; did you mean "--/,
      );
    });

    it(`${command.name}: names each setting that is missing, and each flag without its value`, async () => {
      for (const [key, { placeholder }] of requiredOf(command)) {
        const { error, ran } = await walk(command);
        assert.ok(ran === undefined && error instanceof Error, key);
        assert.match(error.message, /^\w+ is missing: give --/);
        assert.ok(placeholder !== undefined, key);
      }
      const valued = Object.entries(settings).find(([, { placeholder }]) => placeholder !== undefined);
      if (valued === undefined) return;
      const { error, ran, stdout } = await walk(command, flagOf(valued[0]));
      assert.equal((error as { code?: string }).code, 'commander.optionMissingArgument');
      assert.deepEqual([stdout, ran], ['', undefined]);
    });
  }

  it('takes nothing that stands behind what it takes', async () => {
    for (const command of ALL_COMMANDS) {
      const extra = command.argument === undefined ? ['surplus'] : ['7', 'surplus'];
      const { ran, error } = await walk(command, ...extra);
      assert.equal(ran, undefined, command.name);
      assert.match((error as { code: string }).code, /^commander\.(excessArguments|unknownCommand)$/);
    }
  });
});

describe('CLI: misuse', () => {
  for (const [what, argv] of [
    ['an unknown command', ['fly', '--json']],
    ['an unknown flag', ['doctor', '--json', '--l1-ulr', 'x']],
    ['a command that is missing', ['wallet', '--json']],
    ['a value that is missing', ['rebuild', '--json', '--l1-url']],
    ['a setting that is missing', ['rebuild', '--json']],
    ['a value of the wrong shape', ['rebuild', '--json', '--l1-url', 'node']],
    ['a word too many', ['doctor', '--json', 'now']],
  ] as const) {
    it(`is one JSON object on stderr where JSON was asked for: ${what}`, async () => {
      const { code, stdout, stderr } = await runCli(argv);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.equal(stderr.trim().split('\n').length, 1, stderr);
      const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
      assert.equal(error.code, 'USAGE');
      assert.doesNotMatch(error.message, /\n|^error:/);
    });
  }
});

describe('CLI: manners', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-walk-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('puts data on stdout and talk on stderr, which --quiet silences; --json is one line that parses', async () => {
    const password = writePrivate(folder, 'password', 'correct horse');
    const make = (name: string, ...more: string[]) =>
      runCli(['wallet', 'new', '--keystore', join(folder, name), '--password-file', password, ...more]);
    const [plain, quiet, json] = await Promise.all([make('a'), make('b', '--quiet'), make('c', '--json', '--quiet')]);
    assert.match(plain.stdout, /^0x[0-9a-fA-F]{40}\n$/);
    assert.match(plain.stderr, /back up/);
    assert.match(quiet.stdout, /^0x[0-9a-fA-F]{40}\n$/);
    assert.equal(quiet.stderr, '');
    assert.equal(json.stderr, '');
    assert.deepEqual(Object.keys(JSON.parse(json.stdout) as object), ['address', 'keystore']);
    assert.equal(json.stdout.split('\n').length, 2);
  });

  it('colors a warning on a terminal only, and never with NO_COLOR', () => {
    const warned = (color: boolean): string => {
      let written = '';
      const stderr = (text: string) => {
        written += text;
      };
      createOutput({ json: false, quiet: true, color, stdout: () => {}, stderr }).warn('x');
      return written;
    };
    assert.equal(warned(false), 'warning: x\n');
    assert.ok(warned(true).includes(ESCAPE));
  });

  it('writes no escape to a pipe, with NO_COLOR or without', async () => {
    for (const environment of [{}, { NO_COLOR: '1', FORCE_COLOR: '1' }] as Record<string, string>[]) {
      const { stdout, stderr } = await runCli(['doctor'], { environment });
      assert.ok(!`${stdout}${stderr}`.includes(ESCAPE));
    }
  });
});

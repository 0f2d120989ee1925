/** Questions of `quittance init`: as on a terminal, and where there is none. */

import { strict as assert } from 'node:assert';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as parse from '../../cli/config/parse.ts';
import { type Asker, answerOf } from '../../cli/init/ask.ts';
import { nextCommands } from '../../cli/init/next.ts';
import { openKeystore } from '../../cli/l1/keystore.ts';
import { UsageError } from '../../cli/process/errors.ts';
import { createOutput } from '../../cli/process/output.ts';
import { leaveOut } from '../support/native.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';
import { putCommand } from '../support/process/machine.ts';

/** Someone who gives these answers. */
function answering(...answers: string[]): Asker & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    heard,
    async ask(question) {
      heard.push(question);
      return answers.shift() ?? assert.fail('it was asked once more');
    },
    say: (text) => void heard.push(text),
    close: () => undefined,
  };
}

const quiet = createOutput({ json: false, quiet: true, color: false, stdout: () => {}, stderr: () => {} });
const port = { key: 'port', text: 'the port', parse: parse.integer(1, 9) };

describe('CLI: init', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-init-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('asks again for an answer that cannot be, and takes what stands in brackets for none', async () => {
    const wrong = answering('ten', '7');
    assert.equal(await answerOf(wrong, undefined, port), 7);
    assert.deepEqual(wrong.heard, ['the port: ', 'expected a whole number from 1 to 9, got "ten"', 'the port: ']);
    const none = answering(' ');
    assert.equal(await answerOf(none, undefined, { ...port, fallback: '3' }), 3);
    assert.deepEqual(none.heard, ['the port [3]: ']);
  });

  it('asks nobody for what was given, or where nobody is', async () => {
    assert.equal(await answerOf(answering(), 5, port), 5);
    assert.equal(await answerOf(undefined, undefined, { ...port, fallback: '3' }), 3);
    await assert.rejects(answerOf(undefined, undefined, port), (error: Error) => {
      return error instanceof UsageError && /port is missing .* give --port/.test(error.message);
    });
    const broken = { ...port, parse: () => assert.fail('a bug') };
    await assert.rejects(answerOf(answering('1'), undefined, broken), /a bug/);
  });

  it('needs flags without a terminal, names the one that is missing, and writes nothing', async () => {
    const { code, stdout, stderr } = await runCli(['init', '--role', 'wallet'], { cwd: folder });
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, /l1Url is missing and there is no terminal to ask on: give --l1-url/);
  });

  it('says first how to make a keystore that does not exist, with names as a shell takes them', () => {
    const here = writePrivate(folder, 'here.json', '{}');
    assert.deepEqual(nextCommands('wallet', 'rollup.json', { keystore: here }), [
      'quittance status --config rollup.json',
      'quittance wallet address --config rollup.json',
      'quittance wallet balance --config rollup.json',
    ]);
    const keystore = join(folder, 'none.json');
    assert.equal(nextCommands('watcher', 'w.json', { keystore })[0], `quittance wallet new --keystore ${keystore}`);
    assert.equal(
      nextCommands('watcher', 'w.json', { keystore, passwordFile: 'a b' })[0],
      `quittance wallet new --keystore ${keystore} --password-file 'a b'`,
    );
    assert.match(nextCommands('sequencer', "it's.json", {})[1]!, /^quittance doctor --config 'it'\\''s\.json'$/);
  });

  // util-linux gives a command a terminal of its own.
  if (spawnSync('script', ['--version'], { stdio: 'ignore' }).status !== 0) {
    leaveOut('CLI: init on a terminal: script of util-linux is not here');
  } else {
    /** On a terminal of its own; each line is typed when its question is there. */
    const typed = async (command: string, answers: readonly (readonly [question: string, line: string])[]) => {
      const line = `${putCommand(join(folder, 'bin'))}/quittance ${command}`;
      const child = spawn('script', ['-qec', line, '/dev/null'], { cwd: folder, timeout: 60_000 });
      const waiting = [...answers];
      let [stdout, seen] = ['', 0];
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
        const at = waiting.length === 0 ? -1 : stdout.indexOf(waiting[0]![0], seen);
        if (at === -1) return;
        seen = at + waiting[0]![0].length;
        child.stdin.write(`${waiting.shift()![1]}\n`);
      });
      const [status] = await once(child, 'close');
      return { stdout, status };
    };

    it('asks on a real terminal', async () => {
      const { stdout, status } = await typed('init', [
        ['[wallet]: ', 'wallt'],
        ['[wallet]: ', 'wallet'],
        ['nothing []: ', ''],
        ['L1 node: ', 'node'],
        ['L1 node: ', 'http://127.0.0.1:9'],
      ]);
      assert.match(stdout, /for whom is it \(wallet, sequencer, watcher\) \[wallet\]: /);
      assert.match(stdout, /expected one of wallet, sequencer, watcher, got "wallt"; did you mean "wallet"\?/);
      assert.match(stdout, /expected a URL that starts with http/);
      assert.match(stdout, /L1_UNREACHABLE/);
      assert.equal(status, 3);
    });

    it('leads to a keystore, whose password is asked twice', async () => {
      const [make] = nextCommands('wallet', 'rollup.json', { keystore: 'own.json' });
      const answered = (again: string) =>
        typed(make!.replace('quittance ', ''), [
          ['made: ', 'correct horse'],
          ['once more: ', again],
        ]);
      const different = await answered('correct hose');
      assert.deepEqual([different.status, existsSync(join(folder, 'own.json'))], [2, false], different.stdout);
      assert.match(different.stdout, /these are two passwords: nothing was written/);
      const { status, stdout } = await answered('correct horse');
      assert.equal(status, 0, stdout);
      const passwordFile = writePrivate(folder, 'password', 'correct horse\n');
      const { address } = await openKeystore({ keystore: join(folder, 'own.json'), passwordFile }, quiet);
      assert.ok(stdout.includes(address), stdout);
      assert.doesNotMatch(stdout, /horse/);
    });
  }
});

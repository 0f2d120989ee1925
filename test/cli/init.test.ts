/** Questions of `quittance init`: as on a terminal, and where there is none. */

import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as parse from '../../cli/config/parse.ts';
import { type Asker, answerOf } from '../../cli/init/ask.ts';
import { nextCommands } from '../../cli/init/next.ts';
import { UsageError } from '../../cli/process/errors.ts';
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
    assert.deepEqual(nextCommands('wallet', 'rollup.json', here), [
      'quittance status --config rollup.json',
      'quittance wallet address --config rollup.json',
      'quittance wallet balance --config rollup.json',
    ]);
    assert.deepEqual(
      nextCommands('watcher', "it's.json", join(folder, 'none.json'))[0],
      `quittance wallet new --keystore ${join(folder, 'none.json')}`,
    );
    assert.match(nextCommands('sequencer', "it's.json", undefined)[1]!, /^quittance doctor --config 'it'\\''s\.json'$/);
  });

  // util-linux gives a command a terminal of its own.
  if (spawnSync('script', ['--version'], { stdio: 'ignore' }).status !== 0) {
    leaveOut('CLI: init on a terminal: script of util-linux is not here');
  } else {
    it('asks on a real terminal', () => {
      const bin = putCommand(join(folder, 'bin'));
      const { stdout, status } = spawnSync('script', ['-qec', `${bin}/quittance init`, '/dev/null'], {
        cwd: folder,
        input: 'wallt\nwallet\n\nnode\nhttp://127.0.0.1:9\n',
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.match(stdout, /for whom is it \(wallet, sequencer, watcher\) \[wallet\]: /);
      assert.match(stdout, /expected one of wallet, sequencer, watcher, got "wallt"; did you mean "wallet"\?/);
      assert.match(stdout, /expected a URL that starts with http/);
      assert.match(stdout, /L1_UNREACHABLE/);
      assert.equal(status, 3);
    });
  }
});

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKeyPair } from '@quittance/protocol';
import { formatReceiver } from '@quittance/sdk';
import { ALL_COMMANDS as ALL, allSettings, COMMANDS } from '../../cli/commands.ts';
import { createOutput } from '../../cli/process/output.ts';
import { didYouMean, nearest } from '../../cli/process/similar.ts';
import { createProgram } from '../../cli/program.ts';
import { runCli } from '../support/process/cli.ts';

const known = allSettings(COMMANDS);
const OWNER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

/** The words of a line as a shell splits them: quotes, one variable, and no comment or redirection. */
function wordsOf(line: string, variables: Readonly<Record<string, string>>): string[] {
  const words = line.replace(/\s+[#>].*$/, '').match(/'[^']*'|"[^"]*"|\S+/g) ?? [];
  return words.map((word) =>
    word.replace(/^'(.*)'$/, '$1').replace(/^"\$(\w+)"$/, (_, name: string) => variables[name] ?? `no ${name}`),
  );
}

/** Runs lines through the command line up to the command, which only tells its name. */
async function parsed(argv: readonly string[]): Promise<string | undefined> {
  let called: string | undefined;
  const silent = createOutput({ json: false, quiet: true, color: false, stdout: () => {}, stderr: () => {} });
  const stubs = ALL.map((command) => ({
    ...command,
    run: async () => {
      called = command.name;
    },
  }));
  const program = createProgram(stubs, {
    environment: {},
    known,
    onMisuse: () => {},
    createContext: () => ({ output: silent, signal: AbortSignal.abort() }),
  });
  await program.parseAsync(argv, { from: 'user' });
  return called;
}

describe('CLI: help', () => {
  const cwd = process.cwd();
  let folder: string;
  let receiver: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-help-'));
    receiver = formatReceiver({ owner: BigInt(OWNER), keyY: createKeyPair(new Uint8Array(32).fill(7)).publicKey.y });
    const settings = {
      l1Url: 'http://127.0.0.1:8545',
      contract: OWNER,
      channels: OWNER,
      keystore: 'alice.json',
      rpcUrl: 'http://127.0.0.1:9944',
    };
    writeFileSync(join(folder, 'rollup.json'), JSON.stringify(settings));
    for (const name of ['powers.ptau', 'first.zkey', 'last.zkey']) writeFileSync(join(folder, name), 'x');
    process.chdir(folder);
  });
  after(() => {
    process.chdir(cwd);
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { name, examples } of ALL) {
    it(`of ${name} has examples that its own parser takes`, async () => {
      assert.ok(examples.length > 0);
      // The key of one step of a ceremony is a file that the step before wrote.
      if (name === 'ceremony beacon') writeFileSync('second.zkey', 'x');
      for (const example of examples) {
        const [program, ...argv] = wordsOf(example, { BOB: receiver, INVOICE: 'quittance-channel:…' });
        assert.equal(program, 'quittance', example);
        if (name === 'ceremony beacon') rmSync('last.zkey', { force: true });
        assert.equal(await parsed(argv), name, example);
      }
      if (name === 'ceremony beacon') {
        rmSync('second.zkey');
        writeFileSync('last.zkey', 'x');
      }
    });
  }

  it('would notice an example with a flag or a value that does not exist', async () => {
    await assert.rejects(parsed(['doctor', '--no-such-flag']), /unknown option/);
    await assert.rejects(parsed(['devnet', '--mode', 'zkk']), /did you mean "zk"/);
  });

  it('shows the examples, and the words that a setting takes', async () => {
    const { code, stdout } = await runCli(['devnet', '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /Examples:\n {2}quittance devnet\n/);
    assert.match(stdout.replaceAll(/\s+/g, ' '), /one of zk, optimistic, hybrid/);
  });

  it('names a version', async () => {
    const { code, stdout } = await runCli(['--version']);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/);
  });
});

describe('CLI: did you mean', () => {
  for (const [what, argv, meant] of [
    ['a command', ['watc'], /Did you mean watch\?/],
    ['a command of a group', ['wallet', 'sned'], /Did you mean send\?/],
    ['a flag', ['doctor', '--l1-ulr', 'http://127.0.0.1:1'], /Did you mean --l1-url\?/],
    ['a word', ['devnet', '--mode', 'optimstic'], /did you mean "optimistic"\?/],
  ] as const) {
    it(`is asked about ${what}, with exit code 2`, async () => {
      const { code, stdout, stderr } = await runCli(argv);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, meant);
    });
  }

  it('ends with 2 where a command of a group, or any, is missing', async () => {
    for (const argv of [[], ['wallet'], ['owner']]) {
      const { code, stdout } = await runCli(argv);
      assert.equal(code, 2, argv.join(' '));
      assert.equal(stdout, '');
    }
  });

  it('takes one swap for one edit, any case, and no far words', () => {
    assert.equal(nearest('l1Ulr', ['l1Url', 'port']), 'l1Url');
    assert.equal(nearest('PORT', ['l1Url', 'port']), 'port');
    assert.equal(nearest('zebra', ['port', 'host']), undefined);
    assert.equal(didYouMean('zebra', ['port']), '');
  });
});

/** `quittance rebuild` that is interrupted and goes on, on a local L1 with a few final batches. */

import { strict as assert } from 'node:assert';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, PROFILES } from '@quittance/protocol';
import { chooseCrypto } from '../../cli/crypto.ts';
import { createFinalChain, type FinalChain } from '../../scripts/bench/parts/rebuild/final-chain.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { forward, startRpcStub } from '../support/l1/rpc-stub.ts';
import { type CliResult, runCli, spawnCli } from '../support/process/cli.ts';

/** Batches of transfers; before them are those of the deposit and of the accounts. */
const BATCHES = 3;
const SHAPE = { profile: PROFILES.quick, batches: BATCHES, transfers: 8, accounts: 20 };

interface Rebuilt {
  readonly batch: number;
  readonly replayedCount: number;
  readonly stateRoot: string;
  readonly accountCount: number;
  readonly unclaimed: readonly { readonly batch: number }[];
}

describe('CLI: a rebuild that is interrupted', () => {
  let chain: FinalChain;
  let folder: string;

  before(async function () {
    this.timeout(120_000);
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-rebuild-'));
    const { engine } = chooseCrypto();
    chain = await createFinalChain({ ...SHAPE, engine });
  });
  after(async () => {
    await chain.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const argsOf = (state: string, url: string, ...more: string[]): string[] => {
    const place = ['--l1-url', url, '--contract', chain.contract, '--from-block', String(chain.block)];
    return ['rebuild', '--json', ...place, '--state', state, ...more];
  };
  const run = (state: string, ...more: string[]): Promise<CliResult> => runCli(argsOf(state, chain.url, ...more));
  const done = async (state: string, ...more: string[]): Promise<Rebuilt> => {
    const { code, stdout, stderr } = await run(state, ...more);
    assert.equal(code, ExitCode.done, stderr);
    return JSON.parse(stdout) as Rebuilt;
  };
  const errorOf = async (result: Promise<CliResult>) => {
    const { code, stderr } = await result;
    return { code, error: JSON.parse(stderr.trim().split('\n').at(-1)!).error as { code: string; message: string } };
  };

  /** Runs it through a node that keeps the data of batches back until the command has heard of the interruption. */
  async function interrupted(state: string): Promise<number | null> {
    let release: () => void = () => undefined;
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isAsked = false;
    const node = await startRpcStub(async (call) => {
      if (call.method === 'eth_getTransactionByHash') {
        if (!isAsked) child.kill('SIGINT');
        isAsked = true;
        await isReleased;
      }
      return forward(chain.url, call);
    });
    const child = spawnCli(argsOf(state, node.url));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('stopping')) release();
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    await node.stop();
    return code;
  }

  it('keeps what it has replayed, goes on there, and has what an owner can claim of all batches', async () => {
    const state = join(folder, 'interrupted', 'state');
    assert.equal(await interrupted(state), ExitCode.interrupted);
    assert.ok(existsSync(state));
    const rebuilt = await done(state, '--owner', chain.withdrawer);
    const { number, stateRoot } = chain.header;
    assert.deepEqual([rebuilt.batch, rebuilt.stateRoot], [number, String(stateRoot)]);
    assert.equal(rebuilt.replayedCount, number - 1, 'the batch that was under way was kept');
    assert.deepEqual(
      rebuilt.unclaimed.map(({ batch }) => batch),
      [number - 2, number - 1, number],
    );
    // Nothing is left to do, and nothing is lost.
    const again = await done(state, '--owner', chain.withdrawer);
    assert.deepEqual(again, { ...rebuilt, replayedCount: 0 });
    assert.equal((await done(state)).accountCount, SHAPE.accounts);
  });

  it('does not believe a file that was cut, and says how to go on', async () => {
    const whole = join(folder, 'whole');
    await done(whole);
    const torn = join(folder, 'torn');
    for (const bytes of [readFileSync(whole).subarray(0, -7), Buffer.alloc(0), Buffer.from('quittance')]) {
      writeFileSync(torn, bytes);
      const { code, error } = await errorOf(run(torn));
      assert.deepEqual([code, error.code], [ExitCode.failed, 'SNAPSHOT_DAMAGED']);
      assert.match(error.message, new RegExp(`Remove ${torn}, or name another file by --state`));
      assert.deepEqual(readFileSync(torn), bytes, 'it is left as it is');
    }
    rmSync(torn);
    assert.equal((await done(torn)).replayedCount, chain.header.number);
  });

  it('does not believe a file of another rollup, or one with another balance', async () => {
    const file = join(folder, 'foreign');
    await done(file);
    const bytes = readFileSync(file);
    for (const at of [bytes.length - 1, bytes.indexOf('"time":') + 8]) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      writeFileSync(file, changed);
      const { code, error } = await errorOf(run(file));
      assert.deepEqual([code, error.code], [ExitCode.mismatch, 'SNAPSHOT_FOREIGN']);
      assert.match(error.message, new RegExp(`Remove ${file}, or name another file`));
    }
  });

  it('begins at the newer of the file and a snapshot', async () => {
    const [state, newest] = [join(folder, 'older'), join(folder, 'newest')];
    assert.equal(await interrupted(state), ExitCode.interrupted);
    await done(newest);
    const older = join(folder, 'snapshot');
    copyFileSync(state, older);
    assert.equal((await done(newest, '--snapshot', older)).replayedCount, 0);
    assert.equal((await done(state, '--snapshot', newest)).replayedCount, 0);
  });

  it('fails before it replays anything when no file can be there', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, error } = await errorOf(run(join(file, 'state')));
    assert.deepEqual([code, error.code], [ExitCode.failed, 'SNAPSHOT_DAMAGED']);
  });
});

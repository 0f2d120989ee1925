/** `./dev start` where it fails or is left: what a person reads, and that nothing stays behind. */

import { strict as assert } from 'node:assert';
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createPerson, l1Wallet } from '../../cli/devnet/people.ts';
import { estimate } from '../../scripts/devnet/progress.ts';
import { servingText } from '../../scripts/devnet/serving-text.ts';
import { describeNative } from '../support/native.ts';
import { answers } from '../support/process/devnet.ts';
import { until } from '../support/until.ts';

interface Ended {
  readonly code: number | NodeJS.Signals | null;
  readonly said: string;
}

function start(...flags: string[]): { readonly child: ChildProcess; said(): string; readonly ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['scripts/start.ts', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code, signal) => resolve({ code: code ?? signal, said })),
  );
  return { child, said: () => said, ended };
}

describe('./dev start', function () {
  this.timeout(120_000);

  for (const flags of [
    ['--profile', 'huge'],
    ['--transfers', '0'],
    ['--what'],
    ['--mode', 'hybrid', '--data', 'blobs'],
  ]) {
    it(`ends with 2 when it is called with ${flags.join(' ')}`, async () => {
      const { code, said } = await start(...flags).ended;
      assert.equal(code, 2, said);
      assert.match(said, /^error: /m);
    });
  }

  it('names the flag when its port is taken, before it makes anything', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { code, said } = await start('--port', String(port)).ended;
    server.close();
    assert.equal(code, 2, said);
    assert.match(said, new RegExp(`^USAGE: port ${port} is taken by another process: give --port another one`));
    assert.equal(said.trim().split('\n').length, 1, 'no stack');
  });

  it('says how long a step takes already, until it can say how long it still takes', () => {
    assert.match(estimate(performance.now(), 0, 10), /^, 0\.\d s so far$/);
    assert.match(estimate(performance.now() - 5_000, 5, 10), /^, about [56] s left$/);
    assert.match(estimate(performance.now() - 5_000, 0, 0), /^, 5\.\d s so far$/);
  });

  it('names contract, token, block and accounts with money when it stays up', () => {
    const deployed = { contract: '0xc0', channels: '0xcc', token: '0x70', tokenId: 1, block: 9 };
    const text = servingText({ api: { url: 'http://rpc' }, l1Url: 'http://l1', deployed }, 2);
    assert.match(text, /^serving JSON-RPC on http:\/\/rpc \(L1: http:\/\/l1\); Ctrl-C ends$/m);
    assert.match(text, /^contract 0xc0 since block 9; token 1 \(DUSD\) 0x70$/m);
    assert.match(text, /^channels 0xcc$/m);
    for (const number of [0, 1]) {
      const { owner, l1Position } = createPerson(number);
      assert.ok(text.includes(`${owner} on L1: private key ${l1Wallet(l1Position).privateKey}`));
    }
    assert.match(text, /--contract 0xc0 --from-block 9$/);
  });

  describeNative('with a prover', () => {
    it('ends L1 too when its terminal is closed', async () => {
      const { child, said, ended } = start('--profile', 'quick');
      const found = () => /local L1 and contracts: done in [^,]*, (http:\/\/\S+), rollup/.exec(said())?.[1];
      await until(() => found() !== undefined, 'its L1', { explain: said });
      assert.equal(await answers(found()!), true);
      child.kill('SIGHUP');
      assert.equal((await ended).code, 130, said());
      assert.equal(await answers(found()!), false);
    });
  });
});

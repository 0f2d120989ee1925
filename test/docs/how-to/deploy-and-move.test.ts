/** The pages Deploy and Move to a new version, as they stand there: a second rollup, and money that moves into it. */

import { strict as assert } from 'node:assert';
import { copyFileSync, readFileSync } from 'node:fs';
import { createProvider } from '@quittance/chain';
import { createClient } from '@quittance/sdk';
import { ContractFactory, type InterfaceAbi, NonceManager } from 'ethers';
import { LOCAL_CHAIN_ID } from '../../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../../cli/devnet/people.ts';
import { blocksLeft, noteRan } from '../../support/docs/ran.ts';
import { itNative } from '../../support/native.ts';
import { createMachine, type Machine, scriptsOf } from '../../support/ops/machine.ts';
import { type OpsRollup, PEOPLE, type Running, startOpsRollup } from '../../support/ops/rollup.ts';
import { writePrivate } from '../../support/process/cli.ts';
import type { Ran } from '../../support/process/machine.ts';
import { until } from '../../support/until.ts';

const PERIODS = ['--challenge-period', '3s', '--answer-window', '3s', '--step-window', '3s'];
/** What the page calls the new rollup, its block, and a token. */
const ON_PAGE = {
  contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
  block: '--from-block 27',
  token: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512',
} as const;
const TOKEN_ARTIFACT = 'build/contracts/artifacts/contracts/mocks/TestToken.sol/TestToken.json';

describe('How to deploy, and to move to a new version', function () {
  this.timeout(240_000);
  let rollup: OpsRollup;
  let machine: Machine;
  let provider: ReturnType<typeof createProvider>;
  let replaced: Record<string, string>;
  let next: Running;
  const done = ({ code, stdout, stderr }: Ran): string => {
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    return stdout;
  };
  const statusOf = (url: string) => createClient({ url }).call('rollup_syncStatus', {});
  /** Until it holds, with a block now and then: the clock of finality is that of L1. */
  const withBlocks = (condition: () => boolean | Promise<boolean>, what: string) =>
    until(async () => {
      await provider.send('evm_mine', []);
      return condition();
    }, what);
  const linesOf = (script: string) =>
    script
      .split('\n')
      .map((line) => line.replace(/\s+#.*$/, ''))
      .filter((line) => line !== '');
  const words = (line: string, more: Record<string, string> = replaced) => {
    let text = line.replace('quittance ', '');
    for (const [word, here] of Object.entries(more)) text = text.replaceAll(word, here);
    return text.split(' ');
  };

  before(async () => {
    rollup = await startOpsRollup(...PERIODS);
    provider = createProvider({ url: rollup.l1.url, chainId: LOCAL_CHAIN_ID });
    machine = await createMachine(rollup, rollup.keys.producer, { feeTokens: '0:0' });
    for (const [name, key] of Object.entries({
      'alice.key': rollup.keys.alice,
      'operator.key': rollup.keys.deployer,
      'executor.key': rollup.keys.deployer,
      'operator2.key': rollup.keys.watcher,
      'verification_key.json': `${rollup.folder}/key.json`,
    })) {
      copyFileSync(key, machine.at(name));
    }
    writePrivate(machine.folder, 'deployer.password', 'correct horse');
    await machine.start();
    done(await machine.run('quittance wallet deposit --keystore alice.key --amount 10'));
    await withBlocks(async () => (await statusOf(machine.url)).finalBatch === 1, 'the deposit to be final');
  });
  after(async () => {
    provider?.destroy();
    await rollup?.stop();
  });

  it('plans and deploys with a keystore of its own, and shows what stands there', async () => {
    const [create, plan, deploy, look, token] = scriptsOf('deploy.md', 'The contracts') as [
      string,
      string,
      string,
      string,
      string,
    ];
    done(await machine.run(create));
    const { address } = JSON.parse(readFileSync(machine.at('deployer.json'), 'utf8')) as { address: string };
    await provider.send('anvil_setBalance', [`0x${address.replace('0x', '')}`, '0x8ac7230489e80000']);
    assert.match(done(await machine.run(plan)), /gas/i);
    const deployed = JSON.parse(done(await machine.run(deploy))) as { contract: string };
    assert.notEqual(await provider.getCode(deployed.contract), '0x');
    done(await machine.run(look));

    const { abi, bytecode } = JSON.parse(readFileSync(TOKEN_ARTIFACT, 'utf8')) as {
      abi: InterfaceAbi;
      bytecode: string;
    };
    const signer = new NonceManager(l1Wallet(PEOPLE.producer + 1).connect(provider));
    const coin = await (await new ContractFactory(abi, bytecode, signer).deploy('Test', 'TST')).getAddress();
    replaced = { [ON_PAGE.token]: coin };
    assert.match(done(await machine.run(token, { [ON_PAGE.contract]: coin })), /1/);
  });

  itNative('has what a prover needs, and makes its key', async () => {
    const [script, tokens] = scriptsOf('run-a-prover.md') as [string, string];
    const written = done(await machine.run(script));
    assert.match(written, /native/);
    assert.match(written, /^transfers an hour +\d+$/m);
    assert.match(done(await machine.run(tokens)), /^gpu2 +20.*nobody$/m);
    assert.deepEqual(blocksLeft('run-a-prover.md'), []);
  });

  it('tries it by hand: contracts, a sequencer, deposits, a balance', async () => {
    const [script] = scriptsOf('deploy.md', 'Try it on this machine') as [string];
    const [setup, deploy, sequencer, ...wallets] = linesOf(script) as [string, string, string, ...string[]];
    assert.equal(setup, 'quittance setup --profile quick'); // as a prover does above
    const terms = ['--verifying-key verification_key.json', ...PERIODS, '--json'].join(' ');
    type Deployed = { contract: string; block: number };
    const { contract, block } = JSON.parse(done(await machine.run(`${deploy} ${terms}`))) as Deployed;
    const place = ['--contract', contract, '--from-block', String(block)];
    const files = { 'operator.key': machine.at('operator.key'), 'sequencer.db': machine.at('/data/tried.db') };
    const here = words(sequencer, files);
    const quick = ['--mode', 'optimistic', '--seal-after', '1s', '--l1-poll-ms', '100', '--port', '0'];
    const tried = await rollup.start(...here, ...place, ...quick);
    const url = String(tried.said['url']);
    const env = `QUITTANCE_CONTRACT=${contract} QUITTANCE_FROM_BLOCK=${block}`;
    const run = (line: string) => machine.run(`${env} ${line}`, { [machine.url]: url });
    for (const line of wallets.slice(0, 2)) done(await run(line));
    await withBlocks(async () => /^\d+ .*10\.0 /m.test(done(await run(wallets[2]!))), 'the deposit on the balance');
    assert.equal(await tried.end(), 0);
    noteRan(script);
    assert.deepEqual(blocksLeft('deploy.md'), []);
  });

  it('runs the new rollup beside the old one', async () => {
    const [set] = scriptsOf('move-to-a-new-version.md') as [string];
    const [deploy, sequencer, fund, register] = linesOf(set) as [string, string, string, string];
    noteRan(set);
    const terms = ['--verifying-key verification_key.json', ...PERIODS, '--json'].join(' ');
    const { contract, block } = JSON.parse(done(await machine.run(`${deploy} ${terms}`))) as {
      contract: string;
      block: number;
    };
    replaced = {
      ...replaced,
      [ON_PAGE.contract]: contract,
      [ON_PAGE.block]: `--from-block ${block}`,
      'operator2.key': machine.at('operator2.key'),
      'executor.key': machine.at('executor.key'),
      'new.db': machine.at('/data/new.db'),
      '--port 3001': '--port 0',
    };
    next = await rollup.start(...words(sequencer), '--mode', 'optimistic', '--seal-after', '1s', '--l1-poll-ms', '100');
    replaced['http://127.0.0.1:3001'] = String(next.said['url']);
    done(await machine.run(fund, replaced));
    done(await machine.run(register, replaced));
    await withBlocks(
      async () => (await statusOf(String(next.said['url']))).finalBatch === 1,
      'the account of the new operator',
    );
  });

  it('moves money into it with a signature, an executor, and nothing else', async () => {
    const [, number, execute, move] = scriptsOf('move-to-a-new-version.md') as [string, string, string, string];
    assert.match(done(await machine.run(number, replaced)), /0/);
    const executor = rollup.start(...words(linesOf(execute)[0]!), '--l1-poll-ms', '200');
    const [send, list, balance] = linesOf(move) as [string, string, string];
    for (const script of [execute, move]) noteRan(script);
    let isOver = false;
    const sent = machine.run(send, replaced).finally(() => {
      isOver = true;
    });
    await withBlocks(() => isOver, 'the move to be final');
    done(await sent);
    await withBlocks(async () => /arrived/.test(done(await machine.run(list, replaced))), 'the move to arrive');
    assert.match(done(await machine.run(balance, replaced)), /\b2(\.0)?\b/);
    assert.equal(await (await executor).end(), 0);

    // The same on the page Leave, with an executor that looks once.
    const [, leaving] = scriptsOf('leave-without-the-operator.md') as [string, string];
    const [again, execute2, claim] = linesOf(leaving) as [string, string, string];
    const people = { ...replaced, 'anyone.key': machine.at('executor.key') };
    let isOverAgain = false;
    const sentAgain = machine.run(again, people).finally(() => {
      isOverAgain = true;
    });
    await withBlocks(() => isOverAgain, 'the second move to be final');
    done(await sentAgain);
    done(await machine.run(execute2, people));
    assert.match(done(await machine.run(claim, people)), /nothing to claim/);
    assert.deepEqual(blocksLeft('move-to-a-new-version.md'), []);
  });
});

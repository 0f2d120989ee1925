/** Watched by the command line on a real L1: an honest batch, a forged one, and what becomes of both. */

import { strict as assert } from 'node:assert';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAssertionChain, createProvider, createRollupChain, type PinnedAssertionChain } from '@quittance/chain';
import { genesisHeader, PROFILES, RollupState } from '@quittance/protocol';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { encodeVerifyingKey } from '../../prover/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { type BuiltAssertion, buildAssertion, readAs, type Tip } from '../support/optimistic/asserted-batch.ts';
import type { ChunkScript } from '../support/optimistic/claimed-chunk.ts';
import { FORGERY, HONEST } from '../support/optimistic/lie-chunks.ts';
import { HOLDERS } from '../support/optimistic/lie-scene.ts';
import { priorityOf } from '../support/optimistic/slot-scripts.ts';
import { type CliResult, runCli, spawnCli, writePrivate } from '../support/process/cli.ts';
import { portableCrypto } from '../support/rollup/world.ts';
import { until } from '../support/until.ts';

const PRODUCER = 1;
const CHALLENGER = 4;
const { alice, bob } = HOLDERS;
const simulator = createGroth16Simulator('cli/watch');

describe('CLI: quittance watch', () => {
  let folder: string;
  let l1: LocalChain;
  let provider: ReturnType<typeof createProvider>;
  let environment: Record<string, string>;
  let deployment: { chainId: bigint; contract: string };
  let producer: PinnedAssertionChain;
  let tip: Tip;
  let running: ChildProcess | undefined;

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, '--json'], { environment });
  const parsed = <T>({ stdout }: CliResult): T => JSON.parse(stdout) as T;
  const build = async (...chunks: ChunkScript[]): Promise<BuiltAssertion> => {
    const { timestamp } = (await provider.getBlock('latest'))!;
    const { slotsPerChunk } = PROFILES.quick;
    return buildAssertion({ deployment, slotsPerChunk }, tip, { time: timestamp, chunks });
  };
  const assertBatch = async (built: BuiltAssertion): Promise<bigint> => {
    await producer.send({ type: 'assertBatch', submission: readAs(built) });
    return (await producer.pendingId(built.header.number))!;
  };

  before(async function () {
    this.timeout(180_000);
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-watch-'));
    l1 = await startAnvil();
    provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    environment = {
      QUITTANCE_L1_URL: l1.url,
      QUITTANCE_KEYSTORE: writePrivate(folder, 'challenger.key', l1Wallet(CHALLENGER).privateKey),
    };
    const key = writePrivate(folder, 'key.json', JSON.stringify(encodeVerifyingKey(simulator.verifyingKey, true)));
    const { address } = l1Wallet(PRODUCER);
    const terms = ['--challenge-period', '1h', '--answer-window', '30m', '--step-window', '30m'];
    const deployed = await run('deploy', '--profile', 'quick', '--verifying-key', key, '--producer', address, ...terms);
    assert.equal(deployed.code, 0, deployed.stderr);
    const { contract, block } = parsed<{ contract: string; block: number }>(deployed);
    environment = { ...environment, QUITTANCE_CONTRACT: contract, QUITTANCE_FROM_BLOCK: String(block) };
    deployment = { chainId: LOCAL_CHAIN_ID, contract };
    const signer = l1Wallet(PRODUCER).connect(provider);
    const endpoint = { ...deployment, provider, signer, clock: systemClock, logger: silentLogger };
    const options = { ...endpoint, transactions: { pollMs: 20 } };
    producer = await createAssertionChain(options);
    const chain = createRollupChain(options);

    // Alice and Bob deposit; the first batch has it, and a proof.
    const rollup = rollupAt(contract, l1Wallet(PRODUCER).connect(provider));
    for (const holder of [alice, bob]) await depositFor(rollup, holder, 1_000n);
    const head = await chain.head();
    const [genesis] = await chain.finalizedBatches(block, head.number);
    const state = new RollupState(portableCrypto.hasher);
    tip = { header: genesisHeader(state.root, genesis!.header.time), state };
    const requests = await chain.priorityRequests(block, head.number);
    const deposits = requests.map(({ fields, words }, position) => priorityOf({ fields, words }, position + 1));
    const first = await build({ slots: deposits });
    const proofs = first.content.inputs.map((row) => simulator.prove([...row]));
    await chain.submitBatch({ ...readAs(first), evaluations: [], opening: new Uint8Array(), proofs }, []);
    tip = first;
  });
  after(async () => {
    running?.kill('SIGKILL');
    provider?.destroy();
    await l1?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds nothing wrong with an honest batch', async () => {
    const honest = await build(HONEST);
    await assertBatch(honest);
    tip = honest;
    const looked = await run('watch', '--once');
    assert.equal(looked.code, 0, looked.stderr);
    const { finalBatch, waiting } = parsed<{ finalBatch: number; waiting: { verdict: string }[] }>(looked);
    assert.deepEqual([finalBatch, waiting.map(({ verdict }) => verdict)], [1, ['right']]);
  });

  it('ends with exit code 6 when a forged batch waits, and explains it', async () => {
    const forged = await build(HONEST, FORGERY);
    const id = await assertBatch(forged);
    const looked = await run('watch', '--once');
    assert.equal(looked.code, 6, looked.stderr);
    const { waiting } = parsed<{ waiting: { number: number; verdict: string }[] }>(looked);
    assert.deepEqual(
      waiting.map(({ number, verdict }) => [number, verdict]),
      [
        [2, 'right'],
        [3, 'wrong'],
      ],
    );
    const explained = await run('watch', 'explain', '3');
    assert.equal(explained.code, 6);
    assert.match(explained.stderr, /LIE_WAITING/);
    const { faults } = parsed<{ faults: { chunk: number; slot: number; rule: string }[] }>(explained);
    assert.deepEqual(
      faults.map(({ chunk, slot, rule }) => [chunk, slot, rule]),
      [[1, 1, 'BAD_SIGNATURE']],
    );
    const text = await runCli(['watch', 'explain', '--batch', '3'], { environment });
    assert.match(text.stdout, /slot 1 of chunk 1: transfer from 1 to 2, amount 100, fee 0/);
    assert.match(text.stdout, /broken rule\s+BAD_SIGNATURE/);
    assert.equal((await run('watch', 'explain', '2')).code, 0);
    assert.equal((await run('watch', 'explain', '9')).code, 1);
    const listed = await run('watch', 'list');
    const { costs } = parsed<{ costs: { lines: { move: string; bondWei: string }[] } }>(listed);
    assert.equal(listed.code, 0, listed.stderr);
    assert.ok(BigInt(costs.lines.find(({ move }) => move === 'dispute')!.bondWei) > 0n);
    assert.match((await runCli(['watch', 'list'], { environment })).stdout, /no dispute is open/);
    assert.equal((await producer.assertion(id)).isPending, true, 'nobody acted');
  });

  it('challenges it until L1 rejects it, and leaves the honest batch alone', async () => {
    const forged = (await producer.pendingId(3))!;
    const before = await producer.creditOf(l1Wallet(CHALLENGER).address);
    running = spawnCli(
      [
        ...['watch', '--mode', 'challenge', '--database', join(folder, 'watcher.db'), '--l1-poll-ms', '100', '--json'],
        ...['--metrics-port', '0', '--l1-check-url', l1.url],
      ],
      { environment },
    );
    let stderr = '';
    running.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    let stdout = '';
    running.stdout!.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    const disputed = async () => (await producer.assertion(forged)).disputedChunks !== 0n;
    await until(disputed, `a dispute\n${stderr}`);
    const listed = await run('watch', 'list', '--database', join(folder, 'watcher.db'));
    assert.deepEqual([listed.code, /Reading everything from L1/.test(listed.stderr)], [0, true], listed.stderr);
    const { disputes } = parsed<{ disputes: { disputeId: string; phase: string }[] }>(listed);
    assert.deepEqual(
      disputes.map(({ disputeId, phase }) => [disputeId, phase]),
      [['1', 'running']],
    );
    const { answer } = (await build(HONEST, FORGERY)).claims[1]!;
    const { headerHash } = await producer.assertion(forged);
    await producer.send({ type: 'answerDispute', assertionId: forged, headerHash, chunk: 1, commitments: answer });
    await until(async () => (await producer.assertion(forged)).isRejected, `rejection\n${stderr}`);
    const paid = async () =>
      (await producer.dispute(1n)).isSettled && (await producer.creditOf(l1Wallet(CHALLENGER).address)) === 0n;
    await until(paid, `settlement and payment\n${stderr}`);
    assert.equal(before, 0n);
    const { mode, metricsUrl } = JSON.parse(stdout) as { mode: string; metricsUrl: string };
    assert.equal(mode, 'challenge');
    const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
    assert.match(metrics, /quittance_watch_actions_total\{move="prove",result="done"\} 1/);
    assert.deepEqual(await producer.pendingRange(), { finalNumber: 1, lastNumber: 2 });
    const ended = new Promise((resolve) => running!.once('close', resolve));
    running.kill('SIGTERM');
    assert.equal(await ended, 0, stderr);
    running = undefined;
    // The story outlives the rejection, after which nothing of it waits.
    const told = await run('watch', 'explain', '3', '--database', join(folder, 'watcher.db'));
    assert.equal(told.code, 0, told.stderr);
    const { story } = parsed<{ story: { kind: string; message: string }[] }>(told);
    assert.deepEqual(new Set(story.map(({ kind }) => kind)), new Set(['lieFound', 'lieRejected']));
    assert.match(story[0]!.message, /^batch 3 is wrong: /);
    // So does what L1 says of it, without the database, and what the watcher earned.
    const challenger = l1Wallet(CHALLENGER).address;
    const fromL1 = await runCli(['watch', 'explain', '3'], { environment });
    assert.equal(fromL1.code, 0, fromL1.stderr);
    assert.match(fromL1.stdout, new RegExp(`a step was shown to be wrong: ${challenger} earned 0\\.15 ETH`));
    type Earnings = Record<string, string> & { lies: { batch: number }[]; transactions: number };
    const earned = parsed<Earnings>(await run('watch', 'earnings'));
    assert.equal(earned['account'], challenger);
    assert.deepEqual(
      earned.lies.map(({ batch }) => batch),
      [3],
    );
    assert.deepEqual(
      [earned['earnedWei'], earned['lostWei'], earned['stakedWei'], earned['creditWei']],
      [String(15n * 10n ** 16n), '0', '0', '0'],
    );
    assert.ok(earned.transactions >= 3 && BigInt(earned['gasWei']!) > 0n);
    const liar = parsed<Earnings>(await run('watch', 'earnings', l1Wallet(PRODUCER).address));
    assert.deepEqual(
      [liar['earnedWei'], liar['lostWei'], liar['stakedWei']],
      ['0', String(3n * 10n ** 17n), String(3n * 10n ** 17n)],
    );
    const text = await runCli(['watch', 'earnings', challenger], { environment });
    assert.match(text.stdout, /^showed the lie in batch 3 of 0x[0-9a-fA-F]{40}: 0\.15 ETH, block \d+, 0x/m);
  });

  it('refuses to act without a key, or without a database', async () => {
    const { QUITTANCE_KEYSTORE: _, ...without } = environment;
    const noKey = await runCli(['watch', '--mode', 'challenge', '--database', 'x.db'], { environment: without });
    assert.deepEqual([noKey.code, /--keystore/.test(noKey.stderr)], [2, true]);
    const noDatabase = await run('watch', '--mode', 'challenge');
    assert.deepEqual([noDatabase.code, /--database/.test(noDatabase.stderr)], [2, true]);
    assert.equal((await run('watch', 'list', 'more')).code, 2);
    assert.equal((await run('watch', 'explain')).code, 2);
  });
});

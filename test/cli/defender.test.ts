/** A sequencer that asserts and defends itself: disputes of its honest batches, on a real L1, with no other process. */

import { strict as assert } from 'node:assert';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createAssertionChain, createProvider, createRollupChain, type PinnedAssertionChain } from '@quittance/chain';
import { PROFILES } from '@quittance/protocol';
import { chooseCrypto, lazyKzg } from '../../cli/crypto.ts';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { startDefender } from '../../cli/sequencer/defender.ts';
import { encodeVerifyingKey } from '../../prover/index.ts';
import { createMetrics, silentLogger, systemClock } from '../../runtime/index.ts';
import type { Sequencer } from '../../sequencer/index.ts';
import { openStorage } from '../../storage/index.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { type RollupContract, rollupAt } from '../support/contracts/types.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { runCli, spawnCli, writePrivate } from '../support/process/cli.ts';
import { createPerson } from '../support/rollup/person.ts';
import { until } from '../support/until.ts';

const [PRODUCER, CHALLENGER] = [1, 4];
const simulator = createGroth16Simulator('cli/defender');
const alice = createPerson('alice');

/** A node whose role the test says; it follows at first. */
function createRoles() {
  let [role, asked]: ['leader' | 'replica', number] = ['replica', 0];
  const present = () => ({ node: () => ({ role, epoch: 1, head: 0, lag: 0 }) }) as Sequencer;
  let tell: (present: Sequencer) => void = () => undefined;
  return {
    present() {
      asked += 1;
      return present();
    },
    onChange(listener: typeof tell) {
      tell = listener;
    },
    asked: () => asked,
    become(next: typeof role) {
      role = next;
      tell(present());
    },
  };
}

describe('CLI: a sequencer that defends itself', function () {
  this.timeout(120_000);
  let folder: string;
  let l1: LocalChain;
  let provider: ReturnType<typeof createProvider>;
  let environment: Record<string, string>;
  let challenger: PinnedAssertionChain;
  let rollup: RollupContract;
  const running = new Set<ChildProcess>();
  let said = '';

  before(async () => {
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-defender-'));
    l1 = await startAnvil();
    provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    environment = {
      QUITTANCE_L1_URL: l1.url,
      QUITTANCE_KEYSTORE: writePrivate(folder, 'producer.key', l1Wallet(PRODUCER).privateKey),
      QUITTANCE_JSON: '1',
    };
    const key = writePrivate(folder, 'key.json', JSON.stringify(encodeVerifyingKey(simulator.verifyingKey, true)));
    const terms = ['--challenge-period', '1h', '--answer-window', '30m', '--step-window', '30m', '--data', 'blobs'];
    const deployed = await runCli(['deploy', '--profile', 'quick', '--verifying-key', key, ...terms], { environment });
    assert.equal(deployed.code, 0, deployed.stderr);
    const { contract, block } = JSON.parse(deployed.stdout) as { contract: string; block: number };
    environment = { ...environment, QUITTANCE_CONTRACT: contract, QUITTANCE_FROM_BLOCK: String(block) };
    const signer = l1Wallet(CHALLENGER).connect(provider);
    const endpoint = { provider, chainId: LOCAL_CHAIN_ID, contract, signer, clock: systemClock, logger: silentLogger };
    challenger = await createAssertionChain({ ...endpoint, transactions: { pollMs: 20 } });
    await challenger.connect();
    rollup = rollupAt(contract, signer);
  });
  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    provider?.destroy();
    await l1?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const database = () => join(folder, 'sequencer.db');
  const start = async (...more: string[]): Promise<() => Promise<void>> => {
    const flags = ['--mode', 'optimistic', '--database', database(), '--port', '0', '--seal-after', '1s'];
    const child = spawnCli(['sequencer', ...flags, '--l1-poll-ms', '50', ...more], { environment });
    running.add(child);
    said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    for await (const _ of createInterface({ input: child.stdout! })) {
      return async () => {
        running.delete(child);
        child.kill('SIGINT');
        await ended;
      };
    }
    throw new Error(`the sequencer ended before it was ready:\n${said}`);
  };
  /** A deposit in an asserted batch. @returns the id of the assertion. */
  const assertOne = async (number: number): Promise<bigint> => {
    await depositFor(rollup, alice, 1_000n);
    const isThere = async () => (await challenger.pendingId(number)) !== undefined;
    await until(isThere, `batch ${number}`, { explain: () => said });
    return (await challenger.pendingId(number))!;
  };
  const dispute = async (assertionId: bigint): Promise<void> => {
    const { headerHash } = await challenger.assertion(assertionId);
    await challenger.send({ type: 'openDispute', assertionId, headerHash, chunk: 0 });
  };
  const answered = async (id: bigint): Promise<boolean> => (await challenger.chunkDisputes(id, 0)).answeredAt > 0;

  it('leaves answers to others with --defend elsewhere, else gives them, and goes on asserting', async () => {
    const stop = await start('--defend', 'elsewhere');
    const first = await assertOne(1);
    await dispute(first);
    await depositFor(rollup, alice, 1n);
    await until(() => said.includes('ANSWER_DUE'), 'the reason why nothing is asserted', { explain: () => said });
    assert.equal(await answered(first), false);
    await stop();
    const stopDefending = await start('--data', 'blobs');
    await until(() => answered(first), 'the answer', { explain: () => said });
    // No node has its blobs: they are made again from the database.
    const inBlobs = await assertOne(3);
    await dispute(inBlobs);
    await until(() => answered(inBlobs), 'the answer', { explain: () => said });
    await assertOne(4);
    await stopDefending();
  });

  it('begins anew where its own database is damaged, and answers what was disputed meanwhile', async () => {
    writeFileSync(`${database()}.defender`, 'no database');
    const disputed = (await challenger.pendingId(4))!;
    await dispute(disputed);
    const stop = await start();
    await until(() => answered(disputed), 'the answer', { explain: () => said });
    assert.match(said, /DATABASE_DAMAGED.*begins anew/);
    await assertOne(5);
    await stop();
  });

  it('leaves answers to the node that leads, and gives them once it leads itself', async () => {
    const disputed = (await challenger.pendingId(5))!;
    await dispute(disputed);
    const storage = openStorage({ file: database() });
    const producer = l1Wallet(PRODUCER).connect(provider);
    const contract = environment['QUITTANCE_CONTRACT']!;
    const door = {
      provider,
      chainId: LOCAL_CHAIN_ID,
      contract,
      signer: producer,
      clock: systemClock,
      logger: silentLogger,
    };
    const assertions = await createAssertionChain({ ...door, transactions: { pollMs: 20 } });
    const node = createRoles();
    let reads = 0;
    const chain = createRollupChain(door);
    const head = () => {
      reads += 1;
      return chain.head();
    };
    const defender = startDefender({
      ...{ assertions, storage, profile: PROFILES.quick, kzg: lazyKzg(), crypto: chooseCrypto(), running: node },
      reader: { ...chain, head },
      ...{
        file: join(folder, 'node.defender'),
        blobPlaces: [],
        confirmations: 0,
        pollMs: 20,
        maxFeePerGas: 10n ** 12n,
      },
      deploymentBlock: Number(environment['QUITTANCE_FROM_BLOCK']),
      ...{ clock: systemClock, logger: silentLogger, metrics: createMetrics() },
    });
    await until(() => node.asked() >= 5, 'looks at the role of this node');
    assert.deepEqual([reads, existsSync(join(folder, 'node.defender'))], [0, false]);
    node.become('leader');
    await until(() => answered(disputed), 'the answer');
    node.become('replica');
    const asked = node.asked();
    await until(() => node.asked() >= asked + 2, 'a look at the role of this node');
    const before = reads;
    await until(() => node.asked() >= asked + 7, 'looks at the role of this node');
    assert.equal(reads, before);
    await defender.stop();
    storage.close();
  });
});

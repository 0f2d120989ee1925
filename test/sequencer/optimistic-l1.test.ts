/** Asserted batches against the real contracts: finality, disputes, another producer's lie, rejection, proofs. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createAssertionChain,
  createProvider,
  createRollupChain,
  createTransactionManager,
  type PinnedAssertionChain,
} from '@quittance/chain';
import { PROFILES, stepCommitmentsOf, unpackTrace } from '@quittance/protocol';
import { signIntent } from '@quittance/sdk';
import type { JsonRpcProvider } from 'ethers';
import { createLie } from '../../cli/devnet/adversary.ts';
import { type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { deployLocally } from '../../cli/devnet/deploy.ts';
import { createFrontRunning, type FrontRunning } from '../../cli/devnet/front-running.ts';
import { ADVERSARY_POSITION, l1Wallet, PRODUCER_POSITION, WATCHER_POSITION } from '../../cli/devnet/people.ts';
import { admitProducer } from '../../cli/devnet/producers.ts';
import type { Output } from '../../cli/process/output.ts';
import { checkBonds } from '../../cli/sequencer/preflight.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { startWatcher } from '../../scripts/devnet/watcher-process.ts';
import { type BatchProver, createSequencer, type Sequencer, type SequencerSettings } from '../../sequencer/index.ts';
import { recover } from '../../sequencer/start/recover.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator, createSimulatedProver } from '../support/contracts/groth16-simulator.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { depositFor } from '../support/l1/deposits.ts';
import { createPerson } from '../support/rollup/person.ts';
import { fastCrypto, requestOf } from '../support/sequencer/harness.ts';
import { until as waitUntil } from '../support/until.ts';

const CHAIN_ID = 31_337n;
const USER = 5;
const PERIODS = { challengePeriod: 1_000, answerWindow: 300, stepWindow: 200, ownerDelay: 1 };
const simulator = createGroth16Simulator('optimistic-l1');

const prover: BatchProver = createSimulatedProver(simulator);

describe('Sequencer: asserting to the contracts', function () {
  this.timeout(60_000);
  const crypto = fastCrypto();
  const operator = createPerson('operator');
  const alice = createPerson('alice');
  const bob = createPerson('bob');
  let directory: string;
  let l1: LocalChain;
  let provider: JsonRpcProvider;
  let contractAddress: string;
  let deploymentBlock: number;
  let storage: Storage;
  let sequencer: Sequencer;
  let frontRunning: FrontRunning;
  let adversary: PinnedAssertionChain;
  let challenger: PinnedAssertionChain;
  let nonce = 0;

  const doorOf = (position: number) => {
    const common = { provider, chainId: CHAIN_ID, contract: contractAddress, clock: systemClock, logger: silentLogger };
    const signer = l1Wallet(position).connect(provider);
    return { ...common, signer, manager: createTransactionManager({ ...common, signer, pollMs: 20 }) };
  };
  const start = async (settings: Partial<SequencerSettings>): Promise<void> => {
    const door = doorOf(PRODUCER_POSITION);
    frontRunning = createFrontRunning(await createAssertionChain(door));
    storage = openStorage({ file: join(directory, 'sequencer.db') });
    sequencer = await createSequencer({
      config: {
        profile: PROFILES.quick,
        operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
        feeTokens: [{ tokenId: 0, minimumFee: 10n }],
        l1PollMs: 30,
        deploymentBlock,
        ...settings,
      },
      chain: createRollupChain(door),
      assertions: frontRunning.chain,
      prover,
      storage,
      clock: systemClock,
      crypto,
    });
  };
  const stop = async (): Promise<void> => {
    await sequencer.stop();
    storage.close();
  };
  const restart = async (settings: Partial<SequencerSettings>): Promise<void> => {
    await stop();
    await start(settings);
  };
  const until = (condition: () => boolean | Promise<boolean>, what: string): Promise<void> =>
    waitUntil(condition, what, {
      explain: () => `${sequencer.status().halted?.message ?? ''} ${sequencer.status().trouble?.message ?? ''}`,
    });
  const pass = async (seconds: number): Promise<void> => {
    await provider.send('evm_increaseTime', [seconds]);
    await provider.send('evm_mine', []);
  };
  const pay = async (): Promise<bigint> => {
    const receiver = { keyY: bob.keyPair.publicKey.y, owner: bob.owner };
    const intent = { kind: 'transfer' as const, from: 1, to: 2, receiver, amount: 5n, fee: 10n, validUntil: 0 };
    const signed = signIntent(alice.keyPair, sequencer.domain, { ...intent, nonce: nonce++ }, crypto.hasher);
    await sequencer.submit(requestOf(signed));
    return signed.id;
  };
  const stateOf = (number: number) => storage.batches.get(number)?.state;
  const seal = async (): Promise<number> => {
    await sequencer.sealNow();
    return sequencer.status().sealedBatch;
  };
  const untilState = (number: number, state: string) => until(() => stateOf(number) === state, state);

  before(async function () {
    this.timeout(120_000);
    await createL1(); // compiles
    directory = mkdtempSync(join(tmpdir(), 'quittance-optimistic-'));
    l1 = await startAnvil();
    provider = createProvider({ url: l1.url, chainId: CHAIN_ID });
    const deployed = await deployLocally(provider, PROFILES.quick, simulator.verifyingKey, PERIODS);
    contractAddress = deployed.contract;
    deploymentBlock = deployed.block;
    adversary = await createAssertionChain(doorOf(ADVERSARY_POSITION));
    challenger = await createAssertionChain(doorOf(WATCHER_POSITION));
    await Promise.all([adversary.connect(), challenger.connect()]);
    await admitProducer(provider, contractAddress, adversary.account);
    await start({ mode: 'optimistic' });
  });
  after(async () => {
    await sequencer?.stop();
    storage?.close();
    provider?.destroy();
    await l1?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('warns a producer that cannot pay some bonds before it starts, and no other', async () => {
    const warnings: string[] = [];
    const output = { warn: (text: string) => warnings.push(text) } as unknown as Output;
    const door = { provider, chainId: CHAIN_ID };
    await checkBonds(door, contractAddress, l1Wallet(PRODUCER_POSITION).address, output);
    assert.deepEqual(warnings, []);
    await checkBonds(door, contractAddress, l1Wallet(99).address, output);
    assert.match(
      warnings[0]!,
      /has 0\.0 ETH, and each batch needs a bond of [0-9.]+ ETH until it is final \(at least 1000 s\)/,
    );
  });

  it('makes deposits final after the challenge period, and collects its bond', async () => {
    const rollup = rollupAt(contractAddress, l1Wallet(USER).connect(provider));
    await depositFor(rollup, operator, 1_000n);
    await depositFor(rollup, alice, 1_000_000n);
    await depositFor(rollup, bob, 1_000n);
    await until(() => sequencer.status().priorityOperations === 3, 'the deposits');
    const number = await seal();
    await untilState(number, 'posted');
    assert.equal(sequencer.queries.account(1, 'finalized'), undefined);
    await pass(PERIODS.challengePeriod + 1);
    await untilState(number, 'final');
    assert.equal(sequencer.queries.account(1, 'finalized')?.balance, 1_000_000n);
    const { address } = (await challenger.connect())!;
    await until(async () => (await provider.getBalance(address)) === 0n, 'the bond');
    assert.equal(sequencer.status().trouble, undefined);
  });

  it('is disputed while a false dispute runs, and final after the answer and the step window', async () => {
    await pay();
    const number = await seal();
    await untilState(number, 'posted');
    const assertionId = (await challenger.pendingId(number))!;
    const { headerHash } = await challenger.assertion(assertionId);
    await challenger.send({ type: 'openDispute', assertionId, headerHash, chunk: 0 });
    await untilState(number, 'disputed');
    // What `quittance watch --mode defend` does with the sequencer's keystore.
    await sequencer.stop();
    const { unfinished } = await recover({
      storage,
      engine: crypto.engine,
      isProven: true,
      profile: PROFILES.quick,
      deployment: { chainId: CHAIN_ID, contract: sequencer.contract },
      genesis: (await createRollupChain(doorOf(USER)).findBatch(0, 0, deploymentBlock))!.header,
    });
    const commitments = stepCommitmentsOf(crypto.hasher, unpackTrace(unfinished[0]!.chunks[0]!.trace!));
    const account = await createAssertionChain(doorOf(PRODUCER_POSITION));
    await account.send({ type: 'answerDispute', assertionId, headerHash, chunk: 0, commitments });
    await restart({ mode: 'optimistic' });
    await pass(PERIODS.stepWindow + 1);
    await untilState(number, 'posted');
    await pass(PERIODS.challengePeriod);
    await untilState(number, 'final');
  });

  it('waits behind the lie of another producer until it is rejected, then asserts its own batch', async () => {
    const id = await pay();
    let lieId = 0n;
    frontRunning.arm(async (honest) => {
      const lie = await createLie({
        accounts: storage.leaves.stateAfter(honest.number - 1),
        honest,
        domain: sequencer.domain,
        slotsPerChunk: 16,
        position: 0,
        amount: 500n,
      });
      assert.notEqual(lie.submission.roots.at(-1), honest.roots.at(-1));
      await adversary.send({ type: 'assertBatch', submission: lie.submission });
      lieId = (await adversary.pendingId(honest.number))!;
    });
    const number = await seal();
    await until(() => sequencer.status().trouble?.code === 'FOREIGN_BATCH', 'the wait');
    assert.equal(stateOf(number), 'sealed');
    const { headerHash } = await challenger.assertion(lieId);
    await challenger.send({ type: 'openDispute', assertionId: lieId, headerHash, chunk: 0 });
    await pass(PERIODS.answerWindow + 1);
    await challenger.send({ type: 'rejectUnanswered', assertionId: lieId, chunk: 0 });
    await untilState(number, 'posted');
    await pass(PERIODS.challengePeriod + 1);
    await untilState(number, 'final');
    assert.equal(sequencer.queries.transfer(id)?.status, 'final');
    const bond = (await challenger.connect())!.assertionBond;
    assert.equal(await challenger.creditOf(challenger.account), bond / 2n);
  });

  it('stops when its batch is rejected because nobody answered, and seals it again on the operator’s word', async () => {
    const id = await pay();
    const number = await seal();
    await untilState(number, 'posted');
    const assertionId = (await challenger.pendingId(number))!;
    const { headerHash } = await challenger.assertion(assertionId);
    await challenger.send({ type: 'openDispute', assertionId, headerHash, chunk: 0 });
    await pass(PERIODS.answerWindow + 1);
    await challenger.send({ type: 'rejectUnanswered', assertionId, chunk: 0 });
    await until(() => sequencer.status().halted !== undefined, 'the stop');
    assert.equal(sequencer.status().halted?.code, 'BATCH_REJECTED');
    assert.match(sequencer.status().halted!.message, /--mode defend/);
    await stop();
    await start({ mode: 'optimistic' });
    assert.equal(sequencer.status().halted?.code, 'BATCH_REJECTED');
    await stop();
    await start({ mode: 'hybrid', resealRejected: true });
    await sequencer.sealNow();
    await until(() => sequencer.queries.transfer(id)?.status === 'final', 'finality');
  });

  it('asserts at once and is final by proofs, without waiting, in hybrid mode', async () => {
    const before = (await provider.getBlock('latest'))!.timestamp;
    await pay();
    const number = await seal();
    await untilState(number, 'final');
    const events = await challenger.events(deploymentBlock, await provider.getBlockNumber());
    const asserted = events.findLast((event) => event.type === 'asserted');
    assert.equal(asserted?.type === 'asserted' && asserted.headerHash, storage.batches.get(number)!.headerHash);
    assert.ok(
      events.some(
        (event) =>
          event.type === 'chunksProven' && event.assertionId === (asserted as { assertionId: bigint }).assertionId,
      ),
    );
    assert.ok((await provider.getBlock('latest'))!.timestamp < before + PERIODS.challengePeriod);
  });

  it('shares its account with a defender that answers while batches go on being asserted', async () => {
    await restart({ mode: 'optimistic' });
    const deployed = { contract: contractAddress, block: deploymentBlock };
    const defender = startWatcher({ l1Url: l1.url, deployed }, PRODUCER_POSITION, 'defend');
    try {
      const numbers: number[] = [];
      for (let count = 0; count < 4; count++) {
        await pay();
        const number = await seal();
        await until(() => ['posted', 'disputed'].includes(stateOf(number)!), 'the assertion');
        numbers.push(number);
        const assertionId = (await challenger.pendingId(number))!;
        const { headerHash } = await challenger.assertion(assertionId);
        await challenger.send({ type: 'openDispute', assertionId, headerHash, chunk: 0 });
      }
      const isAnswered = async (number: number) =>
        (await challenger.chunkDisputes((await challenger.pendingId(number))!, 0)).answeredAt > 0;
      await until(async () => {
        defender.requireRunning();
        return (await Promise.all(numbers.map(isAnswered))).every(Boolean);
      }, 'the answers');
      await pass(PERIODS.challengePeriod + PERIODS.stepWindow + 1);
      await untilState(numbers.at(-1)!, 'final');
      assert.equal(sequencer.status().halted, undefined);
    } finally {
      await defender.stop();
    }
  });

  it('follows asserted batches with proven ones in zk mode', async () => {
    await restart({ mode: 'zk' });
    await pay();
    const number = await seal();
    await untilState(number, 'final');
    assert.deepEqual(await challenger.pendingRange(), { finalNumber: number, lastNumber: number });
  });
});

/** Deployed, used, checked and left by the command line; proofs by the simulator, so that it is quick. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider, createRollupChain } from '@quittance/chain';
import { L1_DEFAULTS, PROFILES } from '@quittance/protocol';
import { createClient } from '@quittance/sdk';
import { ContractFactory, NonceManager, ZeroAddress } from 'ethers';
import hre from 'hardhat';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { exitSiblings } from '../../packages/sdk/wallet/l1/siblings.ts';
import { encodeVerifyingKey } from '../../prover/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { type Api, createSequencer, type Sequencer, startApi } from '../../sequencer/index.ts';
import { openStorage, type Storage } from '../../storage/index.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { createGroth16Simulator, createSimulatedProver } from '../support/contracts/groth16-simulator.ts';
import { assertionsAt, rollupAt, typed } from '../support/contracts/types.ts';
import { startExternalSigner } from '../support/l1/external-signer.ts';
import { forward, startRpcStub } from '../support/l1/rpc-stub.ts';
import { type CliResult, runCli, writePrivate } from '../support/process/cli.ts';
import { createPerson } from '../support/rollup/person.ts';
import { fastCrypto } from '../support/sequencer/harness.ts';
import { until } from '../support/until.ts';

const PRODUCER = 1;
const ALICE = 5;
/** Takes money that its owner sends elsewhere. */
const ELSEWHERE = `0x${'e1'.repeat(20)}`;
const ETHER = 10n ** 18n;
/** Longer than every delay of the contract together. */
const AGES_SECONDS = 60 * 86_400;
/** Batches are sealed by the test before this; signatures must be valid for longer. */
const NEVER_MS = 600_000;

const simulator = createGroth16Simulator('cli/rollup');

describe('CLI: a rollup from deployment to exodus', () => {
  const operator = createPerson('operator');
  const alice = l1Wallet(ALICE);
  let folder: string;
  let l1: LocalChain;
  let environment: Record<string, string>;
  let contract: string;
  let block: number;
  let storage: Storage;
  let sequencer: Sequencer;
  let api: Api;
  let bob: string;
  /** Another rollup on the same L1. */
  let elsewhereRollup: string;
  const provider = () => createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
  let connection: ReturnType<typeof provider>;

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, '--json'], { environment });
  /** The result of a command that must succeed. */
  const done = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  const settle = async (operations: number): Promise<void> => {
    for (let look = 0; sequencer.status().priorityOperations < operations && look < 100; look++)
      await sequencer.pollL1();
    await sequencer.sealNow();
    await until(() => {
      const { halted, sealedBatch, finalBatch } = sequencer.status();
      if (halted !== undefined) throw halted;
      return sealedBatch === finalBatch;
    }, 'finality of the batch');
  };

  before(async function () {
    this.timeout(120_000);
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-cli-'));
    l1 = await startAnvil();
    connection = provider();
    environment = {
      QUITTANCE_L1_URL: l1.url,
      QUITTANCE_KEYSTORE: writePrivate(folder, 'alice.key', alice.privateKey),
    };
  });
  after(async () => {
    await api?.stop();
    await sequencer?.stop();
    storage?.close();
    connection?.destroy();
    await l1?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('deploys without optimistic mode where it is told to', async () => {
    const key = writePrivate(folder, 'key.json', JSON.stringify(encodeVerifyingKey(simulator.verifyingKey, true)));
    type Deployed = { contract: string; assertions: string | null; parameters: { optimistic: unknown } };
    // The key is with an external signer.
    const signer = await startExternalSigner([alice]);
    const { QUITTANCE_KEYSTORE: _, ...keyless } = environment;
    const args = ['deploy', '--profile', 'quick', '--verifying-key', key, '--zk-only', '--signer-url', signer.url];
    const ran = await runCli([...args, '--json'], { environment: keyless });
    await signer.stop();
    assert.equal(ran.code, 0, ran.stderr);
    assert.ok(signer.methods.includes('eth_signTransaction'));
    const deployed = JSON.parse(ran.stdout) as Deployed;
    assert.equal(deployed.assertions, null);
    assert.equal(deployed.parameters.optimistic, null);
    const rollup = rollupAt(deployed.contract, connection);
    assert.equal(await rollup.assertions(), ZeroAddress);
  });

  it('deploys with blobs where it is told to, and refuses disputes that would outlast them', async () => {
    const key = writePrivate(folder, 'key.json', JSON.stringify(encodeVerifyingKey(simulator.verifyingKey, true)));
    const common = ['deploy', '--profile', 'quick', '--verifying-key', key, '--data', 'blobs'];
    type Deployed = { contract: string; parameters: { blobsAllowed: boolean } };
    const deployed = await done<Deployed>(...common);
    assert.equal(deployed.parameters.blobsAllowed, true);
    elsewhereRollup = deployed.contract;
    assert.equal(await rollupAt(deployed.contract, connection).blobsAllowed(), true);
    const long = await run(
      ...common,
      '--challenge-period',
      '14d',
      '--exodus-delay',
      '60d',
      '--liveness-timeout',
      '30d',
    );
    assert.match(long.stderr, /L1 drops a blob after 18 days/);
    assert.notEqual(long.code, 0);
  });

  it('deploys with a key from a file and says what it deployed', async () => {
    const key = writePrivate(folder, 'key.json', JSON.stringify(encodeVerifyingKey(simulator.verifyingKey, true)));
    type Deployed = { contract: string; block: number; developmentKey: boolean; assertions: string };
    const producer = l1Wallet(PRODUCER).address;
    const deployed = await done<Deployed>(
      ...['deploy', '--profile', 'quick', '--verifying-key', key, '--producer', producer, '--challenge-period', '2h'],
    );
    ({ contract, block } = deployed);
    assert.equal(deployed.developmentKey, true);
    const assertions = assertionsAt(deployed.assertions, connection);
    assert.equal(await assertions.rollup(), contract);
    assert.equal(await assertions.challengePeriod(), 7_200n);
    const reader = createRollupChain({
      provider: connection,
      chainId: LOCAL_CHAIN_ID,
      contract,
      signer: l1Wallet(PRODUCER).connect(connection),
      clock: systemClock,
      logger: silentLogger,
      transactions: { pollMs: 50 },
    });
    assert.equal((await reader.connect()).slotsPerChunk, PROFILES.quick.slotsPerChunk);
    assert.equal((await reader.findBatch(0, block, block))?.blockNumber, block);

    storage = openStorage({ file: join(folder, 'sequencer.db') });
    sequencer = await createSequencer({
      config: {
        profile: PROFILES.quick,
        operator: { keyY: operator.keyPair.publicKey.y, owner: operator.owner },
        feeTokens: [{ tokenId: 0, minimumFee: 0n }],
        l1PollMs: 50,
        sealAfterMs: NEVER_MS,
        deploymentBlock: block,
      },
      chain: reader,
      prover: createSimulatedProver(simulator),
      storage,
      clock: systemClock,
      crypto: fastCrypto(),
    });
    api = await startApi({ sequencer, clock: systemClock });
    environment = {
      ...environment,
      QUITTANCE_CONTRACT: contract,
      QUITTANCE_FROM_BLOCK: String(block),
      QUITTANCE_RPC_URL: api.url,
    };
  });

  it('refuses to be a sequencer for it with an account that may not produce', async () => {
    const { code, stderr } = await run('sequencer', '--database', join(folder, 'other.db'));
    assert.equal(code, 2, stderr);
    assert.match(stderr, /CONFIG_INVALID.*is no producer/);
  });

  it('makes an encrypted keystore for its owner only, and never over another', async () => {
    const [keystore, password] = [join(folder, 'bob.json'), writePrivate(folder, 'password', 'correct horse')];
    const flags = ['--keystore', keystore, '--password-file', password];
    await done('wallet', 'new', ...flags);
    assert.equal(statSync(keystore).mode & 0o777, 0o600);
    assert.equal((await run('wallet', 'new', ...flags)).code, 2);
    ({ receiver: bob } = await done<{ receiver: string }>('wallet', 'address', ...flags));
    assert.match(bob, /^0x[0-9a-f]{40}:0x[0-9a-f]{64}$/);
  });

  it('deposits, and shows the account once it is in a batch', async () => {
    assert.equal((await run('wallet', 'exit')).code, 1, 'there is no account yet');
    const { operationId } = await done('wallet', 'deposit', '--amount', '10');
    assert.equal(operationId, 0);
    await settle(1);
    const signer = await startExternalSigner([alice]);
    const { QUITTANCE_KEYSTORE: _, ...keyless } = environment;
    const [own, elsewhere] = await Promise.all([
      done('wallet', 'address'),
      runCli(['wallet', 'address', '--json', '--signer-url', signer.url], { environment: keyless }),
    ]);
    assert.deepEqual(JSON.parse(elsewhere.stdout), own);
    await signer.stop();
    const { accounts } = await done<{ accounts: { index: number; balance: string }[] }>('wallet', 'balance');
    assert.deepEqual(
      accounts.map(({ balance }) => BigInt(balance)),
      [10n * ETHER],
    );
  });

  it('writes a config file from what the sequencer and L1 say, and shows everything on one screen', async () => {
    const { QUITTANCE_KEYSTORE: keystore, QUITTANCE_RPC_URL: rpcUrl } = environment as Record<string, string>;
    const bare = { environment: {} };
    const out = join(folder, 'rollup.json');
    const place = ['--l1-url', l1.url, '--keystore', keystore!];
    const made = await runCli(
      ['init', '--role', 'wallet', '--rpc-url', rpcUrl!, ...place, '--out', out, '--json'],
      bare,
    );
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stderr, /warning: .* is what the sequencer says: compare it/);
    const { settings } = JSON.parse(made.stdout) as { settings: Record<string, unknown> };
    assert.deepEqual(settings, { l1Url: l1.url, chainId: '31337', contract, fromBlock: block, rpcUrl, keystore });
    assert.equal(statSync(out).mode & 0o777, 0o600);
    const again = await runCli(['init', '--role', 'wallet', '--rpc-url', rpcUrl!, ...place, '--out', out], bare);
    assert.deepEqual([again.code, /exists: give another --out/.test(again.stderr)], [2, true], again.stderr);

    // Without a sequencer the block is found on L1 alone; a watcher can do without an account.
    const watcher = join(folder, 'watcher.json');
    const flags = ['init', '--role', 'watcher', '--l1-url', l1.url, '--contract', contract, '--out', watcher];
    const written = await runCli(flags, bare);
    assert.equal(written.code, 0, written.stderr);
    assert.match(written.stdout, /quittance watch --once --config /);
    const { fromBlock, watcherMode, watcherDatabase } = JSON.parse(readFileSync(watcher, 'utf8')) as Record<
      string,
      unknown
    >;
    assert.deepEqual([fromBlock, watcherMode, watcherDatabase], [block, 'observe', 'data/watcher.db']);
    const other = await runCli(
      [...flags.slice(0, -1), join(folder, 'x'), '--rpc-url', rpcUrl!, '--contract', elsewhereRollup],
      bare,
    );
    assert.deepEqual([other.code, /the sequencer is of /.test(other.stderr)], [2, true], other.stderr);

    const screen = await runCli(['status', '--config', out], bare);
    assert.equal(screen.code, 0, screen.stderr);
    assert.match(screen.stdout, /^final +batch 1$/m);
    assert.match(screen.stdout, /^waiting +no batch waits$/m);
    assert.match(screen.stdout, /^requests +all deposits and exits that were asked for are final$/m);
    assert.match(screen.stdout, /^sequencer +127\.0\.0\.1:\d+, version .*mode zk$/m);
    assert.match(screen.stdout, new RegExp(`^account +${alice.address}: \\d+\\.\\d+ ETH, 0\\.0 ETH to collect$`, 'm'));
    type Status = { l1: { contract: string }; sequencer: unknown; account: unknown };
    const away = await runCli(['status', '--config', out, '--rpc-url', 'http://127.0.0.1:9', '--json'], bare);
    assert.equal(away.code, 3, away.stderr);
    const shown = JSON.parse(away.stdout) as Status;
    assert.deepEqual([shown.l1.contract, shown.sequencer], [contract, null]);
    const foreign = await runCli(['status', '--config', out, '--contract', elsewhereRollup], bare);
    assert.match(foreign.stdout, /OF ANOTHER ROLLUP/);
  });

  it('registers a token and deposits it, approving exactly what is needed', async () => {
    const { abi, bytecode } = await hre.artifacts.readArtifact('TestToken');
    const signer = new NonceManager(alice.connect(connection));
    const token = await new ContractFactory(abi, bytecode, signer).deploy('Test', 'TST');
    const address = await token.getAddress();
    const coin = typed('TestToken', token);
    await (await coin.mint(alice.address, 7n * ETHER)).wait();
    const { tokenId } = await done('wallet', 'register-token', '--token-address', address);
    assert.equal(tokenId, 1);
    await done('wallet', 'deposit', '--token', address, '--amount', '5');
    assert.equal(await coin.allowance(alice.address, contract), 0n);
    assert.equal(await coin.balanceOf(contract), 5n * ETHER);
    await settle(2);
    await until(() => sequencer.l1Facts.tokens.length === 2, 'the sequencer to see the token');
    const { tokens } = await createClient({ url: api.url }).call('rollup_getConfig', {});
    assert.deepEqual(
      tokens.map(({ symbol, decimals, address: at }) => [symbol, decimals, at.toLowerCase()]),
      [
        ['ETH', 18, ZeroAddress],
        ['TST', 18, address.toLowerCase()],
      ],
    );
    const again = await run('wallet', 'register-token', '--token-address', address);
    assert.equal(again.code, 5, again.stderr);
    assert.match(again.stderr, /TokenAlreadyRegistered/);
  });

  it('finds nothing wrong but the development key', async () => {
    const { ok, findings } = await done<{ ok: boolean; findings: { name: string; state: string }[] }>('doctor');
    assert.equal(ok, true);
    const stateOf = (name: string) => findings.find((finding) => finding.name === name)?.state;
    assert.deepEqual([stateOf('L1'), stateOf('contract'), stateOf('verifying key')], ['ok', 'ok', 'warning']);
  });

  it('refuses what the sequencer refuses, a typo in a receiver, and another contract’s sequencer', async () => {
    const poor = await run('wallet', 'withdraw', '--amount', '11');
    assert.equal(poor.code, 5, poor.stderr);
    assert.match(poor.stderr, /INSUFFICIENT_BALANCE/);
    const mistyped = await run('wallet', 'send', '--amount', '1', '--to', bob.slice(0, -1));
    assert.equal(mistyped.code, 2, mistyped.stderr);
    const fine = await run('wallet', 'withdraw', '--amount', '0.5', '--base-units');
    assert.equal(fine.code, 2, fine.stderr);
    const elsewhere = await startRpcStub(() => ({ apiVersion: 1, domain: '7', contract: 'another', chainId: '1' }));
    try {
      const other = await run('wallet', 'withdraw', '--amount', '1', '--rpc-url', elsewhere.url);
      assert.equal(other.code, 5, other.stderr);
      assert.match(other.stderr, /WRONG_DOMAIN/);
      assert.deepEqual(elsewhere.methods, ['rollup_getConfig']);
    } finally {
      await elsewhere.stop();
    }
  });

  it('pays somebody new, withdraws, and ends with 4 when waiting takes too long', async () => {
    const sent = await done<{ kind: string; fee: string }>('wallet', 'send', '--to', bob, '--amount', '1.5');
    assert.deepEqual([sent.kind, sent.fee], ['transferToNew', '0']);
    const late = await run('wallet', 'withdraw', '--amount', '2', '--wait', 'final', '--timeout', '0');
    assert.equal(late.code, 4, late.stderr);
    await settle(1);
  });

  it('rebuilds from L1 alone, with what is left to claim', async () => {
    const { stateRoot, accounts, unclaimed } = await done<{
      stateRoot: string;
      accounts: { balance: string }[];
      unclaimed: { amount: string; claim: { siblings: string[] } }[];
    }>('rebuild', '--owner', alice.address);
    assert.equal(BigInt(stateRoot), storage.batches.lastFinal()!.header.stateRoot);
    assert.deepEqual(
      accounts.map(({ balance }) => BigInt(balance)),
      [(13n * ETHER) / 2n, 5n * ETHER],
    );
    assert.deepEqual(
      unclaimed.map(({ amount }) => BigInt(amount)),
      [2n * ETHER],
    );
  });

  it('claims once, and leaves what is less than it was told', async () => {
    const small = await run('wallet', 'claim', '--min-amount', '2.5eth');
    assert.deepEqual(JSON.parse(small.stdout), { paid: [] });
    assert.match(small.stderr, /left: withdrawal 0 of batch \d+, less than --min-amount/);
    const { paid } = await done<{ paid: { amount: string }[] }>('wallet', 'claim');
    assert.deepEqual(
      paid.map(({ amount }) => BigInt(amount)),
      [2n * ETHER],
    );
    assert.deepEqual(await done('wallet', 'claim'), { paid: [] });
  });

  it('moves money to another rollup', async () => {
    const move = (amount: string) => run('wallet', 'move', '--amount', amount, '--destination', elsewhereRollup);
    const unknown = await move('1');
    assert.notEqual(unknown.code, 0);
    assert.match(unknown.stderr, /DESTINATION_UNKNOWN/);
    assert.equal((await done<{ number: number }>('moves', 'register', elsewhereRollup)).number, 0);
    await sequencer.pollL1();
    for (const amount of ['1', '0.5']) {
      await until(async () => (await move(amount)).code === 0, 'the sequencer to know the destination');
    }
    await settle(1);
    await done('moves', 'execute', '--destination', elsewhereRollup);
    const there = rollupAt(elsewhereRollup, connection);
    assert.deepEqual([...(await there.queueState())].map(Number), [2, 2]);
    assert.deepEqual(await done('wallet', 'claim', '--moves'), { paid: [] });
  });

  it('ends with 3, and calls no batch a lie, when its node gives the calldata of another one', async () => {
    const liar = await startRpcStub(async (call) => {
      const result = await forward(l1.url, call);
      if (call.method !== 'eth_getTransactionByHash') return result;
      const transaction = result as { input: string };
      // 4 bytes of selector, 9 words of parent, 3 offsets, the batch's number, then its time: the last digit of that.
      const position = '0x'.length + 8 + 64 * (9 + 3 + 2) - 1;
      const digit = transaction.input[position] === '0' ? '1' : '0';
      const input = transaction.input.slice(0, position) + digit + transaction.input.slice(position + 1);
      return { ...transaction, input };
    });
    try {
      const { code, stderr } = await run('rebuild', '--l1-url', liar.url);
      assert.equal(code, 3, stderr);
      assert.match(stderr, /L1_INCONSISTENT/);
    } finally {
      await liar.stop();
    }
  });

  it('changes producers through the timelock only, and only after its delay', async () => {
    const change = ['owner', 'set-producer', '--producer', alice.address, '--admit', 'true'] as const;
    const stranger = writePrivate(folder, 'stranger.key', l1Wallet(PRODUCER).privateKey);
    const refused = await run(...change, '--keystore', stranger);
    assert.equal(refused.code, 5, refused.stderr);
    type Call = { next: string; to: string; data: string };
    const { QUITTANCE_KEYSTORE: _, ...keyless } = environment;
    const printed = await runCli([...change, '--print', '--json'], { environment: keyless });
    const call = JSON.parse(printed.stdout) as Call;
    assert.equal(call.next, 'schedule');
    const safe = await runCli([...change, '--safe'], { environment: keyless });
    assert.deepEqual((JSON.parse(safe.stdout) as { transactions: Call[] }).transactions[0]?.data, call.data);
    const both = await runCli([...change, '--safe', '--print'], { environment: keyless });
    assert.equal(both.code, 2, both.stderr);
    // What was printed is what is sent: the next call finds it announced.
    await (await alice.connect(connection).sendTransaction({ to: call.to, data: call.data })).wait();
    const { state, readyAt } = await done<{ state: string; readyAt: number }>(...change);
    assert.equal(state, 'waiting');
    assert.equal((await done(...change, '--print'))['next'], 'wait');
    const early = await runCli([...change, '--safe'], { environment: keyless });
    assert.match(early.stderr, /nothing to sign: waiting, can be executed from 20/);
    const snapshot = (await connection.send('evm_snapshot', [])) as string;
    await connection.send('evm_setNextBlockTimestamp', [readyAt]);
    await connection.send('evm_mine', []);
    assert.equal((await done(...change, '--print'))['next'], 'execute');
    assert.equal((await done(...change, '--keystore', stranger))['state'], 'executed');
    const fee = ['owner', 'set-fee', '--priority-fee', '0.0002eth'];
    assert.equal((await done(...fee))['state'], 'scheduled');
    assert.equal((await done(...change))['state'], 'done before');
    await connection.send('evm_revert', [snapshot]);
  });

  it('asks L1 for an exit, and takes the money out after it', async () => {
    const { account } = await done('wallet', 'exit');
    assert.equal(account, 0);
    await settle(3);
    const other = await run('wallet', 'claim', '--owner', bob.slice(0, 42), '--to', ELSEWHERE);
    assert.equal(other.code, 2, other.stderr);
    const { paid } = await done<{ paid: { amount: string }[] }>('wallet', 'claim', '--to', ELSEWHERE);
    assert.deepEqual(
      paid.map(({ amount }) => BigInt(amount)),
      [5n * ETHER],
    );
    assert.equal(await connection.getBalance(ELSEWHERE), 5n * ETHER);
  });

  it('opens the exodus when it is due and not before, and leaves with everything, for others too', async () => {
    await api.stop();
    await sequencer.stop();
    await done('wallet', 'deposit', '--amount', '3');
    const early = await run('wallet', 'exodus');
    assert.equal(early.code, 5, early.stderr);
    assert.match(early.stderr, /EXODUS_NOT_DUE.*it is due from 20\d\d-/);

    await connection.send('evm_increaseTime', [AGES_SECONDS]);
    await connection.send('evm_mine', []);
    const own = await done<{ activated: boolean; reclaimed: { amount: string }[] }>(
      'wallet',
      'exodus',
      '--to',
      ELSEWHERE,
    );
    assert.equal(own.activated, true);
    assert.deepEqual(
      own.reclaimed.map(({ amount }) => BigInt(amount)),
      [3n * ETHER],
    );
    // The deposit and the fee that it had paid.
    assert.equal(await connection.getBalance(ELSEWHERE), 8n * ETHER + L1_DEFAULTS.priorityFeeWei);
    const owner = bob.slice(0, 42);
    const of = await done<{ exited: { amount: string }[] }>('wallet', 'exodus', '--owner', owner);
    assert.deepEqual(
      of.exited.map(({ amount }) => BigInt(amount)),
      [(3n * ETHER) / 2n],
    );
    assert.equal(await connection.getBalance(owner), (3n * ETHER) / 2n);
  });
});

describe('CLI: siblings of an exit', () => {
  it('leave the child on the path out, level by level upwards', () => {
    // 27 is 123 in base 4: child 1 at the root, then 2, then 3.
    const path = [0n, 10n, 20n].map((first) => [0n, 1n, 2n, 3n].map((child) => first + child));
    assert.deepEqual(exitSiblings(path, 27), [
      [20n, 21n, 22n],
      [10n, 11n, 13n],
      [0n, 2n, 3n],
    ]);
  });
});

/** `quittance deploy`: planned, sent, stopped and resumed, looked at and verified, on one local L1. */

import { strict as assert } from 'node:assert';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProvider } from '@quittance/chain';
import { getCreateAddress, type JsonRpcProvider } from 'ethers';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { shippedKey } from '../../cli/setup/key.ts';
import { encodeVerifyingKey } from '../../prover/index.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { forward, startRpcStub } from '../support/l1/rpc-stub.ts';
import { type CliResult, runCli, spawnCli, writePrivate } from '../support/process/cli.ts';

const TIMEOUT_MS = 120_000;
/** All contracts of a rollup with optimistic mode that stand on L1 at the end, the factory of its assertions left out. */
const STANDING = [
  'Assertions',
  'BatchReader',
  'DepositGroups',
  'Groth16BatchVerifier',
  'MoveExecution',
  'Poseidon4',
  'Poseidon5',
  'Rollup',
  'StateProofs',
  'StepJudge',
  'StepVerifier',
  'Timelock',
];
const simulator = createGroth16Simulator('cli/deploy');

interface Verified {
  readonly ok: boolean;
  readonly contracts: readonly {
    readonly name: string;
    readonly address: string;
    readonly match: string;
    readonly creation: string;
  }[];
  readonly problems: readonly string[];
  readonly files: readonly string[];
}

describe('quittance deploy', function () {
  this.timeout(TIMEOUT_MS);
  let folder: string;
  let l1: LocalChain;
  let provider: JsonRpcProvider;
  let environment: Record<string, string>;
  let record: string;
  let contract: string;
  before(async function () {
    this.timeout(TIMEOUT_MS);
    folder = mkdtempSync(join(tmpdir(), 'quittance-deploy-'));
    record = join(folder, 'record');
    l1 = await startAnvil();
    provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    const key = writePrivate(folder, 'key.json', JSON.stringify(encodeVerifyingKey(simulator.verifyingKey, true)));
    environment = {
      QUITTANCE_L1_URL: l1.url,
      QUITTANCE_KEYSTORE: writePrivate(folder, 'deployer.key', l1Wallet(0).privateKey),
      QUITTANCE_PROFILE: 'quick',
      QUITTANCE_VERIFYING_KEY: key,
    };
  });
  after(async () => {
    provider?.destroy();
    await l1?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const run = (...args: string[]): Promise<CliResult> => runCli(args, { environment });
  const done = async <T>(...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await run(...args, '--json');
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  const nonce = () => provider.getTransactionCount(l1Wallet(0).address);
  const verify = async (...args: string[]): Promise<{ readonly result: CliResult; readonly view: Verified }> => {
    const result = await run('deploy', 'verify', '--record', record, ...args, '--json');
    return { result, view: JSON.parse(result.stdout) as Verified };
  };

  it('plans without sending anything', async () => {
    type Plan = { contracts: { name: string; gas: string }[]; gas: string; cost: string; warnings: string[] };
    const plan = await done<Plan>('deploy', 'plan', '--priority-delay', '2d');
    assert.equal(await nonce(), 0);
    assert.deepEqual(
      plan.contracts.map(({ name }) => name).toSorted(),
      [...STANDING.filter((name) => name !== 'Assertions'), 'AssertionsFactory'].toSorted(),
    );
    assert.ok(plan.contracts.every(({ gas }) => BigInt(gas) > 50_000n));
    assert.equal(
      BigInt(plan.gas),
      plan.contracts.reduce((sum, { gas }) => sum + BigInt(gas), 0n),
    );
    assert.ok(BigInt(plan.cost) > 0n);
    assert.deepEqual(plan.warnings.length, 1);
    assert.match(plan.warnings[0]!, /INSECURE development key/);
    const { stdout } = await run('deploy', 'plan');
    assert.match(stdout, /^contract +gas +cost$/m);
    assert.match(stdout, /^priorityDelay +3d$/m);
    assert.match(stdout, /^assertionBond +0\.3 ETH$/m);
  });

  it('stops between two transactions at the first SIGTERM', async () => {
    const child = spawnCli(['deploy', '--record', record], { environment });
    let said = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/\[2\/12\] \w+: at/.test(said)) child.kill('SIGTERM');
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 130, said);
    assert.match(said, /^\[1\/12\] \w+: sent in 0x[0-9a-f]{64}$/m);
    assert.match(said, /warning: stopped between two transactions\. The record .* has what was sent/);
    assert.ok((await nonce()) < 12, said);
  });

  it('says how far it is', async () => {
    const { contract: none, steps } = await done<{ contract: null; steps: { name: string; state: string }[] }>(
      ...['deploy', 'status', '--record', record],
    );
    assert.equal(none, null);
    assert.ok(steps.filter(({ state }) => state === 'deployed').length >= 2);
    const { stderr, code } = await run('deploy', 'verify', '--record', record);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /is not finished: run deploy again/);
  });

  it('refuses to go on with other parameters, and names them', async () => {
    const { code, stderr } = await run('deploy', '--record', record, '--priority-delay', '2d', '--max-pending', '8');
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /CONFIG_INVALID: .*priorityDelay is 259200 there and 172800 here; maxPending is 64 there and 8 here/,
    );
  });

  it('goes on from the record, and sends nothing twice', async () => {
    const deployed = await done<{ contract: string }>('deploy', 'apply', '--record', record);
    ({ contract } = deployed);
    assert.equal(await nonce(), 12);
    const again = await done<{ contract: string }>('deploy', 'apply', '--record', record);
    assert.equal(again.contract, contract);
    assert.equal(await nonce(), 12);
  });

  it('says what the contracts say now', async () => {
    const { now } = await done<{ now: Record<string, unknown> & { parameters: Record<string, string> } }>(
      ...['deploy', 'status', '--contract', contract],
    );
    assert.equal(now['finalBatch'], '0');
    assert.equal(now.parameters['priorityDelay'], '259200');
    assert.equal(now['isExodusActive'], false);
  });

  it('verifies code, key and parameters, and writes what others verify with', async () => {
    const { result, view } = await verify();
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(view.contracts.map(({ name }) => name).toSorted(), STANDING);
    assert.ok(view.contracts.every(({ match }) => match === 'exact'));
    // The rollup creates its assertions.
    const unknown = view.contracts.filter(({ creation }) => creation !== 'same');
    assert.deepEqual(
      unknown.map(({ name, creation }) => [name, creation]),
      [['Assertions', 'unknown']],
    );
    const { contracts } = await done<Verified>('deploy', 'verify', '--contract', contract);
    assert.deepEqual(
      contracts.filter(({ creation }) => creation === 'same').map(({ name }) => name),
      ['Rollup'],
    );
    const addresses = JSON.parse(readFileSync(join(record, 'verification', 'addresses.json'), 'utf8'));
    assert.equal(addresses.contracts.Rollup, contract);
    const sourcify = JSON.parse(readFileSync(join(record, 'verification', 'Rollup.sourcify.json'), 'utf8'));
    assert.equal(sourcify.contractIdentifier, 'project/contracts/Rollup.sol:Rollup');
    assert.match(sourcify.compilerVersion, /^0\.8\.37\+commit/);
    assert.match(sourcify.stdJsonInput.sources['project/contracts/Rollup.sol'].content, /contract Rollup/);
    assert.ok(existsSync(join(record, 'build-info')), 'Ignition keeps the builds too');
  });

  it('finds a contract whose code was replaced, a key of its own, and a parameter that the record has not', async () => {
    const { view } = await verify();
    const addressOf = (name: string) => view.contracts.find((entry) => entry.name === name)!.address;
    const poseidon = addressOf('Poseidon4');
    const code = await provider.getCode(poseidon);
    await provider.send('anvil_setCode', [poseidon, `${code.slice(0, -200)}00${code.slice(-198)}`]);
    const { result } = await verify();
    assert.equal(result.code, 6, result.stderr);
    assert.match(result.stderr, /DEPLOYMENT_MISMATCH/);
    assert.match(result.stderr, new RegExp(`Poseidon4 at ${poseidon} has other code`));
    await provider.send('anvil_setCode', [poseidon, code]);

    const other = writePrivate(folder, 'other.json', JSON.stringify(shippedKey('quick')));
    const foreign = await verify('--verifying-key', other);
    assert.equal(foreign.result.code, 6);
    assert.match(foreign.view.problems.join(), /the verifier has key 0x[0-9a-f]{64}, .*other\.json has 0x/);

    const request = join(record, 'request.json');
    const recorded = readFileSync(request, 'utf8');
    writePrivate(record, 'request.json', recorded.replace('"exodusDelay": 604800', '"exodusDelay": 604801'));
    assert.match((await verify()).view.problems.join(), /exodusDelay is 604800 on L1 and 604801 in the record/);
    writePrivate(record, 'request.json', recorded);
    assert.equal((await verify()).view.ok, true);
  });

  it('finds a constructor that is not ours', async () => {
    const forged = await startRpcStub(async (call) => {
      const result = await forward(l1.url, call);
      if (call.method !== 'eth_getTransactionByHash') return result;
      const transaction = result as { input: string };
      // One byte of the constructor: the code that it leaves is the same.
      const at = 2 + 2 * 40;
      const digit = transaction.input[at] === '0' ? '1' : '0';
      return { ...transaction, input: transaction.input.slice(0, at) + digit + transaction.input.slice(at + 1) };
    });
    try {
      const { code, stderr } = await run('deploy', 'verify', '--contract', contract, '--l1-url', forged.url);
      assert.equal(code, 6, stderr);
      assert.match(stderr, /Rollup at 0x[0-9a-fA-F]{40} was created by another constructor/);
    } finally {
      await forged.stop();
    }
  });

  it('finds a verifier that pairs with other points than its hash tells', async () => {
    const { view } = await verify();
    const verifier = view.contracts.find(({ name }) => name === 'Groth16BatchVerifier')!.address;
    // The points are in the one contract that the verifier created.
    const address = getCreateAddress({ from: verifier, nonce: 1 });
    const points = await provider.getCode(address);
    assert.ok(points.length > 2_000);
    await provider.send('anvil_setCode', [address, `${points.slice(0, -2)}${points.endsWith('00') ? '01' : '00'}`]);
    const { result, view: broken } = await verify();
    assert.equal(result.code, 6);
    assert.match(broken.problems.join(), /tells the key hash 0x[0-9a-f]{64}, and pairs with other points/);
    await provider.send('anvil_setCode', [address, points]);
  });

  it('refuses a verifying key of another profile, and of no chunk at all', async () => {
    const json = encodeVerifyingKey(simulator.verifyingKey, true);
    const refused = async (name: string, key: unknown, reason: RegExp) => {
      const path = writePrivate(folder, name, JSON.stringify(key));
      const { code, stderr } = await run('deploy', 'plan', '--verifying-key', path);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /KEY_OF_ANOTHER_CIRCUIT/);
      assert.match(stderr, reason);
    };
    await refused('marked.json', { ...json, slotsPerChunk: 124 }, /has 124 slots a chunk, this profile 16/);
    await refused('standard.json', shippedKey('standard'), /it is the development key of standard/);
    await refused('short.json', { ...json, IC: json.IC.slice(0, 9), nPublic: 8 }, /has 8 public inputs, a chunk has 9/);
  });

  it('says where to look when nothing is named', async () => {
    const { code, stderr } = await run('deploy', 'status');
    assert.equal(code, 2, stderr);
    assert.match(stderr, /name the rollup with --contract, or the record/);
    const gone = await run('deploy', 'status', '--record', join(folder, 'nowhere'));
    assert.match(gone.stderr, /there is no record/);
  });
});

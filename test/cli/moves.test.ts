/** From one rollup to another by the command line: two sequencers on one L1; proofs by the simulator, so that it is quick. */

import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createProvider } from '@quittance/chain';
import { L1_DEFAULTS } from '@quittance/protocol';
import {
  createClient,
  keyDerivationMessage,
  keyPairFromEthereumSignature,
  type SequencerClient,
  signIntent,
} from '@quittance/sdk';
import { Contract, getBytes } from 'ethers';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { createL1 } from '../support/contracts/deployment.ts';
import { rollupAt } from '../support/contracts/types.ts';
import { type CliResult, runCli, spawnCli, writePrivate } from '../support/process/cli.ts';
import { type RunningRollup, startRollup } from '../support/sequencer/running.ts';

const ALICE = 5;
const EXECUTOR = 6;
const ETHER = 10n ** 18n;
/** Takes money that its owner sends elsewhere. */
const ELSEWHERE = `0x${'e1'.repeat(20)}`;
/** Longer than every delay of the contract together. */
const AGES_SECONDS = 60 * 86_400;

interface Listed {
  readonly moves: readonly { readonly place: string; readonly operationId: number | null; readonly amount: string }[];
}
interface Executed {
  readonly executed: readonly { readonly batch: number; readonly count: number; readonly amount: string }[];
  readonly skipped: readonly { readonly count: number; readonly reason: string }[];
  readonly left: readonly { readonly count: number; readonly amount: string; readonly limit: string }[];
  /** Wei. */
  readonly spent: string;
}

const NOTHING: Executed = { executed: [], skipped: [], left: [], spent: '0' };

function resultOf<T>({ code, stdout, stderr }: CliResult): T {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
}

function environmentOf({ contract, block, url }: RunningRollup): Record<string, string> {
  return { QUITTANCE_CONTRACT: contract, QUITTANCE_FROM_BLOCK: String(block), QUITTANCE_RPC_URL: url };
}

describe('CLI: moving to another rollup', () => {
  const alice = l1Wallet(ALICE);
  const executor = l1Wallet(EXECUTOR);
  let folder: string;
  let l1: LocalChain;
  let connection: ReturnType<typeof createProvider>;
  let here: RunningRollup;
  let there: RunningRollup;
  let environment: Record<string, string>;
  let executorKey: string;
  let token: string;

  const run = (...args: string[]): Promise<CliResult> => runCli([...args, '--json'], { environment });
  /** The result of a command that must succeed. */
  const done = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => resultOf<T>(await run(...args));
  /** The same for the rollup that is moved to. */
  const doneThere = async <T = Record<string, unknown>>(...args: string[]): Promise<T> =>
    resultOf<T>(await runCli([...args, '--json'], { environment: { ...environment, ...environmentOf(there) } }));
  const execute = (...more: string[]) =>
    done<Executed>('moves', 'execute', '--keystore', executorKey, '--destination', there.contract, ...more);
  const places = async () => (await done<Listed>('moves', 'list', '--owner', alice.address)).moves;
  const placed = async () => (await places()).map(({ place, amount }) => [place, BigInt(amount)]);
  /** A move by the SDK, which asks nobody what the destination takes. */
  async function signedMove(client: SequencerClient, { token: tokenId, amount }: { token: number; amount: bigint }) {
    const { domain } = await client.call('rollup_getConfig', {});
    const accounts = await client.call('rollup_getAccounts', { owner: alice.address });
    const { index: from, nonce } = accounts.find((account) => account.tokenId === tokenId)!;
    const owner = BigInt(alice.address);
    const keyOf = async (contract: string) => {
      const message = keyDerivationMessage(LOCAL_CHAIN_ID, contract);
      return keyPairFromEthereumSignature(getBytes(await alice.signMessage(message)));
    };
    const { publicKey } = await keyOf(there.contract);
    return signIntent(await keyOf(here.contract), BigInt(domain), {
      ...{ kind: 'move', account: { owner, tokenId }, destination: 0, keyY: publicKey.y },
      ...{ from, amount, fee: 0n, nonce, validUntil: 0 },
    });
  }
  const balancesThere = async () => {
    const { accounts } = await doneThere<{ accounts: { tokenId: number; balance: string }[] }>('wallet', 'balance');
    return accounts.map(({ tokenId, balance }) => [tokenId, BigInt(balance)]);
  };

  before(async function () {
    this.timeout(120_000);
    await createL1(); // compiles
    folder = mkdtempSync(join(tmpdir(), 'quittance-moves-'));
    l1 = await startAnvil();
    connection = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    here = await startRollup(connection, join(folder, 'here.db'), 1);
    there = await startRollup(connection, join(folder, 'there.db'), 2);
    executorKey = writePrivate(folder, 'executor.key', executor.privateKey);
    environment = {
      QUITTANCE_L1_URL: l1.url,
      QUITTANCE_KEYSTORE: writePrivate(folder, 'alice.key', alice.privateKey),
      ...environmentOf(here),
    };
    token = here.token;
    const coin = new Contract(token, ['function mint(address, uint256)'], alice.connect(connection));
    await (await coin.getFunction('mint')(alice.address, 7n * ETHER)).wait();
  });
  after(async () => {
    await here?.stop();
    await there?.stop();
    connection?.destroy();
    await l1?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses a destination that is not registered, and says how to register it', async () => {
    await done('wallet', 'deposit', '--amount', '10');
    await done('wallet', 'deposit', '--token', token, '--amount', '5');
    await here.settle(2);
    const byAddress = await run('wallet', 'move', '--amount', '1', '--destination', there.contract);
    assert.equal(byAddress.code, 5, byAddress.stderr);
    assert.match(byAddress.stderr, /DESTINATION_UNKNOWN.*quittance moves register/);
    const byNumber = await run('wallet', 'move', '--amount', '1', '--destination', '0');
    assert.equal(byNumber.code, 5, byNumber.stderr);
    assert.match(byNumber.stderr, /DESTINATION_UNKNOWN/);
  });

  it('registers a destination once, and only a contract', async () => {
    const register = ['moves', 'register', there.contract, '--keystore', executorKey];
    const { number, transactionHash } = await done<{ number: number; transactionHash: string | null }>(...register);
    assert.equal(number, 0);
    assert.notEqual(transactionHash, null);
    assert.equal((await done(...register))['transactionHash'], null);
    assert.equal(await rollupAt(here.contract, connection).destinationCount(), 1n);
    const nobody = await run('moves', 'register', alice.address);
    assert.equal(nobody.code, 5, nobody.stderr);
    assert.match(nobody.stderr, /NotADestination/);
  });

  it('refuses a token that the destination does not know, and says how to register it', async () => {
    const { code, stderr } = await run('wallet', 'move', '--token', token, '--amount', '1', '--destination', '0');
    assert.equal(code, 5, stderr);
    assert.ok(stderr.includes('DESTINATION_REFUSES'), stderr);
    assert.match(stderr, /register-token --contract/);
  });

  it('moves by address and by number, waiting until somebody executes it', async () => {
    await here.look();
    await done('wallet', 'move', '--amount', '4', '--destination', there.contract, '--fee', '0');
    await done('wallet', 'move', '--amount', '1', '--destination', '0');
    assert.deepEqual(await places(), []);
    await connection.send('evm_setAutomine', [false]);
    await here.seal();
    assert.deepEqual(await placed(), [
      ['sealed', 4n * ETHER],
      ['sealed', ETHER],
    ]);
    await connection.send('evm_setAutomine', [true]);
    await connection.send('evm_mine', []);
    await here.settle(2);
    assert.deepEqual(await placed(), [
      ['waiting', 4n * ETHER],
      ['waiting', ETHER],
    ]);
    assert.deepEqual(await done('wallet', 'claim'), { paid: [] });
  });

  it('executes what is final, once, and nothing for a destination that asks for more than was allowed', async () => {
    const dear = await execute('--max-fee', '1');
    assert.deepEqual(dear.executed, []);
    assert.match(dear.skipped[0]!.reason, /asks for \d+ wei a move/);
    const dust = await execute('--min-amount', `0:${5n * ETHER},1:0`);
    assert.deepEqual([dust.executed, dust.skipped, dust.spent], [[], [], '0']);
    assert.deepEqual(
      dust.left.map(({ count, amount, limit }) => [count, BigInt(amount), limit]),
      [[2, 5n * ETHER, 'minAmount']],
    );
    const poor = await execute('--max-spend', '1000');
    assert.deepEqual([poor.executed.length, poor.left[0]!.count, poor.left[0]!.limit], [0, 2, 'maxSpendOfOne']);
    const { executed, skipped, spent } = await execute('--min-amount', `0:${ETHER}`, '--max-spend', String(ETHER));
    assert.deepEqual(skipped, []);
    assert.ok(BigInt(spent) > 2n * L1_DEFAULTS.priorityFeeWei && BigInt(spent) < ETHER, spent);
    assert.deepEqual(
      executed.map(({ batch, count, amount }) => [batch, count, BigInt(amount)]),
      [[2, 2, 5n * ETHER]],
    );
    assert.deepEqual(await execute(), NOTHING);
    assert.deepEqual(await placed(), [
      ['queued', 4n * ETHER],
      ['queued', ETHER],
    ]);
  });

  it('is there when the destination’s sequencer has executed the group', async () => {
    await there.settle(2);
    assert.deepEqual(await placed(), [
      ['arrived', 4n * ETHER],
      ['arrived', ETHER],
    ]);
    const [account] = await balancesThere();
    assert.deepEqual(account, [0, 5n * ETHER]);
    await doneThere('wallet', 'withdraw', '--amount', '5');
  });

  it('executes moves of other tokens when one is unknown there, and that one once it has an id there, whichever', async () => {
    const sequencer = createClient({ url: here.url });
    await sequencer.send(await signedMove(sequencer, { token: 1, amount: 2n * ETHER }));
    await done('wallet', 'move', '--amount', '1', '--destination', '0');
    await here.settle(2);
    const first = await execute();
    assert.deepEqual(
      first.executed.map(({ amount }) => BigInt(amount)),
      [ETHER],
    );
    assert.match(first.skipped[0]!.reason, /does not know token .* register-token/);
    await doneThere('wallet', 'register-token', '--token-address', token);
    const second = await execute();
    assert.deepEqual(
      second.executed.map(({ amount }) => BigInt(amount)),
      [2n * ETHER],
    );
    await there.settle(4);
    assert.deepEqual(await balancesThere(), [
      [0, ETHER],
      [2, 2n * ETHER],
    ]);
  });

  it('refuses lists of least amounts that say nothing or two things', async () => {
    for (const list of ['0', '0:1,0:2', '0:-1', '']) {
      const { code, stderr } = await run('moves', 'execute', '--destination', '0', '--min-amount', list);
      assert.equal(code, 2, stderr);
    }
  });

  it('keeps looking with --watch, and ends when it is told to', async () => {
    const child = spawnCli(
      ['moves', 'execute', '--keystore', executorKey, '--destination', '0', '--watch', '--l1-poll-ms', '50', '--json'],
      { environment },
    );
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const next = async () => JSON.parse((await lines.next()).value as string) as Executed;
    assert.deepEqual(await next(), NOTHING);
    await done('wallet', 'move', '--amount', '1', '--destination', '0');
    await here.settle(2);
    assert.equal((await next()).executed[0]!.count, 1);
    child.kill('SIGINT');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
  });

  it('claims what a destination in its exodus no longer takes', async () => {
    await done('wallet', 'move', '--amount', '2', '--destination', '0');
    await here.settle(2);
    await doneThere('wallet', 'deposit', '--amount', '1');
    await there.stop();
    await connection.send('evm_increaseTime', [AGES_SECONDS]);
    await connection.send('evm_mine', []);
    await doneThere('wallet', 'exodus');
    const { executed, skipped } = await execute();
    assert.deepEqual([executed.length, skipped.length], [0, 1]);
    assert.match(skipped[0]!.reason, /exodus.*wallet claim --moves/);
    const refused = await run('wallet', 'move', '--amount', '1', '--destination', '0');
    assert.match(refused.stderr, /DESTINATION_REFUSES.*exodus/);
    assert.deepEqual((await placed()).at(-1), ['claimable', 2n * ETHER]);
    const before = await connection.getBalance(ELSEWHERE);
    const { paid } = await done<{ paid: { amount: string }[] }>('wallet', 'claim', '--moves', '--to', ELSEWHERE);
    assert.deepEqual(
      paid.map(({ amount }) => BigInt(amount)),
      [2n * ETHER],
    );
    assert.equal((await connection.getBalance(ELSEWHERE)) - before, 2n * ETHER);
    assert.equal((await places()).at(-1)!.place, 'claimed');
    assert.deepEqual(await done('wallet', 'claim', '--moves'), { paid: [] });
  });
});

/** `quittance channel watch`: a cheat is answered, the money comes, once and as a process; files that cannot be believed are told. */

import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { channelCalls, createChannelsReader, createProvider } from '@quittance/chain';
import { type ChannelState, channelStateHash, PROFILES, signChannelState } from '@quittance/protocol';
import { type ExportedChannel, encodeChannelExport } from '@quittance/sdk/channels';
import { getBytes, type JsonRpcProvider } from 'ethers';
import { openChannelStore } from '../../channels/index.ts';
import { LOCAL_CHAIN_ID, type LocalChain, startAnvil } from '../../cli/devnet/anvil.ts';
import { type DeployedRollup, deployLocally } from '../../cli/devnet/deploy.ts';
import { l1Wallet } from '../../cli/devnet/people.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { runCli, spawnCli, writePrivate } from '../support/process/cli.ts';

const TIMEOUT_MS = 120_000;
const PERIOD = 3_600;
const ETHER = 10n ** 18n;
/** Positions on the mnemonic of the parties, and of whoever watches for others. */
const [A, B, GUARD] = [20, 21, 3] as const;

interface Looked {
  readonly channels: readonly { readonly vault: string; readonly phase: string; readonly standing?: number }[];
  readonly actions: readonly { readonly move: string; readonly result: string }[];
  readonly problems: readonly { readonly where: string; readonly message: string }[];
}

describe('quittance channel watch', function () {
  this.timeout(TIMEOUT_MS);
  let folder: string;
  let l1: LocalChain;
  let provider: JsonRpcProvider;
  let rollup: DeployedRollup;
  let nonce = 0n;
  before(async function () {
    this.timeout(TIMEOUT_MS);
    folder = mkdtempSync(join(tmpdir(), 'quittance-channel-watch-'));
    l1 = await startAnvil();
    provider = createProvider({ url: l1.url, chainId: LOCAL_CHAIN_ID });
    rollup = await deployLocally(provider, PROFILES.quick, createGroth16Simulator('cli/channel').verifyingKey);
    for (const position of [A, B, GUARD]) {
      await provider.send('anvil_setBalance', [l1Wallet(position).address, `0x${(10n * ETHER).toString(16)}`]);
    }
  });
  after(async () => {
    provider?.destroy();
    await l1?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A new channel of A and B, everything B's but 1 ETH. */
  async function channel() {
    nonce += 1n;
    const [a, b] = [l1Wallet(A), l1Wallet(B)];
    const terms = { tokenId: 0, a: a.address, b: b.address, period: PERIOD, nonce };
    const reader = createChannelsReader({ provider, chainId: LOCAL_CHAIN_ID, contract: rollup.channels });
    const calls = channelCalls(await reader.connect());
    const vault = reader.vaultOf(terms);
    const contract = { chainId: LOCAL_CHAIN_ID, channels: rollup.channels };
    const signed = (version: number, claim: bigint): ExportedChannel => {
      const state: ChannelState = { version, claim, residualIsB: true, htlcs: [] };
      const hash = channelStateHash(contract, vault, state);
      const [first, second] = [a, b].map(({ privateKey }) => signChannelState(hash, getBytes(privateKey)));
      return { terms, vault, party: 'b', state, signatures: [first!, second!], secrets: [], contract };
    };
    const sent = async (call: { to: string; data: string; value: bigint }) =>
      (await a.connect(provider).sendTransaction(call)).wait();
    return {
      ...{ reader, terms, vault, signed },
      fund: (value: bigint) => sent({ to: vault, data: '0x', value }),
      close: (shown: ExportedChannel) => sent(calls.close(shown, { accountIndices: [], priorityFee: 0n })),
      async pass(seconds: number) {
        await provider.send('evm_increaseTime', [seconds]);
        await provider.send('evm_mine', []);
      },
      closeOf: () => reader.closeOf(vault),
    };
  }
  const environmentOf = (position: number): Record<string, string> => ({
    QUITTANCE_L1_URL: l1.url,
    QUITTANCE_CHANNELS: rollup.channels,
    QUITTANCE_KEYSTORE: writePrivate(folder, `${position}.key`, l1Wallet(position).privateKey),
  });
  const watch = (position: number, ...args: string[]) =>
    runCli(['channel', 'watch', ...args], { environment: environmentOf(position) });
  const looked = async (position: number, ...args: string[]): Promise<Looked> => {
    const { code, stdout, stderr } = await watch(position, '--once', '--json', ...args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Looked;
  };
  const movesOf = ({ actions }: Looked) => actions.map(({ move, result }) => `${move} ${result}`);
  const fileOf = (name: string, ...states: ExportedChannel[]): string => {
    const file = join(folder, name);
    writeFileSync(file, encodeChannelExport(states));
    return file;
  };

  it('answers a cheat, settles and is paid, look by look', async () => {
    const one = await channel();
    await one.fund(3n * ETHER);
    await one.close(one.signed(1, 3n * ETHER));
    const file = fileOf('b.json', one.signed(7, ETHER));
    assert.deepEqual(movesOf(await looked(B, '--states', file)), ['challenge done']);
    assert.equal((await one.closeOf())?.version, 7);
    const { stdout } = await watch(B, '--states', file, '--once');
    assert.match(stdout, /^channel +close +our version +on L1 +move +next at$/m);
    assert.match(stdout, new RegExp(`^${one.vault} +ours +7 +7 +wait +\\d{4}-`, 'm'));
    await one.pass(PERIOD);
    const before = await provider.getBalance(l1Wallet(B).address);
    assert.deepEqual(movesOf(await looked(B, '--states', file)), [
      ...['settle done', 'payout done', 'collectBonds done'],
    ]);
    const gained = (await provider.getBalance(l1Wallet(B).address)) - before;
    assert.ok(gained > 2n * ETHER + 4n * 10n ** 16n, `${gained}`);
    assert.deepEqual(movesOf(await looked(B, '--states', file)), []);
  });

  it('reads its own store while another process has it open', async () => {
    const one = await channel();
    await one.close(one.signed(1, ETHER));
    const file = join(folder, 'channels.db');
    const store = openChannelStore({ file, chainId: LOCAL_CHAIN_ID, channels: rollup.channels });
    const { state, signatures, terms, vault } = one.signed(4, 0n);
    const record = {
      ...{ terms, vault, party: 'b' as const, newest: { state, signatures }, isOrderer: false, asked: [] },
      ...{ capacity: ETHER, isMoving: false, isClosing: false },
    };
    await store.commit([{ vault, record, applied: [], at: 1 }]);
    try {
      assert.deepEqual(movesOf(await looked(B, '--store', file)), ['challenge done']);
    } finally {
      store.close();
    }
  });

  it('guards for others, and pays for nothing else', async () => {
    const one = await channel();
    await one.fund(ETHER);
    await one.close(one.signed(1, ETHER));
    const states = join(folder, 'clients');
    mkdirSync(states);
    writeFileSync(join(states, 'one.json'), encodeChannelExport([one.signed(3, 0n)]));
    writeFileSync(join(states, 'older.json'), encodeChannelExport([one.signed(2, 0n)]));
    writeFileSync(join(states, 'no.json'), '{"format": 7}');
    const forged = { ...one.signed(9, 0n), signatures: one.signed(8, 0n).signatures };
    writeFileSync(join(states, 'forged.json'), encodeChannelExport([forged]));
    const first = await looked(GUARD, '--states', states, '--mode', 'guard');
    assert.deepEqual(movesOf(first), ['challenge done']);
    assert.deepEqual(
      first.problems.map(({ where }) => where.replace(`${states}/`, '').split(',')[0]),
      ['forged.json', 'no.json'],
    );
    assert.equal((await one.closeOf())?.version, 3);
    await one.pass(PERIOD);
    const later = await looked(GUARD, '--states', states, '--mode', 'guard');
    assert.deepEqual([movesOf(later), later.channels[0]!.phase], [[], 'ready']);
  });

  it('runs until it is interrupted, and takes files that come later', async () => {
    const one = await channel();
    const states = join(folder, 'later');
    mkdirSync(states);
    const child = spawnCli(
      ['channel', 'watch', '--states', states, '--l1-poll-ms', '100', '--json', '--log-level', 'info'],
      { environment: environmentOf(B) },
    );
    try {
      let said = '';
      const { promise: ready, resolve } = Promise.withResolvers<void>();
      const { promise: challenged, resolve: seen } = Promise.withResolvers<void>();
      child.stdout!.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said.includes('\n')) resolve();
      });
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('was shown in the place of an older one')) seen();
      });
      await ready;
      assert.equal((JSON.parse(said) as { channels: number }).channels, 0);
      writeFileSync(join(states, 'b.json'), encodeChannelExport([one.signed(5, 0n)]));
      await one.close(one.signed(1, ETHER));
      await challenged;
      assert.equal((await one.closeOf())?.version, 5);
      const ended = new Promise((done) => child.once('close', done));
      child.kill('SIGTERM');
      assert.equal(await ended, 0);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('says what it needs, and refuses what is none of it', async () => {
    const nothing = await watch(B, '--once');
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /nothing to watch over: give --store/);
    const file = fileOf('any.json');
    const wrong = await watch(B, '--once', '--states', file, '--channels', rollup.contract);
    assert.equal(wrong.code, 2, wrong.stderr);
    assert.match(wrong.stderr, /is none of payment channels/);
    const missing = await watch(B, '--once', '--states', join(folder, 'nowhere'));
    assert.match(missing.stderr, /the states in .*nowhere cannot be read/);
    const elsewhere = await watch(B, '--once', '--states', file, '--contract', rollup.token);
    assert.match(elsewhere.stderr, /has the channels of the rollup .* not of/);
  });
});

/** Channels as their users have them: a hub, two wallets, and each command in a process of its own, on a devnet. */

import { strict as assert } from 'node:assert';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createChannelsReader, createProvider } from '@quittance/chain';
import { decodeChannelExport, encodeInvoice, parseInvoice } from '@quittance/sdk/channels';
import { getBytes, parseEther } from 'ethers';
import { createStateKeys } from '../../channels/index.ts';
import { type CliResult, runCli, spawnCli, writePrivate } from '../support/process/cli.ts';
import { type DevnetProcess, startDevnet } from '../support/process/devnet.ts';
import { until } from '../support/until.ts';

const TIMEOUT_MS = 240_000;
/** Positions of the devnet's accounts. */
const [ALICE, BOB, CAROL, OTHER_HUB, HUB] = [0, 1, 2, 8, 9] as const;
const TOKENS = '0:1000000000000000:5000000000000000000:1000000000000000000';

interface Channel {
  readonly vault: string;
  readonly stage: string;
  readonly ours: string;
  readonly theirs: string;
  readonly isOurs: boolean;
  readonly isConnected: boolean;
}

/** A process whose lines are heard. */
interface Spoken {
  readonly child: ChildProcess;
  readonly lines: string[];
  said(): string;
  readonly ended: Promise<number | null>;
  /** Its nth line, as JSON. */
  line<T>(place: number): Promise<T>;
}

function speak(args: readonly string[]): Spoken {
  const child = spawnCli([...args, '--json']);
  const lines: string[] = [];
  let said = '';
  createInterface({ input: child.stdout! }).on('line', (line) => lines.push(line));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  let code: number | null | undefined;
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (status) => {
      code = status;
      resolve(status);
    }),
  );
  return {
    child,
    lines,
    said: () => said,
    ended,
    async line<T>(place: number) {
      await until(
        () => {
          assert.ok(lines.length > place || code === undefined, `it ended with ${code}: ${said}`);
          return lines.length > place;
        },
        `line ${place} of ${args.slice(0, 2).join(' ')}`,
      );
      return JSON.parse(lines[place]!) as T;
    },
  };
}

describe('quittance hub and quittance channel', function () {
  this.timeout(TIMEOUT_MS);
  let folder: string;
  let devnet: DevnetProcess;
  let hub: Spoken;
  let hubUrl: string;
  let hubPort: string;
  let metricsUrl: string;
  const running = new Set<ChildProcess>();

  const configOf = (position: number): string => devnet.info.configs.accounts[position]!;
  const at = (name: string): string => join(folder, name);
  const argsOf = (position: number, store: string, ...args: string[]): string[] => [
    ...args,
    ...['--config', configOf(position), '--store', at(store)],
  ];
  const channel = (position: number, store: string, ...args: string[]): Promise<CliResult> =>
    runCli([...argsOf(position, store, 'channel', ...args), '--json']);
  const done = async <T>(position: number, store: string, ...args: string[]): Promise<T> => {
    const { code, stdout, stderr } = await channel(position, store, ...args);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as T;
  };
  const fails = async (expected: number, position: number, store: string, ...args: string[]) => {
    const { code, stderr, stdout } = await channel(position, store, ...args);
    assert.equal(code, expected, `${stdout}${stderr}`);
    const error = stderr.trim().split('\n').at(-1)!;
    return (JSON.parse(error) as { error: { code: string; message: string } }).error;
  };
  const keep = (spoken: Spoken): Spoken => {
    running.add(spoken.child);
    spoken.child.once('close', () => running.delete(spoken.child));
    return spoken;
  };
  const hubArgs = (position: number, store: string, ...more: string[]): string[] =>
    argsOf(position, store, 'hub', '--tokens', TOKENS, '--fee-ppm', '1000', ...more);
  const startHub = async (port: string): Promise<void> => {
    hub = keep(speak(hubArgs(HUB, 'hub.db', '--port', port, '--metrics-port', '0')));
    type Said = { url: string; metricsUrl: string; address: string };
    const said = await hub.line<Said>(0);
    ({ url: hubUrl, metricsUrl } = said);
    hubPort = new URL(hubUrl).port;
  };
  const waitForPayment = async (amount: string, memo = '') => {
    const flags = ['--amount', amount, '--wait', ...(memo === '' ? [] : ['--memo', memo])];
    const waiting = keep(speak(argsOf(BOB, 'bob.db', 'channel', 'invoice', ...flags)));
    const { invoice, hash } = await waiting.line<{ invoice: string; hash: string }>(0);
    return { waiting, invoice, hash };
  };
  const softOf = async (position: number): Promise<bigint> => {
    const { stdout } = await runCli(['wallet', 'balance', '--config', configOf(position), '--json']);
    const { accounts } = JSON.parse(stdout) as { accounts: { tokenId: number; balance: string }[] };
    return BigInt(accounts.find(({ tokenId }) => tokenId === 0)!.balance);
  };

  before(async function () {
    this.timeout(TIMEOUT_MS);
    folder = mkdtempSync(join(tmpdir(), 'quittance-channel-'));
    devnet = await startDevnet(['--mode', 'optimistic', '--state', at('devnet')]);
    await startHub('0');
  });
  after(async () => {
    for (const child of running) child.kill('SIGKILL');
    devnet?.child.kill('SIGTERM');
    await devnet?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('says where the hub is and who, and that it is ready', async () => {
    const said = await hub.line<Record<string, string>>(0);
    assert.match(hubUrl, /^ws:\/\/127\.0\.0\.1:\d+\/channels\/v1$/);
    assert.equal(said['address'], devnet.info.accounts[HUB]!.address.toLowerCase());
    assert.equal(said['channels'], devnet.info.channels);
    assert.deepEqual(await (await fetch(new URL('/readyz', metricsUrl))).json(), { ready: true });
  });

  it('refuses keys elsewhere, none, those that do not open, and another contract, before anything is made', async () => {
    const { l1Url, rpcUrl, contract, channels } = devnet.info;
    const places = ['--l1-url', l1Url, '--rpc-url', rpcUrl, '--contract', contract, '--channels', channels];
    const elsewhere = await runCli(['hub', ...places, '--signer-url', l1Url, '--store', at('none.db')]);
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.stderr, /channels need a key in a file: .*--signer-url.*Give --keystore/);
    const none = await runCli(['channel', 'list', ...places, '--store', at('none.db')]);
    assert.equal(none.code, 2);
    assert.match(none.stderr, /no account was named: give --keystore/);
    const keystore = at('locked.json');
    const [right, wrong] = [
      writePrivate(folder, 'right', 'correct horse'),
      writePrivate(folder, 'wrong', 'battery staple'),
    ];
    assert.equal((await runCli(['wallet', 'new', '--keystore', keystore, '--password-file', right])).code, 0);
    const key = ['--keystore', keystore, '--password-file', wrong];
    const locked = await runCli(['channel', 'list', ...places, ...key, '--store', at('none.db')]);
    assert.equal(locked.code, 2);
    assert.match(locked.stderr, /the password does not open/);
    const foreign = await fails(2, ALICE, 'none.db', 'list', '--channels', contract);
    assert.equal(foreign.code, 'L1_WRONG_CHAIN');
    assert.equal(existsSync(at('none.db')), false);
  });

  it('refuses what the hub does not take, with its numbers, before any money moves', async () => {
    const open = ['open', '--hub', hubUrl];
    // Each with a store of its own, so at the same time.
    const [much, inbound, short, away, odd] = await Promise.all([
      fails(5, CAROL, 'carol1.db', ...open, '--amount', '9'),
      fails(5, CAROL, 'carol2.db', ...open, '--amount', '0.1', '--inbound', '0.2'),
      fails(5, CAROL, 'carol3.db', ...open, '--amount', '0.1', '--period', '60s'),
      fails(3, CAROL, 'carol4.db', 'open', '--hub', 'ws://127.0.0.1:1', '--amount', '0.1'),
      fails(2, CAROL, 'carol.db', ...open, '--amount', '0.1000000000001234'),
    ]);
    assert.match(much.message, /a channel is of 0\.001 ETH to 5\.0 ETH, not of 9\.0 ETH/);
    assert.match(inbound.message, /more than the 100000000000000000 that you have paid in/);
    assert.match(short.message, /its period is 60 s, 3600 to 604800 s are taken/);
    assert.match(away.message, /nobody answers at ws:\/\/127\.0\.0\.1:1\/channels\/v1: check the URL/);
    assert.match(odd.message, /the amounts next to it are/);
    assert.deepEqual(await done<Channel[]>(CAROL, 'carol.db', 'list'), []);
    const text = await runCli(argsOf(CAROL, 'carol.db', 'channel', 'list'));
    assert.match(text.stdout, /^no channel yet: quittance channel open --hub/);
  });

  it('opens channels, one of them interrupted and gone on with, one paid in by the hub too', async () => {
    const before = await softOf(ALICE);
    const open = ['open', '--hub', hubUrl, '--amount', '0.5'];
    const bobs = done(BOB, 'bob.db', ...open, '--inbound', '0.2');
    const first = keep(speak(argsOf(ALICE, 'alice.db', 'channel', ...open)));
    await until(() => /its? money|has its money/.test(first.said()), 'the money on its way', { explain: first.said });
    first.child.kill('SIGINT');
    assert.equal(await first.ended, 130);
    assert.match(first.said(), /the same command goes on from here, and pays nothing in twice/);
    type Opened = { channels: Channel[] };
    const again = await done<Opened>(ALICE, 'alice.db', ...open);
    assert.equal(again.channels.length, 1);
    assert.equal(BigInt(again.channels[0]!.ours), parseEther('0.5'));
    const third = await channel(ALICE, 'alice.db', ...open);
    assert.match(third.stderr, /there is a channel of 0\.5 ETH with this hub already; --count 2 opens one more/);
    const paid = before - (await softOf(ALICE));
    assert.ok(paid >= parseEther('0.5') && paid < parseEther('0.51'), `${paid} was paid in`);
    await bobs;
    const bob = await done<Channel[]>(BOB, 'bob.db', 'list');
    assert.deepEqual(
      bob.map(({ isOurs, ours, theirs, stage }) => [isOurs, BigInt(ours), BigInt(theirs), stage]).toSorted(),
      [
        [false, 0n, parseEther('0.2'), 'open'],
        [true, parseEther('0.5'), 0n, 'open'],
      ],
    );
  });

  it('pays an invoice once, with a receipt, and lists what moved', async () => {
    const { waiting, invoice, hash } = await waitForPayment('0.05', 'two coffees');
    type Paid = { receipt: string; fee: string; isNew: boolean; memo: string; hash: string };
    const paid = await done<Paid>(ALICE, 'alice.db', 'pay', invoice);
    assert.deepEqual([paid.isNew, paid.memo, paid.hash], [true, 'two coffees', hash]);
    assert.equal(BigInt(paid.fee), parseEther('0.00005'));
    assert.equal(await waiting.ended, 0);
    assert.equal((JSON.parse(waiting.lines[1]!) as { hash: string }).hash, hash);
    const again = await done<Paid>(ALICE, 'alice.db', 'pay', invoice);
    assert.deepEqual([again.isNew, again.receipt], [false, paid.receipt]);
    const [alices] = await done<[Channel]>(ALICE, 'alice.db', 'list', '--export', at('alice.json'));
    assert.equal(BigInt(alices.ours), parseEther('0.5') - parseEther('0.05005'));
    const [exported] = decodeChannelExport(readFileSync(at('alice.json'), 'utf8'));
    assert.deepEqual([exported!.vault, exported!.state.htlcs], [alices.vault, []]);
    const metrics = await (await fetch(metricsUrl.replace(/\/?$/, '/metrics'))).text();
    assert.match(metrics, /^quittance_hub_payments_total 1$/m);
    assert.match(metrics, /^quittance_hub_channels_count\{stage="open"\} 3$/m);
    assert.match(metrics, /^quittance_hub_htlcs_count 0$/m);
    assert.match(metrics, /^quittance_build_info\{.*role="hub".*\} 1$/m);
  });

  it('says why an invoice is not paid, and pays nothing', async () => {
    const { waiting, invoice } = await waitForPayment('0.01');
    const changed = await fails(5, ALICE, 'alice.db', 'pay', invoice.replace('amount=1', 'amount=2'));
    assert.match(changed.message, /not by its payee/);
    const dear = await fails(5, ALICE, 'alice.db', 'pay', invoice, '--most-fee', '0.000001');
    assert.match(dear.message, /the hubs keep/);
    // Signed by Bob, who did not write it down.
    const { accounts, channels } = devnet.info;
    const secretKey = getBytes(accounts[BOB]!.privateKey);
    const keys = createStateKeys({ contract: { chainId: 31_337n, channels }, secretKey, now: () => 0 });
    const unknown = encodeInvoice({ ...parseInvoice(invoice, keys), hash: `0x${'ab'.repeat(32)}` }, keys);
    const tiny = encodeInvoice({ ...parseInvoice(invoice, keys), amount: 1n }, keys);
    const unasked = await fails(5, ALICE, 'alice.db', 'pay', tiny);
    assert.equal(unasked.code, 'FEE_DISPROPORTIONATE');
    assert.match(
      unasked.message,
      /nothing was paid: the hubs keep .* more than a tenth of what the payee gets.* --most-fee/,
    );
    const refused = await fails(5, ALICE, 'alice.db', 'pay', unknown);
    assert.match(refused.message, /UNKNOWN_HASH.*the payee does not know this invoice/);
    const poor = await fails(2, CAROL, 'carol.db', 'pay', invoice);
    assert.match(poor.message, /there is no open channel in ETH to pay from: quittance channel open/);
    const taken = await fails(2, BOB, 'bob.db', 'list');
    assert.match(taken.message, /is open in another process, and only one can have it.*end it first/);
    waiting.child.kill('SIGINT');
    assert.equal(await waiting.ended, 130);
    assert.match(waiting.said(), /quittance channel invoice <invoice> --wait goes on/);
    const away = await fails(5, ALICE, 'alice.db', 'pay', invoice);
    assert.match(away.message, /PEER_AWAY.*channel invoice --wait/);
    const much = await fails(5, BOB, 'bob.db', 'invoice', '--amount', '0.4');
    assert.match(much.message, /no channel can take 0\.4 ETH: the most that one can is 0\.15 ETH/);
    const [alices] = await done<[Channel]>(ALICE, 'alice.db', 'list');
    assert.equal(BigInt(alices.ours), parseEther('0.5') - parseEther('0.05005'));
    // The same invoice again, now that its payee is there: after a failure it is paid anew.
    const again = keep(speak(argsOf(BOB, 'bob.db', 'channel', 'invoice', invoice, '--wait')));
    await until(() => /waiting to be paid 0\.01 ETH/.test(again.said()), 'the payee', { explain: again.said });
    await done(ALICE, 'alice.db', 'pay', invoice);
    assert.equal(await again.ended, 0);
    const theirs = await fails(1, ALICE, 'alice.db', 'invoice', invoice, '--wait');
    assert.match(theirs.message, /was not made with .*alice\.db: name the store of its payee/);
  });

  it('lets nobody use the store of another party', async () => {
    const wrong = await fails(2, CAROL, 'alice.db', 'list');
    assert.equal(wrong.code, 'DATABASE_FOREIGN');
    assert.match(wrong.message, /has the channels of 0x[0-9a-f]{40}, and the key is that of/);
  });

  it('goes on when the hub was killed', async () => {
    const { waiting, invoice } = await waitForPayment('0.02');
    hub.child.kill('SIGKILL');
    await hub.ended;
    const away = await fails(3, ALICE, 'alice.db', 'pay', invoice);
    assert.equal(away.code, 'CHANNEL_PEER_AWAY');
    const [alone] = await done<[Channel]>(ALICE, 'alice.db', 'list');
    assert.equal(alone.isConnected, false);
    await startHub(hubPort);
    // The payee's line to the hub comes back by itself, a moment after the hub.
    await until(async () => (await channel(ALICE, 'alice.db', 'pay', invoice)).code === 0, 'the payment');
    assert.equal(await waiting.ended, 0);
  });

  it('pays over the payee’s hub, too, where that is another one', async () => {
    // A hub opens with another one as whoever else does, with its own store.
    const between = ['open', '--hub', hubUrl, '--amount', '0.4', '--inbound', '0.3'];
    await done(OTHER_HUB, 'other.db', ...between);
    const other = keep(speak(hubArgs(OTHER_HUB, 'other.db', '--port', '0')));
    const { url } = await other.line<{ url: string }>(0);
    await done(CAROL, 'carol.db', 'open', '--hub', url, '--amount', '0.3', '--inbound', '0.2');
    const flags = ['--amount', '0.1', '--wait'];
    const waiting = keep(speak(argsOf(CAROL, 'carol.db', 'channel', 'invoice', ...flags)));
    const { invoice } = await waiting.line<{ invoice: string }>(0);
    const paid = await done<{ fee: string; hubs: string[] }>(ALICE, 'alice.db', 'pay', invoice);
    assert.deepEqual(
      paid.hubs,
      [HUB, OTHER_HUB].map((position) => devnet.info.accounts[position]!.address.toLowerCase()),
    );
    // A thousandth for the last hub, and of all that for the first one.
    assert.equal(BigInt(paid.fee), parseEther('0.0002001'));
    assert.equal(await waiting.ended, 0);
    other.child.kill('SIGTERM');
    assert.equal(await other.ended, 0);
  });

  it('closes together, waits until that is final, and pays each its part', async () => {
    const before = await softOf(BOB);
    const list = await done<Channel[]>(BOB, 'bob.db', 'list');
    const inbound = list.find(({ isOurs }) => !isOurs)!;
    assert.equal(BigInt(inbound.ours), parseEther('0.08'));
    type Closed = { stage: string; how: string };
    const closed = await done<Closed>(BOB, 'bob.db', 'close', inbound.vault);
    assert.deepEqual([closed.stage, closed.how], ['closed', 'together']);
    assert.equal((await softOf(BOB)) - before, parseEther('0.08'));
    const again = await channel(BOB, 'bob.db', 'close', inbound.vault);
    assert.equal(again.code, 0);
    const after = await done<Channel[]>(BOB, 'bob.db', 'list');
    assert.equal(after.find(({ vault }) => vault === inbound.vault)!.stage, 'closed');
    const unknown = await fails(1, BOB, 'bob.db', 'close', `0x${'12'.repeat(20)}`);
    assert.match(unknown.message, /there is no channel 0x1212/);
  });

  it('ends at the first SIGINT, and a channel is closed without it on L1', async () => {
    hub.child.kill('SIGINT');
    assert.equal(await hub.ended, 0, hub.said());
    const [alices] = await done<[Channel]>(ALICE, 'alice.db', 'list');
    const away = await fails(3, ALICE, 'alice.db', 'close', alices.vault);
    assert.match(away.message, /is not there .*close without it: quittance channel close 0x[0-9a-f]{40} --alone/);
    // Nothing of it asks the sequencer, nor of the list.
    const listed = await channel(ALICE, 'alice.db', 'list', '--rpc-url', 'http://127.0.0.1:1');
    assert.equal(listed.code, 0, listed.stderr);
    assert.match(listed.stderr, /127\.0\.0\.1:1 does not answer: channels are shown as they were known last/);
    assert.deepEqual(
      (JSON.parse(listed.stdout) as Channel[]).map(({ vault }) => vault),
      [alices.vault],
    );
    const alone = await channel(ALICE, 'alice.db', 'close', alices.vault, '--alone', '--rpc-url', 'http://127.0.0.1:1');
    assert.equal(alone.code, 0, alone.stderr);
    assert.match(alone.stderr, /takes a bond of 0\.05 ETH, which comes back/);
    assert.match(alone.stderr, /anybody can show a newer state for 1d/);
    assert.match(alone.stderr, /now run quittance channel watch --store .*alice\.db: it/);
    const { l1Url, channels } = devnet.info;
    const provider = createProvider({ url: l1Url, chainId: 31_337n });
    try {
      const close = await createChannelsReader({ provider, chainId: 31_337n, contract: channels }).closeOf(
        alices.vault,
      );
      assert.equal(close?.version, (JSON.parse(alone.stdout) as { version: number }).version);
    } finally {
      provider.destroy();
    }
    const twice = await channel(ALICE, 'alice.db', 'close', alices.vault, '--alone');
    assert.equal(twice.code, 0, twice.stderr);
    assert.match(twice.stderr, /it is being closed on L1 already/);
    const [closing] = await done<[Channel]>(ALICE, 'alice.db', 'list');
    assert.equal(closing.stage, 'closing');
  });
});

/**
 * A rollup whose chunks two machines prove: a worker is killed, the sequencer is killed, somebody lies, and all are paid. Every part
 * is the command line in a process of its own, with proofs by snarkjs, which take long enough to be interrupted.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressText, PROFILES } from '@quittance/protocol';
import { createClient, formatReceiver, signIntent } from '@quittance/sdk';
import { shippedKey } from '../../../../cli/setup/key.ts';
import { FleetClient, type FleetStatus, type PickAnswer } from '../../../../prover/index.ts';
import { type OpsRollup, type Running, startOpsRollupOf } from '../../../../test/support/ops/rollup.ts';
import { freePort } from '../../../../test/support/process/machine.ts';
import { createPerson, type Person } from '../../../../test/support/rollup/person.ts';
import { until } from '../../../../test/support/until.ts';
import { attack } from './hostile.ts';
import type { FleetResult } from './result.ts';

type RealResult = Omit<FleetResult, 'workers' | 'proofsPerSecond' | 'efficiency'>;

const REWARD = 1_000_000n;
const FEE = 10n;
/** A proof of snarkjs takes half a minute, several at once on few cores longer. */
const PATIENCE_MS = 300_000;
const waitFor = (condition: () => boolean | Promise<boolean>, what: string, explain = () => '') =>
  until(condition, what, { timeoutMs: PATIENCE_MS, explain });

interface Delivered {
  readonly batch: number;
  readonly chunk: number;
  readonly result: string;
}

/** What a worker says that it delivered. */
function deliveredBy(worker: Running): Delivered[] {
  const lines = worker
    .log()
    .split('\n')
    .filter((line) => line.includes('"delivered a proof"'));
  return lines.map((line) => JSON.parse(line) as Delivered);
}

class Scene {
  readonly rollup: OpsRollup;
  readonly #ports: { readonly rpc: number; readonly prover: number };
  readonly #operator: FleetClient;
  readonly payees = ['a', 'b'].map((name) => createPerson(`payee ${name}`));
  sequencer!: Running;

  constructor(rollup: OpsRollup, ports: { readonly rpc: number; readonly prover: number }, operator: string) {
    this.rollup = rollup;
    this.#ports = ports;
    this.#operator = new FleetClient({ urls: [this.proverUrl], token: operator });
  }

  get proverUrl(): string {
    return `http://127.0.0.1:${this.#ports.prover}`;
  }

  get client() {
    return createClient({ url: `http://127.0.0.1:${this.#ports.rpc}` });
  }

  async startSequencer(): Promise<void> {
    const { rollup } = this;
    const port = String(this.#ports.rpc);
    this.sequencer = await rollup.start(
      ...['sequencer', '--mode', 'zk', '--keystore', rollup.keys.producer, '--database', join(rollup.folder, 's.db')],
      ...[
        '--port',
        port,
        '--metrics-port',
        '0',
        '--l1-poll-ms',
        '200',
        '--seal-after',
        '2',
        '--fee-tokens',
        `0:${FEE}`,
      ],
      ...['--prover', 'none', '--prover-port', String(this.#ports.prover), '--prover-reward', `0:${REWARD}`],
    );
  }

  /** A worker with a token; its rewards go to this person. */
  async startWorker(name: string, payee: Person | undefined): Promise<Running> {
    const file = await addToken(this.rollup, name, payee);
    return this.rollup.start(
      ...['prover', 'start', '--url', this.proverUrl, '--token-file', file, '--name', name],
      ...['--prover', 'snarkjs'],
    );
  }

  status(): Promise<FleetStatus> {
    return this.#operator.status();
  }

  /** Waits for a chunk as a worker does, and gives it back. */
  async waitForWork(): Promise<PickAnswer> {
    const { circuit } = await this.status();
    const asking = { worker: 'spare', version: 'bench', circuits: [circuit], backend: 'none', memoryBytes: 0 };
    for (;;) {
      const pick = await this.#operator.pick({ ...asking, waitMs: 20_000 });
      if (pick === undefined) continue;
      const { lease, statement } = pick;
      await this.#operator.fail(lease, { worker: 'spare', statement, reason: 'measured', released: true });
      return pick;
    }
  }

  /** Waits until all that was sealed is final. */
  async settle(): Promise<void> {
    await waitFor(
      async () => {
        const { sealedBatch, finalBatch, openTransfers } = await this.client.call('rollup_syncStatus', {});
        return openTransfers === 0 && sealedBatch === finalBatch;
      },
      'finality',
      () => this.sequencer.log(),
    );
  }

  async balanceOf({ owner, keyPair }: Person): Promise<bigint> {
    const accounts = await this.client.call('rollup_getAccounts', { owner: addressText(owner) });
    const account = accounts.find(({ keyY }) => BigInt(keyY) === keyPair.publicKey.y);
    return BigInt(account?.balance ?? 0);
  }

  async received(): Promise<bigint> {
    const balances = await Promise.all(this.payees.map((payee) => this.balanceOf(payee)));
    return balances.reduce((sum, balance) => sum + balance, 0n);
  }
}

/** @returns the file of the token. */
async function addToken(rollup: OpsRollup, name: string, payee?: Person): Promise<string> {
  const out = join(rollup.folder, `${name}.token`);
  const whom = payee && formatReceiver({ owner: payee.owner, keyY: payee.keyPair.publicKey.y });
  const { code, stderr } = await rollup.run(
    ...['prover', 'token', 'add', '--database', join(rollup.folder, 's.db'), '--name', name, '--out', out],
    ...(whom === undefined ? [] : ['--payee', whom]),
  );
  if (code !== 0) throw new Error(stderr);
  return out;
}

async function deposit({ rollup }: Scene, to: readonly string[]): Promise<void> {
  const args = ['wallet', 'deposit', '--keystore', rollup.keys.producer, '--amount', '1', ...to];
  const { code, stderr } = await rollup.run(...args);
  if (code !== 0) throw new Error(stderr);
}

/** Sends so many transfers of one account: 16 fill a chunk. */
async function pay({ client }: Scene, payer: Person, count: number): Promise<void> {
  const [account] = await client.call('rollup_getAccounts', { owner: addressText(payer.owner) });
  const { domain } = await client.call('rollup_getConfig', {});
  const { index: from, nonce } = account!;
  const operator = await client.call('rollup_getAccount', { index: 0 });
  const receiver = { keyY: BigInt(operator!.keyY), owner: BigInt(operator!.owner) };
  const common = { kind: 'transfer', from, to: 0, receiver, amount: 1n, fee: FEE, validUntil: 0 } as const;
  const signed = Array.from({ length: count }, (_, position) =>
    signIntent(payer.keyPair, BigInt(domain), { ...common, nonce: nonce + position }),
  );
  for (const answer of await client.sendAll(signed)) if ('error' in answer) throw new Error(answer.error.message);
}

/** Kills a worker that proves while another one waits for work, and gets its chunk. @returns after how many seconds. */
async function killWorker(scene: Scene, worker: Running, name: string): Promise<number> {
  const held = (await scene.status()).leases.find((lease) => lease.worker === name)!;
  await worker.end('SIGKILL');
  const killedMs = performance.now();
  const pick = await scene.waitForWork();
  if (pick.batch !== held.batch || pick.chunk !== held.chunk) throw new Error('another chunk was free');
  return Math.round((performance.now() - killedMs) / 100) / 10;
}

/** Kills the sequencer while proofs are made, and looks whether they are those that it takes afterwards. */
async function killSequencer(scene: Scene, workers: Readonly<Record<string, Running>>) {
  const { leases } = await scene.status();
  await scene.sequencer.end('SIGKILL');
  await scene.startSequencer();
  await scene.settle();
  const isKept = ({ worker, batch, chunk }: FleetStatus['leases'][number]): boolean => {
    const delivered = workers[worker] === undefined ? [] : deliveredBy(workers[worker]);
    return delivered
      .filter((one) => one.batch === batch && one.chunk === chunk)
      .some(({ result }) => result === 'accepted');
  };
  const kept = leases.filter(isKept).length;
  return { keptProofs: kept, lostProofs: leases.length - kept };
}

/** Runs all of it. */
export async function runRealFleet(say: (text: string) => void): Promise<RealResult> {
  const rollup = await startOpsRollupOf(shippedKey('quick')!);
  try {
    const operator = readFileSync(await addToken(rollup, 'operator'), 'utf8').trim();
    const scene = new Scene(rollup, { rpc: await freePort(), prover: await freePort() }, operator);
    await scene.startSequencer();
    const payer = createPerson('payer');
    await deposit(scene, []);
    await deposit(scene, ['--to', formatReceiver({ owner: payer.owner, keyY: payer.keyPair.publicKey.y })]);
    await waitFor(async () => (await scene.status()).open > 0, 'the first chunk', scene.sequencer.log);

    say('somebody lies');
    const liar = readFileSync(await addToken(rollup, 'liar'), 'utf8').trim();
    const refusals = await attack(scene.proverUrl, liar, (await scene.status()).circuit);

    say('two workers prove');
    const [first, second] = await Promise.all([
      scene.startWorker('first', scene.payees[0]),
      scene.startWorker('second', scene.payees[1]),
    ]);
    await scene.settle().catch((error: unknown) => {
      throw new Error(`${first.log()}\n${second.log()}`, { cause: error });
    });
    const { slotsPerChunk } = PROFILES.quick;
    const bothProve = async () => {
      // One chunk and a bit more: two, whatever slots the fees need.
      await pay(scene, payer, slotsPerChunk + 4);
      await waitFor(
        async () => new Set((await scene.status()).leases.map(({ worker }) => worker)).size === 2,
        'two leases',
      );
    };

    say('one of them is killed');
    await bothProve();
    const releasedAfterSeconds = await killWorker(scene, first, 'first');
    const next = await scene.startWorker('first-again', scene.payees[0]);
    await scene.settle();

    say('the sequencer is killed');
    await bothProve();
    const proofs = await killSequencer(scene, { second, 'first-again': next });

    say('all are paid');
    // One more payment of somebody's: rewards of batches of nothing but rewards wait for it.
    await waitFor(async () => (await scene.status()).rewards?.paid !== '0', 'rewards', scene.sequencer.log);
    await scene.settle();
    const paid = (await scene.status()).rewards!.paid;
    await scene.settle();
    const received = String(await scene.received());
    for (const process of [second, next, scene.sequencer]) await process.end();
    return { releasedAfterSeconds, ...proofs, paid, received, refusals };
  } finally {
    await rollup.stop();
  }
}

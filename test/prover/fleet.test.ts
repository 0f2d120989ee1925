import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIELD_MODULUS, RollupError } from '@quittance/protocol';
import { fetchKey } from '../../prover/fleet/fetch-key.ts';
import { decodeJob, encodeJob, FleetClient, jobBytes, type PickAnswer, statementOf } from '../../prover/index.ts';
import { silentLogger, systemClock } from '../../runtime/index.ts';
import { createArtifacts } from '../../sequencer/index.ts';
import { createRig, type FleetRig, simulatedWorker } from '../support/fleet/rig.ts';
import { FLEET_CIRCUIT, FLEET_SLOTS, proofOf, statementAt } from '../support/fleet/statements.ts';
import { until } from '../support/until.ts';

describe('the bytes of a job', () => {
  const { job, headerHash, chunk, publicInputs, id } = statementAt(1, 0);
  const bytes = encodeJob(job);

  it('give the chunk back, and are those that the table says', () => {
    assert.deepEqual(decodeJob(bytes, FLEET_SLOTS), job);
    // As it comes over the network: no view of the bytes that came.
    assert.deepEqual(decodeJob(Buffer.from(bytes), FLEET_SLOTS), job);
    assert.equal(bytes.length, jobBytes(FLEET_SLOTS));
    assert.equal(bytes.length, 304 + 2_048 + FLEET_SLOTS * 3_168);
    const words = Buffer.from(bytes);
    assert.equal(words.toString('ascii', 0, 8), 'quitjob1');
    assert.equal(words.readBigUInt64LE(8), BigInt(job.trace.context.batchTime));
    assert.equal(words.readBigUInt64LE(272), job.challenge);
  });

  for (const [what, change] of [
    ['are short of one', (copy: Buffer) => copy.subarray(1)],
    ['begin with something else', (copy: Buffer) => copy.fill(0, 0, 1)],
    ['have an element that is not below r', (copy: Buffer) => copy.fill(0xff, 16, 48)],
    ['have a time beyond all', (copy: Buffer) => copy.fill(0xff, 8, 16)],
  ] as const) {
    it(`are refused when they ${what}`, () => {
      assert.throws(() => decodeJob(change(Buffer.from(bytes)), FLEET_SLOTS), { code: 'JOB_UNREADABLE' });
    });
  }

  it('are refused by a worker of another profile', () => {
    assert.throws(() => decodeJob(bytes, FLEET_SLOTS + 1), { code: 'JOB_UNREADABLE' });
  });

  it('state the header, the chunk and every public input', () => {
    const content = { headerHash, chunk, publicInputs };
    assert.equal(statementOf(content), id);
    const others = [
      { ...content, headerHash: `0x${'00'.repeat(32)}` },
      { ...content, chunk: 1 },
      ...publicInputs.map((_, position) => ({
        ...content,
        publicInputs: publicInputs.with(position, (publicInputs[position]! + 1n) % FIELD_MODULUS),
      })),
    ];
    assert.equal(new Set([id, ...others.map(statementOf)]).size, 1 + others.length);
  });
});

describe('a worker of a fleet', () => {
  let rig: FleetRig;
  beforeEach(async () => {
    rig = await createRig();
  });
  afterEach(() => rig.close());

  /** A fleet of another process at the same rollup, which knows the same tokens. */
  const another = () => createRig({ fleet: { tokensFile: rig.tokensFile } });

  it('delivers what it was proving to a sequencer that was started since', async () => {
    const statement = statementAt(1, 0);
    const next = await another();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const client = new FleetClient({ urls: [rig.api.url, next.api.url], token: rig.token('one') });
    let proven = 0;
    const worker = simulatedWorker(client, {
      prover: {
        async proveChunk() {
          proven += 1;
          await held;
          return { proof: proofOf(statement), publicInputs: {} as never, timings: {} };
        },
      },
    });
    rig.open(statement);
    await until(() => rig.leased.length === 1, 'the lease');
    await rig.api.stop();
    next.open(statement);
    release();
    await until(() => next.proofs.size === 1, 'the proof');
    assert.equal(proven, 1);
    await worker.stop();
    await next.close();
  });

  it('offers a proof that it has to a leader that has not heard of it', async () => {
    const statement = statementAt(1, 0);
    const next = await another();
    const client = new FleetClient({ urls: [rig.api.url, next.api.url], token: rig.token('one') });
    let proven = 0;
    const worker = simulatedWorker(client, {
      prover: {
        async proveChunk() {
          proven += 1;
          return { proof: proofOf(statement), publicInputs: {} as never, timings: {} };
        },
      },
    });
    rig.open(statement);
    await until(() => rig.proofs.size === 1, 'the proof');
    rig.leave(); // and its proof with it
    next.open(statement);
    await until(() => next.proofs.size === 1, 'the proof there');
    assert.equal(proven, 1);
    await worker.stop();
    await next.close();
  });

  it('stops proving what nobody needs any more, and goes on with the next', async () => {
    const clock = { ...systemClock, sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(5, signal) };
    let isStopped = false;
    let isProving = false;
    const worker = simulatedWorker(rig.client('one'), {
      clock,
      prover: {
        proveChunk: (_, challenge, { signal } = {}) =>
          new Promise((resolve, reject) => {
            const next = statementAt(2, 0);
            if (challenge === next.job.challenge) {
              resolve({ proof: proofOf(next), publicInputs: {} as never, timings: {} });
              return;
            }
            isProving = true;
            signal!.addEventListener('abort', () => {
              isStopped = true;
              reject(signal!.reason as Error);
            });
          }),
      },
    });
    rig.open(statementAt(1, 0));
    await until(() => isProving, 'its proof');
    rig.fleet.dispatcher.close(1);
    await until(() => isStopped, 'the end of its proof');
    rig.open(statementAt(2, 0));
    await until(() => rig.proofs.size === 1, 'the next proof');
    await worker.stop();
  });

  for (const [told, everyMs] of [
    [0, 1_000],
    [1e9, 60_000],
    ['often', 1_000],
  ] as const) {
    it(`heartbeats each ${everyMs} ms when it is told ${told}`, async () => {
      const slept: number[] = [];
      const clock = {
        ...systemClock,
        sleep(ms: number, signal?: AbortSignal) {
          slept.push(ms);
          return systemClock.sleep(60_000, signal);
        },
      };
      const client = rig.client('one');
      const pick = client.pick.bind(client);
      client.pick = async (...given) => {
        const answer = await pick(...given);
        return answer && { ...answer, heartbeatSeconds: told as number };
      };
      const worker = simulatedWorker(client, { clock });
      rig.open(statementAt(1, 0));
      await until(() => rig.proofs.size === 1, 'the proof');
      assert.equal(slept[0], everyMs);
      await worker.stop();
    });
  }

  it('gives its chunk back when it is stopped or fails, so that others need not wait', async () => {
    const statement = statementAt(1, 0);
    const never: Parameters<typeof simulatedWorker>[1] = {
      prover: {
        proveChunk: (_, __, { signal } = {}) =>
          new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason as Error))),
      },
    };
    const worker = simulatedWorker(rig.client('one'), never);
    rig.open(statement);
    await until(() => rig.leased.length === 1, 'the lease');
    await worker.stop();
    assert.equal(rig.fleet.dispatcher.leases.length, 0);
    assert.equal(rig.fleet.dispatcher.activity.list()[0]?.failures, 0);
    const failing = simulatedWorker(rig.client('two'), {
      prover: {
        async proveChunk() {
          throw new RollupError('PROVING_FAILED', 'no memory', { reason: 'memory' });
        },
      },
    });
    await until(() => rig.fleet.dispatcher.activity.list().some(({ failures }) => failures === 1), 'the failure');
    assert.equal(rig.fleet.dispatcher.leases.length, 0);
    await failing.stop();
  });

  for (const [what, change] of [
    [
      'of a job with another hash',
      (pick: PickAnswer) => ({ ...pick, input: { ...pick.input, sha256: '00'.repeat(32) } }),
    ],
    ['of another chunk', (pick: PickAnswer) => ({ ...pick, chunk: pick.chunk + 1 })],
    ['of another circuit', (pick: PickAnswer) => ({ ...pick, circuit: `0x${'00'.repeat(32)}` })],
  ] as const) {
    it(`proves nothing ${what} than it is told`, async () => {
      const statement = statementAt(1, 0);
      rig.open(statement);
      const client = rig.client('one');
      const asked: string[] = [];
      const lying = {
        pick: async (...given: Parameters<FleetClient['pick']>) => {
          const pick = await client.pick(...given);
          return pick && change(pick);
        },
        input: async () => encodeJob(statement.job),
        fail: async (_lease: string, { reason }: { reason: string }) => void asked.push(reason),
      };
      const worker = simulatedWorker(lying as unknown as FleetClient, {
        prover: { proveChunk: () => Promise.reject(new Error('it must not be asked to prove')) },
      });
      await until(() => asked.length === 1, 'the refusal');
      assert.match(asked[0]!, /^JOB_UNREADABLE: /);
      await worker.stop();
    });
  }

  it('ends when its token is revoked, or it delivered three wrong proofs', async () => {
    const liar = simulatedWorker(rig.client('liar'), {
      concurrency: 3,
      clock: { ...systemClock, sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(5, signal) },
      prover: {
        proveChunk: async () => ({ proof: proofOf(statementAt(9, 9)), publicInputs: {} as never, timings: {} }),
      },
    });
    rig.open(statementAt(1, 0), statementAt(1, 1), statementAt(1, 2));
    await assert.rejects(liar.ended, { code: 'PROVER_QUARANTINED' });
    await assert.rejects(simulatedWorker(new FleetClient({ urls: [rig.api.url], token: 'qpt_x' })).ended, {
      code: 'PROVER_TOKEN_REFUSED',
    });
  });

  it('ends when the sequencer wants proofs of another circuit than its own', async () => {
    const circuit = `0x${'00'.repeat(32)}`;
    const { ended } = simulatedWorker(rig.client('other'), { circuit });
    await assert.rejects(ended, {
      code: 'KEY_OF_ANOTHER_CIRCUIT',
      message: new RegExp(`wants proofs of key ${FLEET_CIRCUIT}, this worker declares ${circuit}: start it again with`),
    });
  });

  it('says what is wrong with an answer that is none', async () => {
    const client = new FleetClient({ urls: ['http://127.0.0.1:1'], token: 'qpt_x' });
    await assert.rejects(client.status(), { code: 'RPC_UNREACHABLE' });
    await assert.rejects(rig.client('one').input('00'.repeat(32), 1), { code: 'RPC_UNREACHABLE' });
    rig.open(statementAt(1, 0));
    const token = rig.token('two');
    const answer = await rig.call('pick', token, {
      ...{ worker: 'x', version: '0', circuits: [FLEET_CIRCUIT], backend: 'x', memoryBytes: 0, waitMs: 0 },
    });
    const { input } = (await answer.json()) as PickAnswer;
    const own = new FleetClient({ urls: [rig.api.url], token });
    await assert.rejects(own.input(input.sha256, 100), { code: 'RPC_ANSWER_INVALID' });
  });
});

describe('the key of a ceremony, fetched from a sequencer', () => {
  const content = randomBytes(300_000);
  const sha256 = createHash('sha256').update(content).digest('hex');
  let folder: string;
  let rig: FleetRig;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-key-'));
    const path = join(folder, 'final.zkey');
    writeFileSync(path, content);
    const profile = { name: 'quick', slotsPerChunk: FLEET_SLOTS };
    const artifacts = createArtifacts({
      ...{ circuit: FLEET_CIRCUIT, profile, development: false, files: { 'key.zkey': path } },
    });
    rig = await createRig({ api: { artifacts } });
  });
  after(async () => {
    await rig.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const fetchInto = (name: string, client: Pick<FleetClient, 'file' | 'manifest'> = rig.client('one')) =>
    fetchKey({ client, circuit: FLEET_CIRCUIT, directory: join(folder, name), logger: silentLogger });

  it('goes on where it broke off, and is checked as a whole', async () => {
    const client = rig.client('one');
    const starts: number[] = [];
    const breaking: Pick<FleetClient, 'file' | 'manifest'> = {
      manifest: (...given) => client.manifest(...given),
      async file(circuit, name, start, options) {
        starts.push(start);
        const response = await client.file(circuit, name, start, options);
        if (starts.length > 2) return response;
        const bytes = new Uint8Array(await response.arrayBuffer()).subarray(0, 100_000);
        return new Response(bytes, { status: response.status });
      },
    };
    const path = await fetchInto('first', breaking);
    assert.deepEqual(starts, [0, 100_000, 200_000]);
    assert.ok(readFileSync(path!).equals(content));
    assert.equal(path, join(folder, 'first', `${sha256}.zkey`));
    // It is there.
    assert.equal(await fetchInto('first', { ...breaking, file: () => Promise.reject(new Error('no call')) }), path);
  });

  it('is thrown away when it is another', async () => {
    const client = rig.client('one');
    const lying: Pick<FleetClient, 'file' | 'manifest'> = {
      manifest: (...given) => client.manifest(...given),
      file: async () => new Response(new Uint8Array(content.length)),
    };
    await assert.rejects(fetchInto('second', lying), { code: 'ARTIFACT_DAMAGED' });
    assert.ok(!existsSync(join(folder, 'second', `${sha256}.zkey.part`)));
    await assert.rejects(fetchInto('third', { ...lying, file: async () => new Response('') }), {
      code: 'ARTIFACT_MISSING',
    });
  });

  it('is refused as soon as more comes than was announced, and fetched again when it was damaged since', async () => {
    const client = rig.client('one');
    let pulled = 0;
    const endless: Pick<FleetClient, 'file' | 'manifest'> = {
      manifest: (...given) => client.manifest(...given),
      async file() {
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            pulled += 1;
            // Without a bound it ends, too, so that this test can fail.
            if (pulled > 64) controller.close();
            else controller.enqueue(new Uint8Array(100_000));
          },
        });
        return new Response(body);
      },
    };
    await assert.rejects(fetchInto('fourth', endless), { code: 'ARTIFACT_DAMAGED' });
    const partial = join(folder, 'fourth', `${sha256}.zkey.part`);
    assert.ok(!existsSync(partial));
    assert.ok(pulled < 10, `${pulled} pieces were read`);
    const path = (await fetchInto('fourth'))!;
    writeFileSync(path, content.subarray(1));
    assert.equal(await fetchInto('fourth'), path);
    assert.ok(readFileSync(path).equals(content));
  });

  it('is sent in pieces, to whoever has a token, and no other file with it', async () => {
    const token = rig.token('two');
    const path = `artifacts/${FLEET_CIRCUIT}/key.zkey`;
    const authorization = `Bearer ${token}`;
    const piece = await rig.call(path, token, undefined, { headers: { authorization, range: 'bytes=10-19' } });
    assert.equal(piece.status, 206);
    assert.equal(piece.headers.get('content-range'), `bytes 10-19/${content.length}`);
    assert.ok(Buffer.from(await piece.arrayBuffer()).equals(content.subarray(10, 20)));
    const beyond = await rig.call(path, token, undefined, { headers: { authorization, range: 'bytes=300000-' } });
    assert.equal(beyond.status, 400);
    for (const name of ['..%2Ffinal.zkey', '__proto__', 'constructor', 'toString']) {
      assert.equal((await rig.call(`artifacts/${FLEET_CIRCUIT}/${name}`, token)).status, 404, name);
    }
    assert.equal((await rig.call(path, 'qpt_x')).status, 401);
  });

  it('is none where workers make a development key themselves', async () => {
    const other = await createRig();
    const found = await fetchKey({
      ...{ client: other.client('one'), circuit: FLEET_CIRCUIT, directory: folder, logger: silentLogger },
    });
    assert.equal(found, undefined);
    await other.close();
  });
});

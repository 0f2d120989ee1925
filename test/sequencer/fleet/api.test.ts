import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeProof, FLEET_PATH, isProofValid, type PickAnswer } from '../../../prover/index.ts';
import { createMetrics, type Logger, silentLogger, systemClock } from '../../../runtime/index.ts';
import { createArtifacts } from '../../../sequencer/fleet/api/artifacts.ts';
import { payeeText } from '../../../sequencer/fleet/ledger/ledger.ts';
import { revokeToken, tokenHash } from '../../../sequencer/fleet/token-file.ts';
import { fleetStatus, fleetSummary } from '../../../sequencer/index.ts';
import { createRig, type FleetRig, simulatedWorker } from '../../support/fleet/rig.ts';
import { FLEET_CIRCUIT, FLEET_SLOTS, fleetSimulator, proofOf, statementAt } from '../../support/fleet/statements.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { until } from '../../support/until.ts';

const Q = 21_888_242_871_839_275_222_246_405_745_257_275_088_696_311_157_297_823_662_689_037_894_645_226_208_583n;
const PICK = {
  worker: 'machine',
  version: 'test',
  circuits: [FLEET_CIRCUIT],
  backend: 'none',
  memoryBytes: 0,
  waitMs: 0,
};

describe('prover API', () => {
  let rig: FleetRig;
  beforeEach(async () => {
    rig = await createRig();
  });
  afterEach(() => rig.close());

  const pick = async (token: string, changes: object = {}): Promise<PickAnswer | undefined> => {
    const response = await rig.call('pick', token, { ...PICK, ...changes });
    assert.ok(
      response.status === 200 || response.status === 204,
      `${response.status} ${await response.clone().text()}`,
    );
    return response.status === 204 ? undefined : ((await response.json()) as PickAnswer);
  };
  const deliver = async (token: string, statement: string, proof: unknown, lease = 'none') => {
    const response = await rig.call(`leases/${lease}/proof`, token, { worker: 'machine', statement, proof });
    return { status: response.status, body: (await response.json()) as { code?: string; result?: string } };
  };

  it('has workers prove what is open, the oldest chunk first, each once', async () => {
    const statements = [statementAt(2, 0), statementAt(1, 1), statementAt(1, 0)];
    const worker = simulatedWorker(rig.client('one'));
    rig.open(...statements);
    await until(() => rig.proofs.size === 3, 'three proofs');
    for (const statement of statements) {
      const proof = rig.proofs.get(statement.id)!;
      assert.ok(await isProofValid(fleetSimulator.verifyingKey, statement.publicInputs, proof));
    }
    assert.equal(rig.leased.length, 3);
    assert.equal(rig.fleet.dispatcher.openCount, 0);
    await worker.stop();
  });

  it('gives work to who waits as soon as there is some', async () => {
    const token = rig.token('one');
    const waiting = pick(token, { waitMs: 20_000 });
    await until(() => rig.fleet.dispatcher.activity.list().length === 1, 'the call');
    rig.open(statementAt(1, 0));
    assert.equal((await waiting)?.statement, statementAt(1, 0).id);
  });

  it('gives no work to who cannot prove for this circuit, and says so at once, in the log once', async () => {
    const warnings: unknown[] = [];
    const warn: Logger['warn'] = (message, fields) => void warnings.push({ message, fields });
    const told = await createRig({ api: { logger: { ...silentLogger, warn } } });
    try {
      told.open(statementAt(1, 0));
      const one = told.token('one');
      const other = `0x${'00'.repeat(32)}`;
      for (const [circuits, actual] of [
        [[other], other],
        [[other, other], `${other} and 1 more`],
        [[], 'none'],
      ] as const) {
        const response = await told.call('pick', one, { ...PICK, circuits, waitMs: 20_000 });
        const { code, message } = (await response.json()) as { code: string; message: string };
        assert.deepEqual([response.status, code], [409, 'KEY_OF_ANOTHER_CIRCUIT']);
        assert.ok(
          message.startsWith(`the sequencer wants proofs of key ${FLEET_CIRCUIT}, this worker declares ${actual}:`),
        );
        assert.ok(message.length <= 300, 'as much as workers show');
      }
      assert.equal(told.leased.length, 0);
      assert.deepEqual(warnings, [
        {
          message: 'a worker proves for another circuit: it gets no work',
          fields: { worker: 'one', instance: 'machine', expected: FLEET_CIRCUIT, actual: other },
        },
      ]);
      // Whoever proves for both, as during an upgrade, is as good as any; and is told of again when it no longer does.
      assert.equal((await told.call('pick', one, { ...PICK, circuits: [other, FLEET_CIRCUIT] })).status, 200);
      await told.call('pick', one, { ...PICK, circuits: [other] });
      assert.equal(warnings.length, 2);
    } finally {
      await told.close();
    }
  });

  it('tells the operator of a worker that stalls, with its machine and chunk, and takes its proof all the same', async () => {
    const warnings: unknown[] = [];
    const warn: Logger['warn'] = (message, fields) => void warnings.push({ message, fields });
    const clock = createManualClock();
    const metrics = createMetrics();
    const stalled = await createRig({ clock, fleet: { metrics, logger: { ...silentLogger, warn } } });
    try {
      const statement = statementAt(7, 2);
      stalled.open(statement);
      const token = stalled.token('gpu1');
      assert.equal((await stalled.call('pick', token, PICK)).status, 200);
      await clock.advance(30_000);
      const body = { worker: 'machine', statement: statement.id };
      assert.equal((await stalled.call('leases/none/heartbeat', token, body)).status, 200);
      assert.deepEqual(warnings, [
        {
          message: 'a worker was not heard of for three heartbeats; others are offered its chunk first',
          fields: { worker: 'gpu1', instance: 'machine', batch: 7, chunk: 2, seconds: 30 },
        },
      ]);
      assert.match((await metrics.print()).text, /^quittance_fleet_leases_expired_total\{reason="silent"\} 1$/m);
      const [worker] = fleetStatus(stalled.fleet, clock).workers;
      assert.deepEqual([worker?.failures, worker?.strikes, worker?.leases], [1, 0, 0]);
      const proof = encodeProof(proofOf(statement));
      assert.equal((await stalled.call('leases/none/proof', token, { ...body, proof })).status, 200);
    } finally {
      await stalled.close();
    }
  });

  it('takes a valid proof whatever became of its lease, and says so of the second', async () => {
    const statement = statementAt(1, 0);
    rig.open(statement);
    const token = rig.token('one');
    assert.deepEqual(await deliver(token, statement.id, encodeProof(proofOf(statement))), {
      status: 200,
      body: { result: 'accepted', reward: null },
    });
    // Another proof of the same: proofs are malleable, so the statement counts.
    const again = await deliver(rig.token('two'), statement.id, encodeProof(proofOf(statement, 'another')));
    assert.deepEqual([again.status, again.body.result], [200, 'duplicate']);
    assert.equal(rig.ledger.accepted.recordOf(rig.fleet.authenticate(token).id).accepted, 1);
  });

  for (const [what, make] of [
    ['of another statement', () => encodeProof(proofOf(statementAt(1, 1)))],
    [
      'with q added to a coordinate',
      () => {
        const proof = proofOf(statementAt(1, 0));
        return encodeProof({ ...proof, a: [proof.a[0] + Q, proof.a[1]] });
      },
    ],
    ['that is garbage', () => ({ pi_a: 'garbage' })],
    ['that is missing', () => undefined],
    ['with a point off the curve', () => encodeProof({ ...proofOf(statementAt(1, 0)), c: [1n, 3n] })],
  ] as const) {
    it(`refuses a proof ${what}, with a strike, and gives no more work after three`, async () => {
      const statement = statementAt(1, 0);
      rig.open(statement);
      const token = rig.token('liar');
      const { lease } = (await pick(token))!;
      for (let strike = 1; strike <= 3; strike += 1) {
        const { status, body } = await deliver(token, statement.id, make(), lease);
        assert.deepEqual([status, body.code], [422, 'PROOF_INVALID']);
      }
      const refused = await rig.call('pick', token, PICK);
      assert.equal(refused.status, 403);
      assert.equal(((await refused.json()) as { code: string }).code, 'PROVER_QUARANTINED');
      assert.equal((await deliver(token, statement.id, encodeProof(proofOf(statement)))).status, 403);
      assert.equal(rig.fleet.dispatcher.leases.length, 0);
      // Whoever else comes proves it; a new token of the operator's forgives.
      assert.equal((await pick(rig.token('honest')))?.statement, statement.id);
      assert.equal((await deliver(rig.token('liar'), statement.id, encodeProof(proofOf(statement)))).status, 200);
    });
  }

  it('takes no heartbeat of whoever is kept out: no lease comes back', async () => {
    const [first, second] = [statementAt(1, 0), statementAt(1, 1)];
    rig.open(first, second);
    const token = rig.token('liar');
    for (let strike = 1; strike <= 3; strike += 1) await deliver(token, first.id, 'garbage');
    const beat = await rig.call('leases/mine/heartbeat', token, { worker: 'machine', statement: second.id });
    assert.equal(beat.status, 403);
    assert.equal(((await beat.json()) as { code: string }).code, 'PROVER_QUARANTINED');
    assert.equal(rig.fleet.dispatcher.leases.length, 0);
  });

  it('knows nobody whose token was revoked while its body came', async () => {
    rig.open(statementAt(1, 0));
    const token = rig.token('one');
    const { hostname, port } = new URL(rig.api.url);
    const body = JSON.stringify({ worker: 'machine', statement: statementAt(1, 0).id });
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const head = `POST ${FLEET_PATH}/leases/x/heartbeat HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
      const socket = connect(Number(port), hostname, () =>
        socket.write(`${head}expect: 100-continue\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`),
      );
      socket.on('data', (data) => {
        text += data.toString();
        if (!text.startsWith('HTTP/1.1 100') || text.length > 40) return;
        // Its head was read, and its token was good then.
        revokeToken(rig.tokensFile, 'one');
        assert.throws(() => rig.fleet.authenticate('qpt_nobody'), { code: 'PROVER_TOKEN_REFUSED' });
        socket.write(body);
      });
      socket.on('close', () => resolve(text));
    });
    assert.match(answer, /HTTP\/1.1 401 /);
    assert.equal(rig.fleet.dispatcher.leases.length, 0);
  });

  it('promises no reward for what its ledger owes to whoever was first', async () => {
    const paying = await createRig({ fleet: { reward: { tokenId: 0, amount: 100n } } });
    const statement = statementAt(1, 0);
    paying.open(statement);
    const payee = { keyY: 1n, owner: 1n };
    const token = paying.token('second', payee);
    const { id, batch, chunk } = statement;
    const owed = { payee: payeeText({ keyY: 2n, owner: 2n }), tokenId: 0, amount: 100n };
    paying.ledger.commit(() =>
      paying.ledger.accepted.add({ statement: id, batch, chunk, worker: 'first', acceptedMs: 1, owed }),
    );
    const body = { worker: 'machine', statement: id, proof: encodeProof(proofOf(statement)) };
    const answer = await paying.call('leases/x/proof', token, body);
    assert.deepEqual(await answer.json(), { result: 'accepted', reward: null });
    await paying.close();
  });

  it('tells workers apart by their ids, whatever their names', () => {
    const named = (id: string) => ({ id, name: 'same', kind: 'market' }) as const;
    for (const id of ['one', 'two']) rig.fleet.dispatcher.activity.see(named(id), 'machine');
    rig.open(statementAt(1, 0));
    rig.fleet.dispatcher.pick({ worker: named('two'), instance: 'machine' });
    const { workers, leases } = fleetStatus(rig.fleet, systemClock, ({ id }) => id === 'one');
    assert.deepEqual([workers.length, leases.length], [1, 0]);
  });

  it('closes what is sealed anew: 410 for its proof and its heartbeat, and no strike', async () => {
    const old = statementAt(1, 0);
    rig.open(old);
    const token = rig.token('one');
    const { lease } = (await pick(token))!;
    rig.fleet.dispatcher.close(1);
    rig.open(statementAt(1, 0, 1));
    const beat = await rig.call(`leases/${lease}/heartbeat`, token, { worker: 'machine', statement: old.id });
    assert.equal(beat.status, 410);
    const { status, body } = await deliver(token, old.id, encodeProof(proofOf(old)), lease);
    assert.deepEqual([status, body.code], [410, 'STATEMENT_CLOSED']);
    assert.equal(rig.ledger.accepted.recordOf(rig.fleet.authenticate(token).id).strikes, 0);
  });

  it('knows nobody without a token, and ends leases and calls of one that is revoked in the middle', async () => {
    rig.open(statementAt(1, 0));
    assert.equal((await rig.call('pick', 'qpt_nobody', PICK)).status, 401);
    const [first, second] = [rig.token('one'), rig.token('two')];
    const { lease, statement } = (await pick(first))!;
    const waiting = rig.call('pick', second, { ...PICK, waitMs: 20_000 });
    assert.ok(revokeToken(rig.tokensFile, 'one') && revokeToken(rig.tokensFile, 'two'));
    assert.equal((await waiting).status, 401);
    const beat = await rig.call(`leases/${lease}/heartbeat`, first, { worker: 'machine', statement });
    assert.equal(beat.status, 401);
    assert.equal(((await beat.json()) as { code: string }).code, 'PROVER_TOKEN_REFUSED');
    assert.equal(rig.fleet.dispatcher.leases.length, 0);
    assert.equal((await pick(rig.token('three')))?.statement, statement);
  });

  it('answers 503 with the leader where nobody is at the desk, and while chunks of the start are prepared', async () => {
    const token = rig.token('one');
    const { id } = statementAt(1, 0);
    rig.leave();
    const away = await rig.call('pick', token, PICK);
    assert.equal(away.status, 503);
    assert.equal(((await away.json()) as { code: string }).code, 'NOT_LEADER');
    rig.lead(true);
    // It may be known in a moment: a worker must not throw its proof away.
    assert.equal((await deliver(token, id, encodeProof(proofOf(statementAt(1, 0))))).status, 503);
    const beat = await rig.call('leases/x/heartbeat', token, { worker: 'machine', statement: id });
    assert.equal(beat.status, 503);
  });

  it('refuses bodies that are too long, no JSON, or of another form', async () => {
    const token = rig.token('one');
    const long = await rig.call('pick', token, { ...PICK, held: ['x'.repeat(20_000)] });
    assert.equal(long.status, 413);
    for (const change of [
      { waitMs: 30_001 },
      { waitMs: -1 },
      { worker: '' },
      { worker: 'x'.repeat(129) },
      { worker: 'line\nbreak' },
      { circuits: Array(9).fill(FLEET_CIRCUIT) },
      { circuits: 'all' },
      { held: ['short'] },
    ]) {
      const response = await rig.call('pick', token, { ...PICK, ...change });
      assert.equal(response.status, 400, JSON.stringify(change));
      assert.equal(((await response.json()) as { code: string }).code, 'OUT_OF_RANGE');
    }
    assert.equal(
      (
        await rig.call('pick', token, undefined, {
          method: 'POST',
          body: '{',
          headers: { authorization: `Bearer ${token}` },
        })
      ).status,
      400,
    );
    for (const path of ['nothing', 'inputs/abc', 'artifacts/0x00/manifest', 'leases/x/else', 'market/challenge']) {
      const body = path.startsWith('leases') || path.startsWith('market') ? {} : undefined;
      assert.equal((await rig.call(path, token, body)).status, 404, path);
    }
  });

  it('bounds what one token may ask for', async () => {
    const token = rig.token('one');
    const statuses = await Promise.all(
      Array.from({ length: 66 }, () =>
        rig.call('pick', token, { ...PICK, waitMs: 1_000 }).then(({ status }) => status),
      ),
    );
    assert.equal(statuses.filter((status) => status === 429).length, 2);
    assert.equal(statuses.filter((status) => status === 204).length, 64);
  });

  it('cuts off a gigabyte at its announcement, and one that comes without', async () => {
    const token = rig.token('one');
    const { hostname, port } = new URL(rig.api.url);
    const head = `POST ${FLEET_PATH}/pick HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`;
    const answerTo = (start: string, more: (socket: ReturnType<typeof connect>) => void) =>
      new Promise<string>((resolve) => {
        let answer = '';
        const socket = connect(Number(port), hostname, () => {
          socket.write(start);
          more(socket);
        });
        socket.on('data', (data) => {
          answer += data.toString();
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve(answer));
      });
    const announced = await answerTo(`${head}content-length: 1073741824\r\n\r\n{`, () => undefined);
    assert.match(announced, /^HTTP\/1.1 413 /);
    const chunked = await answerTo(`${head}transfer-encoding: chunked\r\n\r\n`, (socket) => {
      for (let piece = 0; piece < 8; piece += 1) socket.write(`1000\r\n${'x'.repeat(4_096)}\r\n`);
    });
    assert.match(chunked, /^HTTP\/1.1 413 /);
    assert.equal((await rig.call('status', token)).status, 200);
  });
});

describe('prover API of a node that follows', () => {
  it('names the node that leads, and goes on with whoever waits as soon as it leads itself', async () => {
    const rig = await createRig({ api: { leaderUrl: () => 'http://leader.example' } });
    const token = rig.token('one');
    const waiting = rig.call('pick', token, { ...PICK, waitMs: 20_000 });
    await until(() => rig.fleet.dispatcher.activity.list().length === 1, 'the call');
    rig.leave();
    const told = (await (await waiting).json()) as { code: string; leader: string; message: string };
    assert.deepEqual([told.code, told.leader], ['NOT_LEADER', 'http://leader.example']);
    assert.equal(((await (await rig.call('status', token)).json()) as { leads: boolean }).leads, false);
    rig.lead();
    rig.open(statementAt(1, 0));
    assert.equal((await rig.call('pick', token, PICK)).status, 200);
    const { workers, leased } = fleetSummary(rig.fleet, systemClock);
    assert.deepEqual([workers, leased], [1, 1]);
    await rig.close();
  });
});

describe('prover API that waits no longer than a moment for a body', () => {
  it('cuts off who sends slowly', async () => {
    const rig = await createRig({ api: { requestTimeoutMs: 100 } });
    const { hostname, port } = new URL(rig.api.url);
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `POST ${FLEET_PATH}/pick HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${rig.token('slow')}\r\ncontent-length: 100\r\n\r\n{`,
        ),
      );
      socket.on('data', (data) => {
        text += data.toString();
      });
      socket.on('close', () => resolve(text));
    });
    assert.match(answer, /^HTTP\/1.1 408 /);
    await rig.close();
  });
});

describe('prover API that is not read', () => {
  const BYTES = 64 << 20;
  let rig: FleetRig;
  const strangers = [1n, 2n].map((owner) => {
    const payee = payeeText({ keyY: owner, owner });
    return { payee, token: `qpt_${'a'.repeat(42)}${owner}` };
  });

  beforeEach(async () => {
    const path = join(tmpdir(), `quittance-key-${process.pid}.zkey`);
    await writeFile(path, '');
    await truncate(path, BYTES);
    const profile = { name: 'quick', slotsPerChunk: FLEET_SLOTS };
    const files = { 'key.zkey': path };
    rig = await createRig({
      fleet: { isMarket: true },
      api: {
        artifacts: createArtifacts({ circuit: FLEET_CIRCUIT, profile, development: false, files, idleMs: 2_000 }),
      },
    });
    for (const { payee, token } of strangers) rig.ledger.market.put(payee, tokenHash(token), () => false);
  });
  afterEach(async () => {
    await rig.close();
    await rm(join(tmpdir(), `quittance-key-${process.pid}.zkey`));
  });

  it('sends one worker two files at a time, and cuts off who does not take them', async () => {
    const [{ token }, other] = strangers as [(typeof strangers)[0], (typeof strangers)[0]];
    const get = (of: string) => rig.call(`artifacts/${FLEET_CIRCUIT}/key.zkey`, of);
    const head = `artifacts/${FLEET_CIRCUIT}/key.zkey`;
    const piece = (of: string) => ({ headers: { authorization: `Bearer ${of}`, range: 'bytes=0-0' } });
    // Their bodies are not read: more than a socket holds.
    const slow = [await get(token), await get(token)];
    assert.deepEqual(
      slow.map(({ status }) => status),
      [200, 200],
    );
    assert.equal((await get(token)).status, 429);
    const quick = await get(other.token);
    assert.equal((await quick.arrayBuffer()).byteLength, BYTES);
    await until(async () => (await rig.call(head, token, undefined, piece(token))).status === 206, 'the end of one');
    const ends = await Promise.allSettled(slow.map((response) => response.arrayBuffer()));
    assert.ok(ends.some(({ status }) => status === 'rejected'));
  });

  it('checks the proof of a stranger who has the lease, or takes it since nobody has', async () => {
    const statement = statementAt(1, 0);
    rig.open(statement);
    const [one, other] = strangers as [(typeof strangers)[0], (typeof strangers)[0]];
    assert.equal((await rig.call('pick', one.token, PICK)).status, 200);
    const body = { worker: 'machine', statement: statement.id, proof: encodeProof(proofOf(statement)) };
    const refused = await rig.call('leases/x/proof', other.token, body);
    assert.equal(refused.status, 429);
    await rig.call('leases/x/fail', one.token, { worker: 'machine', statement: statement.id });
    assert.equal((await rig.call('leases/x/proof', other.token, body)).status, 200);
  });

  it('gives a job to whoever has its lease only', async () => {
    rig.open(statementAt(1, 0));
    const token = rig.token('one');
    const { input } = (await (await rig.call('pick', token, PICK)).json()) as PickAnswer;
    const path = `inputs/${input.sha256}`;
    assert.equal((await rig.call(path, strangers[0]!.token)).status, 404);
    assert.equal((await rig.call(path, token)).status, 200);
  });
});

describe('prover API behind a proxy', () => {
  const calls = (rig: FleetRig, client: string, count: number) =>
    Promise.all(
      Array.from({ length: count }, () =>
        rig
          .call('status', 'qpt_nobody', undefined, {
            headers: { authorization: 'Bearer qpt_nobody', 'x-forwarded-for': client },
          })
          .then(({ status }) => status),
      ),
    );

  it('tells its clients apart, and takes all of one IPv6 customer for one', async () => {
    const rig = await createRig({ api: { trustedProxies: ['127.0.0.0/8'] } });
    // 50 guesses are a budget.
    const first = await calls(rig, '2001:db8::1', 50);
    assert.ok(first.every((status) => status === 401));
    assert.deepEqual(await calls(rig, '2001:db8::2', 1), [429]);
    assert.deepEqual(await calls(rig, '192.0.2.1, 2001:db8:0:1::1', 1), [401]);
    await rig.close();
  });

  it('believes nobody else what address it has', async () => {
    const rig = await createRig();
    await calls(rig, '192.0.2.1', 50);
    assert.deepEqual(await calls(rig, '192.0.2.2', 1), [429]);
    await rig.close();
  });

  it('bounds the connections of one address, and not those of the proxy', async () => {
    for (const [trustedProxies, isOpen] of [
      [[], false],
      [['127.0.0.1'], true],
    ] as const) {
      const rig = await createRig({ api: { connectionsPerAddress: 1, trustedProxies } });
      const { hostname, port } = new URL(rig.api.url);
      const kept = connect(Number(port), hostname);
      await once(kept, 'connect');
      const token = rig.token('one');
      const answer = await rig.call('status', token, undefined).then(
        ({ status }) => status === 200,
        () => false,
      );
      assert.equal(answer, isOpen);
      kept.destroy();
      await rig.close();
    }
  });
});

import { strict as assert } from 'node:assert';
import { BINARY_TYPE, encodeBinaryList } from '@quittance/rpc';
import { operationOf, type SignedTransfer } from '@quittance/sdk';
import { silentLogger } from '../../runtime/index.ts';
import { MAX_WAIT_MS, MAX_WAITING_PER_ADDRESS } from '../../sequencer/api/reading-sequence.ts';
import { forwardingHeaders } from '../../sequencer/cluster/identity.ts';
import {
  type Api,
  type Cluster,
  createCluster,
  createForwarder,
  type Forwarder,
  type Stats,
  startApi,
} from '../../sequencer/index.ts';
import { createMemoryJournal, type MemoryJournal } from '../support/journal/memory.ts';
import { type Follower, startFollower } from '../support/sequencer/follower.ts';
import { alice, createPayerHarness, type PayerHarness } from '../support/sequencer/payer.ts';
import { post, rpc, transferJson } from '../support/sequencer/rpc.ts';
import { connect } from '../support/sequencer/socket.ts';
import { until } from '../support/until.ts';

describe('Sequencer: the API of nodes', () => {
  let harness: PayerHarness;
  let journal: MemoryJournal;
  let follower: Follower;
  let leader: Api;
  let replica: Api;
  let cluster: Cluster;
  let forwarder: Forwarder;

  /** What a node knows of the others. */
  const clusterOf = (name: string, self: PayerHarness['sequencer']): Cluster => {
    return createCluster({
      ...{ journal: journal.open({ name }), name, requiresQuorum: true, clock: harness.clock, logger: silentLogger },
      self: () => ({ url: `http://${name}`, version: '1', ...self.node() }),
    });
  };
  const forwarderOf = ({ leader: present, refresh, secret, name }: Cluster): Forwarder =>
    createForwarder({ leader: present, refresh, secret, nodeName: name, timeoutMs: 5_000 });
  const sign = (nonce: number): SignedTransfer => harness.sign(alice, harness.payment(nonce));
  const readNonce = (url: string, sequence?: number): Promise<Response> =>
    fetch(`${url}/v1/accounts/${harness.from}`, {
      headers: sequence === undefined ? {} : { 'x-rollup-min-sequence': String(sequence) },
    });
  const statsOf = async (url: string): Promise<Stats> => (await (await fetch(`${url}/stats`)).json()) as Stats;
  let nonce = 0;

  before(async () => {
    harness = await createPayerHarness();
    journal = createMemoryJournal({ clock: harness.clock });
    const leaderCluster = clusterOf('leader', harness.sequencer);
    const none = forwarderOf(leaderCluster);
    leader = await startApi({
      ...{ sequencer: harness.sequencer, clock: harness.clock },
      cluster: { cluster: leaderCluster, forwarder: none },
    });
    follower = await startFollower(harness, { journal, leaderUrl: leader.url });
    await follower.follow();
    cluster = clusterOf('replica', follower.replica);
    forwarder = forwarderOf(cluster);
    const config = { allowance: { max: 3_000, windowMs: 10_000 } };
    replica = await startApi({
      ...{ sequencer: follower.replica, clock: harness.clock, config },
      cluster: { cluster, forwarder },
    });
    await leaderCluster.refresh();
    await cluster.refresh();
  });
  after(async () => {
    forwarder.close();
    for (const part of [cluster, replica, leader]) await part.stop();
    await follower.close();
    await harness.close();
  });

  it('take what is sent in every way at any node, and answer as the leader does', async () => {
    const one = await rpc(replica.url, 'rollup_sendTransfer', { transfer: transferJson(sign(nonce)) });
    const { sequence } = one.body.result as { sequence: number };
    assert.ok(sequence > 0, JSON.stringify(one.body));
    const again = await rpc(leader.url, 'rollup_sendTransfer', { transfer: transferJson(sign(nonce)) });
    assert.deepEqual(again.body.result, one.body.result);
    const transfers = [transferJson(sign(nonce + 1)), transferJson(sign(nonce))];
    const list = (await rpc(replica.url, 'rollup_sendTransfers', { transfers })).body.result as { status: string }[];
    assert.deepEqual(
      list.map(({ status }) => status),
      ['pending', 'pending'],
    );
    const packed = [sign(nonce + 2)].map((signed) => ({ operation: operationOf(signed), nonce: signed.intent.nonce }));
    const bytes = encodeBinaryList(harness.sequencer.domain, packed);
    const [binary] = (await post(replica.url, bytes, BINARY_TYPE)).body.result as { status: string }[];
    assert.equal(binary?.status, 'pending');
    const socket = await connect(replica.url);
    const told = await socket.call(1, 'rollup_sendTransfer', { transfer: transferJson(sign(nonce + 3)) });
    assert.equal((told.result as { status: string }).status, 'pending');
    socket.socket.close();
    nonce += 4;
    const wrong = { ...transferJson(sign(nonce)), amount: '7' };
    assert.equal(
      (await rpc(replica.url, 'rollup_sendTransfer', { transfer: wrong })).body.error?.data?.['reason'],
      'BAD_SIGNATURE',
    );
  });

  it('say with each answer how far they are, and wait for the entry that a request names', async () => {
    const sent = await rpc(replica.url, 'rollup_sendTransfer', { transfer: transferJson(sign(nonce++)) });
    const { sequence } = sent.body.result as { sequence: number };
    assert.ok(Number(sent.headers.get('x-rollup-sequence')) < sequence);
    const reading = readNonce(replica.url, sequence);
    await follower.follow();
    await until(async () => {
      await harness.clock.advance(20);
      return await Promise.race([reading.then(() => true), new Promise<boolean>((go) => setImmediate(go, false))]);
    }, 'the answer');
    const read = await reading;
    assert.equal(read.status, 200);
    assert.ok(Number(read.headers.get('x-rollup-sequence')) >= sequence);
    assert.equal(((await read.json()) as { nonce: number }).nonce, nonce);
  });

  it('give up after a while with REPLICA_BEHIND, and let one address wait so often', async () => {
    const { head } = follower.replica.node();
    const all = Array.from({ length: MAX_WAITING_PER_ADDRESS + 1 }, () => readNonce(replica.url, head + 1));
    // One is refused at once: no time has passed.
    assert.equal((await Promise.race(all)).status, 503);
    let answers: Response[] | undefined;
    void Promise.all(all).then((responses) => {
      answers = responses;
    });
    await until(async () => {
      await harness.clock.advance(MAX_WAIT_MS + 100);
      return answers !== undefined;
    }, 'all answers');
    for (const response of answers!) {
      assert.equal(response.headers.get('retry-after'), '1');
      const problem = (await response.json()) as { code: string; expected: string; actual: string };
      const { code, expected, actual } = problem;
      assert.deepEqual([code, expected, actual], ['REPLICA_BEHIND', String(head + 1), String(head)]);
    }
  });

  it('refuse to wait for what is no entry of a log', async () => {
    for (const text of ['-1', '1.5', 'x', '01', '1'.repeat(16)]) {
      const response = await fetch(`${replica.url}/v1/status`, { headers: { 'x-rollup-min-sequence': text } });
      assert.equal(((await response.json()) as { code: string }).code, 'OUT_OF_RANGE', text);
    }
  });

  it('say at /stats who leads, which nodes there are, and how far each is', async () => {
    await cluster.refresh();
    const { node, role, leader: leads, nodes, lag, trouble, fleet } = await statsOf(replica.url);
    assert.deepEqual([node, role, lag, trouble, fleet], ['replica', 'replica', 0, null, null]);
    assert.deepEqual(leads, { name: 'leader', url: leader.url, epoch: 1 });
    assert.deepEqual(
      nodes.map((each) => [each.name, each.role, each.url]),
      [
        ['leader', 'leader', 'http://leader'],
        ['replica', 'replica', 'http://replica'],
      ],
    );
    assert.equal(nodes[1]!.head, follower.replica.node().head);
    assert.equal((await statsOf(leader.url)).role, 'leader');
  });

  it('pass nothing on twice, and tell who leads', async () => {
    const headers = { ...forwardingHeaders(cluster.secret, '203.0.113.9'), 'content-type': 'application/json' };
    const params = { transfer: transferJson(sign(nonce)) };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rollup_sendTransfer', params });
    const response = await fetch(replica.url, { method: 'POST', headers, body });
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '1');
    const { error } = (await response.json()) as { error: { data: { reason: string } } };
    assert.equal(error.data.reason, 'NOT_LEADER');
    assert.equal(harness.sequencer.queries.account(harness.from, 'latest')?.nonce, nonce);
  });

  it('count at the leader the client of a node, not the node, and believe nobody who has not the secret', async () => {
    const small = await startApi({
      ...{ sequencer: harness.sequencer, clock: harness.clock, config: { allowance: { max: 50, windowMs: 10_000 } } },
      cluster: { cluster: { ...cluster, trouble: () => undefined }, forwarder },
    });
    const ask = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await fetch(`${small.url}/v1/config`, { headers })).status;
    const exhaust = async (headers: Readonly<Record<string, string>>): Promise<void> => {
      for (let count = 0; (await ask(headers)) === 200; count++) assert.ok(count < 60);
    };
    try {
      await exhaust(forwardingHeaders(cluster.secret, '203.0.113.9'));
      assert.equal(await ask(forwardingHeaders(cluster.secret, '203.0.113.10')), 200);
      await exhaust({});
      for (const headers of [
        forwardingHeaders('0'.repeat(64), '203.0.113.11'),
        { ...forwardingHeaders(cluster.secret, '203.0.113.11'), 'x-rollup-client': '203.0.113.12' },
        { 'x-rollup-client': '203.0.113.11' },
        { ...forwardingHeaders(cluster.secret, '203.0.113.11'), 'x-rollup-node': 'ab' },
        forwardingHeaders(cluster.secret, 'a'.repeat(65)),
      ]) {
        assert.equal(await ask(headers), 429, JSON.stringify(headers));
      }
    } finally {
      await small.stop();
    }
  });

  it('are not ready without a standby where one is asked for, nor while nobody leads, and then refuse what is sent', async () => {
    const readiness = async () => (await (await fetch(`${replica.url}/readyz`)).json()) as { reason?: string };
    await follower.renew();
    await cluster.refresh();
    assert.deepEqual(await readiness(), { ready: true });
    journal.quorum = { isMet: false, reason: 'standby b is gone' };
    await harness.clock.advance(6_000);
    await follower.renew();
    await cluster.refresh();
    assert.equal((await readiness()).reason, 'QUORUM_MISSING');
    assert.equal((await statsOf(replica.url)).trouble?.code, 'QUORUM_MISSING');
    journal.quorum = { isMet: true };
    await harness.clock.advance(20_000);
    await cluster.refresh();
    assert.equal((await readiness()).reason, 'NOT_LEADER');
    const { status, headers, body } = await rpc(replica.url, 'rollup_sendTransfer', {
      transfer: transferJson(sign(nonce)),
    });
    assert.deepEqual([status, headers.get('retry-after'), body.error?.data?.['reason']], [503, '1', 'NOT_LEADER']);
    assert.equal((await statsOf(replica.url)).leader, null);
    journal.isCut = true;
    await harness.clock.advance(31_000);
    assert.equal(cluster.leader(), undefined);
    assert.equal((await readiness()).reason, 'REPLICA_BEHIND');
    journal.isCut = false;
    await follower.replica.caughtUp();
    assert.equal((await readiness()).reason, 'NOT_LEADER');
  });

  it('are not ready while the journal cannot say who leads, and will not by itself', async () => {
    const readiness = async () => (await (await fetch(`${replica.url}/readyz`)).json()) as { reason?: string };
    await follower.renew();
    await cluster.refresh();
    assert.deepEqual(await readiness(), { ready: true });
    journal.torn = ['node'];
    await cluster.refresh();
    assert.deepEqual(await readiness(), {
      ...{ ready: false, reason: 'JOURNAL_DAMAGED' },
      message: 'the journal is damaged; the operator has to act',
    });
    journal.torn = [];
    await cluster.refresh();
    assert.deepEqual(await readiness(), { ready: true });
  });

  it('answer for another sequencer when they are told to, and have sockets connect again', async () => {
    const socket = await connect(replica.url);
    replica.serve(harness.sequencer);
    assert.equal(await socket.closed, 1012);
    const sent = await rpc(replica.url, 'rollup_sendTransfer', { transfer: transferJson(sign(nonce)) });
    assert.equal((sent.body.result as { status: string }).status, 'pending', JSON.stringify(sent.body));
    assert.equal((await statsOf(replica.url)).role, 'leader');
    replica.serve(follower.replica);
  });
});

describe('Sequencer: /stats of a single machine', () => {
  it('is that of a cluster of one', async () => {
    const harness = await createPayerHarness();
    const api = await startApi({ sequencer: harness.sequencer, clock: harness.clock, fleet: () => ({ workers: 2 }) });
    try {
      await harness.send(alice, harness.payment(0));
      await harness.clock.advance(10_000);
      const stats = (await (await fetch(`${api.url}/stats`)).json()) as Stats;
      const { node, role, epoch, head, lag, leader, nodes, fleet, transfersPerSecond, latencyMs, openTransfers } =
        stats;
      assert.deepEqual([node, role, epoch, lag, openTransfers, transfersPerSecond], ['single', 'leader', 0, 0, 1, 0.1]);
      assert.deepEqual(leader, { name: 'single', url: null, epoch: 0 });
      assert.deepEqual(
        nodes.map((each) => [each.name, each.head]),
        [['single', head]],
      );
      assert.deepEqual(fleet, { workers: 2 });
      assert.ok(latencyMs !== null && latencyMs.p50 <= latencyMs.p99);
    } finally {
      await api.stop();
      await harness.close();
    }
  });
});

import { strict as assert } from 'node:assert';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isRollupError } from '@quittance/protocol';
import { createForwarder, type Forwarded, type Forwarder } from '../../sequencer/cluster/forwarder.ts';
import {
  createLanes,
  MAX_FORWARD_BYTES,
  MAX_FORWARDS,
  MAX_IN_FLIGHT,
  PER_ADDRESS,
} from '../../sequencer/cluster/lanes.ts';
import type { LeaseHolder } from '../../storage/index.ts';

const SECRET = '5e'.repeat(32);

describe('Sequencer: forwarding', () => {
  const servers: Server[] = [];
  const forwarders: Forwarder[] = [];
  let leader: LeaseHolder | undefined;
  /** What the journal says when it is asked again. */
  let next: LeaseHolder | undefined;

  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const answering = (body: string): Promise<string> => serve((_, response) => response.end(body));
  const leads = (url: string, epoch = 1): LeaseHolder => ({ epoch, holder: `node ${epoch}`, url, isExpired: false });
  const look = async (): Promise<void> => {
    leader = next ?? leader;
  };
  const create = (refresh = look): Forwarder => {
    const forwarder = createForwarder({
      leader: () => leader,
      refresh,
      secret: SECRET,
      nodeName: 'own',
      timeoutMs: 300,
    });
    forwarders.push(forwarder);
    return forwarder;
  };
  const call: Forwarded = { body: Buffer.from('{}'), contentType: 'application/json', address: '192.0.2.1' };
  const fails = async (forwarder: Forwarder, why: RegExp): Promise<void> => {
    await assert.rejects(
      forwarder.forward(call),
      (error) => isRollupError(error, 'NOT_LEADER') && why.test(error.message),
    );
  };

  afterEach(() => {
    for (const forwarder of forwarders.splice(0)) forwarder.close();
    for (const server of servers.splice(0)) server.close().closeAllConnections();
    leader = undefined;
    next = undefined;
  });

  it('gives the answer of the leader, result or error', async () => {
    leader = leads(await answering('{"jsonrpc":"2.0","id":1,"result":{"id":"7"}}'));
    assert.deepEqual(await create().forward(call), { result: { id: '7' } });
    leader = leads(await answering('{"error":{"code":-32003,"message":"no","data":{"reason":"NONCE_USED"}}}'));
    const answer = await create().forward(call);
    assert.equal('error' in answer && answer.error.data?.reason, 'NONCE_USED');
  });

  it('asks whoever leads by then, once, when a leader no longer leads or is gone', async () => {
    const refusing = await answering('{"error":{"code":-32002,"message":"no","data":{"reason":"NOT_LEADER"}}}');
    const good = await answering('{"result":1}');
    for (const [first, second, expected] of [
      [leads(refusing), leads(good, 2), { result: 1 }],
      [leads('http://127.0.0.1:1'), leads(good, 2), { result: 1 }],
      [undefined, leads(good, 2), { result: 1 }],
    ] as const) {
      leader = first;
      next = second;
      assert.deepEqual(await create().forward(call), expected);
    }
    leader = leads(refusing);
    next = undefined;
    await fails(create(), /node 1 no longer leads/);
  });

  it('has the sender send again what nobody answered so that one can read it', async () => {
    const { port } = new URL(await serve(() => undefined));
    for (const [url, why] of [
      [`http://127.0.0.1:${port}`, /did not answer within 300 ms/],
      [await answering('<html>'), /gave no answer/],
      [await answering('{"neither":1}'), /no JSON-RPC/],
      [await answering('x'.repeat(5 << 20)), /more than 4194304 bytes/],
      [
        await serve(
          (_, response) => void response.writeHead(200, { 'content-length': '9' }).write('x', () => response.destroy()),
        ),
        /gave no answer/,
      ],
    ] as const) {
      leader = leads(url);
      await fails(create(), why);
    }
  });

  it('knows no leader in one that has expired, nor in itself', async () => {
    for (const known of [
      undefined,
      { ...leads('http://x'), isExpired: true },
      { ...leads('http://x'), holder: 'own' },
    ]) {
      leader = known;
      await fails(create(), /no node leads/);
    }
  });

  const never = new Promise<void>(() => undefined);
  const isFull = (error: unknown) => isRollupError(error, 'MEMPOOL_FULL');
  const of = (address: string, bytes = 2): Forwarded => ({ ...call, address, body: new Uint8Array(bytes) });

  it('has so many calls on their way, and so many bytes of them', async () => {
    const many = create(() => never);
    for (let count = 0; count < MAX_FORWARDS; count++) void many.forward(of(`192.0.2.${count % 16}`));
    await assert.rejects(many.forward(of('192.0.2.99')), isFull);
    const large = create(() => never);
    for (let count = 0; count < 16; count++) void large.forward(of(`192.0.2.${count}`, MAX_FORWARD_BYTES / 16));
    await assert.rejects(large.forward(of('192.0.2.99', 1)), isFull);
  });

  it('leaves others their part, whatever one address sends', async () => {
    const many = create(() => never);
    for (let count = 0; count < PER_ADDRESS.forwards; count++) void many.forward(call);
    await assert.rejects(many.forward(call), isFull);
    const large = create(() => never);
    void large.forward({ ...call, body: new Uint8Array(PER_ADDRESS.bytes) });
    await assert.rejects(large.forward(call), isFull);
  });

  it('lets addresses take turns, and none have all connections', async () => {
    const lanes = createLanes();
    const started: string[] = [];
    const ends: (() => void)[] = [];
    const passed: Promise<void>[] = [];
    const pass = (address: string): void => {
      const work = () => {
        started.push(address);
        return new Promise<void>((resolve) => ends.push(resolve));
      };
      passed.push(lanes.pass(address, 1, work));
    };
    const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
    for (const address of ['a', 'b']) for (let count = 0; count < PER_ADDRESS.forwards; count++) pass(address);
    await settle();
    const { inFlight } = PER_ADDRESS;
    assert.deepEqual(
      ['a', 'b'].map((one) => started.filter((address) => address === one).length),
      [inFlight, inFlight],
    );
    assert.ok(inFlight < MAX_IN_FLIGHT);
    // All connections are taken; what comes last is third, and not behind the others' 64.
    pass('c');
    for (let turn = 0; turn < 3; turn++) {
      ends.shift()!();
      await settle();
    }
    assert.deepEqual(started.slice(MAX_IN_FLIGHT).includes('c'), true);
    assert.equal(started.length, MAX_IN_FLIGHT + 3);
    while (started.length < passed.length) {
      ends.shift()!();
      await settle();
    }
    for (const end of ends) end();
    await Promise.all(passed);
    // What one has done is its own again.
    pass('a');
    await settle();
    assert.equal(started.length, passed.length);
    ends.at(-1)!();
    await Promise.all(passed);
  });
});

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { attack } from '../../../scripts/bench/parts/accept/attack.ts';
import { createFlood, FLOOD_NAMES, type Flood, type FloodName } from '../../../scripts/bench/parts/accept/floods.ts';
import type { HostileReport } from '../../../scripts/bench/parts/accept/hostile.ts';
import { parseAcceptOptions } from '../../../scripts/bench/parts/accept/options.ts';
import { runBench } from '../../support/process/bench.ts';

const MEANS = { badLists: [Buffer.from('[]')], sockets: 5_000 };

describe('./dev bench accept --hostile', () => {
  it('measures honest callers without and in floods, and loses nothing', async () => {
    const floods: readonly FloodName[] = ['badLists', 'wideCalls', 'smuggling', 'slowBodies'];
    const { code, stderr, result } = await runBench('accept', [
      ...['--hostile', '--floods', floods.join(), '--seconds', '0.3', '--honest-rate', '60', '--sockets', '20'],
      ...['--profile', 'quick'],
    ]);
    assert.equal(code, 0, stderr);
    const report = result as unknown as HostileReport;
    assert.deepEqual([report.seconds, report.rate, report.lost], [0.3, 60, 0]);
    assert.deepEqual(Object.keys(report.floods), floods);
    assert.ok(report.quiet.p99Ms > 0, JSON.stringify(report));
    for (const [name, { p50Ms, p99Ms, ratio, answers }] of Object.entries(report.floods)) {
      assert.ok(p50Ms > 0 && p50Ms <= p99Ms && ratio > 0, name);
      assert.ok(
        Object.values(answers).some((count) => count > 0),
        `${name}: nothing was sent`,
      );
    }
  });

  it('has all floods unless it is told some', () => {
    assert.equal(parseAcceptOptions([]).hostile, undefined);
    assert.deepEqual(parseAcceptOptions(['--hostile']).hostile!.floods, FLOOD_NAMES);
    assert.deepEqual(parseAcceptOptions(['--hostile', '--floods', 'calls,proofs']).hostile!.floods, [
      'calls',
      'proofs',
    ]);
    assert.throws(() => parseAcceptOptions(['--hostile', '--floods', 'rain']), /--floods/);
  });

  it('has floods of the sizes that they were measured in', () => {
    const flood = (name: FloodName) => createFlood(name, MEANS) as Extract<Flood, { kind: 'calls' }>;
    const json = (name: FloodName) => JSON.parse(flood(name).bodies[0]!.toString());
    assert.equal(Object.keys(json('wideCalls').params).length, 200_000);
    assert.ok(flood('wideCalls').bodies[0]!.length > 2_200_000);
    assert.equal(json('proofs').length, 100);
    assert.ok(flood('oddBodies').bodies.length > 318);
    assert.equal(createFlood('slowBodies', MEANS).connections, 1_000);
    assert.equal(createFlood('idleSockets', { ...MEANS, sockets: 20_000 }).connections, 11_000);
    assert.equal(createFlood('idleSockets', MEANS).connections, 5_000);
  });

  describe('floods', () => {
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => response.end('{}'));
    });
    let target: { host: string; port: number; localAddress: undefined; contentType: string };
    before(async () => {
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as AddressInfo;
      target = { host: '127.0.0.1', port, localAddress: undefined, contentType: 'application/json' };
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });

    it('count the answers by their status', async () => {
      const { answers } = await attack(createFlood('calls', { ...MEANS, sockets: 2 }), target, 0.1);
      assert.deepEqual(Object.keys(answers), ['200']);
    });

    it('count what is refused as no HTTP', async () => {
      const { answers } = await attack(createFlood('smuggling', { ...MEANS, sockets: 2 }), target, 0.2);
      assert.ok(answers['400']! > 0, JSON.stringify(answers));
    });

    it('count connections that stay open', async () => {
      const { answers } = await attack(createFlood('slowBodies', { ...MEANS, sockets: 3 }), target, 0.1);
      assert.deepEqual(answers, { 'open at the end': 3 });
    });
  });
});

import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BlobOrigin,
  type BlobRequest,
  createBeaconOrigin,
  createBlobSource,
  createMirrorOrigin,
  encodeKeptCells,
  type Kzg,
  versionedHashOf,
} from '@quittance/chain';
import { BLOB_BYTES, type RollupError } from '@quittance/protocol';
import { silentLogger } from '../../../runtime/index.ts';
import { createBlobFolder } from '../../../storage/index.ts';
import { startBeacon, type TestBeacon, timeOf } from '../../support/blobs/beacon.ts';
import { randomBlob, testKzg } from '../../support/blobs/kzg.ts';
import { startServer, type TestServer } from '../../support/l1/http.ts';

const SLOT = 9_000_000;
const TIMEOUT_MS = 200;

const toHex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;

describe('Chain: sources of blobs', () => {
  const blobs = [randomBlob('one'), randomBlob('two'), randomBlob('three')];
  const servers: { stop(): Promise<void> }[] = [];
  let kzg: Kzg;
  let hashes: string[];
  let folder: string;
  let request: BlobRequest;

  before(async function () {
    this.timeout(60_000);
    kzg = await testKzg();
    hashes = await Promise.all(blobs.map(async (blob) => versionedHashOf(await kzg.commitment(blob))));
    request = { versionedHashes: hashes.slice(0, 2), blockNumber: 70, timestamp: timeOf(SLOT) };
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-blobs-'));
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    for (const server of servers.splice(0)) await server.stop();
  });

  async function beacon(answer?: (path: string, response: ServerResponse) => boolean): Promise<TestBeacon> {
    const server = await startBeacon({ blobs: new Map([[SLOT, blobs]]), ...(answer === undefined ? {} : { answer }) });
    servers.push(server);
    return server;
  }
  async function web(answer: (path: string, response: ServerResponse) => void): Promise<TestServer> {
    const server = await startServer((_body, response, { url }) => answer(url!.split('/').at(-1)!, response));
    servers.push(server);
    return server;
  }
  const beaconOrigin = ({ url }: TestServer) => createBeaconOrigin({ url, timeoutMs: TIMEOUT_MS });
  const sourceOf = (...origins: BlobOrigin[]) => createBlobSource({ origins, kzg, logger: silentLogger });

  it('finds the blobs of a block in its slot, in the order of the request, asking for the hashes', async () => {
    const node = await beacon();
    assert.deepEqual(await sourceOf(beaconOrigin(node)).getBlobs(request), blobs.slice(0, 2));
    const backwards = { ...request, versionedHashes: [hashes[2]!, hashes[0]!, hashes[2]!] };
    assert.deepEqual(await sourceOf(beaconOrigin(node)).getBlobs(backwards), [blobs[2], blobs[0], blobs[2]]);
    assert.equal(
      node.paths[2],
      `/eth/v1/beacon/blobs/${SLOT}?versioned_hashes=${hashes[0]}&versioned_hashes=${hashes[1]}`,
    );
  });

  it('asks for one blob after the other where a node reads only one of the hashes', async () => {
    const node = await beacon((path, response) => {
      const wanted = /versioned_hashes=(0x\w+)/.exec(path)?.[1];
      if (wanted === undefined) return false;
      response.end(JSON.stringify({ data: [toHex(blobs[hashes.indexOf(wanted)]!)] }));
      return true;
    });
    assert.deepEqual(await sourceOf(beaconOrigin(node)).getBlobs(request), blobs.slice(0, 2));
    assert.equal(node.paths.length, 5);
  });

  it('asks again how a chain counts its slots after a proxy answered in the node’s place', async () => {
    let isProxied = true;
    const node = await beacon((path, response) => {
      if (!isProxied || path.endsWith('genesis')) return false;
      response.writeHead(404).end();
      return true;
    });
    const source = sourceOf(beaconOrigin(node));
    await assert.rejects(source.getBlobs(request), { code: 'BLOB_UNAVAILABLE' });
    isProxied = false;
    assert.equal((await source.getBlobs(request)).length, 2);
  });

  it('sends name and password of an address in a header, and shows neither', async () => {
    const asked: (string | undefined)[] = [];
    const server = await startServer((_body, response, { headers }) => {
      asked.push(headers.authorization);
      response.writeHead(401).end();
    });
    servers.push(server);
    const origin = createBeaconOrigin({ url: server.url.replace('://', '://me%40x:p%2Fw@'), timeoutMs: TIMEOUT_MS });
    await assert.rejects(sourceOf(origin).getBlobs(request), (error: RollupError) => {
      assert.match(error.message, /status 401/);
      assert.doesNotMatch(error.message, /me@x|me%40x|p\/w|p%2Fw/);
      return true;
    });
    assert.equal(asked[0], `Basic ${Buffer.from('me@x:p/w').toString('base64')}`);
  });

  it('asks how a chain counts its slots once', async () => {
    const node = await beacon();
    const source = sourceOf(beaconOrigin(node));
    for (let i = 0; i < 3; i++) await source.getBlobs(request);
    assert.equal(node.paths.filter((path) => /genesis|spec/.test(path)).length, 2);
  });

  it('takes the length of slots in milliseconds where a chain has it so', async () => {
    const node = await beacon((path, response) => {
      if (path !== '/eth/v1/config/spec') return false;
      response.end(JSON.stringify({ data: { SECONDS_PER_SLOT: '1', SLOT_DURATION_MS: '12000' } }));
      return true;
    });
    assert.equal((await sourceOf(beaconOrigin(node)).getBlobs(request)).length, 2);
  });

  const isBlobs = (path: string) => path.startsWith('/eth/v1/beacon/blobs/');
  const answering = (test: (path: string) => boolean, answer: (response: ServerResponse) => void) =>
    beacon((path, response) => {
      if (test(path)) answer(response);
      return test(path);
    });
  const json = (value: unknown) => (response: ServerResponse) => void response.end(JSON.stringify(value));

  const faults: readonly (readonly [string, (path: string) => boolean, (response: ServerResponse) => void, RegExp])[] =
    [
      [
        'has pruned the slot',
        isBlobs,
        (response) => response.writeHead(404).end('{}'),
        /404 for slot 9000000: it has pruned/,
      ],
      ['has nothing', isBlobs, json({ data: [] }), /does not have it/],
      ['limits the rate', isBlobs, (response) => response.writeHead(429).end('slow down'), /status 429/],
      ['answers with HTML', isBlobs, (response) => response.end('<html>sign in</html>'), /no JSON/],
      [
        'answers with half a JSON',
        isBlobs,
        (response) => response.end(`{"data":["${toHex(new Uint8Array(99))}`),
        /no JSON/,
      ],
      [
        'breaks off',
        isBlobs,
        (response) => response.writeHead(200, { 'content-length': 99 }).write('{', () => response.destroy()),
        /no answer/,
      ],
      ['never answers', isBlobs, () => undefined, /no whole answer within 200 ms/],
      [
        'never ends its answer',
        isBlobs,
        (response) => void response.write('{"data":['),
        /no whole answer within 200 ms/,
      ],
      ['answers null', isBlobs, json(null), /no list/],
      ['lists no text', isBlobs, json({ data: [7] }), /entry 0 of its answer is no hexadecimal/],
      ['lists more than a block can have', isBlobs, json({ data: Array(129).fill('0x') }), /lists 129 blobs/],
      [
        'gives a blob that is too short',
        isBlobs,
        json({ data: [toHex(new Uint8Array(BLOB_BYTES - 1))] }),
        /no blob.*131072/,
      ],
      [
        'gives an element that is none',
        isBlobs,
        json({ data: [`0x${'ff'.repeat(BLOB_BYTES)}`] }),
        /no blob: element 0/,
      ],
      ['gives another blob', isBlobs, json({ data: [toHex(new Uint8Array(BLOB_BYTES))] }), /another blob, 0x01/],
      [
        'knows no genesis',
        (path) => path.endsWith('genesis'),
        (response) => response.writeHead(404).end(),
        /404 for .*genesis/,
      ],
      [
        'has a genesis of no number',
        (path) => path.endsWith('genesis'),
        json({ data: { genesis_time: 1 } }),
        /genesis_time is no number/,
      ],
      [
        'has slots of no length',
        (path) => path.endsWith('spec'),
        json({ data: { SECONDS_PER_SLOT: '0' } }),
        /slots take no time/,
      ],
      [
        'fails with its configuration',
        (path) => path.endsWith('spec'),
        (response) => response.writeHead(500).end(),
        /500 for .*spec/,
      ],
      [
        'is of another chain',
        (path) => path.endsWith('genesis'),
        json({ data: { genesis_time: '1606824024' } }),
        /another chain/,
      ],
      [
        'starts after the block',
        (path) => path.endsWith('genesis'),
        json({ data: { genesis_time: '2000000003' } }),
        /another chain/,
      ],
    ];
  for (const [title, test, answer, reason] of faults) {
    it(`asks the next one when one ${title}`, async () => {
      const bad = beaconOrigin(await answering(test, answer));
      const good = beaconOrigin(await beacon());
      assert.deepEqual(await sourceOf(bad, good).getBlobs(request), blobs.slice(0, 2));
      await assert.rejects(sourceOf(bad).getBlobs(request), (error: RollupError) => {
        assert.equal(error.code, 'BLOB_UNAVAILABLE');
        assert.match(String(error.data['sources']), reason);
        return true;
      });
    });
  }

  it('reads no longer answer than the blobs of a block need', async function () {
    this.timeout(30_000);
    const part = Buffer.alloc(1 << 20, 'f');
    let written = 0;
    const node = await answering(isBlobs, (response) => {
      const write = () => {
        if (response.destroyed) return;
        written += part.length;
        response.write(part, write);
      };
      write();
    });
    const origin = createBeaconOrigin({ url: node.url, timeoutMs: 20_000 });
    await assert.rejects(sourceOf(origin).getBlobs(request), { code: 'BLOB_UNAVAILABLE' });
    assert.ok(written > 33 << 20 && written < 64 << 20, `${written}`);
    await assert.rejects(origin.read(request), { code: 'BLOB_SOURCE_FAILED' });
  });

  it('says hash, block, slot, each source with its failure and the way out, but no key', async () => {
    const pruned = beaconOrigin(await answering(isBlobs, (response) => response.writeHead(404).end()));
    const down = await beacon();
    await down.stop();
    servers.pop();
    await assert.rejects(sourceOf(pruned, beaconOrigin(down)).getBlobs(request), (error: RollupError) => {
      assert.equal(error.code, 'BLOB_UNAVAILABLE');
      assert.deepEqual([error.data['hash'], error.data['blockNumber'], error.data['slot']], [hashes[0], 70, SLOT]);
      assert.match(error.message, /block 70, slot 9000000/);
      assert.match(error.message, /pruned.*; beacon node http:\/\/127\.0\.0\.1:\d+\/…: no answer: ECONNREFUSED/);
      assert.match(error.message, /Add --blob-source/);
      assert.doesNotMatch(error.message, /secret-api-key/);
      return true;
    });
    await assert.rejects(sourceOf().getBlobs(request), /No source was given/);
  });

  it('collects the blobs of a block from several places', async () => {
    const first = await web((file, response) => {
      if (file === `${hashes[0]}.blob`) response.end(blobs[0]);
      else response.writeHead(404).end();
    });
    const node = await beacon();
    const mirror = createMirrorOrigin({ url: first.url });
    assert.deepEqual(await sourceOf(mirror, beaconOrigin(node)).getBlobs(request), blobs.slice(0, 2));
    assert.match(node.paths.at(-1)!, new RegExp(`\\?versioned_hashes=${hashes[1]}$`));
  });

  it('refuses a mirror’s file that is longer than a blob, and its failures', async () => {
    const long = await web((_file, response) => void response.end(Buffer.alloc(BLOB_BYTES + 1)));
    await assert.rejects(sourceOf(createMirrorOrigin(long)).getBlobs(request), /more than 131072 bytes/);
    const failing = await web((_file, response) => void response.writeHead(503).end());
    await assert.rejects(sourceOf(createMirrorOrigin(failing)).getBlobs(request), /status 503/);
  });

  it('keeps in a folder what another place gave, and asks no other from then on', async () => {
    const node = await beacon();
    const path = join(folder, 'new');
    const source = sourceOf(createBlobFolder(path), beaconOrigin(node));
    await source.getBlobs(request);
    assert.deepEqual(readdirSync(path).sort(), request.versionedHashes.map((hash) => `${hash}.blob`).sort());
    const asked = node.paths.length;
    assert.deepEqual(await source.getBlobs(request), blobs.slice(0, 2));
    assert.equal(node.paths.length, asked);
  });

  it('mends a file of a folder that was cut, changed or made longer', async () => {
    const source = sourceOf(createBlobFolder(folder), beaconOrigin(await beacon()));
    await source.getBlobs(request);
    const file = join(folder, `${hashes[0]}.blob`);
    const damages = [
      () => truncateSync(file, 5),
      () =>
        writeFileSync(
          file,
          Uint8Array.from(blobs[0]!, (byte, at) => (at === 777 ? byte ^ 1 : byte)),
        ),
      () => writeFileSync(file, Buffer.alloc(1 << 20)),
    ];
    for (const damage of damages) {
      damage();
      assert.deepEqual(await source.getBlobs(request), blobs.slice(0, 2));
      assert.deepEqual(new Uint8Array(readFileSync(file)), blobs[0]);
    }
  });

  it('gives blobs that a folder could not keep', async () => {
    writeFileSync(join(folder, 'file'), '');
    const source = sourceOf(createBlobFolder(join(folder, 'file')), beaconOrigin(await beacon()));
    assert.deepEqual(await source.getBlobs(request), blobs.slice(0, 2));
  });

  it('restores a blob from cells that two places keep, and keeps it', async function () {
    this.timeout(240_000);
    const hash = hashes[0]!;
    const commitment = await kzg.commitment(blobs[0]!);
    const { cells, proofs } = await kzg.cells(blobs[0]!);
    const fileOf = (indices: readonly number[]) =>
      encodeKeptCells({
        commitment,
        indices,
        cells: indices.map((index) => cells[index]!),
        proofs: indices.map((index) => proofs[index]!),
      });
    const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
    const serving = (file: Uint8Array) =>
      web((name, response) => {
        if (name === `${hash}.cells`) response.end(file);
        else response.writeHead(404).end();
      });
    const [one, few, other] = [
      await serving(fileOf(range(0, 32))),
      await serving(fileOf(range(32, 63))),
      await serving(fileOf(range(96, 128))),
    ];
    const wanted = { ...request, versionedHashes: [hash] };
    const archive = createBlobFolder(folder);
    await assert.rejects(
      sourceOf(archive, createMirrorOrigin(one), createMirrorOrigin(few)).getBlobs(wanted),
      (error: RollupError) => {
        assert.deepEqual([error.code, error.data['cellCount']], ['BLOB_UNAVAILABLE', 63]);
        assert.match(error.message, /63 good cells of it, 64 restore it/);
        return true;
      },
    );
    const damaged = fileOf(range(40, 64));
    damaged[damaged.length - 1]! ^= 1;
    await archive.keepCells(hash, damaged);
    assert.deepEqual(
      await sourceOf(archive, createMirrorOrigin(one), createMirrorOrigin(other)).getBlobs(wanted),
      blobs.slice(0, 1),
    );
    assert.deepEqual(new Uint8Array(readFileSync(join(folder, `${hash}.blob`))), blobs[0]);
  });

  it('refuses more hashes than a block has blobs, and what is no hash', async () => {
    const source = sourceOf();
    const many = Array.from({ length: 129 }, (_, index) => `0x01${index.toString(16).padStart(62, '0')}`);
    await assert.rejects(source.getBlobs({ ...request, versionedHashes: many }), { code: 'OUT_OF_RANGE' });
    for (const hash of [`0x02${'00'.repeat(31)}`, `0x01${'00'.repeat(30)}`, '0x01../../etc/passwd']) {
      await assert.rejects(source.getBlobs({ ...request, versionedHashes: [hash] }), { code: 'INVALID_HEX' });
    }
  });

  it('ends at once when it is cancelled', async () => {
    const controller = new AbortController();
    const stuck = await answering(isBlobs, () => controller.abort(new Error('stop')));
    const origin = createBeaconOrigin({ url: stuck.url, timeoutMs: 60_000 });
    await assert.rejects(sourceOf(origin, origin).getBlobs(request, controller.signal), /stop/);
  });
});

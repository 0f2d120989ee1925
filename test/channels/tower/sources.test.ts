/** Where a tower has its states from: files that change, and a store that its party has open. */

import { strict as assert } from 'node:assert';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ChannelState, channelStateHash, signChannelState } from '@quittance/protocol';
import { type ExportedChannel, encodeChannelExport } from '@quittance/sdk/channels';
import {
  createFolderSource,
  createStateJudge,
  createStoreFileSource,
  openChannelStore,
  type StateSource,
} from '../../../channels/index.ts';
import { systemClock } from '../../../runtime/index.ts';
import { assertRejects } from '../../support/assertions.ts';
import { keysOf, recordOf } from '../../support/channels/pair.ts';
import { secretOf } from '../../support/channels/secrets.ts';
import { htlcOf, stateOf } from '../../support/channels/world.ts';
import { createManualClock } from '../../support/manual-clock.ts';

const CONTRACT = { chainId: 31_337n, channels: '0x00000000000000000000000000000000000000c1' };
const RECORD = recordOf('b', 100n, keysOf);
const { terms, vault } = RECORD;
const KEYS = [new Uint8Array(32).fill(0xa1), new Uint8Array(32).fill(0xb2)];
const JUDGE = createStateJudge(CONTRACT, () => vault);
const HOUR_MS = 3_600_000;

function exported(state: ChannelState, some: Partial<ExportedChannel> = {}): ExportedChannel {
  const hash = channelStateHash(CONTRACT, vault, state);
  const [a, b] = KEYS.map((key) => signChannelState(hash, key));
  return { terms, vault, party: 'b', state, signatures: [a!, b!], secrets: [], contract: CONTRACT, ...some };
}

describe('states in files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-states-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const clock = () => createManualClock(Date.now() + HOUR_MS);
  const sourceOf = (path = folder): StateSource =>
    createFolderSource(path, { contract: CONTRACT, judge: JUDGE, clock: clock() });
  const write = (name: string, ...states: ExportedChannel[]) =>
    writeFileSync(join(folder, name), encodeChannelExport(states));
  const versionsOf = async (source: StateSource) =>
    (await source.newest(false)).states.map(({ state }) => state.version);

  it('are read from one file, or from all of a folder, with their secrets', async () => {
    const { secret } = secretOf('x');
    write('one.json', exported(stateOf({ version: 3, htlcs: [htlcOf()] }), { secrets: [secret] }));
    write('two.json', exported(stateOf({ version: 1 })), exported(stateOf({ version: 2 })));
    writeFileSync(join(folder, 'notes.txt'), 'no state');
    assert.deepEqual(await versionsOf(sourceOf()), [3, 1, 2]);
    const { states, problems } = await sourceOf(join(folder, 'one.json')).newest(true);
    assert.deepEqual([states[0]!.secrets, states[0]!.party, problems], [[secret], 'b', []]);
  });

  it('are read again when they change, come and go', async () => {
    const source = sourceOf();
    assert.deepEqual(await versionsOf(source), []);
    write('one.json', exported(stateOf({ version: 1 })));
    assert.deepEqual(await versionsOf(source), [1]);
    write('one.json', exported(stateOf({ version: 2 })));
    assert.deepEqual(await versionsOf(source), [2]);
    write('two.json.new', exported(stateOf({ version: 3 })));
    assert.deepEqual(await versionsOf(source), [2]);
    renameSync(join(folder, 'two.json.new'), join(folder, 'two.json'));
    assert.deepEqual(await versionsOf(source), [2, 3]);
    rmSync(join(folder, 'one.json'));
    assert.deepEqual(await versionsOf(source), [3]);
  });

  it('are not read again while they are the same, once they have rested', async () => {
    write('one.json', exported(stateOf({ version: 1 })));
    let looks = 0;
    const judge: Pick<typeof JUDGE, 'problem'> = {
      problem(shown) {
        looks += 1;
        return JUDGE.problem(shown);
      },
    };
    const source = createFolderSource(folder, { contract: CONTRACT, judge, clock: clock() });
    for (let times = 0; times < 3; times++) await source.newest(false);
    assert.equal(looks, 1);
    // One that was written a moment ago could be written again with the same time.
    const hasty = createFolderSource(folder, { contract: CONTRACT, judge, clock: createManualClock(Date.now()) });
    const file = join(folder, 'one.json');
    const now = new Date();
    utimesSync(file, now, now);
    for (let times = 0; times < 3; times++) await hasty.newest(false);
    assert.equal(looks, 4);
  });

  it('that are bad are told and left out', async () => {
    write('good.json', exported(stateOf({ version: 1 })));
    write('forged.json', exported(stateOf({ version: 9 }), { signatures: exported(stateOf()).signatures }));
    write('foreign.json', exported(stateOf(), { contract: { ...CONTRACT, chainId: 1n } }));
    write(
      'half.json',
      exported(stateOf({ version: 2 })),
      exported(stateOf({ version: 3, claim: 2n }), {
        signatures: exported(stateOf()).signatures,
      }),
    );
    writeFileSync(join(folder, 'none.json'), '{"format":');
    writeFileSync(join(folder, 'other.json'), '{"format": "another"}');
    mkdirSync(join(folder, 'folder.json'));
    const { states, problems } = await sourceOf().newest(false);
    assert.deepEqual(
      states.map(({ state }) => state.version),
      [1, 2],
    );
    assert.deepEqual(
      problems.map(({ where }) => where.slice(folder.length + 1).split(',')[0]),
      ['folder.json', 'foreign.json', 'forged.json', 'half.json', 'none.json', 'other.json'],
    );
  });

  it('stand while their file is being written anew, and go with what it says then', async () => {
    const source = sourceOf();
    write('one.json', exported(stateOf({ version: 1 })));
    assert.deepEqual(await versionsOf(source), [1]);
    writeFileSync(join(folder, 'one.json'), '{"format": "quit');
    const half = await source.newest(true);
    assert.deepEqual([half.states.map(({ state }) => state.version), half.problems.length], [[1], 1]);
    write('one.json', exported(stateOf({ version: 2 })));
    assert.deepEqual(await versionsOf(source), [2]);
    writeFileSync(join(folder, 'one.json'), '[]');
    assert.deepEqual(await source.newest(true), { states: [], problems: [] });
  });

  it('that are not there are an error, not nothing', async () => {
    await assertRejects(sourceOf(join(folder, 'nowhere')).newest(false), 'CONFIG_INVALID');
  });
});

describe('states in a store', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-store-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const options = () => ({ file: join(folder, 'channels.db'), ...CONTRACT });
  const recordWith = (version: number) => ({
    ...RECORD,
    newest: { ...RECORD.newest, state: { ...RECORD.newest.state, version } },
  });
  const versionOf = async (source: StateSource, isUrgent = true) =>
    (await source.newest(isUrgent)).states.map(({ state }) => state.version);

  it('are the newest at each look, while its party has it open and goes on', async () => {
    const store = openChannelStore(options());
    const source = createStoreFileSource({ ...options(), clock: systemClock });
    try {
      for (let version = 1; version <= 40; version++) {
        await store.commit([{ vault, record: recordWith(version), applied: [], at: version }]);
        assert.deepEqual(await versionOf(source), [version]);
      }
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.includes('copy')),
        [],
        'copies are removed',
      );
    } finally {
      store.close();
    }
    assert.deepEqual(await versionOf(source), [40]);
  });

  it('have the secrets that were told to others, and no other', async () => {
    const { hash, secret } = secretOf('told');
    const store = openChannelStore(options());
    const state = { ...RECORD.newest.state, htlcs: [htlcOf({ hash }), htlcOf({ hash: secretOf('untold').hash })] };
    const asked = [{ type: 'fulfill', by: 'residual', secret } as const];
    const record = { ...RECORD, newest: { ...RECORD.newest, state }, asked };
    await store.commit([{ vault, record, applied: [], at: 1 }]);
    await store.addInvoice({
      ...{ ...secretOf('untold'), tokenId: 0, amount: 1n, memo: '', expiresAt: 2_000_000_000 },
    });
    store.close();
    const source = createStoreFileSource({ ...options(), clock: systemClock });
    assert.deepEqual((await source.newest(true)).states[0]!.secrets, [secret]);
  });

  it('are read rarely while nothing goes on, if a copy takes long', async () => {
    const store = openChannelStore(options());
    await store.commit([{ vault, record: recordWith(1), applied: [], at: 1 }]);
    const times = [0, 100, 200, 300, 2_101, 2_201, 2_300];
    const clock = { nowMs: () => Date.now(), monotonicMs: () => times.shift()! };
    const source = createStoreFileSource({ ...options(), clock });
    try {
      assert.deepEqual(await versionOf(source, false), [1]);
      await store.commit([{ vault, record: recordWith(2), applied: [], at: 2 }]);
      assert.deepEqual(await versionOf(source, false), [1], 'a twentieth of the time is for copies');
      assert.deepEqual(await versionOf(source, true), [2], 'but for what goes on');
    } finally {
      store.close();
    }
  });

  it('are those that were read last when it cannot be read any more, which is told', async () => {
    const store = openChannelStore(options());
    await store.commit([{ vault, record: recordWith(1), applied: [], at: 1 }]);
    store.close();
    const source = createStoreFileSource({ ...options(), clock: systemClock });
    assert.deepEqual(await versionOf(source), [1]);
    writeFileSync(options().file, 'no database');
    const { states, problems } = await source.newest(true);
    assert.equal(states[0]!.state.version, 1);
    assert.match(problems[0]!.message, /is damaged|is not a database/);
  });

  it('are refused from the store of other channels, and where there is none', async () => {
    openChannelStore(options()).close();
    const other = { ...options(), channels: `0x${'c2'.repeat(20)}`, clock: systemClock };
    await assertRejects(createStoreFileSource(other).newest(false), 'DATABASE_FOREIGN');
    const nowhere = { ...other, file: join(folder, 'nowhere.db') };
    await assertRejects(createStoreFileSource(nowhere).newest(false), 'CONFIG_INVALID');
  });
});

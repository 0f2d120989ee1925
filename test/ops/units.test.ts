/** ops/systemd: units that systemd accepts, that are closed, and that start processes which know what they are told. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentNameOf } from '../../cli/config/setting.ts';
import { problemsOf, wrongValues } from '../support/ops/settings.ts';
import { describeWith, runTool } from '../support/ops/tools.ts';
import { readDocument } from '../support/sources/markdown.ts';

const ROLES = [
  ['sequencer', ['sequencer'], 'QUITTANCE_DATABASE', '2 6'],
  ['watcher', ['watch'], 'QUITTANCE_WATCHER_DATABASE', '2 6'],
  ['prover', ['prover', 'start'], undefined, '2 5 6'],
  ['hub', ['hub'], 'QUITTANCE_HUB_STORE', '2 6'],
  ['tower', ['channel', 'watch'], 'QUITTANCE_CHANNEL_STORE', '6'],
] as const;
/** Whose folder it has: a tower reads the store of its hub. */
const folderOf = (role: string) => `quittance-${role === 'tower' ? 'hub' : role}`;
const unitOf = (role: string) => readDocument(`ops/systemd/quittance-${role}.service`);
/** All values of a key, in order. */
const valuesOf = (unit: string, key: string) =>
  [...unit.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value!);
/** Of all lines, in order, what is told to the process. */
const environmentOf = (unit: string) =>
  Object.fromEntries(
    valuesOf(unit, 'Environment')
      .flatMap((line) => line.split(' '))
      .map((pair) => pair.split('=') as [string, string]),
  );
/** Of 100: what `systemd-analyze security` calls the exposure, times ten. */
const MOST_EXPOSURE = 20;

for (const [role, command, database, lasting] of ROLES) {
  describe(`ops/systemd/quittance-${role}.service`, () => {
    const unit = unitOf(role);
    const environment = environmentOf(unit);

    it('starts a command that exists, with variables that it knows', () => {
      const [line] = valuesOf(unit, 'ExecStart');
      const words = line!.split(' ');
      assert.deepEqual(words, ['/usr/bin/quittance', ...command, '--config', '%d/config']);
      // The rest of what it needs stands in the config file.
      const unknown = problemsOf(words.slice(1), environment).filter((problem) => problem.startsWith('unknown'));
      assert.deepEqual(unknown, []);
    });

    it('reads secrets as credentials, and keeps its database where it may write', () => {
      const credentials = valuesOf(unit, 'LoadCredential').map((value) => value.split(':')[0]!);
      const used = [...unit.matchAll(/%d\/(\w+)/g)].map(([, name]) => name!);
      assert.deepEqual([...new Set(used)].toSorted(), credentials.toSorted());
      if (database !== undefined) assert.ok(environment[database]!.startsWith(`%S/${folderOf(role)}/`));
      assert.deepEqual(valuesOf(unit, 'StateDirectory'), [folderOf(role)]);
      assert.deepEqual(valuesOf(unit, 'CacheDirectory'), [`quittance-${role}`]);
      assert.equal(environment['XDG_CACHE_HOME'], `%C/${valuesOf(unit, 'CacheDirectory')[0]}`);
    });

    it('starts it again after a failure, but not after one that lasts: a wrong setting, a fraud, no token any more', () => {
      assert.deepEqual(valuesOf(unit, 'Restart'), ['on-failure']);
      assert.deepEqual(valuesOf(unit, 'RestartPreventExitStatus'), [lasting]);
      assert.deepEqual(valuesOf(unit, 'SuccessExitStatus'), ['130']);
    });
  });
}

describe('ops/systemd/quittance-tower.service beside quittance-hub.service', () => {
  const [hub, tower] = [unitOf('hub'), unitOf('tower')] as const;

  it('reads the store of the hub as the user that has it', () => {
    assert.deepEqual(valuesOf(tower, 'User'), ['quittance-hub']);
    assert.deepEqual(valuesOf(hub, 'User'), valuesOf(tower, 'User'));
    assert.equal(environmentOf(tower)['QUITTANCE_CHANNEL_STORE'], environmentOf(hub)['QUITTANCE_HUB_STORE']);
  });

  it('has no file of /etc/quittance that the hub has', () => {
    const sources = (unit: string) => valuesOf(unit, 'LoadCredential').map((value) => value.split(':')[1]!);
    assert.equal(new Set([...sources(hub), ...sources(tower)]).size, 6);
  });

  it('is tried for ever, as is the hub', () => {
    for (const unit of [hub, tower]) assert.deepEqual(valuesOf(unit, 'StartLimitIntervalSec'), ['0']);
  });
});

for (const [page, role, words] of [
  ['deploy', 'sequencer', ['sequencer']],
  ['run-a-hub', 'hub', ['hub']],
  ['watch-channels', 'tower', ['channel', 'watch']],
] as const) {
  describe(`docs/how-to/${page}.md: settings below systemd`, () => {
    it(`are all that the unit of the ${role} leaves open`, () => {
      const text = readDocument(`docs/how-to/${page}.md`);
      const settings = JSON.parse(/```json\n([\s\S]+?)```/.exec(text)![1]!) as Record<string, string | number>;
      const fromFile = Object.entries(settings).map(([key, value]) => [environmentNameOf(key), String(value)] as const);
      const all = { ...Object.fromEntries(fromFile), ...environmentOf(unitOf(role)) };
      assert.deepEqual(problemsOf(words, all), []);
      assert.deepEqual(wrongValues(words, all), []);
    });
  });
}

describeWith('systemd-analyze', 'systemd on the units of ops/', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-units-'));
    // This machine has no /usr/bin/quittance, and systemd refuses a unit whose program is not there.
    for (const [role] of ROLES) {
      writeFileSync(
        join(folder, `quittance-${role}.service`),
        unitOf(role).replaceAll('/usr/bin/quittance', '/bin/true'),
      );
    }
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [role] of ROLES) {
    it(`finds nothing wrong with that of the ${role}`, () => {
      const { code, text } = runTool('systemd-analyze', [
        'verify',
        '--man=no',
        join(folder, `quittance-${role}.service`),
      ]);
      assert.deepEqual([code, text], [0, '']);
    });

    it(`finds that of the ${role} closed`, () => {
      const path = join(folder, `quittance-${role}.service`);
      const security = ['security', '--no-pager', '--offline=true', `--threshold=${MOST_EXPOSURE}`, path];
      const { code, text } = runTool('systemd-analyze', security);
      assert.equal(code, 0, text);
      assert.match(text, /Overall exposure level/);
    });
  }
});

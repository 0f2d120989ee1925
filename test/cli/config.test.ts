import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allSettings, COMMANDS } from '../../cli/commands.ts';
import * as parse from '../../cli/config/parse.ts';
import { readConfigFile, resolveSetting, type Sources } from '../../cli/config/resolve.ts';
import { environmentNameOf, flagOf, named, optional, required, withDefault } from '../../cli/config/setting.ts';
import { valueText } from '../../cli/config/text.ts';
import { UsageError } from '../../cli/process/errors.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';

const KEY = 'sealAfter';
const setting = withDefault('<duration>', parse.duration, 30, 'a duration');

function sources(flag?: string, environment?: string, file?: string): Sources {
  return {
    flags: new Map(flag === undefined ? [] : [[KEY, flag]]),
    environment: environment === undefined ? {} : { QUITTANCE_SEAL_AFTER: environment },
    file: { path: 'x.json', values: new Map(file === undefined ? [] : [[KEY, file]]) },
  };
}

describe('CLI: settings', () => {
  it('have one name in three spellings', () => {
    assert.equal(flagOf('l1PollMs'), '--l1-poll-ms');
    assert.equal(environmentNameOf('l1PollMs'), 'QUITTANCE_L1_POLL_MS');
  });

  it('come from the flag, else the environment, else the file, else the default', () => {
    assert.deepEqual(resolveSetting(KEY, setting, sources('1s', '2s', '3s')), {
      value: 1,
      origin: 'flag --seal-after',
    });
    assert.deepEqual(resolveSetting(KEY, setting, sources(undefined, '2s', '3s')), {
      value: 2,
      origin: 'environment QUITTANCE_SEAL_AFTER',
    });
    assert.deepEqual(resolveSetting(KEY, setting, sources(undefined, undefined, '3s')), {
      value: 3,
      origin: 'file x.json',
    });
    assert.deepEqual(resolveSetting(KEY, setting, sources()), { value: 30, origin: 'default' });
    assert.equal(resolveSetting(KEY, optional('<x>', parse.text, ''), sources()).origin, 'not set');
  });

  it('name where a wrong value stands, and do not fall back on another source', () => {
    assert.throws(
      () => resolveSetting(KEY, setting, sources(undefined, 'soon', '3s')),
      /^UsageError: environment QUITTANCE/,
    );
  });

  it('name the key of a file that is wrong', () => {
    assert.throws(
      () => resolveSetting(KEY, setting, sources(undefined, undefined, 'soon')),
      /^UsageError: file x\.json, "sealAfter": expected a duration/,
    );
  });

  it('name all three ways to give what is missing', () => {
    assert.throws(
      () => resolveSetting(KEY, required('<duration>', parse.duration, 'a duration'), sources()),
      /--seal-after.*QUITTANCE_SEAL_AFTER.*"sealAfter"/,
    );
  });

  it('have another name in environment and file where their flag means something else elsewhere', () => {
    const mode = named('sequencerMode', withDefault('<mode>', parse.choice('zk', 'hybrid'), 'zk', 'a mode'));
    const from = (flag?: string, environment?: string, file?: string) =>
      resolveSetting('mode', mode, {
        flags: new Map(flag === undefined ? [] : [['mode', flag]]),
        environment: { QUITTANCE_MODE: 'observe', QUITTANCE_SEQUENCER_MODE: environment },
        file: {
          path: 'x.json',
          values: new Map(file === undefined ? [['mode', 'observe']] : [['sequencerMode', file]]),
        },
      });
    assert.deepEqual(from('hybrid', 'zk'), { value: 'hybrid', origin: 'flag --mode' });
    assert.deepEqual(from(undefined, 'hybrid'), { value: 'hybrid', origin: 'environment QUITTANCE_SEQUENCER_MODE' });
    assert.deepEqual(from(undefined, undefined, 'hybrid'), { value: 'hybrid', origin: 'file x.json' });
    assert.deepEqual(from(), { value: 'zk', origin: 'default' });
  });

  const wrong: readonly (readonly [string, (text: string) => unknown, string])[] = [
    ['an address with a wrong checksum', parse.address, '0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266'],
    ['an address that is too short', parse.address, '0x12'],
    ['a URL of another protocol', parse.url, 'file:///etc/passwd'],
    ['a port beyond the last one', parse.integer(0, 65_535), '65536'],
    ['a negative number', parse.integer(0, 10), '-1'],
    ['a number in another notation', parse.integer(0, 10), '1e1'],
    ['a share of more than all', parse.share, '1.5'],
    ['a share in another notation', parse.share, '1e-2'],
    ['a duration without a known unit', parse.duration, '3w'],
    ['a duration beyond its limit', parse.durationWithin(1, 86_400), '25h'],
    ['an amount with a sign', parse.baseUnits, '-5'],
    ['an amount of ETH with a sign', parse.wei, '-1eth'],
    ['half a wei', parse.wei, '0.5'],
    ['a tenth of a wei in gwei', parse.wei, '0.0000000001gwei'],
    ['an amount of another unit', parse.wei, '1finney'],
    ['an amount of ETH beyond what a contract holds', parse.wei, '340282366920938463463374607431768211456'],
    ['an amount in exponents', parse.wei, '1e18'],
    ['a fee token without a fee', parse.feeTokens, '0'],
    ['a network that is none', parse.networks, '10.0.0.0/33'],
    ['a network by name', parse.networks, '10.0.0.1,proxy'],
    ['a network without an address', parse.networks, '/8'],
    ['a switch that is neither on nor off', parse.flag, 'maybe'],
    ['a profile that does not exist', parse.profileName, 'huge'],
  ];
  for (const [what, parser, value] of wrong) {
    it(`refuse ${what}`, () => {
      assert.throws(() => parser(value), UsageError);
    });
  }

  it('understand durations and lists', () => {
    assert.deepEqual(
      ['90', '90s', '15m', '12h', '3d'].map((value) => parse.duration(value)),
      [90, 90, 900, 43_200, 259_200],
    );
    assert.deepEqual(['0', '1', '0.01', '1.0'].map(parse.share), [0, 1, 0.01, 1]);
    assert.deepEqual(['0', '7', '1000wei', '20gwei', '0.5gwei', '0.1eth', '3ETH'].map(parse.wei), [
      0n,
      7n,
      1_000n,
      20n * 10n ** 9n,
      5n * 10n ** 8n,
      10n ** 17n,
      3n * 10n ** 18n,
    ]);
    const weiText = (wei: bigint) => valueText({ placeholder: '<wei>' }, wei);
    assert.deepEqual([0n, 7n, 20n * 10n ** 9n, 10n ** 14n, 10n ** 17n, 3n * 10n ** 18n, 10n ** 18n + 1n].map(weiText), [
      '0',
      '7',
      '20gwei',
      '0.0001eth',
      '0.1eth',
      '3eth',
      '1000000000000000001',
    ]);
    assert.deepEqual(parse.networks('10.0.0.0/8,::1,2001:db8::/32'), ['10.0.0.0/8', '::1', '2001:db8::/32']);
    assert.deepEqual(parse.networks(''), []);
    assert.deepEqual(parse.feeTokens('0:10,7:0'), [
      { tokenId: 0, minimumFee: 10n },
      { tokenId: 7, minimumFee: 0n },
    ]);
  });
});

describe('CLI: config files', () => {
  let folder: string;
  const known = new Set(['port', 'feeTokens', 'json']);
  const read = (content: string) => readConfigFile(writePrivate(folder, 'config.json', content), known);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-config-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('hold text, numbers, switches and lists', () => {
    const { values } = read('{"port": 80, "json": true, "feeTokens": ["0:1", "1:2"]}');
    assert.deepEqual(
      [...values],
      [
        ['port', '80'],
        ['json', 'true'],
        ['feeTokens', '0:1,1:2'],
      ],
    );
  });

  for (const [what, content, expected] of [
    ['unknown settings', '{"prot": 80}', /unknown setting "prot"; did you mean "port"\?/],
    ['settings that are like none', '{"zebra": 80}', /unknown setting "zebra"; `quittance config print` lists all/],
    ['numbers that are not exact', '{"port": 1e30}', /as text/],
    ['objects', '{"port": {}}', /must be text/],
    ['lists in place of an object', '[]', /must be a JSON object/],
    ['what is no JSON, without quoting it', '0xdeadbeef', /^(?!.*deadbeef).*no JSON/],
  ] as const) {
    it(`refuse ${what}`, () => {
      assert.throws(
        () => read(content),
        (error: Error) => error instanceof UsageError && expected.test(error.message),
      );
    });
  }

  it('take the same kind of value in every command that has one of the name', () => {
    const known = allSettings(COMMANDS);
    for (const { name: command, settings } of COMMANDS) {
      for (const [key, { name = key, placeholder }] of Object.entries(settings)) {
        assert.equal(placeholder, known.get(name)!.placeholder, `${name} of ${command}`);
      }
    }
  });

  it('have defaults whose text their own parsers read back', () => {
    let compared = 0;
    for (const [name, known] of allSettings(COMMANDS)) {
      if (known.presence.required) continue;
      const { fallback } = known.presence;
      const written = fallback === false ? '' : valueText(known, fallback);
      if (written === '') continue;
      compared += 1;
      assert.deepEqual(known.parse(written), fallback, name);
    }
    assert.ok(compared > 20, `${compared} defaults`);
    assert.equal(valueText({ placeholder: '<duration>' }, 259_200), '3d');
    assert.equal(valueText({ placeholder: '<duration>' }, 0), '0s');
  });

  it('are shown by `config print` with the origin of each value, keys in URLs hidden', async () => {
    const file = writePrivate(
      folder,
      'print.json',
      '{"port": 81, "host": "0.0.0.0", "l1Url": "http://unused.example",' +
        ' "blobSource": ["beacon:https://beacon.example/SECRETkey", "folder:./blobs"],' +
        ' "feeTokens": ["0:10", "7:0"], "destination": 3}',
    );
    const { code, stdout } = await runCli(['config', 'print', '--json', '--config', file], {
      environment: {
        QUITTANCE_L1_URL: 'https://user:hunter2@node.example/v3/abcdefSECRETabcdef?k=1',
        QUITTANCE_PORT: '82',
      },
    });
    assert.equal(code, 0);
    const { settings } = JSON.parse(stdout) as { settings: { key: string; value: string; origin: string }[] };
    const find = (key: string) => settings.find((candidate) => candidate.key === key);
    assert.deepEqual(find('port'), { key: 'port', value: '82', origin: 'environment QUITTANCE_PORT' });
    assert.deepEqual(find('host'), { key: 'host', value: '0.0.0.0', origin: `file ${file}` });
    assert.deepEqual(find('json'), { key: 'json', value: 'true', origin: 'flag --json' });
    assert.equal(find('l1Url')?.value, 'https://node.example/…');
    assert.equal(find('blobSource')?.value, 'beacon:https://beacon.example/…,folder:./blobs');
    assert.equal(find('feeTokens')?.value, '0:10,7:0');
    assert.equal(find('destination')?.value, '3');
    assert.doesNotMatch(stdout, /\[object|wrong:/);
    assert.doesNotMatch(stdout, /hunter2|SECRET/);
  });
});

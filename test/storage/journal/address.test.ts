import { strict as assert } from 'node:assert';
import { parseAddress } from '../../../storage/journal/postgres/address.ts';
import { assertCode } from '../../support/assertions.ts';

const SECRET = 'p%40ss/w0rd'.replace('/', '%2F');

describe('Journal: the URL of a PostgreSQL', () => {
  it('names one host or several, of which whichever takes writes is meant', () => {
    const one = parseAddress('postgresql://quittance@db.example/rollup');
    assert.equal(one.name, 'db.example:5432/rollup');
    assert.deepEqual(one.hosts, [
      { name: 'db.example:5432', connectionString: 'postgres://quittance@db.example:5432/rollup' },
    ]);
    const parameters = 'target_session_attrs=read-write&application_name=x';
    const several = parseAddress(`postgres://me:${SECRET}@one:6000,[::1]:7000,three/rollup?${parameters}`);
    assert.equal(several.name, 'one:6000,[::1]:7000,three:5432/rollup');
    assert.equal(several.user, 'me');
    assert.deepEqual(
      several.hosts.map(({ connectionString }) => connectionString),
      ['one:6000', '[::1]:7000', 'three:5432'].map(
        (host) => `postgres://me:${SECRET}@${host}/rollup?application_name=x`,
      ),
    );
  });

  it('checks certificate and name with every mode of TLS that checks anything', () => {
    const modeOf = (mode: string) => {
      const { hosts } = parseAddress(`postgres://me@db/rollup?sslmode=${mode}`);
      return new URL(hosts[0]!.connectionString).searchParams.get('sslmode');
    };
    for (const mode of ['prefer', 'require', 'verify-ca', 'verify-full']) assert.equal(modeOf(mode), 'verify-full');
    for (const mode of ['disable', 'no-verify']) assert.equal(modeOf(mode), mode);
  });

  it('shows its password nowhere', () => {
    const { name, conceal } = parseAddress(`postgres://me:${SECRET}@db/rollup`);
    assert.ok(!name.includes('w0rd'));
    assert.equal(conceal(`no p@ss/w0rd, no ${SECRET}`), 'no …, no …');
    assert.equal(parseAddress('postgres://me@db/rollup').conceal('as it is'), 'as it is');
  });

  for (const [what, url, part] of [
    ['is none', 'db.example', /cannot be read/],
    ['is of something else', 'mysql://me@db/rollup', /cannot be read/],
    ['names no user', 'postgres://db/rollup', /names no user/],
    ['names no database', 'postgres://me@db', /names no database/],
    ['names an empty database', 'postgres://me@db/', /names no database/],
    ['names two databases', 'postgres://me@db/a/b', /names no database/],
    ['names no host', 'postgres://me@/rollup', /host that cannot be read/],
    ['ends with a comma', 'postgres://me@db,/rollup', /host that cannot be read/],
    ['has port 0', 'postgres://me@db:0/rollup', /host that cannot be read/],
    ['has a port that is too high', 'postgres://me@db:65536/rollup', /host that cannot be read/],
    ['names nine hosts', `postgres://me@${'db,'.repeat(8)}db/rollup`, /names 9 hosts, 8 are the most/],
    ['has a password with a lone %', 'postgres://me:w0rd%@db/rollup', /two hexadecimal digits/],
    [
      'asks for a standby',
      'postgres://me:w0rd@db/rollup?target_session_attrs=standby',
      /that is standby, but a journal/,
    ],
  ] as const) {
    it(`is refused when it ${what}, without being repeated`, () => {
      const { message } = assertCode(() => parseAddress(url), 'CONFIG_INVALID');
      assert.match(message, part);
      assert.match(message, /it has the form postgres:\/\/user:password@host:5432\/database/);
      assert.ok(!message.includes('w0rd'), message);
    });
  }
});

import { strict as assert } from 'node:assert';
import { judgeStandbys } from '../../../storage/journal/postgres/quorum.ts';
import type { Purpose, ServerFacts } from '../../../storage/journal/postgres/session.ts';
import { requireSuitable } from '../../../storage/journal/postgres/suitable.ts';
import { assertCode } from '../../support/assertions.ts';
import { GOOD_FACTS } from '../../support/journal/facts.ts';

describe('Journal: a PostgreSQL that can hold one', () => {
  it('is any from version 14 on that takes writes and keeps what it confirms', () => {
    for (const purpose of ['append', 'control', 'read'] as const) requireSuitable(GOOD_FACTS, purpose);
    requireSuitable({ ...GOOD_FACTS, version: 140_000, synchronousCommit: 'remote_apply' }, 'append');
    // What control writes counts for nothing after a crash, or says itself what it waits for.
    requireSuitable({ ...GOOD_FACTS, synchronousCommit: 'off' }, 'control');
  });

  for (const [what, facts, message, purpose = 'append'] of [
    ['older', { version: 139_999 }, /server_version is 13, not 14 or later; upgrade/],
    ['a standby', { isStandby: true }, /its role is standby, not primary; name the primary too/],
    ['read-only', { isReadOnly: true }, /default_transaction_read_only is on, not off; see ALTER ROLE/],
    ['without fsync', { fsync: 'off' }, /fsync is off, not on; set fsync = on in postgresql.conf/],
    ['without full pages', { fullPageWrites: 'off' }, /full_page_writes is off, not on/],
    [
      'not waiting for its disk',
      { synchronousCommit: 'off' },
      /synchronous_commit of the connection is off, not on or/,
    ],
    ['waiting for its own disk only', { synchronousCommit: 'local' }, /is local, not on or remote_apply/],
    ['waiting for the standby’s memory', { synchronousCommit: 'remote_write' }, /is remote_write/, 'read'],
    ['silent about what went wrong', { clientMinMessages: 'error' }, /client_min_messages is error, not warning/],
  ] as readonly [string, Partial<ServerFacts>, RegExp, Purpose?][]) {
    it(`is none that is ${what}`, () => {
      const error = assertCode(() => requireSuitable({ ...GOOD_FACTS, ...facts }, purpose), 'JOURNAL_UNSUITABLE');
      assert.match(error.message, message);
    });
  }
});

describe('Journal: whether commits wait for a standby', () => {
  const judge = (names: string, connected: number, synchronous = 0, hidden = 0) =>
    judgeStandbys({ names, connected, synchronous, hidden });

  it('is so when one that is synchronous streams, or is there for a role that may not see more', () => {
    assert.deepEqual(judge('*', 1, 1), { isMet: true });
    assert.deepEqual(judge('ANY 1 (a, b)', 2, 0, 2), { isMet: true });
  });

  it('says what is missing', () => {
    assert.match(judge('', 0).reason ?? '', /^no standby is connected; set synchronous_standby_names on the primary$/);
    assert.match(judge(' ', 1).reason ?? '', /^the standby is asynchronous: commits do not wait for it; set/);
    assert.match(judge('*', 0).reason ?? '', /^no standby is connected: commits wait for one of \*$/);
    assert.match(
      judge('b', 1).reason ?? '',
      /^no standby that is connected is synchronous yet: commits wait for one of b/,
    );
    for (const found of [judge('', 0), judge('', 1, 1), judge('*', 0), judge('b', 1)]) assert.equal(found.isMet, false);
  });

  it('says whether commits wait for one that is not there, or for nobody', () => {
    for (const found of [judge('*', 0), judge('b', 1)]) assert.equal(found.isStalled, true);
    for (const found of [judge('', 0), judge('', 1, 1), judge('*', 1, 1)]) assert.equal(found.isStalled, undefined);
  });
});

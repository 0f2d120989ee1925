/** The page Run a cluster: what it says of PostgreSQL, as it stands there. */

import { strict as assert } from 'node:assert';
import { type PostgresPair, startPostgresPair } from '../../../scripts/postgres/pair.ts';
import { assertRejects } from '../../support/assertions.ts';
import { describePostgres, openAs } from '../../support/journal/postgres.ts';
import { collect, headAfter, START, segmentsFrom } from '../../support/journal/rows.ts';
import { readDocument } from '../../support/sources/markdown.ts';

const PAGE = readDocument('docs/how-to/run-a-cluster.md');
const blocksOf = (language: string): string[] =>
  [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(([, text]) => text!);

describePostgres('How to run a cluster: PostgreSQL', () => {
  let pair: PostgresPair;
  let url: string;
  before(async function () {
    this.timeout(60_000);
    pair = await startPostgresPair();
    for (const settings of blocksOf('ini')) await pair.primary.configure(settings);
    const [role] = blocksOf('sql');
    for (const statement of role!.trim().split('\n')) await pair.primary.query(statement);
    url = pair.url.replace(/\/\/[^@]+@/, '//quittance:a%20long%20one@').replace('/postgres?', '/rollup?');
  });
  after(() => pair.stop());

  it('makes a role that may all that a node does, and sees which standby is missing', async () => {
    const journal = await openAs('a', url);
    await journal.lease.release((await journal.lease.acquire())!);
    assert.deepEqual(await journal.quorum(), { isMet: true });
    await pair.standby!.kill();
    assert.match(
      (await journal.quorum()).reason ?? '',
      /^no standby is connected: commits wait for one of ANY 1 \(\*\)$/,
    );
    await pair.standby!.start();
    await journal.close();
  });

  it('removes segments that every node has, and never the newest', async () => {
    const journal = await openAs('a', url);
    const term = (await journal.lease.acquire())!;
    const segments = segmentsFrom(START, 6, 5, term.epoch);
    for (const segment of segments) await journal.append(segment);
    const node = { url: '', role: 'replica', epoch: 1, version: '1' } as const;
    await journal.nodes.put({ ...node, name: 'a', head: 30 });
    await journal.nodes.put({ ...node, name: 'b', head: 17 });
    const [, remove] = blocksOf('sql');
    assert.match(remove!, /- 1000000\)/);
    await pair.primary.query(remove!, [], 'rollup');
    assert.equal((await collect(journal.read(START))).length, 6, 'fewer than are kept');
    await pair.primary.query(remove!.replace('1000000', '3'), [], 'rollup');
    // Node b still needs those from entry 16 on.
    assert.deepEqual(await collect(journal.read(headAfter(segments[2]!))), segments.slice(3));
    await journal.nodes.put({ ...node, name: 'b', head: 30 });
    await pair.primary.query(remove!.replace('1000000', '1'), [], 'rollup');
    assert.deepEqual(await journal.head(), headAfter(segments[5]!));
    const error = await assertRejects(collect(journal.read(START)), 'JOURNAL_BEHIND');
    assert.match(error.message, /begins behind entry \d+, but this node ends at entry 0: begin it with a copy/);
    await journal.append(segmentsFrom(headAfter(segments[5]!), 1, 2, term.epoch)[0]!);
    await journal.close();
  });
});

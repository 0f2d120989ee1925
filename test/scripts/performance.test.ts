import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { channelsSection } from '../../scripts/generate/performance/channels.ts';
import { clusterSection } from '../../scripts/generate/performance/cluster.ts';
import { crashSection } from '../../scripts/generate/performance/crash.ts';
import { batchSection, proveSection } from '../../scripts/generate/performance/sections.ts';
import { simSection } from '../../scripts/generate/performance/sim.ts';
import { journalSection, rebuildSection, recoverSection } from '../../scripts/generate/performance/throughput.ts';
import { performanceDocument } from '../../scripts/generate/performance.ts';
import { MEASURED_CHANNELS } from '../support/process/measured-channels.ts';
import { RECOVERED } from '../support/process/recovered.ts';

const read = (path: string) => readFileSync(new URL(`../../docs/${path}`, import.meta.url), 'utf8');

describe('docs/performance.md', () => {
  it('is what its generator makes from the committed measurements', () => {
    assert.equal(read('performance.md'), performanceDocument());
  });

  it('says so when a proof was not accepted', () => {
    const measured = JSON.parse(read('performance/batch-single.json'));
    assert.doesNotMatch(batchSection(measured), /NOT every proof/);
    const refused = { ...measured, result: { ...measured.result, acceptedOnL1: false } };
    assert.match(batchSection(refused), /NOT every proof/);
  });

  it('says so when a rebuilt state is not that of L1, or a rebuild began anew', () => {
    const { machine } = JSON.parse(read('performance/execute.json'));
    const counts = {
      batches: 1_003,
      transfers: 1_000_000,
      accounts: 2_000,
      seconds: 60,
      cpuSeconds: 90,
      peakBytes: 3e8,
    };
    const halves = { secondsPerBatchFirstHalf: 0.05, secondsPerBatchSecondHalf: 0.049 };
    const result = { ...counts, ...halves, resumed: true, rootsEqual: true };
    assert.match(rebuildSection({ machine, result }), /1,003 final batches.*The state is that of L1\./);
    assert.match(rebuildSection({ machine, result: { ...result, rootsEqual: false } }), /NOT that of L1/);
    assert.match(rebuildSection({ machine, result: { ...result, resumed: false } }), /DID NOT go on/);
  });

  it('says so when a recovered database did not lead on', () => {
    const { machine } = JSON.parse(read('performance/execute.json'));
    const result = RECOVERED;
    assert.match(recoverSection({ machine, result }), /after 100 batches/);
    assert.match(recoverSection({ machine, result }), /the root of L1; goes on/);
    const fromCopy = { ...result.fromCopy, goesOn: false };
    assert.match(recoverSection({ machine, result: { ...result, fromCopy } }), /NOT AS IT HAS TO BE/);
  });

  it('says so when something was lost, done twice or damaged without a word', () => {
    const { machine } = JSON.parse(read('performance/execute.json'));
    const verdict = { kills: 200, acknowledged: 2_345, lost: 0, doubled: 0, rootsEqual: true, fullDisk: 5 };
    const damages = { flips: 120, truncations: 119, detected: 130, harmless: 109, repaired: 38, named: 2, silent: 0 };
    const result = { ...verdict, ...damages };
    const section = crashSection({ machine, result });
    assert.match(
      section,
      /killed 200 times.*filled up 5 times\. Of 2,345 acknowledged .* 0 were lost.*that of L1\. 120 /,
    );
    assert.match(section, /\| refused at the start \| 130 \|/);
    assert.doesNotMatch(section, /NOT/);
    for (const wrong of [{ lost: 1 }, { doubled: 1 }, { rootsEqual: false }, { silent: 1 }])
      assert.match(crashSection({ machine, result: { ...result, ...wrong } }), /NOT AS IT HAS TO BE/);
  });

  it('has what followers cost an append to the journal', () => {
    const { machine } = JSON.parse(read('performance/execute.json'));
    const times = { p50Ms: 7.34, p99Ms: 12, perSecond: 60_000, cpuMicrosecondsPerTransfer: 1.02 };
    const sizes = { transfersPerSegment: 512, rate: 10_000, segments: 600, followers: 2, bytesPerTransfer: 308.4 };
    const section = journalSection({ machine, result: { ...sizes, alone: times, followed: times, slowdown: 1.04 } });
    assert.match(section, /600 segments of 512 transfers at 10,000 .* 308 bytes there.* 2 followers.* 1\.04 times/);
    assert.match(section, /\| nobody reads \| 7\.3 \| 12\.0 \| 1\.02 \|/);
  });

  it('says so when money of channels is not where it should be', () => {
    const { machine } = JSON.parse(read('performance/execute.json'));
    const result = MEASURED_CHANNELS;
    const section = channelsSection({ machine, result });
    assert.match(section, /\| a hub with 200 channels \| 612 \| 300\.0 \| 700\.0 \| 2\.50 \|/);
    assert.match(section, /Those of the wallets are in memory/);
    assert.match(section, /\| the same, wallets on its disk \| 110 \| 3,?000\.0 /);
    const onDisk = channelsSection({ machine, result: { ...result, areWalletsInMemory: false } });
    assert.match(onDisk, /Those of the wallets are on the same disk/);
    assert.match(section, /1,000 random schedules .* all money is where it should be/);
    assert.match(channelsSection({ machine, result: { ...result, violations: 2 } }), /NOT where .* 2 violations/);
  });

  it('says so when a cluster lost something, or the simulator broke a promise', () => {
    const { machine } = JSON.parse(read('performance/execute.json'));
    const counts = {
      runs: 200,
      faults: { kill: 90, primary: 25, disk: 0 },
      acknowledged: 100_000,
      lost: 0,
      doubled: 0,
      forks: 0,
    };
    const times = { leaderFailoverSeconds: 12.7, primaryFailoverSeconds: 9.4 };
    const cluster = { ...counts, ...times, headersEqual: true, seed: '1' };
    const section = clusterSection({ machine, result: cluster });
    assert.match(section, /200 runs something happens: kill 90, primary 25\./);
    assert.match(section, /\| seconds, the leader lost \| 12\.7 \|/);
    assert.doesNotMatch(section, /NOT/);
    assert.match(clusterSection({ machine, result: { ...cluster, headersEqual: false } }), /NOT EQUAL/);
    const sim = { seed: '1', steps: 100_000, stepsPerMinute: 14_006, worlds: 200, violations: 0, events: { crash: 7 } };
    assert.match(
      simSection({ machine, result: sim }),
      /100,000 steps in 200 worlds.* 7 crashes.* Every promise was kept/,
    );
    assert.match(simSection({ machine, result: { ...sim, violations: 2 } }), /NOT KEPT: 2 worlds/);
  });

  it('leaves out what was not measured', () => {
    assert.equal(clusterSection(undefined), '');
    assert.equal(simSection(undefined), '');
    assert.equal(channelsSection(undefined), '');
    assert.equal(journalSection(undefined), '');
    assert.equal(proveSection(undefined), '');
    assert.equal(batchSection(undefined, undefined), '');
    assert.equal(rebuildSection(undefined), '');
    assert.equal(recoverSection(undefined), '');
    assert.equal(crashSection(undefined), '');
  });
});

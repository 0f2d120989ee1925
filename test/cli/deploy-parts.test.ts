/** The parts of deployments and of the devnet that need no chain. */

import { strict as assert } from 'node:assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRollupError, PROFILES } from '@quittance/protocol';
import { readArtifact } from '../../cli/deploy/artifacts.ts';
import { compareCode } from '../../cli/deploy/bytecode.ts';
import { claimRecord } from '../../cli/deploy/record.ts';
import type { DeployRequest } from '../../cli/deploy/request.ts';
import { type PlanFacts, warningsOf } from '../../cli/deploy/warnings.ts';
import { programName, quoted } from '../../cli/devnet/program-name.ts';
import { PACKAGE_ROOT } from '../../cli/paths.ts';
import { createOutput } from '../../cli/process/output.ts';
import { chooseKey, shippedKey, verifyingKeyHash } from '../../cli/setup/key.ts';
import { createProver, decodeVerifyingKey } from '../../prover/index.ts';
import { describeNative } from '../support/native.ts';

const FACTS: PlanFacts = { isLocal: false, cost: 100n, balance: 1_000n, record: undefined };
const DEPLOYER = '0xDE';
const REQUEST = {
  module: 'Rollup',
  deployer: DEPLOYER,
  key: { isDevelopment: false, json: { slotsPerChunk: 16 } },
  parameters: { proposer: '0x1', producer: '0x2', ownerDelay: 14 * 86_400, exodusDelay: 7 * 86_400 },
  optimistic: { challengePeriod: 7 * 86_400 },
} as unknown as DeployRequest;

describe('code on L1 against an artifact', () => {
  const rollup = readArtifact('Rollup');
  const library = `1${'2'.repeat(39)}`;
  const linked = `0x${rollup.deployedBytecode.slice(2).replaceAll(/__\$[0-9a-f]{34}\$__/g, library)}`;
  const changed = (code: string, byte: number): string => {
    const at = 2 + 2 * byte;
    return `${code.slice(0, at)}${code.slice(at, at + 2) === '00' ? '01' : '00'}${code.slice(at + 2)}`;
  };

  it('is the same whatever its immutables are, and tells them and its libraries', () => {
    const [[place]] = Object.values(rollup.immutableReferences!) as [{ start: number; length: number }[]];
    const compared = compareCode(rollup, changed(linked, place!.start));
    assert.equal(compared.match, 'exact');
    assert.equal(compared.libraries['StateProofs']?.toLowerCase(), `0x${library}`);
    assert.ok(compared.immutables.length > 1);
  });

  it('is different with one other byte, with one more, or with none', () => {
    assert.equal(compareCode(rollup, changed(linked, 3)).match, 'different');
    assert.equal(compareCode(rollup, `${linked}00`).match, 'different');
    assert.equal(compareCode(rollup, '0x').match, 'missing');
    assert.equal(compareCode(rollup, '0x00').match, 'different');
  });

  it('has other metadata only when the bytes behind the instructions differ', () => {
    const bytes = (linked.length - 2) / 2;
    assert.equal(compareCode(rollup, changed(linked, bytes - 10)).match, 'metadata');
  });

  it('is linked in two ways when one place of a library has another address', () => {
    const places = Object.values(rollup.deployedLinkReferences).flatMap((found) => Object.entries(found));
    const [name, [place]] = places.find(([, found]) => found.length > 1)!;
    assert.equal(compareCode(rollup, changed(linked, place!.start)).libraries[name], undefined);
  });
});

describe('the record of a deployment', () => {
  it('takes the same request again, and names what differs in another', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-record-'));
    try {
      claimRecord(folder, { keyHash: '0x1', priorityFee: 5n });
      claimRecord(folder, { keyHash: '0x1', priorityFee: 5n });
      assert.throws(
        () => claimRecord(folder, { keyHash: '0x1', priorityFee: 6n, challengePeriod: 1 }),
        (error) =>
          isRollupError(error, 'CONFIG_INVALID') &&
          /priorityFee is "5" there and "6" here; challengePeriod is nothing there and 1 here/.test(error.message),
      );
      writeFileSync(join(folder, 'request.json'), 'no JSON');
      assert.throws(
        () => claimRecord(folder, {}),
        (error) => isRollupError(error, 'CONFIG_INVALID'),
      );
      assert.equal(readFileSync(join(folder, 'request.json'), 'utf8'), 'no JSON');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the warnings of a plan', () => {
  const warned = (request: object, facts: Partial<PlanFacts> = {}) =>
    warningsOf({ ...REQUEST, ...request } as DeployRequest, { ...FACTS, ...facts }).join('\n');
  const { parameters } = REQUEST;

  it('are none where nothing is the matter', () => assert.equal(warned({}), ''));

  for (const [what, request, facts, expected] of [
    ['a development key', { key: { isDevelopment: true, json: {} } }, {}, /INSECURE/],
    ['a key that names no circuit', { key: { isDevelopment: false, json: {} } }, {}, /does not say of which circuit/],
    ['too little money', {}, { balance: 99n }, /less than the deployment costs/],
    ['just enough money', {}, { balance: 199n }, /if gas doubled/],
    ['a record', {}, { record: 'there' }, /the record there is of an earlier run/],
    ['one who proposes', { parameters: { ...parameters, proposer: DEPLOYER } }, {}, /proposes changes too/],
    ['one who produces', { parameters: { ...parameters, producer: DEPLOYER } }, {}, /is the producer too/],
    ['a quick owner', { parameters: { ...parameters, ownerDelay: 86_400 } }, {}, /less than a user needs to leave/],
    ['a short challenge', { optimistic: { challengePeriod: 86_399 } }, {}, /misses a lie/],
  ] as const) {
    it(`tell of ${what}`, () => assert.match(warned(request, facts), expected));
  }

  it('leave out on a local chain what is about money', () => {
    assert.equal(warned({ parameters: { ...parameters, proposer: DEPLOYER } }, { isLocal: true }), '');
  });
});

describe('the keys that come with this version', () => {
  const output = createOutput({ json: false, quiet: true, color: false, stdout: () => {}, stderr: () => {} });

  it('are known as development keys even without their mark', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-key-'));
    try {
      for (const profile of ['quick', 'standard'] as const) {
        const { development: _, ...unmarked } = shippedKey(profile)!;
        const file = join(folder, `${profile}.json`);
        writeFileSync(file, JSON.stringify(unmarked));
        const chosen = await chooseKey({ profile, zkey: undefined, verifyingKey: file }, output);
        assert.equal(chosen.isDevelopment, true);
      }
      assert.equal(shippedKey('single'), undefined);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  describeNative('made anew', () => {
    it('are those that the setup makes of the circuits', async function () {
      this.timeout(120_000);
      const prover = createProver({ profile: PROFILES.quick, backend: 'native' });
      try {
        await prover.prepare();
        assert.equal(verifyingKeyHash(decodeVerifyingKey(shippedKey('quick')!)), verifyingKeyHash(prover.verifyingKey));
      } finally {
        await prover.close();
      }
    });
  });
});

describe('the name that a person calls us by', () => {
  it('is that of the checkout, of npx, or the command', () => {
    const main = join(PACKAGE_ROOT, 'cli', 'main.ts');
    assert.equal(programName({}, PACKAGE_ROOT, main), './dev quittance');
    assert.equal(programName({}, '/elsewhere', main), `${quoted(join(PACKAGE_ROOT, 'dev'))} quittance`);
    assert.equal(programName({}, '/app', '/app/node_modules/.bin/quittance'), 'npx quittance');
    assert.equal(programName({ npm_command: 'exec' }, '/app', '/cache/quittance'), 'npx quittance');
    assert.equal(programName({}, '/app', '/usr/local/bin/quittance'), 'quittance');
  });

  it('is quoted where a shell would take it apart', () => {
    assert.equal(quoted('/a/b-c.json'), '/a/b-c.json');
    assert.equal(quoted("it's here"), `'it'\\''s here'`);
  });
});

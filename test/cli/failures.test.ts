import { strict as assert } from 'node:assert';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import { ERRORS, type ErrorCode, invariantBroken, isPassing, RollupError } from '@quittance/protocol';
import { encryptKeystoreJson, Wallet } from 'ethers';
import { errorJson, errorText, exitCodeOf, UsageError } from '../../cli/process/errors.ts';
import { DEFAULT_DEVELOPMENT_SEED, developmentScalars, encodeVerifyingKey } from '../../prover/index.ts';
import { createGroth16Simulator } from '../support/contracts/groth16-simulator.ts';
import { startRpcStub } from '../support/l1/rpc-stub.ts';
import { runCli, writePrivate } from '../support/process/cli.ts';

const CONTRACT = '0x00000000000000000000000000000000000000c0';
const SECRET = `0x${'5ec2e7'.repeat(10)}beef`;
/** The discard port: nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9/v3/keykeykeykeykeykeykeykeykey';

describe('CLI: exit codes', () => {
  it('follow from the table of error codes', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      assert.equal(exitCodeOf(new RollupError(code, 'x', {})), ERRORS[code].exit, code);
    }
  });

  it('are 6 for a lie on L1, waiting or final, and 1 for a bug of ours', () => {
    assert.equal(exitCodeOf(new RollupError('LIE_FINAL', 'x', { batch: 1 })), 6);
    assert.equal(exitCodeOf(new RollupError('LIE_WAITING', 'x', { batches: '1' })), 6);
    assert.equal(exitCodeOf(invariantBroken('x')), 1);
    assert.equal(isPassing(invariantBroken('x')), false);
  });

  it('are 5 for whatever the sequencer refused, under any name', () => {
    assert.equal(exitCodeOf(new RollupError('NOT_FOUND', 'x', { rpcCode: -32001 })), 5);
    assert.equal(exitCodeOf(new RollupError('NOT_FOUND', 'x')), 1);
  });

  it('are 2 for wrong usage and 1 for the unexpected, whose trace is shown', () => {
    assert.equal(exitCodeOf(new UsageError('x')), 2);
    assert.equal(exitCodeOf(new Error('x')), 1);
    assert.match(errorText(new Error('odd')), /odd\n.*at /s);
    assert.doesNotMatch(errorText(new UsageError('plain')), /at /);
  });

  it('are 130 for an interruption, which is told as one to people and programs', () => {
    const { reason } = AbortSignal.abort();
    assert.equal(exitCodeOf(reason), 130);
    assert.equal(errorText(reason), 'interrupted');
    assert.deepEqual(errorJson(reason), { code: 'INTERRUPTED', message: 'interrupted', data: {} });
  });
});

describe('CLI: failures', () => {
  let folder: string;
  let key: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'quittance-cli-'));
    key = writePrivate(folder, 'key', SECRET);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [what, args] of [
    ['an unknown command', ['fly']],
    ['an unknown flag', ['rebuild', '--color']],
    ['a missing setting', ['rebuild']],
    ['a value of the wrong shape', ['rebuild', '--l1-url', 'node', '--contract', CONTRACT]],
    ['an argument that no command takes', ['doctor', 'now']],
    ['a config file that does not exist', ['doctor', '--config', 'nowhere.json']],
  ] as const) {
    it(`end with 2 on ${what}, stdout empty`, async () => {
      const { code, stdout, stderr } = await runCli(args);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.notEqual(stderr, '');
    });
  }

  it('end with 3 when L1 cannot be reached, without the key in its URL; as JSON when asked', async () => {
    const { code, stdout, stderr } = await runCli(['rebuild', '--json', '--l1-url', NOWHERE, '--contract', CONTRACT]);
    assert.equal(code, 3, stderr);
    assert.equal(stdout, '');
    const { error } = JSON.parse(stderr) as { error: { code: string } };
    assert.equal(error.code, 'L1_UNREACHABLE');
    assert.doesNotMatch(stderr, /keykey/);
  });

  it('end with 2 when there is no rollup at the address, or L1 is another chain than named', async () => {
    const l1 = await startRpcStub(({ method }) => (method === 'eth_chainId' ? '0x1' : '0x'));
    try {
      const args = ['rebuild', '--json', '--l1-url', l1.url, '--contract', CONTRACT];
      const missing = await runCli(args);
      assert.equal(missing.code, 2, missing.stderr);
      assert.match(missing.stderr, /L1_WRONG_CHAIN.*no contract/);
      const other = await runCli([...args, '--chain-id', '5']);
      assert.equal(other.code, 2, other.stderr);
      assert.match(other.stderr, /L1_WRONG_CHAIN.*chain id 1/);
    } finally {
      await l1.stop();
    }
  });

  it('end with 2 when another contract stands at the address', async () => {
    const l1 = await startRpcStub(({ method }) => ({ eth_chainId: '0x1', eth_getCode: '0x6000' })[method] ?? '0x');
    try {
      const { code, stderr } = await runCli(['rebuild', '--l1-url', l1.url, '--contract', CONTRACT]);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /L1_WRONG_CHAIN.*is no rollup/);
    } finally {
      await l1.stop();
    }
  });

  describe('with secrets', () => {
    const wallet = (keystore: string, ...more: string[]) =>
      runCli(['wallet', 'address', '--l1-url', NOWHERE, '--contract', CONTRACT, '--keystore', keystore, ...more]);

    it('print neither keys nor passwords, whatever goes wrong', async () => {
      const password = writePrivate(folder, 'password', 'open sesame 123');
      const json = writePrivate(folder, 'broken.json', `{"version": 3, "crypto": {"x": "${SECRET}"}}`);
      const half = writePrivate(folder, 'half', SECRET.slice(0, 40));
      const results = await Promise.all([wallet(key), wallet(json, '--password-file', password), wallet(half)]);
      assert.deepEqual(
        results.map(({ code }) => code),
        [3, 2, 2],
      );
      for (const { stdout, stderr } of results) assert.doesNotMatch(stdout + stderr, /5ec2e75|sesame/);
    });

    it('open a keystore with its password only, and ask for none without a terminal', async () => {
      const { address, privateKey } = Wallet.createRandom();
      const scrypt = { N: 1024, r: 8, p: 1 }; // cheap: this is no real key
      const content = await encryptKeystoreJson({ address, privateKey }, 'right password', {
        scrypt,
        progressCallback: () => undefined,
      });
      const keystore = writePrivate(folder, 'keystore.json', content);
      const right = await wallet(keystore, '--password-file', writePrivate(folder, 'right', 'right password\n'));
      assert.equal(right.code, 3, right.stderr); // it got as far as L1
      const wrong = await wallet(keystore, '--password-file', writePrivate(folder, 'wrong', 'wrong password'));
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, /password does not open/);
      const none = await wallet(keystore);
      assert.equal(none.code, 2);
      assert.match(none.stderr, /--password-file/);
    });

    it('warn of a key that others can read', async () => {
      const open = writePrivate(folder, 'open', SECRET);
      chmodSync(open, 0o644);
      assert.match((await wallet(open)).stderr, /warning: other users .* chmod 600/);
      assert.doesNotMatch((await wallet(key)).stderr, /warning/);
    });
  });

  describe('of a deployment to a chain with value', () => {
    const deploy = async (...more: string[]) => {
      const l1 = await startRpcStub(({ method }) => (method === 'eth_chainId' ? '0x1' : '0xde0b6b3a7640000'));
      try {
        const result = await runCli(['deploy', '--l1-url', l1.url, '--keystore', key, '--profile', 'quick', ...more]);
        return { ...result, methods: l1.methods };
      } finally {
        await l1.stop();
      }
    };

    it('refuse the development key before anything else is asked or sent', async () => {
      const { code, stderr, methods } = await deploy();
      assert.equal(code, 6, stderr);
      assert.match(stderr, /INSECURE_KEY/);
      assert.deepEqual(methods, ['eth_chainId']);
    });

    it('refuse it in a file too, marked or with its mark taken away', async () => {
      const { verifyingKey } = createGroth16Simulator('cli');
      const { alpha } = developmentScalars(DEFAULT_DEVELOPMENT_SEED);
      const { x, y } = bn254.G1.Point.BASE.multiply(alpha).toAffine();
      const marked = JSON.stringify(encodeVerifyingKey(verifyingKey, true));
      const unmarked = JSON.stringify(encodeVerifyingKey({ ...verifyingKey, alpha: [x, y] }, false));
      for (const [name, content] of Object.entries({ marked, unmarked })) {
        const file = writePrivate(folder, `${name}.json`, content);
        const { code, stderr, methods } = await deploy('--verifying-key', file);
        assert.equal(code, 6, stderr);
        assert.match(stderr, /INSECURE_KEY/);
        assert.ok(!methods.includes('eth_sendRawTransaction'));
      }
    });

    it('refuse a key to which nobody contributed', async () => {
      const { verifyingKey } = createGroth16Simulator('cli');
      const file = writePrivate(
        folder,
        'zeroth.json',
        JSON.stringify(encodeVerifyingKey({ ...verifyingKey, delta: verifyingKey.gamma }, false)),
      );
      const { code, stderr } = await deploy('--verifying-key', file);
      assert.equal(code, 6, stderr);
      assert.match(stderr, /gamma = delta/);
    });

    it('refuse clocks that the contract would refuse, with words', async () => {
      for (const [flag, value, words] of [
        ['--exodus-delay', '3d', /exodusDelay is 259200 s.*priorityDelay \+ maxBatchAge/],
        ['--priority-interval', '0s', /priorityInterval is 0 s/],
        ['--challenge-period', '23h', /livenessTimeout is 86400 s.*challengePeriod \+ answerWindow \+ stepWindow/],
        ['--exodus-delay', '97h', /exodusDelay is 349200 s.*maxBatchAge \+ challengePeriod.*\(352800 s\)/],
        ['--step-window', '0s', /stepWindow is 0/],
        ['--assertion-bond', '0', /assertionBond is 0/],
        ['--max-pending', '32769', /maxPending is 32769, it must be 32768 or less/],
      ] as const) {
        const { code, stderr, methods } = await deploy(flag, value);
        assert.equal(code, 2, stderr);
        assert.match(stderr, words);
        assert.deepEqual(methods, []);
      }
    });

    it('refuse windows that the transactions of a dispute may not fit into, once the chain is known', async () => {
      for (const [flag, value, words, data = 'calldata'] of [
        ['--challenge-period', '419s', /challengePeriod is 419 s, it must be 420 s or more on this chain: a dispute/],
        ['--answer-window', '419s', /answerWindow is 419 s, it must be 420 s or more on this chain: an answer/],
        ['--step-window', '839s', /stepWindow is 839 s, it must be 840 s or more on this chain: a step proof/],
        ['--answer-window', '419s', /must be 420 s or more/, 'blobs'],
        ['--answer-window', '887s', /answerWindow is 887 s, with --data blobs it must be 888 s or more/, 'blobs'],
      ] as const) {
        const { code, stderr, methods } = await deploy(flag, value, '--data', data);
        assert.equal(code, 2, stderr);
        assert.match(stderr, words);
        assert.deepEqual(methods, ['eth_chainId']);
      }
    });

    it('take the least windows: what is refused then is the key', async () => {
      for (const [value, data] of [
        ['420s', 'calldata'],
        ['888s', 'blobs'],
      ] as const) {
        const { code, stderr } = await deploy('--answer-window', value, '--data', data);
        assert.equal(code, 6, stderr);
        assert.match(stderr, /INSECURE_KEY/);
      }
    });

    it('refuse the default bonds for chunks whose disputes cost more', async () => {
      const { code, stderr, methods } = await deploy('--profile', 'single');
      assert.equal(code, 2, stderr);
      assert.match(stderr, /the default bonds .* 124 slots, not of 1004; choose .* or --zk-only/s);
      assert.deepEqual(methods, []);
    });
  });
});

import assert from 'node:assert/strict';
import {
  asRollupError,
  ERRORS,
  type ErrorCode,
  ExitCode,
  invariantBroken,
  isErrorCode,
  isPassing,
  isRecordErrorCode,
  isRollupError,
  RECORD_ERROR_CODES,
  RollupError,
  RpcNumber,
} from '@quittance/protocol';
import { readSource, sourceFiles } from '../../support/sources/architecture.ts';

const CODES = Object.keys(ERRORS) as ErrorCode[];
const REGISTRY = 'packages/protocol/errors/';

/** All sources below these folders in one text. */
function textOf(isWanted: (path: string) => boolean, endings: readonly string[]): string {
  return sourceFiles(endings).filter(isWanted).map(readSource).join('\n');
}

describe('the registry of errors', () => {
  it('has one row a code, with a number, an exit code and whether it passes', () => {
    for (const code of CODES) {
      const { rpc, exit, passes } = ERRORS[code];
      assert.ok((Object.values(RpcNumber) as number[]).includes(rpc), code);
      assert.ok((Object.values(ExitCode) as number[]).includes(exit) && exit !== ExitCode.done, code);
      assert.equal(typeof passes, 'boolean', code);
    }
  });

  it('has no code that nothing raises', () => {
    const isSource = (path: string) => !/^(?:test|scripts)\//.test(path) && !path.startsWith(REGISTRY);
    const sources = textOf(isSource, ['.ts', '.rs']);
    // Outcomes of records are raised by the rules; INVARIANT_BROKEN also by its own constructor.
    const unused = CODES.filter((code) => code !== 'INVARIANT_BROKEN' && !new RegExp(`['"]${code}['"]`).test(sources));
    assert.deepEqual(unused, []);
  });

  it('has no code without a test that names it', () => {
    const tests = textOf((path) => path.startsWith('test/') && !path.startsWith('test/protocol/errors/'), ['.ts']);
    const untested = CODES.filter((code) => !new RegExp(`['"\`/]${code}['"\`/:]`).test(tests));
    assert.deepEqual(untested, []);
  });

  it('raises no code that it does not have', () => {
    const sources = textOf((path) => !path.startsWith('test/'), ['.ts']);
    const raised = [...sources.matchAll(/new RollupError\(\s*'([A-Z0-9_]+)'/g)].map(([, code]) => code!);
    assert.ok(raised.length > 100, `${raised.length} sites`);
    assert.deepEqual(
      raised.filter((code) => !isErrorCode(code)),
      [],
    );
  });

  it('takes nothing inherited for a code', () => {
    for (const text of ['toString', '__proto__', 'constructor', '', 'nonce_gap'])
      assert.equal(isErrorCode(text), false);
    assert.equal(isErrorCode('NONCE_GAP'), true);
  });

  it('knows the outcomes of records', () => {
    for (const code of RECORD_ERROR_CODES) assert.ok(isRecordErrorCode(code) && isErrorCode(code), code);
    assert.equal(isRecordErrorCode('NONCE_GAP'), false);
  });
});

describe('errors', () => {
  it('are told apart by their code', () => {
    const error = new RollupError('NONCE_GAP', 'a gap', { expected: 5, actual: 7 });
    assert.ok(isRollupError(error) && isRollupError(error, 'NONCE_GAP'));
    assert.equal(isRollupError(error, 'NONCE_USED'), false);
    assert.equal(isRollupError(new Error('a gap')), false);
    for (const other of [null, undefined, 'NONCE_GAP', { code: 'NONCE_GAP' }])
      assert.equal(isRollupError(other), false);
    // As another copy of the package makes it.
    const mark = Symbol.for('quittance.RollupError');
    const foreign = Object.assign(new Error('a gap'), { code: 'NONCE_GAP', [mark]: true });
    assert.ok(isRollupError(foreign, 'NONCE_GAP') && !isRollupError(foreign, 'NONCE_USED'));
  });

  it('say where they are explained', () => {
    assert.equal(new RollupError('NONCE_GAP', 'a gap', { expected: 5, actual: 7 }).docs, 'reference/errors#nonce_gap');
  });

  it('pass by themselves only where the table says so, and never when they are not ours', () => {
    assert.equal(isPassing(new RollupError('L1_UNREACHABLE', 'x')), true);
    assert.equal(isPassing(new RollupError('INVARIANT_BROKEN', 'x')), false);
    assert.equal(isPassing(new Error('x')), false);
  });

  it('are bugs of ours when nothing else explains them, with what was thrown as their cause', () => {
    const cause = new TypeError('undefined is no function');
    const error = asRollupError('sealing', cause);
    assert.ok(isRollupError(error, 'INVARIANT_BROKEN'));
    assert.match(error.message, /^sealing failed: TypeError/);
    assert.equal(error.cause, cause);
    const known = invariantBroken('two heads', { expected: 1, actual: 2 });
    assert.equal(asRollupError('sealing', known), known);
  });
});

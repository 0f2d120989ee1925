import { strict as assert } from 'node:assert';
import { RollupError } from '@quittance/protocol';
import { createLogger, REDACTED, redact } from '../../runtime/index.ts';

function capture(level: 'debug' | 'info' | 'warn' = 'info') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level, stream: { write: (line) => void lines.push(JSON.parse(line)) } });
  return { logger, lines };
}

describe('Runtime: logger', () => {
  it('writes one JSON object a line with the fields of its parents', () => {
    const { logger, lines } = capture();
    logger.child({ service: 'sequencer' }).info('sealed a batch', { batch: 7, root: 2n ** 200n });
    assert.equal(lines.length, 1);
    assert.deepEqual(
      [lines[0]?.['msg'], lines[0]?.['service'], lines[0]?.['batch'], lines[0]?.['root']],
      ['sealed a batch', 'sequencer', 7, (2n ** 200n).toString()],
    );
  });

  it('names the level of a line', () => {
    const { logger, lines } = capture();
    logger.warn('careful');
    assert.equal(lines[0]?.['level'], 'warn');
  });

  it('writes text for people, one line an event, with the same secrets removed', () => {
    const lines: string[] = [];
    const logger = createLogger({ format: 'text', stream: { write: (line) => void lines.push(line) } });
    logger.warn('posting failed; trying again', {
      code: 'L1_UNREACHABLE',
      tries: 2,
      why: 'no "answer"',
      password: 'x',
    });
    assert.match(
      lines[0]!,
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}posting failed; trying again code=L1_UNREACHABLE tries=2 why="no \\"answer\\"" password=\[redacted\]\n$/,
    );
  });

  it('colors text only where it is told to', () => {
    const lines: string[] = [];
    const logger = createLogger({ format: 'text', color: true, stream: { write: (line) => void lines.push(line) } });
    logger.error('stopped', { batch: 7 });
    assert.ok(lines[0]!.includes('\u001b[31mERROR\u001b[0m stopped'), lines[0]);
  });

  it('keeps the public seed of a development key, which is no secret', () => {
    const { logger, lines } = capture();
    logger.warn('INSECURE development key', { publicSeed: 'quittance development', seed: 'a secret one' });
    assert.deepEqual([lines[0]?.['publicSeed'], lines[0]?.['seed']], ['quittance development', REDACTED]);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = capture('warn');
    logger.info('quiet');
    logger.warn('loud');
    assert.deepEqual(
      lines.map(({ msg }) => msg),
      ['loud'],
    );
  });

  it('never writes a secret, wherever it hides', () => {
    const { logger, lines } = capture();
    const secret = 'hunter2-hunter2-hunter2-hunter2';
    logger.info(`connecting to https://user:${secret}@l1.example`, {
      privateKey: secret,
      private_key: secret,
      nested: { Mnemonic: secret, list: [{ password: secret }] },
      url: `https://mainnet.example/v3/${secret}`,
      error: new Error(`bad answer of https://user:${secret}@l1.example`, { cause: { apiKey: secret } }),
    });
    assert.ok(!JSON.stringify(lines).includes(secret), JSON.stringify(lines));
    assert.ok(JSON.stringify(lines).includes(REDACTED));
  });

  it('says code and data of a RollupError', () => {
    const { logger, lines } = capture();
    logger.error('refused', { error: new RollupError('NONCE_GAP', 'nonce 7', { expected: 5, actual: 7 }) });
    const error = lines[0]?.['error'] as Record<string, unknown>;
    assert.deepEqual([error['code'], error['data']], ['NONCE_GAP', { expected: 5, actual: 7 }]);
  });

  it('stays bounded on values that are deep, long, large or circular', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const text = JSON.stringify(
      redact({
        circular,
        text: 'x'.repeat(1e6),
        list: Array.from({ length: 1e4 }, () => 1),
        bytes: new Uint8Array(1e6),
      }),
    );
    assert.ok(text.length < 10_000);
  });
});

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../../runtime/index.ts';
import { addToken } from '../../../sequencer/fleet/token-file.ts';
import { createTokens } from '../../../sequencer/fleet/tokens.ts';
import { createManualClock } from '../../support/manual-clock.ts';

describe('the tokens of provers', () => {
  it('are read again after a read that failed, although the file looks as it did then', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quittance-tokens-'));
    const file = join(folder, 'provers.json');
    const clock = createManualClock();
    addToken(file, 'one', 1);
    const tokens = createTokens({ file, clock, logger: silentLogger, onRevoked: () => undefined });
    addToken(file, 'two', 2);
    const text = readFileSync(file, 'utf8');
    const write = async (content: string): Promise<string[]> => {
      writeFileSync(file, content);
      utimesSync(file, 5, 5);
      await clock.advance(500);
      return tokens.workers.map(({ name }) => name);
    };
    assert.deepEqual(await write('x'.repeat(text.length)), ['one']);
    assert.deepEqual(await write(text), ['one', 'two']);
    rmSync(folder, { recursive: true });
  });
});

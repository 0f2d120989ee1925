import assert from 'node:assert/strict';
import { createOutput } from '../../cli/process/output.ts';
import { printable } from '../../runtime/index.ts';
import { textLine } from '../../runtime/log-text.ts';

const HOSTILE = 'A\u001b]0;owned\u0007B\u009b31mC\u202eD\r\u0000E\u2066';
const HARMLESS = 'A]0;ownedB31mCDE';

describe('text that others wrote', () => {
  it('loses what would move a terminal, and keeps lines, tabs and all scripts', () => {
    assert.equal(printable(HOSTILE), HARMLESS);
    assert.equal(printable('a\tb\n“円” 😀\u200d'), 'a\tb\n“円” 😀\u200d');
  });

  it('is harmless wherever a command says it', () => {
    const out: string[] = [];
    const write = (text: string): void => void out.push(text);
    const output = createOutput({ json: false, quiet: false, color: true, stdout: write, stderr: write });
    output.result({}, () => HOSTILE);
    output.say(HOSTILE);
    output.warn(HOSTILE);
    output.fail(new Error(HOSTILE));
    assert.deepEqual(out.slice(0, 3), [`${HARMLESS}\n`, `${HARMLESS}\n`, `\u001b[33mwarning\u001b[0m: ${HARMLESS}\n`]);
    assert.ok(out[3]!.startsWith(`FAILED: ${HARMLESS}\n`));
    for (const character of '\u001b\u009b\u202e') assert.ok(!out[3]!.includes(character));
  });

  it('is harmless in a line of the log for people', () => {
    const json = JSON.stringify({ time: '2026-01-01T00:00:00.000Z', level: 'warn', msg: HOSTILE, by: '\u009bx y' });
    assert.equal(textLine(json, false), `00:00:00.000 WARN  ${HARMLESS} by="x y"\n`);
  });
});

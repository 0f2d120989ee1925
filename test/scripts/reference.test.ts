import { strict as assert } from 'node:assert';
import { COMMANDS } from '../../cli/commands.ts';
import { METHODS } from '../../packages/rpc/index.ts';
import { declarationsOf } from '../../scripts/generate/reference/contracts.ts';
import { proseOf, signatureOf } from '../../scripts/generate/reference/sdk.ts';
import { referenceFiles, stalePages } from '../../scripts/generate/reference.ts';

describe('docs/reference', () => {
  it('is what its generator makes of the code', () => {
    assert.deepEqual(stalePages(), [], 'run node scripts/generate/reference.ts');
  });

  it('has every command, every method, and no empty page', () => {
    const files = referenceFiles();
    for (const { name } of COMMANDS) assert.ok(files.get('command-line.md')!.includes(`\n## ${name}\n`), name);
    for (const name of Object.keys(METHODS)) assert.ok(files.get('json-rpc.md')!.includes(`\n### ${name}\n`), name);
    for (const [name, text] of files) assert.ok(text.length > 500, name);
  });

  it('links within a page only to headings that it has', () => {
    for (const [file, text] of referenceFiles()) {
      const anchors = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!.toLowerCase()));
      for (const [, anchor] of text.matchAll(/\]\(#([^)]+)\)/g)) assert.ok(anchors.has(anchor!), `${file}#${anchor}`);
    }
  });
});

describe('the readers of sources behind docs/reference', () => {
  it('read declarations of Solidity with their comments', () => {
    const source = [
      'interface I {',
      '    /// @notice Pays.',
      '    /// Twice.',
      '    /// @param to Who.',
      '    /// @return How much.',
      '    function pay(',
      '        address to',
      '    ) external returns (uint256);',
      '    /// @notice Too late.',
      '    error TooLate(uint256 deadline);',
      '}',
    ].join('\n');
    const notice = 'Pays. Twice.';
    const signature = 'pay(address to) external returns (uint256)';
    assert.deepEqual(declarationsOf(source), [
      { kind: 'function', signature, notice, details: ['`to` Who.', 'returns how much.'] },
      { kind: 'error', signature: 'TooLate(uint256 deadline)', notice: 'Too late.', details: [] },
    ]);
  });

  it('read declarations of TypeScript without what they do', () => {
    const shown = (source: string) => signatureOf(source, 0);
    assert.equal(
      shown('export function f({ a = { b: 1 } }: O): P {\n  return 1;\n}'),
      'export function f({ a = { b: 1 } }: O): P;',
    );
    assert.equal(
      shown('export type T = { a: 1; b: 2 } | { c: 3 };\nconst x = 1;'),
      'export type T = { a: 1; b: 2 } | { c: 3 };',
    );
    assert.equal(shown('export interface I {\n  a(): { b: 1 };\n}\nfoo'), 'export interface I {\n  a(): { b: 1 };\n}');
    assert.equal(shown('export class C extends Error {\n  x = 1;\n}'), 'export class C extends Error { … }');
  });

  it('turn docstrings into text, lists and examples', () => {
    const text = proseOf('*\n * One\n * line.\n *\n * - a\n * - b\n *\n * @throws X for <y>.\n * @example\n * f();\n');
    assert.equal(text, 'One line.\n\n- a\n- b\n\n- *throws* X for &lt;y>.\n\n```ts\nf();\n```');
  });
});

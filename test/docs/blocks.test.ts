/** Every block of code of docs/ and of the pages at the root: run by a test, or of a kind that cannot run, with the reason. */

import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { readDocument } from '../support/sources/markdown.ts';

/** A fenced block. */
interface Block {
  readonly page: string;
  readonly language: string;
  /** What stands behind the language: the name of a file, or why it does not run. */
  readonly info: string;
  /** The line before its fence. */
  readonly before: string;
  readonly text: string;
}

/** Kinds that no shell and no engine runs, by page where only those of one page are meant. */
const NOT_RUN: readonly { readonly page?: string; readonly language: string; readonly why: string }[] = [
  { language: 'mermaid', why: 'a drawing' },
  { language: 'nginx', why: 'a file of another program; test/docs/how-to/rotate-keys.test.ts reads it' },
  { language: 'json', page: 'docs/rpc.md', why: 'an answer' },
  {
    language: 'json',
    page: 'docs/reference/json-rpc.md',
    why: 'calls and answers, made and held by test/scripts/reference.test.ts',
  },
  ...['deploy', 'run-a-hub', 'watch-channels'].map((page) => ({
    language: 'json',
    page: `docs/how-to/${page}.md`,
    why: 'a config file, which test/ops/units.test.ts reads',
  })),
  { language: 'json', page: 'docs/reference/prover-api.md', why: 'the form of what is said over /prover/v1' },
  { language: 'sql', page: 'docs/how-to/run-a-cluster.md', why: 'statements for the administrator of a database' },
  { language: 'ini', page: 'docs/how-to/run-a-cluster.md', why: 'settings of PostgreSQL' },
  { language: 'solidity', page: 'docs/reference/contracts.md', why: 'declarations, made of the compiled contracts' },
  { language: 'ts', page: 'docs/reference/sdk.md', why: 'declarations, made of the sources' },
  {
    language: 'sh',
    page: 'docs/reference/command-line.md',
    why: 'examples, which test/cli/help.test.ts parses one by one',
  },
  {
    language: 'text',
    page: 'docs/reference/keys-and-signatures.md',
    why: 'texts that are signed, and a call that test/docs/python.test.ts makes',
  },
];

/** Who runs the blocks of a page to the last one: the text that says so stands in the test. */
const RUN: Readonly<Record<string, readonly [test: string, says: string]>> = {
  'docs/tutorials/first-payment.md': ['tutorials.test.ts', "runPage('docs/tutorials/first-payment.md')"],
  'docs/tutorials/leave-without-the-operator.md': [
    'tutorials.test.ts',
    "runPage('docs/tutorials/leave-without-the-operator.md')",
  ],
  'docs/tutorials/catch-a-lie.md': ['tutorials-of-batches.test.ts', "runPage('docs/tutorials/catch-a-lie.md')"],
  'docs/tutorials/run-a-prover.md': ['tutorials-of-batches.test.ts', "runPage('docs/tutorials/run-a-prover.md')"],
  'docs/reference/keys-and-signatures.md': ['python.test.ts', "scriptsOf('docs/reference/keys-and-signatures.md')"],
  ...Object.fromEntries(
    Object.entries({
      'deploy-and-move': ['deploy', 'move-to-a-new-version', 'run-a-prover'],
      channels: ['run-a-hub', 'pay-over-channels'],
      'keep-running': ['back-up', 'restore', 'upgrade', 'monitor', 'halt-and-recover', 'run-a-sequencer'],
      leave: ['leave-without-the-operator', 'run-a-watcher', 'keep-an-archive'],
      'rotate-keys': ['rotate-keys', 'run-behind-a-proxy'],
    }).flatMap(([test, pages]) =>
      pages.map((page) => [`docs/how-to/${page}.md`, [`how-to/${test}.test.ts`, `blocksLeft('${page}.md')`]]),
    ),
  ),
};

/** Blocks of README.md that neither the CI runs as they stand nor anything else: what does the same in a test. */
const README: Readonly<Record<string, string>> = {
  './dev quittance devnet': 'keeps on until it is interrupted; test/cli/devnet.test.ts runs it',
  './dev start --once --mode channels': 'takes minutes; test/scripts/channels.test.ts plays it with fewer payments',
};

/** Pages with blocks that stand in a file, too, which the compiler checks. */
const COMPILED: Readonly<Record<string, string>> = {
  'README.md': 'test/docs/fixtures/readme.ts',
  'docs/channels.md': 'test/docs/fixtures/router.ts',
};

const pages = [
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.startsWith('.vitepress'))
    .map((name) => `docs/${name}`),
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'],
];

function blocksOf(page: string): Block[] {
  const text = readDocument(page);
  const fences = text.match(/^ *```/gm) ?? [];
  const blocks = [...text.matchAll(/^(.*)\n\n? *```(\w*) ?([^\n]*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, before, language, info, content]) => ({
      page,
      language: language!,
      info: info!,
      before: before!,
      text: content!,
    }),
  );
  assert.equal(blocks.length * 2, fences.length, `${page} has fences that are not read`);
  return blocks;
}

const blocks = pages.flatMap(blocksOf);
const namedIn = ({ page, language }: Block) =>
  NOT_RUN.find((kind) => kind.language === language && (kind.page === undefined || kind.page === page));

/** Why a block counts as run, or cannot; undefined for one that nobody answers for. */
function answerFor(block: Block): string | undefined {
  const { page, language, info, before, text } = block;
  const [, reason] = /^no-run: (.{8,})$/.exec(info) ?? [];
  if (reason !== undefined) return reason;
  const kind = namedIn(block);
  if (kind !== undefined) return kind.why;
  if (page === 'README.md' && language === 'sh') {
    return before === '<!-- ci -->' ? 'scripts/readme-commands.ts' : README[text.trim()];
  }
  if (language === 'ts') return COMPILED[page];
  return ['sh', 'js'].includes(language) ? RUN[page]?.[0] : undefined;
}

describe('blocks of code of docs/ and of the pages at the root', () => {
  it('are each run by a test, or of a kind that cannot, with the reason', () => {
    assert.ok(blocks.length > 300, `${blocks.length} blocks`);
    const unanswered = blocks.filter((block) => answerFor(block) === undefined);
    assert.deepEqual(
      unanswered.map(({ page, language, text }) => `${page}: ${language}: ${text.slice(0, 60)}`),
      [],
    );
  });

  it('are run by tests that say so to the last block', () => {
    for (const [page, [test, says]] of Object.entries(RUN)) {
      assert.ok(readFileSync(`test/docs/${test}`, 'utf8').includes(says), `${test} does not run ${page}`);
      assert.ok(
        blocks.some((block) => block.page === page && block.language === 'sh'),
        `${page} has nothing to run`,
      );
    }
    assert.match(readFileSync('.ci/run', 'utf8'), /^PATH=.* node scripts\/readme-commands\.ts$/m);
  });

  it('have no kind that is answered for and not there', () => {
    for (const kind of NOT_RUN)
      assert.ok(
        blocks.some((block) => namedIn(block) === kind),
        `${kind.language}: ${kind.why}`,
      );
    const commands = blocks.filter(({ page }) => page === 'README.md').map(({ text }) => text.trim());
    for (const command of Object.keys(README)) assert.ok(commands.includes(command), command);
  });

  it('in TypeScript are those that the compiler checks', () => {
    for (const [page, file] of Object.entries(COMPILED)) {
      const written = blocks.filter((block) => block.page === page && block.language === 'ts');
      const fixture = readFileSync(file, 'utf8').replaceAll(/^ {2}/gm, '').split('\n');
      for (const { text } of written) {
        for (const line of text.trim().split('\n')) assert.ok(fixture.includes(line), `${page}: ${line}`);
      }
      assert.equal(written.length, 1, page);
    }
  });
});

import assert from 'node:assert/strict';
import { builtinModules } from 'node:module';
import {
  type Edge,
  edgesOf,
  findCycle,
  forbiddenCircles,
  MAY_IMPORT,
  OUTSIDE,
  readSource,
  roomOf,
  runsInBrowser,
  sourceFiles,
  sourceFolders,
  violationOf,
} from './support/sources/architecture.ts';
import { readDocument, sectionOf, tablesOf } from './support/sources/markdown.ts';
import {
  circomIncludes,
  hasComputedImport,
  scan,
  solidityImports,
  typescriptImports,
} from './support/sources/scanner.ts';

const TYPESCRIPT = sourceFiles(['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs']);
const edges: readonly Edge[] = TYPESCRIPT.flatMap((path) => edgesOf(path, readSource(path)));

describe('architecture', () => {
  it('sees the sources it judges', () => {
    assert.ok(edges.length > 300, `${edges.length} imports`);
    for (const folder of ['packages/protocol', 'packages/sdk', 'test']) {
      assert.ok(TYPESCRIPT.some((path) => path.startsWith(`${folder}/`)));
    }
    assert.ok(edges.some(({ from, to }) => from === 'packages/sdk/sign.ts' && to === 'packages/protocol/index.ts'));
  });

  it('has no import that the table of folders does not have, none past another folder’s index.ts', () => {
    assert.deepEqual(
      edges.map(violationOf).filter((violation) => violation !== undefined),
      [],
    );
  });

  it('has no cycle between folders', () => {
    assert.equal(findCycle(edges)?.join(' → '), undefined);
  });

  it('has no circle of imports between files of different folders, none of more than two files of one', () => {
    assert.deepEqual(forbiddenCircles(edges), []);
  });

  it('imports files that exist, with their endings', () => {
    const files = new Set(sourceFiles(['']));
    const ours = edges.filter(({ to }) => to?.startsWith('node_modules/') === false);
    const missing = ours.filter(({ to }) => to !== undefined && /\.[cm]?[jt]s$/.test(to) && !files.has(to));
    assert.deepEqual(missing, []);
    const bare = ours.filter(({ specifier }) => specifier.startsWith('.') && !/\.[a-z]+$|\/$/.test(specifier));
    assert.deepEqual(bare, []);
  });

  it('names Node’s own modules with node:, so that none hides as a package', () => {
    const hidden = edges.filter(({ to, specifier }) => to === undefined && builtinModules.includes(specifier));
    assert.deepEqual(hidden, []);
  });

  it('keeps clock, randomness, environment and output out of protocol/', () => {
    const IMPURE =
      /\b(?:Date|performance|process|console|fetch|setTimeout|setInterval|Buffer|require|globalThis)\b|Math\.random|getRandomValues/;
    for (const path of TYPESCRIPT.filter((candidate) => candidate.startsWith('packages/protocol/'))) {
      assert.equal(IMPURE.exec(scan(readSource(path)).code)?.[0], undefined, path);
    }
  });

  it('computes no module name in what runs in a browser', () => {
    for (const path of TYPESCRIPT.filter(runsInBrowser)) {
      assert.equal(hasComputedImport(readSource(path)), false, path);
    }
  });

  it('keeps circuits to themselves and circomlib', () => {
    const files = sourceFiles(['.circom']);
    assert.ok(files.length > 5);
    for (const edge of files.flatMap((path) => edgesOf(path, readSource(path)))) {
      const { from, specifier, to } = edge;
      if (from.startsWith('test/')) continue; // a test's circuit may include what it tests
      const ok =
        to === undefined ? /^circomlib\/circuits\/[a-z0-9_]+\.circom$/.test(specifier) : to.startsWith('circuits/');
      assert.ok(ok || /^(?:\.\.\/)*node_modules\/circomlib\//.test(specifier), `${from} includes ${specifier}`);
      if (to !== undefined && ok) assert.ok(files.includes(to), `${from} includes ${to}, which does not exist`);
    }
  });

  it('keeps contracts to themselves and OpenZeppelin; none but a mock imports a mock', () => {
    const files = sourceFiles(['.sol']);
    assert.ok(files.length > 5);
    for (const { from, specifier, to } of files.flatMap((path) => edgesOf(path, readSource(path)))) {
      if (to === undefined) {
        assert.match(specifier, /^@openzeppelin\/contracts\//, `${from} imports ${specifier}`);
        continue;
      }
      assert.ok(files.includes(to) && to.startsWith('contracts/'), `${from} imports ${specifier}`);
      if (to.startsWith('contracts/mocks/')) assert.ok(from.startsWith('contracts/mocks/'), `${from} imports ${to}`);
    }
  });

  it('has no test that no runner picks up', () => {
    // What the test command runs: every file below test/ of this name.
    assert.match(readSource('scripts/test.ts'), /\['test'\]/);
    assert.match(readSource('scripts/test.ts'), /\$\{path\}\/\*\*\/\*\.test\.ts/);
    const isPicked = (path: string) => /^test\/(?:.+\/)?[^/]+\.test\.ts$/.test(path);
    for (const path of TYPESCRIPT) {
      const isHelper = /^export\b/m.test(readSource(path));
      const named = /(?:\.|_|-)(?:test|spec)\.[cm]?[jt]s$/.test(path);
      const calls =
        path.startsWith('test/') &&
        /^\s*(?:describe|it|suite)(?:\.only|\.skip)?\s*\(/m.test(scan(readSource(path)).code);
      // A helper that defines tests for others exports something; a test does not.
      if (named || (calls && !isHelper)) assert.ok(isPicked(path), `${path} is a test that mocha does not run`);
    }
    assert.ok(isPicked('test/architecture.test.ts'));
  });

  it('has no test that runs alone, leaving the others out', () => {
    for (const path of TYPESCRIPT.filter((candidate) => candidate.startsWith('test/'))) {
      assert.doesNotMatch(scan(readSource(path)).code, /\b(?:describe|it|context)\.only\b/, path);
    }
  });
});

describe('the table of imports', () => {
  const judge = (from: string, specifier: string) => violationOf(edgesOf(from, `import '${specifier}';`)[0]!);

  it('names only folders that have a row', () => {
    for (const [folder, targets] of Object.entries(MAY_IMPORT)) {
      for (const target of targets) assert.ok(MAY_IMPORT[target] !== undefined && target !== folder);
      for (const outside of OUTSIDE) assert.ok(!targets.includes(outside));
    }
  });

  it('is that of ARCHITECTURE.md, row by row, and the root has no folder without a row', () => {
    const [table] = tablesOf(sectionOf(readDocument('ARCHITECTURE.md'), 'Folders'));
    const folders = table!.map(([folder]) => folder!.slice(0, -1));
    assert.deepEqual(
      sourceFolders().filter((folder) => !folders.includes(folder)),
      [],
    );
    assert.deepEqual(
      folders.filter((folder) => !sourceFolders().includes(folder)),
      [],
    );
    const rows = table!.map(([, , targets], row) => [
      roomOf(`${folders[row]}/x`),
      targets === 'all above but circuits and contracts'
        ? folders.slice(0, row).map((folder) => roomOf(`${folder}/x`))
        : targets!.split(', '),
    ]);
    const listed = new Map(rows as [string, string[]][]);
    for (const [room, targets] of Object.entries(MAY_IMPORT)) {
      const stated = listed.get(room)!.filter((target) => MAY_IMPORT[target] !== undefined);
      assert.deepEqual(stated.toSorted(), targets.toSorted(), room);
    }
    for (const room of OUTSIDE) assert.deepEqual(listed.get(room), ['anything']);
  });

  it('refuses what it must refuse', () => {
    for (const [from, specifier, reason] of [
      ['packages/protocol/keys/a.ts', '../../../native/index.ts', /protocol may not import native/],
      ['packages/protocol/a.ts', 'node:crypto', /browser/],
      ['packages/protocol/a.ts', 'ethers', /no package for protocol/],
      ['packages/protocol/a.ts', 'circomlibjs', /no package for protocol/],
      ['packages/protocol/a.ts', '@quittance/chain', /protocol may not import chain/],
      ['packages/protocol/a.ts', '@quittance/protocol', /its own package/],
      ['packages/sdk/a.ts', 'node:fs', /browser/],
      ['cli/a.ts', '@quittance/sdk/wallet/create.ts', /past packages\/sdk\/index.ts/],
      ['packages/sdk/a.ts', '../../sequencer/index.ts', /sdk may not import sequencer/],
      ['packages/derivation/a.ts', '../../runtime/index.ts', /derivation may not import runtime/],
      ['packages/derivation/a.ts', '../chain/index.ts', /packages are imported by name/],
      ['packages/chain/a.ts', '../../storage/index.ts', /chain may not import storage/],
      ['sequencer/api/a.ts', '../../watcher/index.ts', /sequencer may not import watcher/],
      ['sequencer/a.ts', '@quittance/sdk', /sequencer may not import sdk/],
      ['watcher/a.ts', '@quittance/rpc', /watcher may not import rpc/],
      ['watcher/a.ts', '../sequencer/index.ts', /watcher may not import sequencer/],
      ['storage/a.ts', '@quittance/chain', /storage may not import chain/],
      ['sequencer/a.ts', '../packages/protocol/params.ts', /past packages\/protocol\/index.ts/],
      ['sequencer/a.ts', '@quittance/protocol/params.ts', /past packages\/protocol\/index.ts/],
      ['sequencer/a.ts', '../packages/protocol/index.ts', /packages are imported by name/],
      ['sequencer/a.ts', '../storage/batches.ts', /past storage\/index.ts/],
      ['cli/a.ts', '../test/support/rollup/world.ts', /nothing may import/],
      ['cli/a.ts', '../scripts/devnet.ts', /nothing may import/],
      ['hardhat.config.ts', './test/support/rollup/world.ts', /nothing may import/],
      ['cli/a.ts', '../../elsewhere/a.ts', /outside the repository/],
      ['cli/a.ts', '../hardhat.config.ts', /root/],
      ['unheard/a.ts', '@quittance/protocol', /no row/],
    ] as const) {
      assert.match(judge(from, specifier) ?? 'allowed', reason);
    }
  });

  it('allows what it must allow', () => {
    for (const [from, specifier] of [
      ['packages/protocol/a.ts', '@noble/hashes/sha3.js'],
      ['packages/protocol/state/a.ts', '../tree/leaf.ts'],
      ['packages/sdk/a.ts', '@quittance/protocol'],
      ['packages/sdk/a.ts', 'ethers'],
      ['sequencer/a.ts', '@quittance/protocol'],
      ['test/prover/a.test.ts', '../../prover/artifacts/field.ts'],
    ] as const) {
      assert.equal(judge(from, specifier), undefined);
    }
  });

  it('finds circles between files of different folders, and of three files of one folder', () => {
    const edge = (from: string, to: string): Edge => ({ from, specifier: '', to });
    const circles = (...pairs: readonly (readonly [string, string])[]) =>
      forbiddenCircles(pairs.map(([from, to]) => edge(from, to)));
    assert.deepEqual(circles(['a/1.ts', 'a/2.ts'], ['a/2.ts', 'a/1.ts'], ['a/1.ts', 'b/1.ts']), []);
    assert.deepEqual(circles(['a/1.ts', 'a/2.ts'], ['a/2.ts', 'a/3.ts'], ['a/3.ts', 'a/1.ts']), [
      'a/1.ts ↔ a/2.ts ↔ a/3.ts',
    ]);
    assert.deepEqual(circles(['a/1.ts', 'a/b/1.ts'], ['a/b/1.ts', 'a/1.ts']), ['a/1.ts ↔ a/b/1.ts']);
    // Two circles that share a file are one.
    assert.equal(
      circles(['a/1.ts', 'a/2.ts'], ['a/2.ts', 'a/1.ts'], ['a/2.ts', 'a/3.ts'], ['a/3.ts', 'a/2.ts']).length,
      1,
    );
    // One that is reached twice is none.
    assert.deepEqual(
      circles(['a/1.ts', 'b/1.ts'], ['a/1.ts', 'c/1.ts'], ['b/1.ts', 'd/1.ts'], ['c/1.ts', 'd/1.ts']),
      [],
    );
  });

  it('finds a cycle', () => {
    const edge = (from: string, to: string): Edge => ({ from: `${from}/a.ts`, specifier: '', to: `${to}/index.ts` });
    assert.equal(findCycle([edge('a', 'b'), edge('b', 'c'), edge('a', 'c')]), undefined);
    assert.deepEqual(findCycle([edge('a', 'b'), edge('b', 'c'), edge('c', 'b')]), ['b', 'c', 'b']);
    assert.equal(findCycle([edge('test', 'b'), edge('b', 'test')]), undefined);
  });
});

describe('the scanner', () => {
  it('sees every form of import', () => {
    const source = `
      import a from './a.ts'; import { b,
        c } from "./b.ts"; import type { D } from './d.ts';
      import './e.ts'; export * from './f.ts'; export { g } from './g.ts';
      const h = await import('./h.ts'); const i = require('./i.js'); type J = import('./j.ts').J;
      const worker = new Worker(new URL('./k.ts', import.meta.url)); const l = \`\${await import('./l.ts')}\`;`;
    assert.deepEqual(typescriptImports(source).sort(), [
      ...['a', 'b', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`),
      './i.js',
      './j.ts',
      './k.ts',
      './l.ts',
    ]);
  });

  it('is not fooled by comments, strings, templates and regular expressions', () => {
    const source = [
      "// import './a.ts'",
      "/* import './b.ts' */ const url = 'https://x'; const text = \"import './c.ts'\";",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source that is scanned
      "const t = `import './d.ts' ${`from './e.ts'`}`; const r = /['\"`/*]/g; const q = 4 / 2 / 1;",
      "import './seen.ts';",
    ].join('\n');
    assert.deepEqual(typescriptImports(source), ['./seen.ts']);
  });

  it('sees computed imports, circom includes and Solidity imports', () => {
    assert.equal(hasComputedImport("await import('./a.ts')"), false);
    assert.equal(hasComputedImport('await import(name)'), true);
    assert.deepEqual(circomIncludes('// include "x";\ninclude "./a.circom";'), ['./a.circom']);
    assert.deepEqual(solidityImports('import {A, B} from "./a.sol"; import "./b.sol"; // import "./c.sol";'), [
      './b.sol',
      './a.sol',
    ]);
  });
});

/** What a published package.json says, made from the one in the tree: that one is the only truth. Pure. */

/** What we read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly repository?: { readonly type: string; readonly url: string };
  readonly engines?: Readonly<Record<string, string>>;
  /** Subpath to the source that it is built from. */
  readonly exports?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A package.json as it is published. */
export type Published = Readonly<Record<string, unknown>>;

const EXACT_VERSION = /^\d+\.\d+\.\d+$/;
const OWN_SCOPE = '@quittance/';

/** `./testing/index.ts` → `testing/index`: the name of an entry in dist/. */
export function entryOf(source: string): string {
  return source.replace(/^\.\//, '').replace(/\.ts$/, '');
}

/**
 * Ranges of a library's dependencies: exact in the tree, so that everybody who works on it has the same; with a caret for
 * those who install it, so that one copy serves several packages. Our own stay exact: one release is tested as a whole.
 */
export function rangesOf(dependencies: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [
      name,
      name.startsWith(OWN_SCOPE) || !EXACT_VERSION.test(range) ? range : `^${range}`,
    ]),
  );
}

/** The conditions of one entry; types first, since the first condition that fits is taken. */
function conditionsOf(source: string) {
  const entry = entryOf(source);
  return {
    import: { types: `./dist/${entry}.d.mts`, default: `./dist/${entry}.mjs` },
    require: { types: `./dist/${entry}.d.cts`, default: `./dist/${entry}.cjs` },
  };
}

/** What every package of ours says alike, whatever is in it. */
function commonFields(source: Manifest, root: Manifest, directory: string): Published {
  return {
    name: source.name,
    version: source.version,
    ...(source.description === undefined ? {} : { description: source.description }),
    license: source.license,
    ...(root.keywords === undefined ? {} : { keywords: root.keywords }),
    ...(root.repository === undefined ? {} : { repository: { ...root.repository, directory } }),
    engines: root.engines,
  };
}

/**
 * The manifest of a library.
 *
 * @throws Error when the tree's manifest has no entry.
 */
export function libraryManifest(source: Manifest, root: Manifest): Published {
  const main = source.exports?.['.'];
  if (main === undefined) throw new Error(`${source.name} exports nothing`);
  const entries = Object.entries(source.exports!).map(([subpath, file]) => [subpath, conditionsOf(file)]);
  const { peerDependencies, peerDependenciesMeta } = source;
  return {
    ...commonFields(source, root, `packages/${source.name.slice(OWN_SCOPE.length)}`),
    type: 'module',
    sideEffects: false,
    // For what does not read `exports`.
    main: `./dist/${entryOf(main)}.cjs`,
    module: `./dist/${entryOf(main)}.mjs`,
    types: `./dist/${entryOf(main)}.d.cts`,
    exports: { ...Object.fromEntries(entries), './package.json': './package.json' },
    files: ['dist'],
    dependencies: rangesOf(source.dependencies),
    ...(peerDependencies === undefined ? {} : { peerDependencies }),
    ...(peerDependenciesMeta === undefined ? {} : { peerDependenciesMeta }),
  };
}

/** Where an addon runs, as Node and npm name it. */
export interface Platform {
  readonly os: string;
  readonly cpu: string;
  /** On Linux. */
  readonly libc?: 'glibc' | 'musl';
}

/** `linux-x64-gnu`, `darwin-arm64`: the end of the name of the package that has the addon. Twin: native/addon.ts platformName. */
export function platformName({ os, cpu, libc }: Platform): string {
  return libc === undefined ? `${os}-${cpu}` : `${os}-${cpu}-${libc === 'glibc' ? 'gnu' : libc}`;
}

/** The manifest of the package that has the addon for one platform. */
export function nativeManifest(platform: Platform, root: Manifest): Published {
  const name = platformName(platform);
  const { os, cpu, libc } = platform;
  return {
    ...commonFields({ ...root, name: `${OWN_SCOPE}native-${name}` }, root, 'native'),
    description: `The native core of Quittance for ${name}: fast proofs and execution`,
    type: 'commonjs',
    main: './quittance.node',
    files: ['quittance.node'],
    ...{ os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) },
  };
}

/** What the command is made of, besides its own manifest. */
export interface CommandParts {
  /** Versions of all that the tree depends on, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** What the compiled sources import. */
  readonly imported: readonly string[];
  /** Platforms whose addons are packed beside it. */
  readonly platforms: readonly Platform[];
  readonly files: readonly string[];
}

/**
 * The manifest of the command. Its dependencies are exact: what was tested is what runs.
 *
 * @throws Error when it imports what the tree does not depend on.
 */
export function commandManifest(root: Manifest, { versions, imported, platforms, files }: CommandParts): Published {
  const unknown = imported.filter((name) => versions[name] === undefined);
  if (unknown.length > 0) throw new Error(`the command imports what no package.json depends on: ${unknown.join(', ')}`);
  const natives = platforms.map((platform) => [`${OWN_SCOPE}native-${platformName(platform)}`, root.version]);
  return {
    ...commonFields(root, root, '.'),
    type: 'module',
    bin: { quittance: 'cli/main.js' },
    // It is a command: nothing of it is for importing.
    exports: { './package.json': './package.json' },
    files: [...files],
    dependencies: Object.fromEntries([...imported].sort().map((name) => [name, versions[name]])),
    ...(natives.length === 0 ? {} : { optionalDependencies: Object.fromEntries(natives) }),
  };
}

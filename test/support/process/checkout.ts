/**
 * A copy of what installing needs, in a folder of its own, with a fake npm on a PATH that has nothing else: a real
 * installation takes a minute, and a test cannot fill the disk or unplug the network.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FILES = ['dev', 'scripts/install.sh', 'native/build.sh', 'package.json', 'package-lock.json'];

/** What the scripts use of a POSIX system. There is no compiler, no npm and no Node. */
const TOOLS =
  'basename cat chmod cksum cut dirname env find grep head kill ls mkdir mv readlink rm sed sh sort tr uname';

/**
 * Behaves like npm where ./dev depends on it: `ci` empties node_modules first, leaves out what the settings say, and
 * runs scripts unless told not to; `rebuild` and `--prefix … run` run one of a package. FAKE_NPM names what goes wrong.
 */
const FAKE_NPM = `#!/bin/sh
echo "$*" >>"$CALLS"
case "$FAKE_NPM" in old) version=6.14.18 ;; *) version=11.19.1 ;; esac
if [ "$1" = --version ]; then echo "$version"; exit 0; fi
is_given() { case " $arguments " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
arguments="$*"
runs_scripts() {
  if is_given --ignore-scripts; then return 1; fi
  is_given --ignore-scripts=false || [ "\${npm_config_ignore_scripts:-}" != true ]
}
put_node() { mkdir -p "$1/.bin" && printf '#!/bin/sh\\nexec "$REAL_NODE" "$@"\\n' >"$1/.bin/node" && chmod +x "$1/.bin/node"; }
put_database() {
  mkdir -p node_modules/better-sqlite3
  echo "module.exports = class { constructor() { if (!$1) throw new Error('no binary') } };" >node_modules/better-sqlite3/index.js
}
fail() { printf '%s\\n' "$@" >&2; i=0; while [ $i -lt 40 ]; do echo 'npm error a line that nobody reads' >&2; i=$((i + 1)); done; exit 1; }
case "$1" in
  ci)
    rm -rf node_modules && mkdir -p node_modules/.bin || exit 1
    case "$FAKE_NPM" in
      interrupted) kill -INT 0; exit 130 ;;
      full) fail 'npm error code ENOSPC' 'npm error nospc ENOSPC: no space left on device, write' ;;
      offline) fail 'npm error code ENOTFOUND' 'npm error network request to https://registry.npmjs.org/x failed' ;;
      proxy) fail 'npm error code ECONNREFUSED' 'npm error network If you are behind a proxy' ;;
      tampered) fail 'npm error code EINTEGRITY' ;;
      cache) fail 'npm error code EACCES' 'npm error syscall mkdir' ;;
      strange) fail 'npm error something that nobody foresaw' ;;
    esac
    if is_given --include=dev || { [ "\${NODE_ENV:-}" != production ] && [ "\${npm_config_omit:-}" != dev ]; }; then
      printf '#!/bin/sh\\necho "hardhat $*" >>"$CALLS"\\n' >node_modules/.bin/hardhat && chmod +x node_modules/.bin/hardhat
    fi
    case "$FAKE_NPM" in
      nosqlite | compiles)
        # The package's own build needs make, which this PATH does not have.
        if runs_scripts; then fail 'npm error gyp ERR! stack Error: not found: make'; fi
        put_database false ;;
      *) put_database true ;;
    esac
    if runs_scripts; then put_node node_modules; fi ;;
  rebuild)
    runs_scripts || exit 0
    if is_given node; then
      if [ "$FAKE_NPM" = nonode ]; then fail 'npm error code ENOTFOUND'; fi
      put_node node_modules
    fi ;;
  --prefix)
    if [ "$FAKE_NPM" != compiles ]; then fail 'npm error gyp ERR! stack Error: not found: make'; fi
    put_database true ;;
  install) put_node build/node/node_modules ;;
esac
`;

const OLD_NODE = '#!/bin/sh\nexit 1\n';

export interface DevResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Machine = 'no npm' | 'old node' | 'recent node';

export class Checkout {
  readonly folder: string;
  readonly #base: string;
  readonly #bin: string;

  /** @param name the folder's own name, below a new temporary one. */
  constructor(name: string, machine: Machine = 'old node') {
    this.#base = mkdtempSync(join(tmpdir(), 'quittance-dev-'));
    this.folder = join(this.#base, name);
    for (const file of FILES) {
      mkdirSync(dirname(join(this.folder, file)), { recursive: true });
      copyFileSync(join(ROOT, file), join(this.folder, file));
    }
    this.#bin = join(this.#base, 'bin');
    mkdirSync(this.#bin);
    for (const tool of TOOLS.split(' ')) symlinkSync(pathOf(tool), join(this.#bin, tool));
    mkdirSync(join(this.folder, 'cli'));
    writeFileSync(join(this.folder, 'scripts/explorer.ts'), ''); // built elsewhere
    for (const script of ['scripts/start.ts', 'cli/main.ts']) {
      writeFileSync(join(this.folder, script), "console.log('started under', process.version);\n");
    }
    if (machine === 'no npm') return;
    this.#put('npm', FAKE_NPM);
    this.#put('node', machine === 'old node' ? OLD_NODE : `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    if (machine === 'old node') this.#put('npx', '#!/bin/sh\nwhile [ "$1" != -c ]; do shift; done\nexec sh -c "$2"\n');
  }

  /** Puts a program on its PATH. */
  addTool(name: string, script: string): void {
    this.#put(name, script);
  }

  /** Runs `./dev` with these arguments, or what `command` says, in an environment of nothing but `environment`. */
  dev(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    command = join(this.folder, 'dev'),
  ): Promise<DevResult> {
    const child = spawn(command, args, {
      cwd: this.#base,
      // A group of its own: an interruption reaches all of it, and nothing else.
      detached: true,
      // Root may write anywhere: what a person may not must be refused here too.
      ...(process.getuid?.() === 0 && environment['AS_NOBODY'] === '1' ? { uid: 65534, gid: 65534 } : {}),
      env: {
        PATH: this.#bin,
        HOME: this.#base,
        CALLS: this.#calls,
        REAL_NODE: process.execPath,
        QUITTANCE_PORTABLE: '1',
        FAKE_NPM: '',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return resultOf(child);
  }

  /** The arguments of every call of npm so far. */
  npmCalls(): string[] {
    return this.#toolCalls().filter((call) => !call.startsWith('hardhat '));
  }

  /** How often the contracts were built. */
  get buildCount(): number {
    return this.#toolCalls().filter((call) => call === 'hardhat build --quiet').length;
  }

  /** A symbolic link outside the checkout. */
  link(target: string, name: string): string {
    const path = join(this.#base, name);
    symlinkSync(target, path);
    return path;
  }

  /** Takes away, or gives back, the right to write. */
  setWritable(isWritable: boolean): void {
    chmodSync(this.#base, 0o755);
    chmodSync(this.folder, isWritable ? 0o755 : 0o555);
  }

  remove(): void {
    rmSync(this.#base, { recursive: true, force: true });
  }

  #toolCalls(): string[] {
    return existsSync(this.#calls) ? readFileSync(this.#calls, 'utf8').trim().split('\n') : [];
  }

  get #calls(): string {
    return join(this.#base, 'calls');
  }

  #put(name: string, content: string): void {
    writeFileSync(join(this.#bin, name), content, { mode: 0o755 });
  }
}

/** Where the machine has a tool. */
function pathOf(tool: string): string {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return join(folder, tool);
    } catch {
      // not in this folder
    }
  }
  throw new Error(`${tool} was not found on PATH`);
}

function resultOf(child: ChildProcess): Promise<DevResult> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...output }));
  });
}

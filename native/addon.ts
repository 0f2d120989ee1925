/** The addon: what it exports, and how it is found and loaded, once. */

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { RollupError } from '@quittance/protocol';

/** How far a native call is. */
export interface NativeProgress {
  /** Name of the stage, e.g. "quotient". */
  readonly stage: string;
  readonly done: number;
  /** 0 while unknown. */
  readonly total: number;
}

/** The addon's handle of a running call. */
export interface NativeJob {
  cancel(): void;
  progress(): NativeProgress;
}

/** A handle of a tape in the addon. */
export interface AddonWitnessTape {
  readonly inputs: readonly { readonly name: string; readonly count: number }[];
  readonly wires: number;
  calculate(inputs: Uint8Array, job: NativeJob): Promise<Uint8Array>;
}

/** A proof as the addon returns it (native/binding/src/prover.rs). */
export interface AddonProof {
  readonly proof: Uint8Array;
  readonly publics: Uint8Array;
  readonly stages: readonly { readonly name: string; readonly milliseconds: number }[];
}

export interface AddonProver {
  readonly development: boolean;
  readonly constraints: number;
  readonly wires: number;
  verifyingKey(): string;
  prove(witness: Uint8Array, randomness: Uint8Array | undefined, job: NativeJob): Promise<AddonProof>;
}

/** What the addon needs to execute a batch, beside its operations and ids (native/binding/src/engine.rs). */
export interface AddonExecuteInput {
  readonly domain: Uint8Array;
  readonly batchTime: number;
  readonly chunks: readonly { readonly slots: number; readonly feeTokens: readonly number[] }[];
  readonly signatures: 'believed' | 'verified' | 'ids';
  readonly stop: boolean;
  readonly traces: boolean;
  readonly commitments: boolean;
}

/** A refused slot as the addon returns it: the rule, and what it saw. */
export interface AddonRefusal {
  readonly chunk: number;
  readonly slot: number;
  readonly code: string;
  /** ACCOUNT_BYTES; nothing for an empty leaf. */
  readonly sender?: Uint8Array | null;
  readonly receiver?: Uint8Array | null;
  /** Four words. */
  readonly fees: Uint8Array;
}

/** An execution as the addon returns it; roots and commitments are words. */
export interface AddonExecution {
  readonly refusals: readonly AddonRefusal[];
  readonly roots: Uint8Array;
  readonly commitments: Uint8Array;
  readonly traces: Uint8Array;
  readonly changes: Uint8Array;
}

/** A state in the addon. Where a method takes `out`, it fills it. */
export interface AddonState {
  readonly count: number;
  root(out: Uint8Array): void;
  shards(out: Uint8Array): void;
  path(index: number, out: Uint8Array): void;
  account(index: number, out: Uint8Array): boolean;
  rows(first: number, most: number): Uint8Array;
  write(leaves: Uint8Array): void;
  execute(
    operations: readonly Uint8Array[],
    ids: Uint8Array | undefined,
    input: AddonExecuteInput,
  ): Promise<AddonExecution>;
}

export interface AddonEngine {
  restore(rows: Uint8Array): AddonState;
}

/** What the addon exports (native/binding). Errors are taken apart by `call.ts`. */
export interface Addon {
  poseidonHash(inputs: readonly bigint[]): bigint;
  poseidonGroups(children: Uint8Array, arity: number): Uint8Array;
  verifySignatures(items: Uint8Array): Uint8Array;
  verifySignaturesAsync(items: Uint8Array): Promise<Uint8Array>;
  xCoordinatesAsync(points: Uint8Array): Promise<Uint8Array>;
  usableKeysAsync(keys: Uint8Array): Promise<Uint8Array>;
  signMany(secrets: Uint8Array, items: Uint8Array): Promise<Uint8Array>;
  channelStateHash(encoded: Uint8Array, out: Uint8Array): void;
  signChannelState(hash: Uint8Array, secret: Uint8Array, out: Uint8Array): void;
  recoverChannelSigner(hash: Uint8Array, signature: Uint8Array, out: Uint8Array): void;
  Job: new () => NativeJob;
  setUpDevelopment(layout: string, seed: string, provingKey: string, job: NativeJob): Promise<string>;
  exportZkey(layout: string, provingKey: string, zkey: string, job: NativeJob): Promise<void>;
  importZkey(layout: string, zkey: string, provingKey: string, job: NativeJob): Promise<string>;
  checkWitness(layout: string, witness: Uint8Array): Promise<void>;
  verifyProof(verifyingKey: string, publics: Uint8Array, proof: Uint8Array): boolean;
  openProver(layout: string, provingKey: string): Promise<AddonProver>;
  NativeEngine: new (threads: number | undefined, maxBytes: number) => AddonEngine;
  witnessTapeVersion(): number;
  buildWitnessTape(calculator: string, symbols: string, output: string): Promise<void>;
  openWitnessTape(path: string): Promise<AddonWitnessTape>;
}

const ADDON_PATH = fileURLToPath(new URL('../build/native/quittance.node', import.meta.url));
/** Sources run as they are; what was packed for npm is compiled. */
const isCheckout = import.meta.url.endsWith('.ts');

/** Set to 1 to behave as if the addon had not been built. */
const DISABLE_VARIABLE = 'QUITTANCE_DISABLE_NATIVE';

const ADVICE = isCheckout
  ? 'install cargo from https://rustup.rs and run native/build.sh'
  : 'the portable path does the same, several times slower';

type Loaded = { readonly addon: Addon } | { readonly reason: string };

let loaded: Loaded | undefined;

/**
 * `linux-x64-gnu`, `darwin-arm64`: the end of the name of the package that has the addon for this machine.
 * Twin: scripts/pack/manifest.ts platformName.
 */
function platformName(): string {
  const { platform, arch, report } = process;
  if (platform !== 'linux') return `${platform}-${arch}`;
  // Else it looks up the names of this machine's addresses. Our types of Node do not know the property yet.
  Object.assign(report, { excludeNetwork: true });
  const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return `${platform}-${arch}-${header.glibcVersionRuntime === undefined ? 'musl' : 'gnu'}`;
}

function loadFrom(name: string): Loaded | undefined {
  try {
    return { addon: createRequire(import.meta.url)(name) as Addon };
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
    if (isMissing) return undefined;
    return { reason: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) };
  }
}

function load(): Loaded {
  if (process.env[DISABLE_VARIABLE] === '1') return { reason: `switched off by ${DISABLE_VARIABLE}=1` };
  const built = loadFrom(ADDON_PATH);
  if (built !== undefined) return built;
  const name = platformName();
  const reason = isCheckout ? 'it has not been built' : `there is none for ${name}`;
  return loadFrom(`@quittance/native-${name}`) ?? { reason };
}

/** Whether the native path can be used in this process. */
export function isNativeAvailable(): boolean {
  return nativeUnavailableReason() === undefined;
}

/** Why the native path cannot be used, in one line; undefined when it can. */
export function nativeUnavailableReason(): string | undefined {
  loaded ??= load();
  return 'reason' in loaded ? `the native addon is not available (${loaded.reason}): ${ADVICE}` : undefined;
}

/**
 * The addon.
 *
 * @throws RollupError NATIVE_UNAVAILABLE when it is not built or does not load.
 */
export function requireAddon(): Addon {
  loaded ??= load();
  if ('addon' in loaded) return loaded.addon;
  throw new RollupError('NATIVE_UNAVAILABLE', nativeUnavailableReason() ?? 'the native addon is not available', {
    file: ADDON_PATH,
  });
}

/** Where values come from: flag, then environment, then config file, then default. */

import { readFileSync } from 'node:fs';
import { UsageError } from '../process/errors.ts';
import { didYouMean } from '../process/similar.ts';
import { environmentNameOf, flagOf, type Setting, type Settings } from './setting.ts';

/** What a config file holds: text by name, after its shape was checked. */
export interface ConfigFile {
  readonly path: string;
  readonly values: ReadonlyMap<string, string>;
}

/** Everything that values can come from. */
export interface Sources {
  /** From the command line, by key. */
  readonly flags: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: ConfigFile | undefined;
}

/** A value with its origin: "flag --l1-url", "environment QUITTANCE_L1_URL", "file x.json", "default", "not set". */
export interface Resolved {
  readonly value: unknown;
  readonly origin: string;
}

const MAX_CONFIG_BYTES = 1 << 20;

function textOf(key: string, value: unknown, path: string): string {
  if (Array.isArray(value)) return value.map((item) => textOf(key, item, path)).join(',');
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new UsageError(`${path}: write "${key}" as text, since ${value} is not exact as a number`);
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new UsageError(`${path}: "${key}" must be text, a number, true or false, or a list of these`);
}

/**
 * Reads a JSON object of settings.
 *
 * @throws UsageError when it cannot be read, is no JSON object or has a key that no command knows.
 */
export function readConfigFile(path: string, known: ReadonlySet<string>): ConfigFile {
  let parsed: unknown;
  try {
    const content = readFileSync(path);
    if (content.length > MAX_CONFIG_BYTES) throw new Error(`it is larger than ${MAX_CONFIG_BYTES} bytes`);
    parsed = JSON.parse(content.toString('utf8'));
  } catch (error) {
    // The text of a JSON error quotes the file, which may be anything: only its kind is said.
    const reason = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
    throw new UsageError(`the config file ${path} cannot be read: ${reason}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new UsageError(`the config file ${path} must be a JSON object of settings`);
  }
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(parsed)) {
    if (!known.has(key)) {
      const meant = didYouMean(key, known);
      throw new UsageError(`${path} has an unknown setting "${key}"${meant || '; `quittance config print` lists all'}`);
    }
    values.set(key, textOf(key, value, path));
  }
  return { path, values };
}

function parseFrom<T>(setting: Setting<T>, source: string, text: string): T {
  try {
    return setting.parse(text);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${source}: ${error.message}`);
    throw error;
  }
}

/** The value of one setting. @throws UsageError naming the source of a wrong value, or what is missing. */
export function resolveSetting(key: string, setting: Setting<unknown>, sources: Sources): Resolved {
  const { name = key } = setting;
  const variable = environmentNameOf(name);
  const candidates: readonly (readonly [string, string | undefined])[] = [
    [`flag ${flagOf(key)}`, sources.flags.get(key)],
    [`environment ${variable}`, sources.environment[variable]],
    [`file ${sources.file?.path}`, sources.file?.values.get(name)],
  ];
  for (const [origin, text] of candidates) {
    if (text === undefined) continue;
    // A file has many keys: which one is wrong has to be said.
    const source = origin.startsWith('file ') ? `${origin}, "${name}"` : origin;
    return { value: parseFrom(setting, source, text), origin };
  }
  const { presence } = setting;
  if (!presence.required) {
    return { value: presence.fallback, origin: presence.fallback === undefined ? 'not set' : 'default' };
  }
  const names = `${flagOf(key)} ${setting.placeholder ?? ''}`.trim();
  throw new UsageError(
    `${key} is missing: give ${names}, ${variable}, or "${name}" in the config file (${setting.help})`,
  );
}

/** The values of all settings of a command. */
export function resolveSettings(settings: Settings, sources: Sources): Record<string, Resolved> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => [key, resolveSetting(key, setting, sources)]),
  );
}

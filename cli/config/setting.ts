/** A setting: one name for flag, environment and config file, with its parser. */

/** Text from outside → value. @throws UsageError saying what was expected. */
export interface Parse<T> {
  (text: string): T;
  /** The words that it takes, if it takes only some: help and completion name them. */
  readonly choices?: readonly string[];
}

/** One setting of a command. Its key in the record of settings is its name in config files. */
export interface Setting<T> {
  readonly help: string;
  /** What stands for the value in the usage; none for a switch. */
  readonly placeholder: string | undefined;
  readonly parse: Parse<T>;
  /** 'required', or the text or value that stands for a missing setting. */
  readonly presence: { readonly required: true } | { readonly required: false; readonly fallback: T };
  /** Its name in environment and config file, where another command's flag has the same name; its key if not given. */
  readonly name?: string;
  /** Whether its value can hold a key, as a provider's URL does: never shown in full. */
  readonly sensitive?: boolean;
}

export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The values of settings. */
export type Values<S extends Settings> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/** A setting that must be given. */
export function required<T>(placeholder: string, parse: Parse<T>, help: string): Setting<T> {
  return { help, placeholder, parse, presence: { required: true } };
}

/** A setting that may be missing. */
export function optional<T>(placeholder: string, parse: Parse<T>, help: string): Setting<T | undefined> {
  return { help, placeholder, parse, presence: { required: false, fallback: undefined } };
}

/** A setting with a default. */
export function withDefault<T>(placeholder: string, parse: Parse<T>, fallback: T, help: string): Setting<T> {
  return { help, placeholder, parse, presence: { required: false, fallback } };
}

/** A setting that is on or off. */
export function toggle(parse: Parse<boolean>, help: string): Setting<boolean> {
  return { help, placeholder: undefined, parse, presence: { required: false, fallback: false } };
}

/** The same setting for a command that can do without it. */
export function orNone<T>(setting: Setting<T>): Setting<T | undefined> {
  return { ...setting, presence: { required: false, fallback: undefined } };
}

/** A setting under a name of its own in environment and config file: its flag means something else elsewhere. */
export function named<T>(name: string, setting: Setting<T>): Setting<T> {
  return { ...setting, name };
}

/** `l1Url` → `--l1-url`. */
export function flagOf(key: string): string {
  return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `l1Url` → `QUITTANCE_L1_URL`. */
export function environmentNameOf(key: string): string {
  return `QUITTANCE_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

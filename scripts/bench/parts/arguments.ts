/** The arguments of a benchmark. */

import { parseArgs } from 'node:util';

/** A whole number from `least` to `most` among the texts that were given. @throws Error naming the option. */
export type Whole<Name extends string> = (name: Name, least: number, most?: number) => number;

/** What was given, by the name of the option; the default where nothing was. */
type Texts<Defaults extends Readonly<Record<string, string>>> = { readonly [Name in keyof Defaults]: string };

const MOST = 1_000_000;

/**
 * Reads `--json`, `--save`, and an option for each default; ends with code 2, the reason and the usage on anything else.
 *
 * @param usage all that the command takes. @param read makes of the texts what the benchmark needs. @throws what is wrong.
 */
export function readArguments<const Defaults extends Readonly<Record<string, string>>, Read extends object>(
  usage: string,
  defaults: Defaults,
  read: (whole: Whole<keyof Defaults & string>, texts: Texts<Defaults>) => Read,
): Read & { readonly json: boolean; readonly save: boolean } {
  try {
    const boolean = { type: 'boolean', default: false } as const;
    const texts = Object.entries(defaults).map(([name, value]) => [name, { type: 'string', default: value }] as const);
    const { values } = parseArgs({ options: { ...Object.fromEntries(texts), json: boolean, save: boolean } });
    const given = values as Readonly<Record<string, unknown>> as Texts<Defaults>;
    const whole: Whole<keyof Defaults & string> = (name, least, most = MOST) => {
      const value = Number(given[name]);
      if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
      throw new Error(`--${name} takes a whole number from ${least} to ${most}, not ${given[name]}`);
    };
    return { ...read(whole, given), json: values['json'] === true, save: values['save'] === true };
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return process.exit(2);
  }
}

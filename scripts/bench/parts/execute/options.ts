/** What `./dev bench execute` can be told. */

import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { TREE_CAPACITY } from '@quittance/protocol';

export const USAGE = `usage: ./dev bench execute [options]

  --batches N        batches that are timed each way (default 10); the path of before takes a second or two for each
  --accounts N       accounts of the states on which the engines are compared (default 10000)
  --growth LIST      accounts of the states whose time and memory are measured (default 1000,100000,1000000,10000000);
                     the last one takes a minute or two and 2 GB; none leaves it out
  --records N        random records, valid and broken, compared between the engines (default 100000: two or three
                     minutes of two cores; 1000000 take half an hour)
  --seed S           of the records
  --json             the result alone, as JSON
  --save             keep it in docs/performance/

Ends with code 1 when two engines differ.`;

/** Settings, checked. */
export interface ExecuteBenchOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly save: boolean;
  readonly seed: string;
  readonly batches: number;
  readonly accounts: number;
  readonly growth: readonly number[];
  readonly records: number;
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw new Error(`--${name} takes whole numbers from ${least} to ${most}, not ${text}`);
}

/** Reads the arguments of the command. @throws Error that says what is wrong. */
export function parseExecuteOptions(args: readonly string[]): ExecuteBenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      batches: { type: 'string', default: '10' },
      accounts: { type: 'string', default: '10000' },
      growth: { type: 'string', default: '1000,100000,1000000,10000000' },
      records: { type: 'string', default: '100000' },
      seed: { type: 'string', default: randomBytes(6).toString('hex') },
      json: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { json, save, help, seed, growth } = values;
  const accounts = (name: string, text: string) => whole(name, text, 2, TREE_CAPACITY);
  return {
    ...{ json, save, help, seed },
    batches: whole('batches', values.batches, 1, 10_000),
    accounts: accounts('accounts', values.accounts),
    growth: growth === 'none' ? [] : growth.split(',').map((text) => accounts('growth', text)),
    records: whole('records', values.records, 0, Number.MAX_SAFE_INTEGER),
  };
}

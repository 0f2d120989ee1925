/** What `./dev bench accept` can be told. */

import { parseArgs } from 'node:util';
import { PROFILES, type ProfileName } from '@quittance/protocol';
import { FLOOD_NAMES, type FloodName } from './floods.ts';
import type { HostileOptions } from './hostile.ts';
import type { CallFormat } from './presign.ts';
import type { AcceptMode } from './run.ts';

export const USAGE = `usage: ./dev bench accept [options]

  --minutes N          of each of the three runs (default 1; fractions too)
  --rate N|max         transfers a second in lists, as JSON and as bytes (default 10000)
  --single-rate N|max  transfers a second in single calls (default 4000)
                       calls are sent when they are due, and their time counts from then; max: each connection sends its
                       next call when the one before is answered
  --list N             transfers of a list (default 250)
  --connections N      of lists (default 8); single calls have eight times as many
  --wallets N          accounts that pay each other (default 1024)
  --profile NAME       shape of batches (default standard)
  --only list|binary|single  one of the three runs
  --hostile            instead: how long honest callers wait without and in each of the floods that an attacker may send
  --floods LIST        of --hostile: ${FLOOD_NAMES.join(', ')}
  --seconds N          of --hostile: of each flood (default 15)
  --honest-rate N      of --hostile: transfers a second of honest callers (default 200)
  --sockets N          of --hostile: most connections of a flood (default 11000)
  --json               the result alone, as JSON
  --save               keep it in docs/performance/

Takes the minutes of all runs, and about as long again to sign for them and to look everything up afterwards;
--hostile takes about five minutes.`;

/** The runs that there are: lists as JSON, lists as bytes, single calls. */
export type AcceptRunName = CallFormat;

/** In this order. */
export const RUN_NAMES: readonly AcceptRunName[] = ['list', 'binary', 'single'];

/** Settings, checked. */
export interface AcceptOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly save: boolean;
  readonly minutes: number;
  readonly wallets: number;
  readonly profile: ProfileName;
  readonly modes: Readonly<Partial<Record<AcceptRunName, AcceptMode>>>;
  /** Undefined without --hostile. */
  readonly hostile: HostileOptions | undefined;
}

/** Calls as fast as they are answered are prepared for so many transfers a second. */
const PREPARED_RATE = { list: 40_000, single: 12_000 } as const;
/** Connections of single calls for each of lists: many people, few exchanges. */
const SINGLE_CONNECTIONS = 8;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} takes a number above 0, not ${text}`);
  return value;
}

function whole(name: string, text: string): number {
  const value = positive(name, text);
  if (!Number.isSafeInteger(value)) throw new Error(`--${name} takes a whole number, not ${text}`);
  return value;
}

function oneOf<Name extends string>(name: string, text: string, names: readonly Name[]): Name {
  const found = names.find((candidate) => candidate === text);
  if (found === undefined) throw new Error(`--${name} takes one of ${names.join(', ')}, not ${text}`);
  return found;
}

/** Reads the arguments of the command. @throws Error that says what is wrong. */
export function parseAcceptOptions(args: readonly string[]): AcceptOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      rate: { type: 'string', default: '10000' },
      'single-rate': { type: 'string', default: '4000' },
      list: { type: 'string', default: '250' },
      connections: { type: 'string', default: '8' },
      wallets: { type: 'string', default: '1024' },
      profile: { type: 'string', default: 'standard' },
      only: { type: 'string' },
      hostile: { type: 'boolean', default: false },
      floods: { type: 'string', default: FLOOD_NAMES.join() },
      seconds: { type: 'string', default: '15' },
      'honest-rate': { type: 'string', default: '200' },
      sockets: { type: 'string', default: '11000' },
      json: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { json, save, help } = values;
  const connections = whole('connections', values.connections);
  const wallets = whole('wallets', values.wallets);
  const least = 2 * SINGLE_CONNECTIONS * connections;
  if (wallets < least) throw new Error(`--wallets must be ${least} or more: each connection needs two of its own`);
  const rate = (name: 'rate' | 'single-rate') => (values[name] === 'max' ? undefined : whole(name, values[name]));
  const transfersPerCall = whole('list', values.list);
  const inLists = { transfersPerCall, connections, rate: rate('rate'), preparedRate: PREPARED_RATE.list };
  const modes: Record<AcceptRunName, AcceptMode> = {
    list: { format: 'list', ...inLists },
    binary: { format: 'binary', ...inLists },
    single: {
      format: 'single',
      transfersPerCall: 1,
      connections: SINGLE_CONNECTIONS * connections,
      rate: rate('single-rate'),
      preparedRate: PREPARED_RATE.single,
    },
  };
  const only = values.only === undefined ? undefined : oneOf('only', values.only, RUN_NAMES);
  const profile = oneOf('profile', values.profile, Object.keys(PROFILES) as ProfileName[]);
  const hostile = {
    floods: values.floods.split(',').map((text): FloodName => oneOf('floods', text, FLOOD_NAMES)),
    seconds: positive('seconds', values.seconds),
    rate: whole('honest-rate', values['honest-rate']),
    sockets: whole('sockets', values.sockets),
    profile,
  };
  return {
    ...{ json, save, help, wallets, profile },
    hostile: values.hostile ? hostile : undefined,
    minutes: positive('minutes', values.minutes),
    modes: only === undefined ? modes : { [only]: modes[only] },
  };
}

/** Parsers of settings: each says what it expected. */

import { isIP } from 'node:net';
import { PROFILES, type ProfileName, TREE_CAPACITY } from '@quittance/protocol';
import { getAddress } from 'ethers';
import { UsageError } from '../process/errors.ts';
import { didYouMean } from '../process/similar.ts';
import type { Parse } from './setting.ts';

/** Any text but the empty one. */
export const text: Parse<string> = (value) => {
  if (value === '') throw new UsageError('expected some text, got nothing');
  return value;
};

/** A switch in a file or in the environment. */
export const flag: Parse<boolean> = (value) => {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0' || value === '') return false;
  throw new UsageError(`expected true or false, got "${value}"`);
};

/** A whole number in [minimum, maximum]. */
export function integer(minimum: number, maximum: number): Parse<number> {
  return (value) => {
    const number = Number(value);
    if (!/^\d{1,16}$/.test(value) || number < minimum || number > maximum) {
      throw new UsageError(`expected a whole number from ${minimum} to ${maximum}, got "${value}"`);
    }
    return number;
  };
}

/** A share of a whole, in decimal notation. */
export const share: Parse<number> = (value) => {
  const number = Number(value);
  if (!/^\d(\.\d{1,9})?$/.test(value) || number > 1)
    throw new UsageError(`expected a share from 0 to 1, got "${value}"`);
  return number;
};

/** Index of a leaf. */
export const accountIndex = integer(0, TREE_CAPACITY - 1);

/** Most accounts that one list names. */
const MAX_LISTED = 1_000;

/** "3,17" → indices of accounts, each named once. */
export const accountIndices: Parse<readonly number[]> = (value) => {
  const indices = value.split(',').map(accountIndex);
  if (new Set(indices).size === indices.length && indices.length <= MAX_LISTED) return indices;
  throw new UsageError(`expected up to ${MAX_LISTED} accounts, each once, got "${value}"`);
};

/** A number of base units or wei, without a sign. */
export const baseUnits: Parse<bigint> = (value) => {
  if (!/^\d{1,78}$/.test(value)) throw new UsageError(`expected a whole number of base units, got "${value}"`);
  return BigInt(value);
};

const WEI_DIGITS = { wei: 0, gwei: 9, eth: 18 } as const;

/** No amount of wei in a contract is larger: uint128. */
const MOST_WEI = 2n ** 128n - 1n;

/** Wei, from "1000000000000000", "20gwei" or "0.1eth". */
export const wei: Parse<bigint> = (value) => {
  const [, whole = '', fraction = '', unit = 'wei'] = /^(\d{1,39})(?:\.(\d{1,18}))?(wei|gwei|eth)?$/i.exec(value) ?? [];
  const digits = WEI_DIGITS[unit.toLowerCase() as keyof typeof WEI_DIGITS];
  const amount = whole === '' ? -1n : BigInt(whole + fraction.padEnd(digits, '0'));
  if (amount >= 0n && fraction.length <= digits && amount <= MOST_WEI) return amount;
  throw new UsageError(`expected an amount like 0.1eth, 20gwei or 1000000000 (wei), got "${value}"`);
};

/** An L1 address, its checksum verified when it has one. */
export const address: Parse<string> = (value) => {
  try {
    if (/^0x/.test(value)) return getAddress(value);
  } catch {
    // the sentence below says it
  }
  throw new UsageError(`expected an address (0x and 40 hexadecimal digits, its checksum right), got "${value}"`);
};

/** An http(s) URL. Its text never stands in the error: it may hold a key. */
export const url: Parse<string> = (value) => {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new UsageError('expected a URL that starts with http:// or https://');
  }
  return value;
};

/** A PostgreSQL; what is behind the scheme is read by whoever opens it. Never quoted, since it holds a password. */
export const postgresUrl: Parse<string> = (value) => {
  if (/^postgres(?:ql)?:\/\/[^\s]+$/.test(value)) return value;
  throw new UsageError('expected a URL like postgres://user:password@host:5432/database');
};

/** Name of a node: what may stand in a table. */
export const nodeName: Parse<string> = (value) => {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value)) return value;
  throw new UsageError(`expected up to 63 letters, digits, dots and dashes, got "${value}"`);
};

/** IP addresses and networks, like "10.0.0.0/8,192.0.2.7". */
export const networks: Parse<readonly string[]> = (value) =>
  value
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [, ip = '', bits = '0'] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(part) ?? [];
      const isNetwork = isIP(ip) !== 0 && Number(bits) <= (isIP(ip) === 4 ? 32 : 128);
      if (!isNetwork) throw new UsageError(`expected IP addresses or networks like 10.0.0.0/8, got "${part}"`);
      return part;
    });

/** Origins of pages, like "https://wallet.example,http://localhost:5173", or `*` for all. */
export const origins: Parse<readonly string[]> = (value) =>
  value
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      if (part !== '*' && (!/^https?:/.test(part) || !URL.canParse(part) || new URL(part).origin !== part)) {
        throw new UsageError(`expected origins like https://wallet.example (without a path), or *, got "${part}"`);
      }
      return part;
    });

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Parse<T> {
  const parse = (value: string): T => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw new UsageError(`expected one of ${words.join(', ')}, got "${value}"${didYouMean(value, words)}`);
  };
  return Object.assign(parse, { choices: words });
}

/** Name of a profile. */
export const profileName = choice(...(Object.keys(PROFILES) as ProfileName[]));

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** Seconds, from "90", "90s", "15m", "12h" or "3d". */
export const duration: Parse<number> = (value) => {
  const match = /^(\d{1,9})([smhd]?)$/.exec(value);
  if (match === null) throw new UsageError(`expected a duration like 90s, 15m, 12h or 3d, got "${value}"`);
  return Number(match[1]) * SECONDS[(match[2] || 's') as keyof typeof SECONDS];
};

/** A duration in [minimum, maximum] seconds. */
export function durationWithin(minimum: number, maximum: number): Parse<number> {
  return (value) => {
    const seconds = duration(value);
    if (seconds >= minimum && seconds <= maximum) return seconds;
    throw new UsageError(`expected a duration of ${minimum} to ${maximum} seconds, got "${value}"`);
  };
}

/** A token in which fees are taken, with the minimum fee in base units. */
export interface FeeTokenSetting {
  readonly tokenId: number;
  readonly minimumFee: bigint;
}

/** "0:1000000000,1:500" → pairs of token and number. */
function numberByToken(value: string, what: string): (readonly [tokenId: number, number: bigint])[] {
  return value
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const match = /^(\d{1,10}):(\d{1,39})$/.exec(part);
      if (match === null) throw new UsageError(`expected tokenId:${what}, like 0:1000000000, got "${part}"`);
      return [Number(match[1]), BigInt(match[2]!)];
    });
}

/** "0:1000000000,1:500" → tokens with their minimum fees. */
export const feeTokens: Parse<readonly FeeTokenSetting[]> = (value) =>
  numberByToken(value, 'minimumFee').map(([tokenId, minimumFee]) => ({ tokenId, minimumFee }));

/** "0:1000000000" → one token with base units. */
export const tokenAmount: Parse<TokenUnits> = (value) => {
  const [amount, ...more] = unitsByToken(value);
  if (amount !== undefined && more.length === 0) return amount;
  throw new UsageError(`expected tokenId:units of one token, like 0:1000000000, got "${value}"`);
};

/** More URLs of one service than that help nobody. */
const MAX_URLS = 16;

/** URLs, separated by commas. */
export const urls: Parse<readonly string[]> = (value) => {
  const list = value.split(',').map(url);
  if (list.length <= MAX_URLS) return list;
  throw new UsageError(`expected at most ${MAX_URLS} URLs, got ${list.length}`);
};

/** Base units for a token. */
export interface TokenUnits {
  readonly tokenId: number;
  readonly units: bigint;
}

/** "0:1000000000,1:500" → base units for some tokens, each named once. */
export const unitsByToken: Parse<readonly TokenUnits[]> = (value) => {
  const list = numberByToken(value, 'baseUnits').map(([tokenId, units]) => ({ tokenId, units }));
  if (new Set(list.map(({ tokenId }) => tokenId)).size === list.length) return list;
  throw new UsageError(`expected each token once, got "${value}"`);
};

/**
 * Where a PostgreSQL is: `postgres://user:password@host[:port][,host[:port]…]/database[?parameters]`, as libpq has it. With
 * several hosts, whichever takes writes is the journal, as if it said `target_session_attrs=read-write`.
 */

import { RollupError } from '@quittance/protocol';

/** One server that may be the primary. */
export interface PostgresHost {
  /** `host:port`, for people. */
  readonly name: string;
  /** For the driver; holds the password. */
  readonly connectionString: string;
}

/** A parsed address. */
export interface PostgresAddress {
  /** Hosts and database, without user and password: for logs and errors. */
  readonly name: string;
  readonly user: string;
  /** In the order of the URL. */
  readonly hosts: readonly PostgresHost[];
  /** Whatever was written, without the password. */
  conceal(text: string): string;
}

const MAX_HOSTS = 8;
/** scheme, user, password, hosts, database, parameters. */
const URL_PARTS = /^(postgres(?:ql)?):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/;
/** libpq takes these for other things than the driver does, which always checks certificate and name. */
const CHECKED_MODES = new Set(['prefer', 'require', 'verify-ca']);

function invalid(problem: string): RollupError {
  const form = 'postgres://user:password@host:5432/database, with several hosts separated by commas';
  return new RollupError('CONFIG_INVALID', `the URL of the journal ${problem}; it has the form ${form}`, {});
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('has a % that is not followed by two hexadecimal digits');
  }
}

function parametersOf(text: string): string {
  const parameters = new URLSearchParams(text);
  const wanted = parameters.get('target_session_attrs') ?? 'read-write';
  if (wanted !== 'read-write' && wanted !== 'primary') {
    throw invalid(`asks for a server that is ${wanted}, but a journal is written`);
  }
  parameters.delete('target_session_attrs');
  if (CHECKED_MODES.has(parameters.get('sslmode') ?? '')) parameters.set('sslmode', 'verify-full');
  const rest = parameters.toString();
  return rest === '' ? '' : `?${rest}`;
}

/** @throws RollupError CONFIG_INVALID, which does not repeat the URL. */
export function parseAddress(url: string): PostgresAddress {
  const [, scheme, user = '', password = '', hosts = '', database = '', parameters = ''] = URL_PARTS.exec(url) ?? [];
  if (scheme === undefined) throw invalid('cannot be read');
  if (user === '') throw invalid('names no user');
  if (database === '' || database.includes('/')) throw invalid('names no database');
  const secret = decode(password);
  const rest = parametersOf(parameters);
  const list = hosts.split(',');
  if (list.length > MAX_HOSTS) throw invalid(`names ${list.length} hosts, ${MAX_HOSTS} are the most`);
  const credentials = password === '' ? user : `${user}:${password}`;
  const names = list.map((host) => {
    const [, name, port = '5432'] = HOST.exec(host) ?? [];
    if (name === undefined || Number(port) < 1 || Number(port) > 65_535)
      throw invalid('has a host that cannot be read');
    return `${name}:${port}`;
  });
  return {
    name: `${names.join(',')}/${decode(database)}`,
    user: decode(user),
    hosts: names.map((name) => ({ name, connectionString: `postgres://${credentials}@${name}/${database}${rest}` })),
    conceal: (text) =>
      [secret, password].filter((part) => part !== '').reduce((all, part) => all.replaceAll(part, '…'), text),
  };
}

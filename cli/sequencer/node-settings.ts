/** What an operator can set of a sequencer that is one of several nodes. */

import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as parse from '../config/parse.ts';
import { optional, toggle, type Values } from '../config/setting.ts';
import { UsageError } from '../process/errors.ts';

export const NODE_SETTINGS = {
  journal: {
    ...optional(
      '<url>',
      parse.postgresUrl,
      'PostgreSQL that holds the log of several nodes, like postgres://user:password@db1,db2/rollup; this machine alone if ' +
        'not given',
    ),
    sensitive: true,
  },
  journalFile: optional('<file>', parse.text, 'file with the URL of --journal, which no list of processes shows then'),
  otherJournal: toggle(
    parse.flag,
    'begin a new journal, or join another than before: only after the one of this database is lost for good',
  ),
  nodeName: optional('<name>', parse.nodeName, 'name of this node, which no other has; that of the host if not given'),
  advertiseUrl: optional(
    '<url>',
    parse.url,
    'where the other nodes reach this one; http://<host>:<port> if not given and others can reach that',
  ),
  requireQuorum: toggle(
    parse.flag,
    'not ready while commits of the journal wait for no standby: what is accepted is on one disk then',
  ),
} as const;

/** What a node needs to take part. */
export interface Membership {
  /** Of the journal, with its password. */
  readonly url: string;
  readonly name: string;
  readonly advertised: string;
  readonly isOtherWanted: boolean;
  readonly requiresQuorum: boolean;
}

const MAX_FILE_BYTES = 4_096;

/** The URL of a file. @throws UsageError that does not quote it. */
function readUrl(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`the file of the journal cannot be read: ${(error as Error).message}`);
  }
  const url = text.trim();
  if (url.length > MAX_FILE_BYTES || url.includes('\n')) throw new UsageError(`${file} holds more than one URL`);
  return parse.postgresUrl(url);
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::' || host === '';

/** Whether a URL is one of this machine alone. */
export const isLoopback = (url: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

/** Where other nodes reach this one. @throws UsageError when that cannot be known. */
function advertisedOf(advertiseUrl: string | undefined, host: string, port: number): string {
  if (advertiseUrl !== undefined) return advertiseUrl;
  if (port === 0 || isWildcard(host)) {
    throw new UsageError(
      '--journal needs --advertise-url: the other nodes cannot be told where to reach one that listens on ' +
        `${host}:${port}`,
    );
  }
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * How this node takes part; undefined on a single machine.
 *
 * @throws UsageError when settings contradict each other, or lack what follows from them.
 */
export function membershipOf(
  values: Values<typeof NODE_SETTINGS> & { readonly host: string; readonly port: number },
): Membership | undefined {
  const { journal, journalFile, otherJournal, nodeName, advertiseUrl, requireQuorum, host, port } = values;
  if (journal !== undefined && journalFile !== undefined) {
    throw new UsageError('--journal and --journal-file name the same thing: give one of them');
  }
  if (journal === undefined && journalFile === undefined) {
    const alone = { '--node-name': nodeName, '--advertise-url': advertiseUrl };
    const odd = Object.entries(alone).find(([, value]) => value !== undefined)?.[0];
    const flag = odd ?? (requireQuorum ? '--require-quorum' : otherJournal ? '--other-journal' : undefined);
    if (flag !== undefined) throw new UsageError(`${flag} is for nodes of a cluster, which share a --journal`);
    return undefined;
  }
  return {
    url: journal ?? readUrl(journalFile!),
    name: nodeName ?? parse.nodeName(hostname()),
    advertised: advertisedOf(advertiseUrl, host, port),
    isOtherWanted: otherJournal,
    requiresQuorum: requireQuorum,
  };
}

/** `quittance config print`: every setting, its value here and where it comes from. */

import type { Command } from '../process/command.ts';
import { UsageError } from '../process/errors.ts';
import { table } from '../process/output.ts';
import type { BlobPlace } from './blob-places.ts';
import { resolveSetting, type Sources } from './resolve.ts';
import { orNone, type Setting } from './setting.ts';
import { valueText } from './text.ts';

/** Whether it is a place of blobs: the one sensitive value that is more than a URL. */
function isBlobPlace(value: unknown): value is BlobPlace {
  return typeof value === 'object' && value !== null && 'kind' in value && 'where' in value;
}

/** Scheme and hosts of a PostgreSQL, with user and password between them. */
const POSTGRES = /^(postgres(?:ql)?:\/\/)(?:.*@)?([^/?@]*)/;

/** What a sensitive value shows: the origin of a URL, without user, path and query, where keys stand. */
function shown(setting: Setting<unknown>, value: unknown): string {
  if (value === undefined || setting.sensitive !== true) return valueText(setting, value);
  if (Array.isArray(value)) return value.map((item) => shown(setting, item)).join(',');
  if (isBlobPlace(value)) {
    return `${value.kind}:${value.kind === 'folder' ? value.where : shown(setting, value.where)}`;
  }
  const postgres = POSTGRES.exec(String(value));
  // Several hosts are no URL that the standard knows.
  if (postgres !== null) return `${postgres[1]}${postgres[2]}/…`;
  const { protocol, host, username, pathname, search } = new URL(String(value));
  const hidden = username !== '' || pathname !== '/' || search !== '';
  return `${protocol}//${host}${hidden ? '/…' : ''}`;
}

/** One line of the list. */
export interface PrintedSetting {
  readonly key: string;
  readonly value: string;
  readonly origin: string;
}

/** All settings with their origins. A wrong value is listed with what is wrong. */
function describeSettings(known: ReadonlyMap<string, Setting<unknown>>, sources: Sources): PrintedSetting[] {
  return [...known].map(([key, setting]) => {
    try {
      const isMust = setting.presence.required;
      const { value, origin } = resolveSetting(key, isMust ? orNone(setting) : setting, sources);
      return { key, value: shown(setting, value), origin };
    } catch (error) {
      if (error instanceof UsageError) return { key, value: '', origin: `wrong: ${error.message}` };
      throw error;
    }
  });
}

/** The command. @param known every setting of every command. */
export function createConfigPrint(known: ReadonlyMap<string, Setting<unknown>>): Command {
  return {
    name: 'config print',
    summary: 'all settings, their values and where each comes from',
    examples: ['quittance config print', 'quittance config print --config rollup.json --json'],
    settings: {},
    async run({ output, sources }) {
      const settings = describeSettings(known, sources);
      output.result({ settings }, () =>
        table([['setting', 'value', 'origin'], ...settings.map(({ key, value, origin }) => [key, value, origin])]),
      );
    },
  };
}

/** The setting that says where blobs come from. */

import { UsageError } from '../process/errors.ts';
import * as parse from './parse.ts';
import { type Parse, withDefault } from './setting.ts';

/** More places than that help nobody. */
const MAX_PLACES = 8;

/** A place as a setting names it. */
export interface BlobPlace {
  readonly kind: 'beacon' | 'mirror' | 'folder';
  /** A URL, or a path. */
  readonly where: string;
}

/** One place. Its text never stands in an error: a URL may hold a key. */
function place(text: string): BlobPlace {
  const split = text.indexOf(':');
  const kind = text.slice(0, split);
  const where = text.slice(split + 1);
  if (kind === 'beacon' || kind === 'mirror') return { kind, where: parse.url(where) };
  if (kind === 'folder' && where !== '') return { kind, where };
  throw new UsageError('expected beacon:<url>, mirror:<url> or folder:<path>, several separated by commas');
}

const places: Parse<readonly BlobPlace[]> = (text) => {
  const list = text.split(',').filter((part) => part !== '');
  if (list.length > MAX_PLACES) throw new UsageError(`expected at most ${MAX_PLACES} places, got ${list.length}`);
  return list.map(place);
};

/** The setting of every command that reads batches. */
export const blobSource = {
  ...withDefault(
    '<places>',
    places,
    [] as readonly BlobPlace[],
    'where blobs come from, separated by commas and asked in order: beacon:<url> of a beacon node, mirror:<url> of a web ' +
      'server over an archive, folder:<path>, which also keeps what others gave; needed where batches are in blobs',
  ),
  sensitive: true,
};

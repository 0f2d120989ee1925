/** The file behind a name. SQLite follows links, and its companions are beside the file, not beside the link. */

import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Where the links of `file` lead, be it to a file that is not there yet. */
export function followLinks(file: string): string {
  try {
    return realpathSync.native(file);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT') throw error;
    const isLink = lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() === true;
    return isLink ? followLinks(resolve(realpathSync(dirname(file)), readlinkSync(file))) : file;
  }
}

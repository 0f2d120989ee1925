/** Files of a folder: read with a limit, written whole or not at all. */

import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder, made when something is written. Every method throws what the file system throws. */
export interface Files {
  /** At most `maxBytes` and one byte more, which tells that it is too long; undefined when there is no such file. */
  read(file: string, maxBytes: number): Promise<Uint8Array | undefined>;
  write(file: string, bytes: Uint8Array): Promise<void>;
  remove(file: string): Promise<void>;
  names(): Promise<string[]>;
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** The files of the folder at `path`. */
export function createFiles(path: string): Files {
  return {
    async read(file, maxBytes) {
      try {
        const handle = await open(join(path, file));
        try {
          const { size } = await handle.stat();
          const buffer = new Uint8Array(Math.min(size, maxBytes + 1));
          const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
          return buffer.subarray(0, bytesRead);
        } finally {
          await handle.close();
        }
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    async write(file, bytes) {
      // While it is being written it has another name.
      const unfinished = join(path, `${file}.${randomBytes(6).toString('hex')}.part`);
      try {
        await mkdir(path, { recursive: true });
        await writeFile(unfinished, bytes, { flush: true });
        await rename(unfinished, join(path, file));
      } catch (error) {
        // What is left of it, if that can be removed; the error says what failed.
        await rm(unfinished, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    remove: (file) => rm(join(path, file), { force: true }),
    async names() {
      try {
        return await readdir(path);
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    },
  };
}

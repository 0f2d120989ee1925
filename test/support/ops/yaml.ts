/** Reads the YAML of ops/. */

import { parseAllDocuments } from 'yaml';
import { readDocument } from '../sources/markdown.ts';

/** Any value of YAML. */
export type Yaml = string | number | boolean | null | readonly Yaml[] | { readonly [key: string]: Yaml };

/** The documents of a text, merge keys resolved. @throws when one is no YAML. */
export function parseYaml<T = Record<string, Yaml>>(text: string): T[] {
  return parseAllDocuments(text, { merge: true, strict: true })
    .map((document) => {
      for (const problem of [...document.errors, ...document.warnings]) throw problem;
      return document.toJS() as T;
    })
    .filter((document) => document !== null);
}

/** The one document of a file, by its path from the root. */
export function readYaml<T = Record<string, Yaml>>(path: string): T {
  const documents = parseYaml<T>(readDocument(path));
  if (documents.length !== 1) throw new Error(`${path} has ${documents.length} documents`);
  return documents[0]!;
}

/**
 * Clients made of an OpenRPC document, and of nothing else: small generators of our own, since those that others keep load
 * things while they run. They read the document as any generator would, so what they cannot make, others cannot either.
 */

import { type Schema, typeOf } from './schema-types.ts';

/** What a generator reads of an OpenRPC document. */
export interface OpenRpcDocument {
  readonly methods: readonly {
    readonly name: string;
    readonly summary: string;
    readonly params: readonly { readonly name: string; readonly required: boolean; readonly schema: Schema }[];
    readonly result: { readonly schema: Schema };
    readonly examples: readonly {
      readonly params: readonly { readonly name: string; readonly value: unknown }[];
    }[];
  }[];
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** `rollup_getAccount` → `getAccount`. */
const shortName = (name: string): string => name.replace(/^[a-z0-9]+_/, '');

/** A TypeScript module that exports the named types and a class `Client` with a method for each of the document's. */
export function generateTypeScript({ methods, components }: OpenRpcDocument): string {
  const types = Object.entries(components.schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
  const members = methods.map(({ name, summary, params, result }) => {
    const fields = params.map((param) => `readonly ${param.name}${param.required ? '' : '?'}: ${typeOf(param.schema)}`);
    const isOptional = params.every(({ required }) => !required);
    const argument = `params: { ${fields.join('; ')} }${isOptional ? ' = {}' : ''}`;
    return [
      `  /** ${summary} */`,
      `  ${shortName(name)}(${argument}): Promise<${typeOf(result.schema)}> {`,
      `    return this.#call('${name}', params);`,
      '  }',
    ].join('\n');
  });
  return [
    ...types,
    'export class Client {',
    '  readonly #url: string;',
    '  constructor(url: string) { this.#url = url; }',
    '  async #call<T>(method: string, params: object): Promise<T> {',
    "    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });",
    "    const headers = { 'content-type': 'application/json' };",
    "    const response = await fetch(this.#url, { method: 'POST', headers, body });",
    '    const { result, error } = await response.json() as { result: T; error?: { message: string } };',
    '    if (error !== undefined) throw new Error(error.message);',
    '    return result;',
    '  }',
    ...members,
    '}',
    '',
  ].join('\n');
}

/** `getAccount` → `get_account`. */
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Words that Python keeps for itself. */
const RESERVED = new Set(['from', 'in', 'is', 'class', 'id_']);
const argumentName = (name: string): string => (RESERVED.has(name) ? `${name}_` : name);

/** A Python module with a class `Client`; it needs the standard library only. Parameters go by position where they can. */
export function generatePython({ methods }: OpenRpcDocument): string {
  const members = methods.map(({ name, summary, params }) => {
    const args = params.map((param) => `${argumentName(param.name)}${param.required ? '' : '=None'}`);
    const pairs = params.map((param) => `${JSON.stringify(param.name)}: ${argumentName(param.name)}`);
    return [
      `    def ${snakeCase(shortName(name))}(${['self', ...args].join(', ')}):`,
      `        ${JSON.stringify(summary)}`,
      `        return self._call(${JSON.stringify(name)}, {${pairs.join(', ')}})`,
    ].join('\n');
  });
  return [
    'import json',
    'import urllib.request',
    '',
    'class RpcError(Exception):',
    '    def __init__(self, error):',
    '        super().__init__(error["message"])',
    '        self.code = error["code"]',
    '        self.reason = error.get("data", {}).get("reason")',
    '',
    'class Client:',
    '    def __init__(self, url):',
    '        self._url = url',
    '',
    '    def _call(self, method, params):',
    '        named = {name: value for name, value in params.items() if value is not None}',
    '        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": named}).encode()',
    '        request = urllib.request.Request(self._url, body, {"content-type": "application/json"})',
    '        with urllib.request.urlopen(request, timeout=10) as response:',
    '            answer = json.load(response)',
    '        if "error" in answer:',
    '            raise RpcError(answer["error"])',
    '        return answer["result"]',
    '',
    ...members,
    '',
  ].join('\n');
}

/** The method of a generated client that stands for a method of the document. */
export const generatedName = {
  typeScript: shortName,
  python: (name: string): string => snakeCase(shortName(name)),
};

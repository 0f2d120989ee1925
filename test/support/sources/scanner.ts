/** A scanner of TypeScript, circom and Solidity sources: enough to see imports, not fooled by comments and strings. */

/** Source without comments, and with each string literal replaced by its number between section signs: §n§. */
export interface ScannedSource {
  readonly code: string;
  readonly strings: readonly string[];
}

/** Whether a slash after this code starts a regular expression and no division. */
function startsRegularExpression(codeBefore: string): boolean {
  const before = codeBefore.trimEnd();
  return (
    before === '' || /[(,=:[!&|?{};+\-*%~^<>]$/.test(before) || /\b(?:return|typeof|case|in|of|throw)$/.test(before)
  );
}

/** Position after a literal that ends with `quote`, starting after the opening quote. */
function endOfLiteral(source: string, start: number, quote: string): number {
  let position = start;
  let inClass = false;
  for (; position < source.length; position += 1) {
    const character = source[position];
    if (character === '\\') position += 1;
    else if (quote === '/' && character === '[') inClass = true;
    else if (quote === '/' && character === ']') inClass = false;
    else if (character === quote && !inClass) break;
  }
  return position + 1;
}

/** Scans a source. Templates count as strings only when nothing is interpolated; interpolated code is scanned too. */
export function scan(source: string): ScannedSource {
  const strings: string[] = [];
  let code = '';
  // What an inner closing brace ends: a block, or the interpolation of a template.
  const braces: ('block' | 'template')[] = [];
  let position = 0;

  const template = (): void => {
    const start = position;
    for (; position < source.length; position += 1) {
      if (source[position] === '\\') position += 1;
      else if (source[position] === '`') {
        code += `§${strings.push(source.slice(start, position)) - 1}§`;
        position += 1;
        return;
      } else if (source.startsWith('${', position)) {
        code += ' (';
        braces.push('template');
        position += 2;
        return;
      }
    }
  };

  while (position < source.length) {
    const character = source[position]!;
    if (source.startsWith('//', position)) {
      const end = source.indexOf('\n', position);
      position = end < 0 ? source.length : end;
    } else if (source.startsWith('/*', position)) {
      const end = source.indexOf('*/', position + 2);
      code += ' ';
      position = end < 0 ? source.length : end + 2;
    } else if (character === "'" || character === '"') {
      const end = endOfLiteral(source, position + 1, character);
      code += `§${strings.push(source.slice(position + 1, end - 1)) - 1}§`;
      position = end;
    } else if (character === '`') {
      position += 1;
      template();
    } else if (character === '/' && startsRegularExpression(code)) {
      position = endOfLiteral(source, position + 1, '/');
      code += ' 0';
    } else {
      if (character === '{') braces.push('block');
      if (character === '}' && braces.pop() === 'template') {
        code += ') ';
        position += 1;
        template();
        continue;
      }
      code += character;
      position += 1;
    }
  }
  return { code, strings };
}

const TYPESCRIPT_IMPORTS = [/\bfrom\s*§(\d+)§/g, /\bimport\s*§(\d+)§/g, /\b(?:import|require)\s*\(\s*§(\d+)§/g];

/** Files named by URL or path: imports only when they are code, as a worker's. */
const TYPESCRIPT_PATHS = [/\bresolve\s*\(\s*§(\d+)§/g, /\bnew\s+URL\s*\(\s*§(\d+)§\s*,\s*import\.meta\.url/g];

const collect = ({ code, strings }: ScannedSource, patterns: readonly RegExp[]): string[] =>
  patterns.flatMap((pattern) => [...code.matchAll(pattern)].map(([, index]) => strings[Number(index)]!));

/** Module specifiers of TypeScript: static, type-only, dynamic, re-exported, required, and worker files. */
export function typescriptImports(source: string): string[] {
  const scanned = scan(source);
  const paths = collect(scanned, TYPESCRIPT_PATHS).filter((path) => /\.[cm]?[jt]s$/.test(path));
  return [...collect(scanned, TYPESCRIPT_IMPORTS), ...paths];
}

/** Whether TypeScript imports something whose name is computed. */
export function hasComputedImport(source: string): boolean {
  return /\bimport\s*\((?!\s*§\d+§)/.test(scan(source).code);
}

/** Paths that circom includes. */
export function circomIncludes(source: string): string[] {
  return collect(scan(source), [/\binclude\s*§(\d+)§/g]);
}

/** Paths that Solidity imports. */
export function solidityImports(source: string): string[] {
  return collect(scan(source), [/\bimport\s*§(\d+)§/g, /\bimport\b[^;§]*\bfrom\s*§(\d+)§/g]);
}

import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { prose, sections } from './markdown.ts';

const ROOT = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** One name that an index exports, and the file that declares it. */
interface Exported {
  readonly name: string;
  readonly file: string;
}

const EXPORT = /export (?:type )?\{([^}]*)\} from '([^']+)';/g;

/** Names that an index exports by name, from files or packages of ours. */
function exportsOf(index: string): Exported[] {
  const folder = posix.dirname(index);
  return [...read(index).matchAll(EXPORT)].flatMap(([, names, from]) =>
    names!
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '')
      .map((name) => ({ name, file: from!.startsWith('.') ? posix.join(folder, from!) : packageIndex(from!) })),
  );
}

function packageIndex(specifier: string): string {
  return `packages/${specifier.replace('@quittance/', '')}/index.ts`;
}

const docstring = String.raw`(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?`;
const declaration = (name: string) =>
  new RegExp(`${docstring}^export (?:declare )?(?:async )?(?:const|function\\*?|class|interface|type) ${name}\\b`, 'm');

/** Files that an index reaches by \`export *\` or by name. */
function filesBehind(index: string): string[] {
  const folder = posix.dirname(index);
  const targets = [...read(index).matchAll(/from '(\.[^']+)'/g)].map(([, path]) => posix.join(folder, path!));
  return targets.flatMap((path) => (path.endsWith('/index.ts') ? filesBehind(path) : [path]));
}

/** The file that declares a name. @throws when there is none. */
function sourceWith({ name, file }: Exported): { readonly text: string; readonly found: RegExpExecArray } {
  const files = file.endsWith('index.ts') ? filesBehind(file) : [file];
  for (const path of files) {
    const text = read(path);
    const found = declaration(name).exec(text);
    if (found !== null) return { text, found };
  }
  throw new Error(`no file behind ${file} declares ${name}`);
}

/** Where the bracket that opens at \`from\` closes. */
function closing(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if ('([{'.includes(text[at]!)) depth += 1;
    if (')]}'.includes(text[at]!)) depth -= 1;
    if (depth === 0) return at;
  }
  return text.length;
}

/** The declaration without what it does: a type or an interface whole, a function up to its body. */
export function signatureOf(text: string, from: number): string {
  const start = text.indexOf('export', from);
  const rest = text.slice(start);
  if (/^export (?:declare )?(?:async )?function/.test(rest)) {
    const end = closing(rest, rest.indexOf('('));
    const body = /\{\n/.exec(rest.slice(end));
    return `${rest.slice(0, end + (body?.index ?? 0)).trim()};`;
  }
  if (/^export (?:interface|class)/.test(rest)) {
    const open = rest.indexOf('{');
    const whole = rest.slice(0, closing(rest, open) + 1);
    return /^export class/.test(rest) ? `${rest.slice(0, open).trim()} { … }` : whole;
  }
  if (/^export const/.test(rest)) return rest.slice(0, rest.search(/ = |;/)).trim();
  return rest.slice(0, endOfType(rest) + 1);
}

/** Where the \`;\` that ends a type stands. */
function endOfType(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    if ('([{'.includes(text[at]!)) at = closing(text, at);
    else if (text[at] === ';') return at;
  }
  return text.length;
}

/** Lines of one paragraph joined; items of lists stay lines of their own. */
function joined(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replaceAll(/\n(?!- )/g, ' ').trim())
    .map((paragraph) => paragraph.replace(/^([^-](?:.|\n)*?)\n- /, '$1\n\n- '))
    .join('\n\n');
}

/** What a docstring says, with its examples as code. */
export function proseOf(comment: string): string {
  const text = comment.replaceAll(/^\s*\*(?: |$)/gm, '').trim();
  const [before = '', ...examples] = text.split(/^@example\b/m);
  const [about = '', ...tags] = before.split(/(?:^|\s)@(?=(?:throws|param|returns) )/);
  return sections(
    prose(joined(about)),
    tags.map((tag) => `- ${prose(joined(tag).replace(/^(\w+) /, '*$1* '))}`).join('\n'),
    ...examples.map((example) => `\`\`\`ts\n${example.trim()}\n\`\`\``),
  );
}

/** The page on the SDK. */
export function sdkPage(): string {
  const entries: readonly (readonly [string, string])[] = [
    ['@quittance/sdk', 'packages/sdk/index.ts'],
    ['@quittance/sdk/testing', 'packages/sdk/testing/index.ts'],
  ];
  return sections(
    '# SDK',
    'What the package exports, as its sources declare it. Every promise can be rejected with a `RollupError`, whose codes are [listed](errors.md).',
    ...entries.flatMap(([entry, index]) => [
      `## ${entry}`,
      ...exportsOf(index).map((exported) => {
        const { text, found } = sourceWith(exported);
        const shown = signatureOf(text, found.index + found[0].length - exported.name.length - 40);
        return sections(`### ${exported.name}`, proseOf(found[1] ?? ''), `\`\`\`ts\n${shown}\n\`\`\``);
      }),
    ]),
  );
}

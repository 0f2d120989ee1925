import { readFileSync } from 'node:fs';
import { SUBSCRIPTIONS } from '../../../packages/rpc/index.ts';
import { code, prose, sections, table } from './markdown.ts';

/** What deployers, users and watchers call. */
const INTERFACES = [
  'IRollup',
  'IMoves',
  'IExodus',
  'IAssertions',
  'IBatchVerifier',
  'IChannels',
  'IPreimages',
] as const;

/** One declaration of an interface with what its comment says. */
interface Declared {
  readonly kind: 'function' | 'event' | 'error';
  /** In one line, from the name on. */
  readonly signature: string;
  readonly notice: string;
  /** Parameters and results that the comment names. */
  readonly details: readonly string[];
}

/** Joins the lines of a comment of `///`. */
function readComment(block: string): { notice: string; details: string[] } {
  const text = block.replaceAll(/^\s*\/\/\/ ?/gm, '');
  const parts = text.split(/^(?=@)/m).map((part) => part.replaceAll(/\s*\n\s*/g, ' ').trim());
  const notices = parts.filter((part) => /^@(?:notice|dev) /.test(part) || !part.startsWith('@'));
  const details = parts.filter((part) => /^@(?:param|return) /.test(part));
  return {
    notice: notices.map((part) => part.replace(/^@(?:notice|dev) /, '')).join(' '),
    details: details.map((part) =>
      part
        .replace(/^@param (\S+)/, '`$1`')
        .replace(/^@return ([a-z]\w*)/, 'returns `$1`')
        .replace(/^@return (.)/, (_, first: string) => `returns ${first.toLowerCase()}`)
        .trim(),
    ),
  };
}

const DECLARATION = /((?:^[ \t]*\/\/\/.*\n)*)^[ \t]*(function|event|error) ([^;{]+);/gm;

/** The declarations of an interface, in order. */
export function declarationsOf(source: string): Declared[] {
  return [...source.matchAll(DECLARATION)].map(([, comment, kind, text]) => ({
    kind: kind as Declared['kind'],
    signature: text!.replaceAll(/\s+/g, ' ').replaceAll('( ', '(').replaceAll(' )', ')').trim(),
    ...readComment(comment!),
  }));
}

function sourceOf(name: string): string {
  return readFileSync(new URL(`../../../contracts/interfaces/${name}.sol`, import.meta.url), 'utf8');
}

/** What the comment of the interface itself says. */
function titleOf(source: string): string {
  const block = /((?:^\/\/\/.*\n)+)^interface/m.exec(source)?.[1] ?? '';
  return readComment(block.replace(/^\/\/\/ @title .*\n/m, '')).notice;
}

function functionSection({ signature, notice, details }: Declared): string {
  const name = signature.slice(0, signature.indexOf('('));
  return sections(
    `### ${name}`,
    `\`\`\`solidity\nfunction ${signature};\n\`\`\``,
    prose(notice),
    details.map((detail) => `- ${prose(detail)}`).join('\n'),
  );
}

function rowsOf(declared: readonly Declared[], kind: Declared['kind']): string[][] {
  return declared
    .filter((one) => one.kind === kind)
    .map(({ signature, notice, details }) => [code(signature), prose([notice, ...details].join(' '))]);
}

/** The page on contracts. */
export function contractsPage(): string {
  return sections(
    '# Contracts',
    'The interfaces in `contracts/interfaces/`. What their functions mean is in the [protocol](../protocol.md); their [events](events.md) have a page of their own. ABIs come with `@quittance/chain` as `ROLLUP_ABI` and `ASSERTIONS_ABI`, those of channels as `channelsAbi` and `preimagesAbi`.',
    ...INTERFACES.map((name) => {
      const source = sourceOf(name);
      const declared = declarationsOf(source);
      const errors = rowsOf(declared, 'error');
      return sections(
        `## ${name}`,
        prose(titleOf(source)),
        ...declared.filter(({ kind }) => kind === 'function').map(functionSection),
        errors.length === 0 ? '' : `### Errors of ${name}`,
        table(['error', 'when'], errors),
      );
    }),
  );
}

/** The page on events. */
export function eventsPage(): string {
  const rows = Object.entries(SUBSCRIPTIONS).map(([name, { summary }]) => [code(name), prose(summary)]);
  return sections(
    '# Events',
    '## Of a sequencer',
    'Over a WebSocket at `/ws`; shapes are those of [JSON-RPC](json-rpc.md).',
    table(['method', 'what'], rows),
    ...INTERFACES.flatMap((name) => {
      const events = rowsOf(declarationsOf(sourceOf(name)), 'event');
      return events.length === 0 ? [] : [`## Of ${name}`, table(['event', 'when'], events)];
    }),
  );
}

import { EXAMPLES } from '../../../sequencer/api/description/examples.ts';
import { ALL_METHODS, type AnyMethodName, paramsOf } from '../../../sequencer/api/description/forms.ts';
import { errorsOf } from '../../../sequencer/api/description/method-errors.ts';
import { componentSchemas, describeSchema } from '../../../sequencer/api/description/schema.ts';
import { code, prose, sections, table } from './markdown.ts';

interface Described {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Described;
  readonly anyOf?: readonly Described[];
  readonly properties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

/** A schema in a few words; named ones as links. */
export function typeText(schema: Described): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1)!;
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((word) => code(JSON.stringify(word))).join(' or ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' or ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'anything' : typeText(schema.items)}`;
  if (schema.type === 'object' && schema.properties !== undefined) {
    return `{ ${Object.entries(schema.properties)
      .map(([name, inner]) => `${code(name)}: ${typeText(inner)}`)
      .join(', ')} }`;
  }
  return schema.type ?? 'anything';
}

/** What a schema says of itself. */
const aboutOf = ({ description = '' }: Described): string => prose(description);

function methodSection(name: AnyMethodName): string {
  const { summary, result } = ALL_METHODS[name];
  const params = paramsOf(name).map(({ name: param, required, schema }) => {
    const described = describeSchema(schema) as Described;
    return [code(param), typeText(described), required ? 'yes' : 'no', aboutOf(described)];
  });
  const { params: given, result: answer } = EXAMPLES[name];
  const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: name, params: given });
  const example = JSON.stringify({ jsonrpc: '2.0', id: 1, result: answer }, undefined, 1);
  return sections(
    `### ${name}`,
    prose(summary),
    table(['parameter', 'type', 'required', 'what'], params),
    `Result: ${typeText(describeSchema(result) as Described)}.`,
    `Errors: ${errorsOf(name)
      .map(({ reason }) => code(reason))
      .join(', ')}.`,
    `\`\`\`json\n${request}\n\`\`\``,
    `\`\`\`json\n${example}\n\`\`\``,
  );
}

function schemaSection([name, schema]: readonly [string, unknown]): string {
  const described = schema as Described;
  const { properties, required = [] } = described;
  const head = sections(`### ${name}`, aboutOf(described));
  if (properties === undefined) return sections(head, typeText({ ...described }));
  const rows = Object.entries(properties).map(([field, inner]) => [
    code(field),
    typeText(inner),
    required.includes(field) ? '' : 'may be missing',
    aboutOf(inner),
  ]);
  return sections(head, table(['field', 'type', '', 'what'], rows));
}

/** The page on JSON-RPC. */
export function jsonRpcPage(): string {
  const names = Object.keys(ALL_METHODS) as AnyMethodName[];
  return sections(
    '# JSON-RPC',
    'Every method of a sequencer. [How it behaves](../rpc.md): acknowledgements, lists as bytes, what requests weigh, errors. A sequencer says the same for programs at `/openrpc.json` and `/openapi.json`, and shows it at `/docs`. Parameters go by name, or by position in the order below. Numbers that can pass 2^53 are decimal text.',
    '## Methods',
    ...names.map(methodSection),
    '## Shapes',
    ...Object.entries(componentSchemas()).map(schemaSection),
  );
}

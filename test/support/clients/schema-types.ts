/** TypeScript types out of JSON Schema, as far as the descriptions use it. */

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

const REFERENCE = /^#\/components\/schemas\/(\w+)$/;

function objectType({ properties = {}, required = [] }: Schema): string {
  const names = required as readonly string[];
  const fields = Object.entries(properties as Record<string, Schema>).map(
    ([name, schema]) => `${JSON.stringify(name)}${names.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  return `{ ${fields.join('; ')} }`;
}

/** The type of a schema. @throws for what the descriptions do not use. */
export function typeOf(schema: Schema): string {
  const { $ref, anyOf, enum: words, type, items } = schema;
  if (typeof $ref === 'string') return REFERENCE.exec($ref)![1]!;
  if (Array.isArray(anyOf)) return anyOf.map((each: Schema) => `(${typeOf(each)})`).join(' | ');
  if (Array.isArray(words)) return words.map((word) => JSON.stringify(word)).join(' | ');
  if ('const' in schema) return JSON.stringify(schema['const']);
  switch (type) {
    case 'object':
      return objectType(schema);
    case 'array':
      return `readonly (${typeOf(items as Schema)})[]`;
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    default:
      throw new Error(`no type for ${JSON.stringify(schema)}`);
  }
}

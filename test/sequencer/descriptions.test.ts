import assert from 'node:assert/strict';
import * as metaSchema from '@open-rpc/meta-schema';
import { ERRORS } from '@quittance/protocol';
import { METHODS, SUBSCRIPTIONS } from '@quittance/rpc';
import { Compile } from 'typebox/schema';
import { EXAMPLES } from '../../sequencer/api/description/examples.ts';
import { ALL_METHODS, type AnyMethodName, formsOfParams } from '../../sequencer/api/description/forms.ts';
import { errorsOf, isReason, NUMBER_MEANINGS } from '../../sequencer/api/description/method-errors.ts';
import { createOpenApi } from '../../sequencer/api/description/openapi.ts';
import { createOpenRpc } from '../../sequencer/api/description/openrpc.ts';
import { REST_ROUTES } from '../../sequencer/api/description/rest-routes.ts';
import { readDocument, sectionOf, tablesOf } from '../support/sources/markdown.ts';

/** The package's types are of the documents, and leave out the schema itself. */
const { openrpcDocument: openRpcSchema } = metaSchema as unknown as { openrpcDocument: object };

type Node = Readonly<Record<string, unknown>>;

const METHOD_NAMES = Object.keys(ALL_METHODS) as AnyMethodName[];

/** All values of a document that are objects. */
function nodesOf(value: unknown): Node[] {
  if (typeof value !== 'object' || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value as Node]), ...Object.values(value).flatMap(nodesOf)];
}

/** The value that a local reference names; undefined where there is none. */
function resolve(document: unknown, reference: string): unknown {
  return reference
    .split('/')
    .slice(1)
    .reduce((node: unknown, key) => (node as Node | undefined)?.[key], document);
}

/** The document as clients get it. */
const served = (document: object): Node => JSON.parse(JSON.stringify(document));

/** Whether a value is what a schema of the document says. */
function matches(document: Node, schema: unknown, value: unknown): boolean {
  return Compile({ ...(schema as Node), components: document['components'] } as never).Check(
    JSON.parse(JSON.stringify(value)),
  );
}

const openRpc = served(createOpenRpc());
const openApi = served(createOpenApi());

interface MethodNode {
  readonly name: string;
  readonly paramStructure: string;
  readonly params: readonly { readonly name: string; readonly required: boolean; readonly schema: Node }[];
  readonly result: { readonly schema: Node };
  readonly errors: readonly { readonly code: number; readonly message: string; readonly data: { reasons: Node[] } }[];
  readonly examples: readonly {
    readonly params: readonly { readonly name: string; readonly value: unknown }[];
    readonly result: { readonly value: unknown };
  }[];
}
const methods = openRpc['methods'] as readonly MethodNode[];

describe('the OpenRPC document', () => {
  it('is one, as the schema of OpenRPC says', () => {
    // What stands behind these addresses is the schema of JSON Schema itself: the next tests compile each schema.
    const text = JSON.stringify(openRpcSchema)
      .replaceAll('"$ref":"https://meta.json-schema.tools"', '"type":["object","boolean"]')
      .replaceAll(/"\$ref":"https:\/\/meta\.json-schema\.tools[^"]*"/g, '"type":"string"');
    assert.ok(!text.includes('"$ref":"http'));
    const check = Compile(JSON.parse(text));
    assert.deepEqual(check.Errors(openRpc)[1], []);
    // The check can fail.
    assert.equal(check.Check({ ...openRpc, methods: [{ name: 'x' }] }), false);
  });

  it('has every method with its parameters one by one', () => {
    assert.deepEqual(
      methods.map(({ name }) => name),
      [...Object.keys(METHODS), ...Object.keys(SUBSCRIPTIONS)],
    );
    const paramsOf = (name: string) =>
      methods.find((method) => method.name === name)!.params.map((param) => [param.name, param.required]);
    assert.deepEqual(paramsOf('rollup_getAccounts'), [
      ['owner', true],
      ['tag', false],
      ['after', false],
    ]);
    assert.deepEqual(paramsOf('rollup_getWithdrawalProof'), [
      ['id', false],
      ['batch', false],
      ['index', false],
    ]);
    assert.deepEqual(paramsOf('rollup_getConfig'), []);
  });

  it('takes parameters by position wherever they have one form, the required ones first', () => {
    for (const { name, paramStructure, params } of methods) {
      const forms = formsOfParams(name)!;
      assert.equal(paramStructure, forms.length === 1 ? 'either' : 'by-name', name);
      const required = params.map((param) => param.required);
      assert.deepEqual(required, required.toSorted().toReversed(), name);
      for (const form of forms) {
        const order = Object.keys(form.properties).map((param) => form.required?.includes(param) === true);
        assert.deepEqual(order, order.toSorted().toReversed(), name);
      }
    }
  });

  it('names what many methods share, and resolves every name', () => {
    const references = nodesOf(openRpc).flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
    assert.ok(references.length > 100, `${references.length}`);
    for (const reference of references) assert.ok(resolve(openRpc, reference) !== undefined, reference);
    const { schemas } = openRpc['components'] as { schemas: Node };
    const unused = Object.keys(schemas).filter((name) => !references.includes(`#/components/schemas/${name}`));
    assert.deepEqual(unused, []);
    const texts = Object.values(schemas).map((schema) => JSON.stringify(schema));
    assert.equal(new Set(texts).size, texts.length, 'two names for one schema');
  });

  it('says words as enumerations, which generators make types of', () => {
    const { schemas } = openRpc['components'] as { schemas: Record<string, Node> };
    assert.deepEqual(schemas['StateTag']!['enum'], ['latest', 'safe', 'finalized']);
    const words = nodesOf(openRpc).filter(
      ({ anyOf }) => Array.isArray(anyOf) && anyOf.every((schema) => typeof schema.const === 'string'),
    );
    assert.deepEqual(words, []);
  });

  it('has an example of each method that is as its schemas say', () => {
    for (const { name, params, result, examples } of methods) {
      const [example] = examples;
      for (const { name: param, value } of example!.params) {
        const { schema } = params.find((candidate) => candidate.name === param)!;
        assert.ok(matches(openRpc, schema, value), `${name}: ${param}`);
      }
      const given = example!.params.map((param) => param.name);
      for (const { name: param, required } of params)
        assert.ok(!required || given.includes(param), `${name}: ${param}`);
      assert.ok(matches(openRpc, result.schema, example!.result.value), `${name}: the result`);
      assert.equal(matches(openRpc, result.schema, { no: 'result' }), false, `${name} takes anything`);
    }
  });

  it('says of each method the errors with their numbers, and what to do about them', () => {
    for (const { name, errors } of methods) {
      const numbers = errors.map(({ code }) => code);
      assert.equal(new Set(numbers).size, numbers.length, name);
      for (const { code, message, data } of errors) {
        assert.equal(message, NUMBER_MEANINGS[code], name);
        for (const { reason } of data.reasons) {
          assert.ok(isReason(String(reason)), `${name}: ${reason}`);
          const row = ERRORS[reason as keyof typeof ERRORS];
          if (row !== undefined) assert.equal(row.rpc, code, String(reason));
        }
      }
    }
    const reasons = errorsOf('rollup_getBatch').map(({ reason }) => reason);
    assert.ok(reasons.includes('NOT_FOUND') && !reasons.includes('BAD_SIGNATURE'));
  });
});

describe('the examples', () => {
  it('are as the schemas that requests are checked by', () => {
    for (const name of METHOD_NAMES) {
      const { params, result } = ALL_METHODS[name];
      assert.ok(Compile(params as never).Check(EXAMPLES[name].params), `${name}: parameters`);
      assert.ok(Compile(result as never).Check(EXAMPLES[name].result), `${name}: result`);
    }
  });
});

describe('the OpenAPI document', () => {
  const paths = Object.entries(openApi['paths'] as Record<string, Record<string, Node>>);
  const operations = paths.flatMap(([path, byVerb]) =>
    Object.entries(byVerb).map(([verb, operation]) => ({ path, verb, operation })),
  );

  it('has every path of the mirror, with parameters, an answer and its refusals', () => {
    for (const { path, params, method } of REST_ROUTES) {
      const { operation } = operations.find((candidate) => candidate.path === path && candidate.verb === 'get')!;
      const named = (operation['parameters'] as Node[]).filter((param) => param['in'] === 'path');
      assert.deepEqual(
        named.map(({ name }) => `{${name}}`).toSorted(),
        (path.match(/\{\w+\}/g) ?? []).toSorted(),
        path,
      );
      assert.ok(named.every(({ required }) => required === true));
      const responses = operation['responses'] as Record<string, Node>;
      assert.ok('200' in responses && '304' in responses && '429' in responses && '500' in responses, path);
      assert.equal('400' in responses, params.length > 0, path);
      assert.match(String(operation['description']), new RegExp(`^As ${method}\\.`));
    }
    assert.ok(
      '404' in (operations.find(({ path }) => path === '/v1/accounts/{index}')!.operation['responses'] as Node),
    );
  });

  it('resolves every name, and tells its operations apart', () => {
    const references = nodesOf(openApi).flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
    for (const reference of references) assert.ok(resolve(openApi, reference) !== undefined, reference);
    const ids = operations.flatMap(({ operation }) => operation['operationId'] ?? []);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.length > REST_ROUTES.length);
  });

  it('has answers and parameters that are as their schemas say', () => {
    for (const { path, operation } of operations) {
      for (const { name, schema, example } of (operation['parameters'] ?? []) as Node[]) {
        if (example !== undefined) assert.ok(matches(openApi, schema, example), `${path}: ${name}`);
      }
      const { content } = (operation['responses'] as Record<string, Node>)['200'] as { content?: Record<string, Node> };
      const { schema, example } = content?.['application/json'] ?? {};
      if (example !== undefined) assert.ok(matches(openApi, schema, example), path);
    }
  });

  it('says in docs/rpc.md which path answers what', () => {
    const [rows] = tablesOf(sectionOf(readDocument('docs/rpc.md'), 'REST'));
    assert.deepEqual(
      rows,
      REST_ROUTES.map(({ path, method, params }) => [
        path,
        method,
        params.flatMap(({ name, in: place }) => (place === 'query' ? [name] : [])).join(', '),
      ]),
    );
  });
});

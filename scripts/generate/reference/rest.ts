import { ALL_METHODS } from '../../../sequencer/api/description/forms.ts';
import { REST_ROUTES } from '../../../sequencer/api/description/rest-routes.ts';
import { describeSchema } from '../../../sequencer/api/description/schema.ts';
import { typeText } from './json-rpc.ts';
import { code, prose, sections, table } from './markdown.ts';

/** Links of types go to the page that has them. */
const there = (text: string): string => text.replaceAll('](#', '](json-rpc.md#');

/** The page on the REST mirror. */
export function restPage(): string {
  return sections(
    '# REST',
    'Every reading method at a path of its own, by `GET`, checked and weighed as over [JSON-RPC](json-rpc.md). Answers are the results of the methods. An error is an `application/problem+json` with the `code`. What is final may be kept; everything has an `ETag`. `/openapi.json` describes it for programs.',
    ...REST_ROUTES.map(({ path, method, params }) =>
      sections(
        `## GET ${path}`,
        prose(ALL_METHODS[method].summary),
        table(
          ['parameter', 'in', 'type', 'required'],
          params.map(({ name, in: place, schema, required }) => [
            code(name),
            place,
            there(typeText(describeSchema(schema) as Parameters<typeof typeText>[0])),
            required ? 'yes' : 'no',
          ]),
        ),
        `Answers as [${method}](json-rpc.md#${method.toLowerCase()}).`,
      ),
    ),
  );
}

/** The parameters of a method one by one, in their order, whichever forms they have. */

import { METHODS, type MethodName, SUBSCRIPTIONS } from '@quittance/rpc';

/** A JSON Schema as the tables of packages/rpc hold it. */
export type Schema = Readonly<Record<string, unknown>>;

/** One form of a method's parameters: an object with exactly these. */
export interface ParamsForm {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** A method, or one of the two of subscriptions. */
export type AnyMethodName = MethodName | keyof typeof SUBSCRIPTIONS;

/** All methods, with those that only /ws has. */
export const ALL_METHODS = { ...METHODS, ...SUBSCRIPTIONS };

/** One parameter. */
export interface Param {
  readonly name: string;
  /** In every form. */
  readonly required: boolean;
  readonly schema: Schema;
}

const FORMS = new Map<string, readonly ParamsForm[]>(
  Object.entries(ALL_METHODS).map(([name, { params }]) => [name, readForms(params)]),
);

function readForms(params: unknown): readonly ParamsForm[] {
  const { anyOf = [params] } = params as { anyOf?: readonly unknown[] };
  return anyOf.map((form) => ({ properties: {}, ...(form as Partial<ParamsForm>) }));
}

/** The forms that the parameters of a method may have; undefined for a method that there is not. */
export function formsOfParams(method: string): readonly ParamsForm[] | undefined {
  return FORMS.get(method);
}

/** Several schemas for one name as one: words as an enumeration, anything else as alternatives. */
function merge(schemas: readonly Schema[]): Schema {
  const distinct = [...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values()];
  return distinct.length === 1 ? distinct[0]! : { anyOf: distinct };
}

/** The parameters of all forms together, those of the first one first. */
export function paramsOf(method: AnyMethodName): readonly Param[] {
  const forms = formsOfParams(method)!;
  const names = [...new Set(forms.flatMap(({ properties }) => Object.keys(properties)))];
  return names.map((name) => ({
    name,
    required: forms.every(({ required = [] }) => required.includes(name)),
    schema: merge(forms.flatMap(({ properties }) => (properties[name] === undefined ? [] : [properties[name]]))),
  }));
}

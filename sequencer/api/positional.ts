/** Parameters by position become parameters by name: in the order in which a method declares them. */

import { formsOfParams, type ParamsForm, type Schema } from './description/forms.ts';
import { isObject } from './json.ts';

const isConstant = ({ const: constant }: Schema, value: unknown): boolean =>
  constant === undefined || constant === value;

/** Whether a list of values can be this form: as many as it takes, and its words where it has some. */
function fits({ properties, required = [] }: ParamsForm, values: readonly unknown[]): boolean {
  const schemas = Object.values(properties);
  if (values.length < required.length || values.length > schemas.length) return false;
  return values.every((value, position) => isConstant(schemas[position]!, value));
}

/** Whether some form begins with a parameter that is an object itself, as the transfer of rollup_sendTransfer. */
function beginsWithObject(forms: readonly ParamsForm[]): boolean {
  return forms.some(({ properties }) => {
    const { type, anyOf = [] } = (Object.values(properties)[0] ?? {}) as { type?: unknown; anyOf?: readonly Schema[] };
    return type === 'object' || anyOf.some((schema) => schema['type'] === 'object');
  });
}

/** Whether an array holds nothing but one object with parameters by name, which is taken too. */
function isNamed(forms: readonly ParamsForm[], values: readonly unknown[]): boolean {
  const [first] = values;
  if (values.length !== 1 || !isObject(first)) return false;
  if (!beginsWithObject(forms)) return true;
  return forms.some(({ properties }) => Object.keys(first).some((name) => Object.hasOwn(properties, name)));
}

/** By position, null stands for what may be left out. */
const isLeftOut = (name: string, value: unknown, required: readonly string[]): boolean =>
  value === null && !required.includes(name);

/**
 * Parameters by name: they may come as an object, by position, as the only item of an array, or not at all. What fits no form
 * stays as it is, to be refused by the schema.
 */
export function byName(method: string, params: unknown): unknown {
  if (params === undefined) return {};
  if (!Array.isArray(params)) return params;
  if (params.length === 0) return {};
  const forms = formsOfParams(method);
  if (forms === undefined) return params;
  if (isNamed(forms, params)) return params[0];
  const form = forms.find((candidate) => fits(candidate, params));
  if (form === undefined) return params;
  const { properties, required = [] } = form;
  const named = Object.keys(properties).map((name, position) => [name, params[position]] as const);
  return Object.fromEntries(named.filter(([name, value]) => value !== undefined && !isLeftOut(name, value, required)));
}

/** Checks parameters against their schema and says what is wrong with them. */

import { RpcNumber } from '@quittance/protocol';
import {
  Exact,
  MAX_TRANSFERS,
  METHODS,
  type MethodName,
  MoveTransfer,
  NewAccountTransfer,
  PlainTransfer,
  type RpcErrorJson,
  SUBSCRIPTIONS,
  Transfer,
  WithdrawTransfer,
} from '@quittance/rpc';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { createSlices } from '../../runtime/index.ts';
import { type AnyMethodName, paramsOf } from './description/forms.ts';
import { rpcError } from './errors.ts';
import { isObject } from './json.ts';

/** A compiled check. */
interface Check {
  Check(value: unknown): boolean;
  Errors(value: unknown): { readonly instancePath: string; readonly message: string; readonly keyword: string }[];
}

const compile = (schema: Type.TSchema): Check => Compile(schema) as unknown as Check;

const checks = new Map<string, Check>(
  Object.entries({ ...METHODS, ...SUBSCRIPTIONS }).map(([name, { params }]) => [name, compile(params)]),
);

/** The error of a union only says that no member fits; the kind tells which member was meant. */
const transferChecks: Readonly<Record<string, Check>> = {
  transfer: compile(PlainTransfer),
  transferToNew: compile(NewAccountTransfer),
  withdraw: compile(WithdrawTransfer),
  move: compile(MoveTransfer),
};

function describe(check: Check, value: unknown, prefix: string): string {
  const [first] = check.Errors(value);
  if (first === undefined) return `${prefix} does not match the schema`;
  return `${prefix}${first.instancePath.replaceAll('/', '.')} ${first.message}`;
}

/** What is wrong with a transfer, which does not match its schema. */
function describeTransfer(transfer: unknown, name: string): string {
  const kind = isObject(transfer) ? transfer['kind'] : undefined;
  const check = typeof kind === 'string' && Object.hasOwn(transferChecks, kind) ? transferChecks[kind] : undefined;
  if (check === undefined) return `${name}.kind must be ${Object.keys(transferChecks).join(', ')}`;
  return describe(check, transfer, name);
}

/** Whether this is a method of ours. */
export function isKnownMethod(name: string): name is MethodName | keyof typeof SUBSCRIPTIONS {
  return checks.has(name);
}

/** Checked parameters, or the error that says what is wrong with them. */
export type Validated = { readonly params: unknown } | { readonly error: RpcErrorJson };

function invalidParams(message: string): Validated {
  const text = message.slice(0, 500);
  return { error: rpcError(RpcNumber.invalidParams, text, 'INVALID_PARAMS', { hint: 'see /openrpc.json' }) };
}

/** Of `rollup_sendTransfers`, without the schema of the transfers. */
const listCheck = compile(Exact({ transfers: Type.Array(Type.Unknown(), { minItems: 1, maxItems: MAX_TRANSFERS }) }));
const transferCheck = compile(Transfer);
/** How long others wait while a list is checked. */
const SLICE_MS = 2;

/** Checks a list item by item, with turns for other work in between; one that is wrong is the fault of all. */
async function validateList(params: unknown): Promise<Validated> {
  if (!listCheck.Check(params)) return invalidParams(describe(listCheck, params, 'params'));
  const { transfers } = params as { readonly transfers: readonly unknown[] };
  const pause = createSlices(SLICE_MS);
  for (const [position, transfer] of transfers.entries()) {
    if (!transferCheck.Check(transfer)) return invalidParams(describeTransfer(transfer, `transfers.${position}`));
    const paused = pause();
    if (paused !== undefined) await paused;
  }
  return { params };
}

/** What is wrong with parameters by position that fit no form of the method. */
function wrongPositions(name: AnyMethodName, { length }: readonly unknown[]): Validated {
  const takes = paramsOf(name).map((param) => (param.required ? param.name : `${param.name}?`));
  return invalidParams(`params has ${length} values, which are not those of ${name}(${takes.join(', ')})`);
}

/** Checks parameters, by name. */
export function validateParams(name: AnyMethodName, params: unknown): Validated | Promise<Validated> {
  if (Array.isArray(params)) return wrongPositions(name, params);
  if (name === 'rollup_sendTransfers') return validateList(params);
  const check = checks.get(name)!;
  if (check.Check(params)) return { params };
  const transfer = name === 'rollup_sendTransfer' && isObject(params) ? params['transfer'] : undefined;
  return invalidParams(
    transfer === undefined || transferCheck.Check(transfer)
      ? describe(check, params, 'params')
      : describeTransfer(transfer, 'transfer'),
  );
}

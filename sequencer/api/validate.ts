/** Checks parameters against their schema and says what is wrong with them. */

import { RpcNumber } from '@quittance/protocol';
import {
  METHODS,
  type MethodName,
  NewAccountTransfer,
  PlainTransfer,
  type RpcErrorJson,
  SUBSCRIPTIONS,
  WithdrawTransfer,
} from '@quittance/rpc';
import type Type from 'typebox';
import { Compile } from 'typebox/compile';
import { rpcError } from './errors.ts';

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
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function describe(check: Check, value: unknown, prefix: string): string {
  const [first] = check.Errors(value);
  if (first === undefined) return `${prefix} does not match the schema`;
  return `${prefix}${first.instancePath.replaceAll('/', '.')} ${first.message}`;
}

/** What is wrong with the first wrong transfer of a list. */
function describeTransfer(transfers: readonly unknown[]): string | undefined {
  for (const [position, transfer] of transfers.entries()) {
    const name = transfers.length === 1 ? 'transfer' : `transfers.${position}`;
    const kind = isObject(transfer) ? transfer['kind'] : undefined;
    const check = typeof kind === 'string' && Object.hasOwn(transferChecks, kind) ? transferChecks[kind] : undefined;
    if (check === undefined) return `${name}.kind must be transfer, transferToNew or withdraw`;
    if (!check.Check(transfer)) return describe(check, transfer, name);
  }
  return undefined;
}

function describeParams(name: string, check: Check, params: unknown): string {
  if (isObject(params)) {
    const { transfer, transfers } = params;
    const list = name === 'rollup_sendTransfer' ? [transfer] : name === 'rollup_sendTransfers' ? transfers : undefined;
    const problem = Array.isArray(list) && list.length > 0 ? describeTransfer(list) : undefined;
    if (problem !== undefined) return problem;
  }
  return describe(check, params, 'params');
}

/** Parameters as an object: they may come as one, as the only item of an array, or not at all. */
function byName(params: unknown): unknown {
  if (params === undefined) return {};
  if (!Array.isArray(params)) return params;
  return params.length === 0 ? {} : params.length === 1 ? params[0] : params;
}

/** Whether this is a method of ours. */
export function isKnownMethod(name: string): name is MethodName | keyof typeof SUBSCRIPTIONS {
  return checks.has(name);
}

/** The checked parameters, or the error that says what is wrong with them. */
export function validateParams(
  name: string,
  params: unknown,
): { readonly params: unknown } | { readonly error: RpcErrorJson } {
  const check = checks.get(name)!;
  const named = byName(params);
  if (check.Check(named)) return { params: named };
  const message = describeParams(name, check, named).slice(0, 500);
  return { error: rpcError(RpcNumber.invalidParams, message, 'INVALID_PARAMS', { hint: 'see /openrpc.json' }) };
}

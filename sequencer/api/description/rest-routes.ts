/** The REST mirror: which paths answer what which method answers. Parameters in braces are named as the method's own. */

import type { MethodName, RpcMethods } from '@quittance/rpc';
import { type AnyMethodName, formsOfParams, type Param, paramsOf } from './forms.ts';

/** Methods that only read, and that are no leftover of Ethereum's own interface. */
export type MirroredMethod = Exclude<
  MethodName,
  'rollup_sendTransfer' | 'rollup_sendTransfers' | 'eth_chainId' | 'net_version' | 'web3_clientVersion'
>;

/** Paths of each method. Several, where its parameters have several forms. */
const PATHS: Readonly<Record<MirroredMethod, readonly string[]>> = {
  rollup_getConfig: ['/v1/config'],
  rollup_syncStatus: ['/v1/status'],
  rollup_getStatistics: ['/v1/statistics'],
  rollup_estimateFee: ['/v1/fees/{tokenId}'],
  rollup_getAccounts: ['/v1/accounts'],
  rollup_getAccount: ['/v1/accounts/{index}'],
  rollup_getHistory: ['/v1/accounts/{account}/history'],
  rollup_getTransaction: ['/v1/transactions/{id}'],
  rollup_findTransactions: ['/v1/references/{reference}'],
  rollup_getBatches: ['/v1/batches'],
  rollup_getBatch: ['/v1/batches/{batch}'],
  rollup_getProof: ['/v1/proofs/{index}'],
  rollup_getWithdrawalProof: ['/v1/withdrawals/{id}', '/v1/batches/{batch}/withdrawals/{index}'],
  rollup_getPriorityOperation: ['/v1/priority/{operationId}'],
  rollup_getPriorityOperations: ['/v1/priority'],
  rollup_getAssertions: ['/v1/assertions'],
};

/** A parameter, and where it stands. */
export interface RestParam extends Param {
  readonly in: 'path' | 'query';
}

/** One path of the mirror. */
export interface RestRoute {
  /** With `{name}` where a parameter stands. */
  readonly path: string;
  readonly method: MirroredMethod;
  readonly params: readonly RestParam[];
}

const NAMES = /\{(\w+)\}/g;

/** The parameters of the form that has all names of the path. */
function paramsOfPath(method: AnyMethodName, path: string): RestParam[] {
  const inPath = [...path.matchAll(NAMES)].map(([, name]) => name!);
  const form = formsOfParams(method)!.find(({ properties }) => inPath.every((name) => Object.hasOwn(properties, name)));
  if (form === undefined) throw new Error(`${method} has no form with the parameters of ${path}`);
  return paramsOf(method)
    .filter(({ name }) => Object.hasOwn(form.properties, name))
    .map((param) => ({
      ...param,
      required: form.required?.includes(param.name) === true,
      in: inPath.includes(param.name) ? 'path' : 'query',
    }));
}

/** All paths. */
export const REST_ROUTES: readonly RestRoute[] = (Object.keys(PATHS) as MirroredMethod[]).flatMap((method) =>
  PATHS[method].map((path) => ({ path, method, params: paramsOfPath(method, path) })),
);

type Result<Name extends MirroredMethod> = RpcMethods[Name]['result'];

/** Of which answers nothing changes any more, because L1 has them for good. */
const SETTLED: { readonly [Name in MirroredMethod]?: (result: Result<Name>) => boolean } = {
  rollup_getTransaction: ({ status }) => status === 'final',
  rollup_getBatch: ({ state }) => state === 'final',
  rollup_getWithdrawalProof: ({ status }) => status === 'final',
  rollup_getPriorityOperation: ({ status }) => status === 'final',
};

/** Whether an answer never changes. @param isNamed false for a tag like `finalized`, behind which something else comes. */
export function isSettled(method: MirroredMethod, result: unknown, isNamed: boolean): boolean {
  const judge = SETTLED[method] as ((result: unknown) => boolean) | undefined;
  return isNamed && judge?.(result) === true;
}

/** What a person hears of a deployment while it runs, and when it can be stopped without losing track of a transaction. */

import {
  type ExecutionEventListener,
  ExecutionEventResultType,
  ExecutionEventType,
  FutureType,
  type IgnitionModule,
} from '@nomicfoundation/ignition-core';

/** What makes a transaction of its own. */
const DEPLOYMENTS: ReadonlySet<FutureType> = new Set([
  FutureType.NAMED_ARTIFACT_CONTRACT_DEPLOYMENT,
  FutureType.NAMED_ARTIFACT_LIBRARY_DEPLOYMENT,
]);

/** A transaction of the deployment. */
export interface DeploymentStep {
  /** Of the contract. */
  readonly name: string;
  /** From 1. */
  readonly position: number;
  readonly count: number;
}

/** What is told of each contract. */
export interface DeploymentProgress {
  readonly onSent?: (step: DeploymentStep, hash: string) => void;
  readonly onDeployed?: (step: DeploymentStep, address: string) => void;
}

/** Listens to Ignition. */
export interface Listening {
  readonly listener: ExecutionEventListener;
  /** Whether a transaction is being sent, of which the record does not have the hash yet. */
  isSending(): boolean;
}

/** `Rollup#Poseidon4` → `Poseidon4`. */
const contractOf = (futureId: string): string => futureId.slice(futureId.indexOf('#') + 1);

/** TRANSACTION_SEND → transactionSend. */
const methodOf = (type: string): string =>
  type.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());

const SILENT = Object.fromEntries(
  Object.values(ExecutionEventType).map((type) => [methodOf(type), async () => undefined]),
) as unknown as ExecutionEventListener;

/** @param onRecorded hears that the record has everything that was sent. */
export function listen(module: IgnitionModule, progress: DeploymentProgress, onRecorded: () => void): Listening {
  const names = [...module.futures].filter(({ type }) => DEPLOYMENTS.has(type)).map(({ id }) => id);
  const begun: string[] = [];
  const sending = new Set<string>();
  const stepOf = (futureId: string): DeploymentStep => {
    if (!begun.includes(futureId)) begun.push(futureId);
    return { name: contractOf(futureId), position: begun.indexOf(futureId) + 1, count: names.length };
  };
  return {
    isSending: () => sending.size > 0,
    listener: {
      ...SILENT,
      async transactionPrepareSend({ futureId }) {
        sending.add(futureId);
      },
      async transactionSend({ futureId, hash }) {
        sending.delete(futureId);
        progress.onSent?.(stepOf(futureId), hash);
        onRecorded();
      },
      async deploymentExecutionStateComplete({ futureId, result }) {
        if (result.type !== ExecutionEventResultType.SUCCESS) return;
        progress.onDeployed?.(stepOf(futureId), result.result ?? '');
      },
    },
  };
}

/** What a deployer should think about before anything is sent. */

import type { DeployRequest } from './request.ts';

const DAY = 86_400;
/** A price of gas can double while a deployment waits for its confirmations. */
const MARGIN = 2n;

/** What is known beside the request. */
export interface PlanFacts {
  readonly isLocal: boolean;
  /** Wei, at today's price. */
  readonly cost: bigint;
  /** Wei of the deployer; undefined where nobody said who deploys. */
  readonly balance: bigint | undefined;
  /** Folder with the record of an earlier run. */
  readonly record: string | undefined;
}

/** Warnings that hold on any chain. */
function always({ key }: DeployRequest, { cost, balance, record }: PlanFacts): (string | false)[] {
  return [
    key.isDevelopment && 'INSECURE development key: anyone can forge proofs; only local chains accept it',
    !key.isDevelopment &&
      key.json.slotsPerChunk === undefined &&
      'the verifying key does not say of which circuit it is: print it again with `quittance ceremony verify`',
    balance !== undefined && balance < cost && 'the deployer has less than the deployment costs at today’s price',
    balance !== undefined &&
      balance >= cost &&
      balance < MARGIN * cost &&
      'the deployer could not pay if gas doubled in price: fund it with more',
    record !== undefined && `the record ${record} is of an earlier run: apply goes on from there`,
  ];
}

/** Those for chains where money has value. */
function inEarnest({ deployer, parameters, optimistic }: DeployRequest): (string | false)[] {
  const { proposer, producer, ownerDelay, exodusDelay } = parameters;
  return [
    proposer === deployer && 'the deployer proposes changes too: a multisig (--proposer) is not lost with one key',
    producer === deployer && 'the deployer is the producer too: give it an account of its own (--producer)',
    ownerDelay < exodusDelay &&
      `a change by the owner waits ${ownerDelay} s, less than a user needs to leave by the exodus (${exodusDelay} s)`,
    optimistic !== undefined &&
      optimistic.challengePeriod < DAY &&
      `an asserted batch can be disputed for ${optimistic.challengePeriod} s only: a watcher that is down for so long misses a lie`,
  ];
}

/** All that hold. */
export function warningsOf(request: DeployRequest, facts: PlanFacts): string[] {
  const found = [...always(request, facts), ...(facts.isLocal ? [] : inEarnest(request))];
  return found.filter((warning) => warning !== false);
}

/** What a deployer decides. */

import * as parse from '../config/parse.ts';
import { named, optional, orNone, type Values, withDefault } from '../config/setting.ts';
import {
  ACCOUNT_SETTINGS,
  chainId,
  contract,
  fromBlock,
  l1Url,
  profile,
  verifyingKey,
  zkey,
} from '../config/settings.ts';
import { OPTIMISTIC_PARAMETERS, PARAMETERS } from './parameters.ts';

const record = optional('<folder>', parse.text, 'record of the deployment; deployments/chain-<id> on public chains');

export const DEPLOY_SETTINGS = {
  l1Url,
  chainId,
  ...ACCOUNT_SETTINGS,
  profile,
  zkey,
  verifyingKey,
  proposer: optional('<address>', parse.address, 'who proposes changes to the timelock; the deployer if not given'),
  producer: optional('<address>', parse.address, 'first producer; the deployer if not given'),
  data: named(
    'deploymentData',
    withDefault(
      '<where>',
      parse.choice('calldata', 'blobs'),
      'calldata',
      'where batches may have their records, for good: calldata keeps all of them on L1 for ever; blobs allows blobs too, which ' +
        'L1 keeps for 18 days',
    ),
  ),
  record,
  ...PARAMETERS,
  ...OPTIMISTIC_PARAMETERS,
} as const;

/** What stands on L1 is found by the contract, or by the record. */
export const STATUS_SETTINGS = { l1Url, chainId, contract: orNone(contract), fromBlock, record } as const;

export const VERIFY_SETTINGS = {
  ...STATUS_SETTINGS,
  verifyingKey,
  zkey,
  out: optional(
    '<folder>',
    parse.text,
    'write addresses.json there, and what Sourcify and explorers take to verify the sources',
  ),
} as const;

export type DeployValues = Values<typeof DEPLOY_SETTINGS>;
export type StatusValues = Values<typeof STATUS_SETTINGS>;
export type VerifyValues = Values<typeof VERIFY_SETTINGS>;

/** What a deployer decides. */

import * as parse from '../config/parse.ts';
import { named, optional, type Values, withDefault } from '../config/setting.ts';
import { chainId, keystore, l1Url, passwordFile, profile, zkey } from '../config/settings.ts';
import { OPTIMISTIC_PARAMETERS, PARAMETERS } from './parameters.ts';

export const DEPLOY_SETTINGS = {
  l1Url,
  chainId,
  keystore,
  passwordFile,
  profile,
  zkey,
  verifyingKey: optional('<file>', parse.text, 'verification_key.json that `quittance ceremony verify` printed'),
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
  record: optional('<folder>', parse.text, 'record of the deployment; deployments/chain-<id> on public chains'),
  ...PARAMETERS,
  ...OPTIMISTIC_PARAMETERS,
} as const;

export type DeployValues = Values<typeof DEPLOY_SETTINGS>;

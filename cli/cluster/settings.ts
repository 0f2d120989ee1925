/** What can be asked of a cluster. */

import { named, type Values } from '../config/setting.ts';
import { rpcUrl } from '../config/settings.ts';

export const CLUSTER_STATUS_SETTINGS = {
  url: named('rpcUrl', { ...rpcUrl, help: 'JSON-RPC of any node' }),
} as const;

export type ClusterStatusValues = Values<typeof CLUSTER_STATUS_SETTINGS>;

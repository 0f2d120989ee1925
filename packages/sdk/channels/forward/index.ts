/** Payments over hubs. */

export { createForwarder } from './forwarder.ts';
export { changesUnderWay } from './memory.ts';
export { FORWARD_DEFAULTS, type ForwardPolicy, type HubTerms, hubFee } from './policy.ts';
export type { Forwarder, ForwarderOptions, OutgoingPayment, SecretsOnL1 } from './types.ts';

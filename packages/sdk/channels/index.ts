/** Payment channels: joint keys of their accounts, and the two sides that change a state together. */

export {
  type ChannelLine,
  type ChannelStore,
  type ChannelWrite,
  createExchange,
  createKeptMemory,
  type Exchange,
  type ExchangeListener,
  type ExchangeOptions,
  type ExchangeWatcher,
  type HtlcEnd,
  type KeptHtlc,
  type KeptInvoice,
  type KeptMemory,
  type KeptPayment,
  type KeptTables,
  keep,
  keptVersion,
  paymentsMade,
} from './exchange/index.ts';
export {
  createForwarder,
  FORWARD_DEFAULTS,
  type Forwarder,
  type ForwarderOptions,
  type ForwardPolicy,
  type HubTerms,
  hubFee,
  type OutgoingPayment,
  type SecretsOnL1,
} from './forward/index.ts';
export {
  type ChannelInvoice,
  type ChannelRoute,
  createInvoice,
  encodeInvoice,
  INVOICE_LIMITS,
  type InvoiceHub,
  type Payer,
  type PayInvoiceOptions,
  parseInvoice,
  payInvoice,
  type RouteHub,
  routeTo,
} from './invoice/index.ts';
export {
  type JointKey,
  type JointKeyMaking,
  type JointSigning,
  makeJointKey,
  type Party,
  signJointly,
} from './joint-key.ts';
export {
  decodeChannelMessage,
  decodeChannelRecord,
  decodeKeptHtlc,
  decodeKeptInvoice,
  decodeKeptPayment,
  encodeChannelJson,
} from './json.ts';
export {
  type ChannelMessage,
  type ChannelRecord,
  changeKey,
  type Proposal,
  type SignedState,
} from './record.ts';
export {
  type ChannelSide,
  CLOCKS_APART,
  createChannelSide,
  type Effects,
  MOST_ASKED,
  MOST_CHANGES,
  roleOf,
  type StateKeys,
} from './side/index.ts';

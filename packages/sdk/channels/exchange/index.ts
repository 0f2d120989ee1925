/** All channels of one party. */

export { createExchange, type ExchangeOptions } from './exchange.ts';
export {
  type HtlcEnd,
  hashOfChange,
  isIncoming,
  type KeptHtlc,
  type KeptInvoice,
  type KeptPayment,
  type KeptTables,
  keep,
  keptVersion,
  paymentsMade,
} from './kept.ts';
export { createKeptMemory, type KeptMemory } from './kept-memory.ts';
export type {
  ChannelLine,
  ChannelStore,
  ChannelWrite,
  Exchange,
  ExchangeListener,
  ExchangeWatcher,
} from './types.ts';

/** All channels of one party. */

export { createExchange, type ExchangeOptions } from './exchange.ts';
export type { ChannelLine, ChannelStore, ChannelWrite, Exchange, ExchangeListener } from './types.ts';

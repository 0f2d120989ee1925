/** Payment channels on L1. */

export { channelsInterface, preimagesInterface } from './abi.ts';
export { type ChannelCall, type ChannelCalls, channelCalls, type RequestedExits, type ShowableState } from './calls.ts';
export { dueNow } from './due.ts';
export { type ChannelsReaderOptions, createChannelsReader } from './reader.ts';
export type {
  ChannelClose,
  ChannelEvent,
  ChannelEventQuery,
  ChannelsConstants,
  ChannelsReader,
  RevealedSecret,
  VaultExit,
} from './types.ts';

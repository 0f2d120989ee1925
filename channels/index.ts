/** Payment channels as a process has them: where they are kept. */

export { type ChannelStoreOptions, type OpenChannelStore, openChannelStore } from './store/store.ts';

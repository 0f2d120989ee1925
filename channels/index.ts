/** Payment channels as a process has them: where they are kept. */

export { openChannelStore } from './store/store.ts';

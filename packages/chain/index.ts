/** L1 through ethers: interfaces, readers, the transaction manager. Runs in a browser too. */

export { ROLLUP_ABI, rollupInterface } from './abi.ts';
export type { Prices } from './account.ts';
export { ASSERTIONS_ABI, assertionsInterface, STEP_ERRORS } from './assertion-abi.ts';
export {
  decodeAssertionSubmission,
  encodeAssertion,
  MAX_FINALIZED_AT_ONCE,
  toAssertionCall,
} from './assertion-calls.ts';
export { createAssertionChain } from './assertion-chain.ts';
export { ASSERTION_EVENTS, DISPUTE_EVENTS } from './assertion-events.ts';
export { createAssertionReader } from './assertion-reader.ts';
export type * from './assertion-types.ts';
export { createBeaconOrigin } from './blobs/beacon.ts';
export { decodeKeptCells, encodeKeptCells, type KeptCells, restoreBlob } from './blobs/cells.ts';
export { createBlobSource } from './blobs/checked-source.ts';
export { EMPTY_BLOB } from './blobs/empty.ts';
export { CELL_COUNT, type CellsAndProofs, type Kzg, versionedHashOf } from './blobs/kzg.ts';
export { createMirrorOrigin } from './blobs/mirror.ts';
export { type BlobOrigin, MAX_BLOBS_PER_BLOCK } from './blobs/origin.ts';
export { createPortableKzg } from './blobs/portable-kzg.ts';
export { createRestingOrigin } from './blobs/resting-origin.ts';
export { prepareBlob, type SidecarBlob } from './blobs/sidecar.ts';
export { type BlobRequest, type BlobSource, NO_BLOB_SOURCE, withBlobs } from './blobs/source.ts';
export {
  type ChannelCall,
  type ChannelCalls,
  type ChannelClose,
  type ChannelEvent,
  type ChannelEventQuery,
  type ChannelsConstants,
  type ChannelsReader,
  type ChannelsReaderOptions,
  channelCalls,
  channelsInterface,
  createChannelsReader,
  dueNow,
  preimagesInterface,
  type RequestedExits,
  type RevealedSecret,
  type ShowableState,
  type VaultExit,
} from './channels/index.ts';
export { firstMissing, requireAll } from './complete.ts';
export { askChainId, connectReader } from './connect.ts';
export { decodeSubmission, encodeSubmission } from './decode.ts';
export {
  createDestinations,
  type Destination,
  type Destinations,
  type ImportTerms,
  readImportTerms,
  readTokenAddress,
  readTokenId,
} from './destinations.ts';
export { rejectionOf, translateChainError } from './errors.ts';
export { includedOf, MAX_TRANSACTION_GAS, type TransactionCall } from './inclusion.ts';
export { onOneChain } from './one-chain.ts';
export { createProvider, type ProviderOptions } from './provider.ts';
export { createRollupReader } from './reader.ts';
export { eventOf } from './receipt-event.ts';
export { createRollupChain, type RollupChainOptions } from './rollup-chain.ts';
export { readTokenFacts } from './token-facts.ts';
export {
  createTransactionManager,
  type TransactionManager,
  type TransactionOptions,
} from './transactions.ts';
export { assertionsAbi } from './typed-abi/assertions.ts';
export { channelsAbi } from './typed-abi/channels.ts';
export { preimagesAbi } from './typed-abi/channels-preimages.ts';
export { rollupAbi } from './typed-abi/rollup.ts';
export type * from './types.ts';
export type { ReaderOptions } from './views.ts';

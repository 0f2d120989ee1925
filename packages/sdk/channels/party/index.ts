/** A party with its channels: opening, closing, connections. */

export { CLOSING_VALIDITY, otherParty } from './closing.ts';
export type { PartyConnection, WireEnd } from './connection.ts';
export {
  type ChannelDocuments,
  type ChannelReceiver,
  type DocumentKind,
  type Kept,
  openPeers,
  type PartyPeer,
} from './documents.ts';
export {
  askTerms,
  decodePartyTerms,
  type Engagement,
  judgeOpening,
  type PartyTerms,
  type TokenTerms,
} from './hub-terms.ts';
export type { JudgeOpening, OpenRequest } from './opening.ts';
export { createChannelParty } from './party.ts';
export { createFinalNonces, type FinalNonce, type ProofSources } from './proven.ts';
export { type ChannelRollup, createChannelRollup, type FinalAccount } from './rollup.ts';
export type { ChannelParty, ChannelPartyOptions, ChannelStage, ChannelSummary, Funding } from './types.ts';

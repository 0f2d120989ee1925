/**
 * One side of a channel. Pure but for its own memory: each call says what to write down, and what to send only after that was
 * written. Whoever calls may join the writes of many channels.
 */

import type { ChannelRecord } from '../record.ts';
import { createAsker } from './asker.ts';
import { createOrderer } from './orderer.ts';
import type { ChannelSide, StateKeys } from './types.ts';

export {
  type ChannelSide,
  CLOCKS_APART,
  type Effects,
  MOST_ASKED,
  MOST_CHANGES,
  roleOf,
  type StateKeys,
} from './types.ts';

/** The side of a record. */
export function createChannelSide(record: ChannelRecord, keys: StateKeys): ChannelSide {
  return record.isOrderer ? createOrderer(record, keys) : createAsker(record, keys);
}

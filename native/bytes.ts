/** Bytes of an integer in the addon's buffers: 32, little-endian (packages/protocol/little-endian.ts). */
export const FIELD_BYTES = 32;

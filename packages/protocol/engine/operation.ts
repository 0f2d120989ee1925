/**
 * An operation as bytes, for engines: fixed places, so that nothing has to be parsed.
 *
 * | offset | bytes | content |
 * | ---: | ---: | --- |
 * | 0 | 16 | record, 124 bits, little-endian |
 * | 16 | 1 | 1 with an authorization, 0 without |
 * | 17 | 5 | validUntil, little-endian |
 * | 22 | 10 | 0 |
 * | 32 | 96 | w0, w1, w2, 32 little-endian bytes each; 0 for kinds without words |
 * | 128 | 128 | keyX, R8.x, R8.y, S, 32 little-endian bytes each; 0 without an authorization |
 */

/** Bytes of a packed operation. Twin: native/core/src/engine/operation.rs OPERATION_BYTES. */
export const OPERATION_BYTES = 256;

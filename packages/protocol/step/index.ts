export {
  decodeAuthorization,
  encodeAuthorization,
  type PackedAuthorization,
  unpackAuthorization,
} from './authorization.ts';
export * from './commitment.ts';
export * from './coordinates.ts';
export * from './outcome.ts';
export * from './record.ts';
export * from './states.ts';
export * from './witness.ts';

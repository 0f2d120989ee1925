/** What parties say to each other on a connection. */

export { type Dialing, type DialOptions, dialParty } from './dial.ts';
export { WIRE_VERSION } from './login.ts';
export { disconnected, WIRE_LIMITS, type WirePeer } from './peer.ts';
export { CLOSE, type WireSocket } from './socket.ts';

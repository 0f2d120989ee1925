/** The version of the interface, apart from its schemas: a page that asks for it only does not load those. */

/**
 * Major version of this interface: methods, fields and codes are added under one number, and taken away or given another
 * meaning only under the next. Clients refuse another one with RPC_VERSION (docs/rpc.md, Versions).
 */
export const API_VERSION = 1;

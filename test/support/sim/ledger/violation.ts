/** A broken promise, in words. */
export class Violation extends Error {}

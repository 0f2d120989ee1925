/** Values with bigints as text: a bigint is {"bigint": "…"}. */

/** JSON of plain values, arrays, objects and bigints. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? { bigint: item.toString() } : item));
}

const isBigint = (value: object): value is { readonly bigint: string } =>
  typeof (value as { bigint?: unknown }).bigint === 'string';

/** Puts bigints in the place of what stands for them, in place: a reviver of JSON.parse takes several times as long. */
function revive(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isBigint(value)) return BigInt(value.bigint);
  for (const [key, item] of Object.entries(value)) {
    if (typeof item === 'object') (value as Record<string, unknown>)[key] = revive(item);
  }
  return value;
}

/** Inverse of `encodeJson`. The text is our own: the database's checks stand between it and the world. */
export function decodeJson<T>(text: string): T {
  return revive(JSON.parse(text)) as T;
}

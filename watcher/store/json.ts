/** Values with bigints as text: a bigint is {"bigint": "…"}. */

/** JSON of plain values, arrays, objects and bigints. */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? { bigint: item.toString() } : item));
}

/** Inverse of `encodeJson`. The text is our own: the database's checks stand between it and the world. */
export function decodeJson<T>(text: string): T {
  return JSON.parse(text, (_, item: unknown) =>
    typeof item === 'object' && item !== null && typeof (item as { bigint?: unknown }).bigint === 'string'
      ? BigInt((item as { bigint: string }).bigint)
      : item,
  ) as T;
}

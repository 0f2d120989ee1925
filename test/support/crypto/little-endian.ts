/** Field elements as the addon has them: 32 bytes each, little-endian. */
export function littleEndian(values: readonly bigint[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 32);
  values.forEach((value, index) => {
    for (let byte = 0; byte < 32; byte++) bytes[index * 32 + byte] = Number((value >> BigInt(8 * byte)) & 255n);
  });
  return bytes;
}

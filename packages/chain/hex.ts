/** Hexadecimal text as bytes, for calldata of hundreds of kilobytes: ethers takes a number out of every two characters. */

const NO_DIGIT = 0xff;

/** The digit that a character stands for, by its code. */
const DIGITS = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase());
  return digit < 0 ? NO_DIGIT : digit;
});

const digitAt = (hex: string, position: number): number => DIGITS[hex.charCodeAt(position)] ?? NO_DIGIT;

/** The bytes of `0x…`. @throws TypeError when it is no such text, or half a byte is left. */
export function bytesOfHex(hex: string): Uint8Array {
  if (!hex.startsWith('0x') || hex.length % 2 !== 0) throw new TypeError('the text is no bytes in hexadecimal');
  const bytes = new Uint8Array(hex.length / 2 - 1);
  for (let position = 0, character = 2; position < bytes.length; position += 1, character += 2) {
    const [high, low] = [digitAt(hex, character), digitAt(hex, character + 1)];
    if (high === NO_DIGIT || low === NO_DIGIT)
      throw new TypeError(`character ${character} of the text is no hexadecimal digit`);
    bytes[position] = (high << 4) | low;
  }
  return bytes;
}

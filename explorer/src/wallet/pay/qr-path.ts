/** A QR code as a path of squares. */

import { create } from 'qrcode';

/** Light modules around the code. Source: ISO/IEC 18004, 6.3.8. */
const QUIET_MODULES = 4;

/** The dark modules as a path of squares of 1, and how many modules a side has. */
export function qrPath(text: string): { readonly path: string; readonly size: number } {
  const { modules } = create(text, { errorCorrectionLevel: 'M' });
  const { size, data } = modules;
  const dark: string[] = [];
  for (let position = 0; position < size * size; position += 1) {
    if (data[position] !== 1) continue;
    dark.push(`M${(position % size) + QUIET_MODULES} ${Math.floor(position / size) + QUIET_MODULES}h1v1h-1z`);
  }
  return { path: dark.join(''), size: size + 2 * QUIET_MODULES };
}

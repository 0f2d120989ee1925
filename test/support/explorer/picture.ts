/** What a camera sees: pictures of a QR code, as a file of raw pictures that Chromium takes for a camera (YUV4MPEG2). */

import QRCode from 'qrcode';

const [WIDTH, HEIGHT] = [640, 480] as const;
/** Modules of white around a code. */
const QUIET = 4;
const [WHITE, BLACK, GREY] = [235, 16, 128] as const;

/** Ten pictures of a code with this text, or of a white wall. */
export function pictureOf(text: string | undefined): Buffer {
  const light = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  if (text !== undefined) {
    const { modules } = QRCode.create(text, { errorCorrectionLevel: 'L' });
    const side = Math.floor(HEIGHT / (modules.size + 2 * QUIET));
    const [left, top] = [WIDTH, HEIGHT].map((length) => Math.floor((length - side * modules.size) / 2)) as [
      number,
      number,
    ];
    for (let row = 0; row < modules.size * side; row += 1) {
      for (let column = 0; column < modules.size * side; column += 1) {
        if (modules.get(Math.floor(row / side), Math.floor(column / side)) === 0) continue;
        light[(top + row) * WIDTH + left + column] = BLACK;
      }
    }
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((WIDTH * HEIGHT) / 2, GREY)]);
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F30:1 Ip A1:1 C420\n`);
  return Buffer.concat([header, ...Array.from({ length: 10 }, () => frame)]);
}

/** What a camera sees: our own QR codes, as a file of raw pictures that Chromium takes for a camera (YUV4MPEG2). */

import { qrPath } from '../../../explorer/src/wallet/pay/qr-path.ts';

const [WIDTH, HEIGHT] = [640, 480] as const;
const [WHITE, BLACK, GREY] = [235, 16, 128] as const;

/** Ten pictures of a code with this text, or of a white wall. */
export function pictureOf(text: string | undefined): Buffer {
  const light = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  if (text !== undefined) {
    const { path, size } = qrPath(text);
    const side = Math.floor(HEIGHT / size);
    const left = Math.floor((WIDTH - side * size) / 2);
    for (const [, column, row] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
      for (let line = 0; line < side; line += 1) {
        const start = (Number(row) * side + line) * WIDTH + left + Number(column) * side;
        light.fill(BLACK, start, start + side);
      }
    }
  }
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, Buffer.alloc((WIDTH * HEIGHT) / 2, GREY)]);
  const header = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F30:1 Ip A1:1 C420\n`);
  return Buffer.concat([header, ...Array.from({ length: 10 }, () => frame)]);
}

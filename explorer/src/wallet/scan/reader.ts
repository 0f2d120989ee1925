/** Reads QR codes of a picture: with what the browser has for it, else in JavaScript. */

/** The text of a code in the picture; undefined while there is none. */
export type CodeReader = (picture: HTMLVideoElement) => Promise<string | undefined>;

/** The part of the Shape Detection API that is used. Browsers of phones and of macOS have it. */
interface BarcodeDetector {
  detect(picture: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

interface BarcodeDetectorClass {
  new (options: { readonly formats: readonly string[] }): BarcodeDetector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** Wider pictures have no more to read of a code that fills a good part of them, and cost more time. */
const MAX_WIDTH = 800;

async function builtIn(): Promise<CodeReader | undefined> {
  const { BarcodeDetector: Detector } = globalThis as { BarcodeDetector?: BarcodeDetectorClass };
  if (Detector === undefined) return undefined;
  const formats = await Detector.getSupportedFormats().catch((): readonly string[] => []);
  if (!formats.includes('qr_code')) return undefined;
  const detector = new Detector({ formats: ['qr_code'] });
  return async (picture) => {
    const [code] = await detector.detect(picture);
    return code?.rawValue || undefined;
  };
}

/** Draws each picture and looks at its pixels. */
async function portable(): Promise<CodeReader> {
  const { default: library } = await import('jsqr');
  const readPixels = library.default;
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return async (picture) => {
    const { videoWidth, videoHeight } = picture;
    if (videoWidth === 0 || context === null) return undefined; // there is no picture yet
    const scale = Math.min(1, MAX_WIDTH / videoWidth);
    const [width, height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    canvas.width = width;
    canvas.height = height;
    context.drawImage(picture, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return readPixels(data, width, height, { inversionAttempts: 'attemptBoth' })?.data || undefined;
  };
}

/** The best reader that this browser has. */
export async function createCodeReader(): Promise<CodeReader> {
  return (await builtIn()) ?? portable();
}

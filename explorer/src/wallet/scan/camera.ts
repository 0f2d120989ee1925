/** The camera of the device, for as long as it is needed. */

/** Why there is no picture, as a sentence with the way on. */
export class CameraProblem extends Error {
  override readonly name = 'CameraProblem';
}

const PASTE = 'Paste the link or the receiver instead.';

/** Names of what getUserMedia throws. Source: Media Capture and Streams, section 10.2.1. */
const SENTENCES: Readonly<Record<string, string>> = {
  NotAllowedError: `This page may not use the camera: allow it in the settings of the browser for this page, and scan again. ${PASTE}`,
  NotFoundError: `This device has no camera that the browser knows of. ${PASTE}`,
  NotReadableError: `The camera gives no picture: another program may have it. Close that, and scan again. ${PASTE}`,
};

/** The sentence for whatever the camera failed with. */
export function cameraSentence(error: unknown): string {
  const { name = '', message = '' } = (error ?? {}) as { readonly name?: string; readonly message?: string };
  return SENTENCES[name] ?? `The camera cannot be used: ${message || name || 'the browser says no reason'}. ${PASTE}`;
}

/** A running camera. */
export interface Camera {
  readonly stream: MediaStream;
  /** Gives it back: its light goes out. */
  stop(): void;
}

/** Starts the camera that looks away from the user, where there are two. @throws CameraProblem. */
export async function openCamera(): Promise<Camera> {
  // Browsers hide it from pages that somebody on the way could have changed.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) {
    throw new CameraProblem(`Browsers give a camera only to pages over HTTPS, or on this machine. ${PASTE}`);
  }
  try {
    const stream = await devices.getUserMedia({ audio: false, video: { facingMode: 'environment' } });
    return {
      stream,
      stop() {
        for (const track of stream.getTracks()) track.stop();
      },
    };
  } catch (error) {
    throw new CameraProblem(cameraSentence(error), { cause: error });
  }
}

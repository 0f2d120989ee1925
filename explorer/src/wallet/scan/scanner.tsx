/** A camera that looks for a QR code, and closes when it has seen one. What it reads is text that a stranger wrote. */

import { useEffect, useRef, useState } from 'preact/hooks';
import { type Camera, CameraProblem, cameraSentence, openCamera } from './camera.ts';
import { createCodeReader } from './reader.ts';

/** Pause between two pictures: quick for a person, and little work for a phone. */
const PAUSE_MS = 120;

interface ScannerProps {
  /** Told what the first code says. The camera is off by then. */
  readonly onText: (text: string) => void;
  readonly onClose: () => void;
}

/** Shows the camera, and reads its pictures until one has a code. @throws CameraProblem. */
async function scan(picture: HTMLVideoElement, signal: AbortSignal): Promise<string | undefined> {
  let camera: Camera | undefined;
  try {
    const [opened, read] = await Promise.all([openCamera(), createCodeReader()]);
    camera = opened;
    if (signal.aborted) return undefined;
    picture.srcObject = opened.stream;
    await picture.play();
    while (!signal.aborted) {
      const text = await read(picture);
      if (text !== undefined && !signal.aborted) return text;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return undefined;
  } finally {
    camera?.stop();
    picture.srcObject = null;
  }
}

/** The picture of the camera, with a way to stop. */
export function Scanner({ onText, onClose }: ScannerProps) {
  const picture = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const told = useRef(onText);
  told.current = onText;
  useEffect(() => {
    const closing = new AbortController();
    scan(picture.current!, closing.signal).then(
      (text) => {
        if (text !== undefined) told.current(text);
      },
      (error: unknown) => {
        if (closing.signal.aborted) return;
        setProblem(error instanceof CameraProblem ? error.message : cameraSentence(error));
      },
    );
    return () => closing.abort();
  }, []);
  return (
    <div class="scanner">
      {problem === undefined && (
        <>
          <video ref={picture} muted playsInline aria-label="What the camera sees" />
          <p class="muted" role="status">
            Hold the QR code of the receiver in front of the camera.
          </p>
        </>
      )}
      {problem !== undefined && (
        <p class="bad" role="alert">
          {problem}
        </p>
      )}
      <button type="button" onClick={onClose}>
        Close the camera
      </button>
    </div>
  );
}

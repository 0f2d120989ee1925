/** The way out without a sequencer. */

import { Page } from '../parts/layout.tsx';
import { Command, Empty } from '../parts/notes.tsx';

/** Says how to leave without it. */
export default function EscapePage() {
  return (
    <Page title="Leave by L1">
      <Empty title="This build leaves from the command line only">
        <Command>./dev quittance wallet exodus --help</Command>
      </Empty>
    </Page>
  );
}

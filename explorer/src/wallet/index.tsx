/** The wallet page. */

import { Page } from '../parts/layout.tsx';
import { Command, Empty } from '../parts/notes.tsx';

/** Says how to pay without it. */
export default function WalletPage() {
  return (
    <Page title="Wallet">
      <Empty title="This build pays from the command line only">
        <Command>./dev quittance wallet --help</Command>
      </Empty>
    </Page>
  );
}

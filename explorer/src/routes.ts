/** The pages by their paths. */

import type { ComponentType } from 'preact';
import type { PageProps } from './page-props.ts';
import { AccountPage } from './pages/account.tsx';
import { BatchPage } from './pages/batch.tsx';
import { BatchesPage } from './pages/batches.tsx';
import { ConnectionPage } from './pages/connection.tsx';
import { DisputesPage } from './pages/disputes.tsx';
import { HomePage } from './pages/home.tsx';
import { OwnerPage } from './pages/owner.tsx';
import { SearchPage } from './pages/search.tsx';
import { TransactionPage } from './pages/transaction.tsx';
import { createLazy } from './parts/lazy.tsx';

/** A page. */
export interface Route {
  readonly pattern: string;
  /** Of the window, before the parameters. */
  readonly title: string;
  readonly page: ComponentType<PageProps>;
  /** Pages that ask no sequencer work without one. */
  readonly needsSequencer?: false;
}

/** All pages; the first whose pattern fits is shown. */
export const ROUTES: readonly Route[] = [
  { pattern: '/', title: 'Overview', page: HomePage },
  { pattern: '/batches', title: 'Batches', page: BatchesPage },
  { pattern: '/batch/:number', title: 'Batch', page: BatchPage },
  { pattern: '/tx/:id', title: 'Transfer', page: TransactionPage },
  { pattern: '/account/:index', title: 'Account', page: AccountPage },
  { pattern: '/owner/:address', title: 'Owner', page: OwnerPage },
  { pattern: '/search', title: 'Search', page: SearchPage },
  { pattern: '/disputes', title: 'Disputes', page: DisputesPage },
  { pattern: '/charts', title: 'Charts', page: createLazy(() => import('./pages/charts.tsx')) },
  { pattern: '/verify/:batch', title: 'Verify', page: createLazy(() => import('./pages/verify.tsx')) },
  {
    pattern: '/wallet',
    title: 'Wallet',
    page: createLazy(() => import('./wallet/index.tsx')),
    needsSequencer: false,
  },
  {
    pattern: '/channels',
    title: 'Channels',
    page: createLazy(() => import('./channels/index.tsx')),
    needsSequencer: false,
  },
  { pattern: '/exit', title: 'Leave', page: createLazy(() => import('./escape/index.tsx')), needsSequencer: false },
  { pattern: '/connection', title: 'Connection', page: ConnectionPage, needsSequencer: false },
];

/** The frame around all pages. */

import type { TargetedEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { connection } from './data/connection.ts';
import { endpoints } from './data/endpoints.ts';
import { Guarded } from './parts/guarded.tsx';
import { Icon, Mark } from './parts/icons.tsx';
import { Page } from './parts/layout.tsx';
import { LinkedNote } from './parts/linked.tsx';
import { Command, Empty } from './parts/notes.tsx';
import { nextTheme, theme } from './parts/theme.ts';
import { navigate, place } from './router.ts';
import { ROUTES } from './routes.ts';
import { useStore } from './store.ts';
import { href, parametersOf } from './text/places.ts';
import { MAX_SEARCH_LENGTH } from './text/search.ts';
import { absoluteText } from './text/times.ts';

const NAVIGATION = [
  { path: '/', name: 'Overview' },
  { path: '/batches', name: 'Batches' },
  { path: '/disputes', name: 'Disputes' },
  { path: '/charts', name: 'Charts' },
  { path: '/wallet', name: 'Wallet' },
  { path: '/channels', name: 'Channels' },
  { path: '/exit', name: 'Leave' },
] as const;

function Search() {
  const submit = (event: TargetedEvent<HTMLFormElement, SubmitEvent>): void => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('q') ?? '').trim();
    if (text !== '') navigate('/search', { q: text });
  };
  return (
    <search>
      <form class="search" onSubmit={submit}>
        <label for="search-text" class="visually-hidden">
          Account, batch, address, id, hash or reference
        </label>
        <input
          id="search-text"
          name="q"
          type="search"
          autoComplete="off"
          spellcheck={false}
          maxLength={MAX_SEARCH_LENGTH}
          placeholder="Account, batch, reference …"
        />
        <button type="submit" aria-label="Search" title="Search">
          <Icon name="search" />
        </button>
      </form>
    </search>
  );
}

const CONNECTION_WORDS = {
  connecting: 'Connecting',
  live: 'Live',
  polling: 'Polling',
  lost: 'No answer',
} as const;

const CONNECTION_TITLES = {
  connecting: 'Connecting to the sequencer',
  live: 'Shows what happens as it happens',
  polling: 'No events arrive, so the page asks every few seconds',
  lost: 'The sequencer does not answer',
} as const;

function ConnectionLink() {
  const { state } = useStore(connection);
  return (
    <a class="connection" href={href('/connection')} data-state={state} title={CONNECTION_TITLES[state]}>
      <span class="dot" aria-hidden="true" />
      {endpoints.rpc === undefined ? 'Not connected' : CONNECTION_WORDS[state]}
    </a>
  );
}

const THEMES = {
  system: { icon: 'half', name: 'Colours: as the system has them' },
  light: { icon: 'sun', name: 'Colours: light' },
  dark: { icon: 'moon', name: 'Colours: dark' },
} as const;

function ThemeButton() {
  const { icon, name } = THEMES[useStore(theme)];
  return (
    <button type="button" class="theme" onClick={nextTheme} aria-label={name} title={name}>
      <Icon name={icon} />
    </button>
  );
}

function Header({ path }: { readonly path: string }) {
  return (
    <header class="header">
      <div class="header-in">
        <a class="brand" href={href('/')} aria-label="Quittance, overview">
          <Mark />
          Quittance
        </a>
        <nav class="navigation" aria-label="Pages">
          {NAVIGATION.map((page) => (
            <a key={page.path} href={href(page.path)} aria-current={page.path === path ? 'page' : undefined}>
              {page.name}
            </a>
          ))}
        </nav>
        <Search />
        <div class="header-end">
          <ConnectionLink />
          <ThemeButton />
        </div>
      </div>
    </header>
  );
}

/** Over the page, so that nothing moves when it comes and goes. */
function LostNote() {
  const { state, answeredMs } = useStore(connection);
  const isLost = state === 'lost';
  return (
    <div class="lost" role="status" data-lost={isLost}>
      {isLost && (
        <>
          The sequencer at {endpoints.rpc} does not answer.{' '}
          {answeredMs === undefined ? '' : `What you see is from ${absoluteText(answeredMs)}. `}
          Trying again; if it is gone for good, money can <a href={href('/exit')}>leave by L1</a>.
        </>
      )}
    </div>
  );
}

function NoSequencer() {
  return (
    <Page title="Which sequencer?">
      <Empty title="This page was not told what to read">
        <p>
          Name the sequencer under <a href={href('/connection')}>Connection</a>, or in the address:{' '}
          <code>?rpc=http://127.0.0.1:3000</code>. To run one here:
        </p>
        <Command>./dev start</Command>
      </Empty>
    </Page>
  );
}

function NotFound() {
  return (
    <Page title="There is no such page">
      <Empty title="The address names nothing here">
        <a href={href('/')}>Overview</a>
      </Empty>
    </Page>
  );
}

/** The page of a place. */
function Content({ path, query }: { readonly path: string; readonly query: URLSearchParams }) {
  for (const { pattern, page: RoutePage, needsSequencer = true } of ROUTES) {
    const parameters = parametersOf(pattern, path);
    if (parameters === undefined) continue;
    if (needsSequencer && endpoints.rpc === undefined) return <NoSequencer />;
    return (
      <Guarded key={path}>
        <RoutePage parameters={parameters} query={query} />
      </Guarded>
    );
  }
  return <NotFound />;
}

const titleOf = (path: string): string => {
  const route = ROUTES.find(({ pattern }) => parametersOf(pattern, path) !== undefined);
  const last =
    route?.pattern.includes(':') === true ? ` ${decodeURIComponent(path.split('/').at(-1)!).slice(0, 20)}` : '';
  return `${route?.title ?? 'Not found'}${last} – Quittance`;
};

/** The whole page. */
export function App() {
  const { path, query } = useStore(place);
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = titleOf(path);
    // Whoever does not see the page hears where they are; the first page has the focus already.
    if (!isFirst.current) main.current?.querySelector('h1')?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [path]);
  const skip = (event: Event): void => {
    event.preventDefault(); // the hash is the page's path
    main.current?.focus();
  };
  return (
    <>
      <a class="skip" href={href(path)} onClick={skip}>
        Skip to the content
      </a>
      <Header path={path} />
      <main ref={main} tabIndex={-1}>
        <LinkedNote />
        <Content path={path} query={query} />
      </main>
      <footer class="footer">
        <p>
          Quittance explorer{endpoints.rpc === undefined ? '' : `, reading ${endpoints.rpc}`} ·{' '}
          <a href={href('/connection')}>Connection</a> · <a href={href('/verify/finalized')}>Verify a proof</a>
        </p>
      </footer>
      <LostNote />
    </>
  );
}

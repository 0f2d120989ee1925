/** Pages that are loaded when they are asked for, as they bring libraries that the others do not need. */

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { PageProps } from '../page-props.ts';
import { ErrorNote, Loading } from './notes.tsx';

/** A page that loads itself. @param load a module whose default export is the page. */
export function createLazy(
  load: () => Promise<{ readonly default: ComponentType<PageProps> }>,
): ComponentType<PageProps> {
  let loaded: ComponentType<PageProps> | undefined;
  return function Lazy(props: PageProps) {
    const [, setLoaded] = useState(loaded !== undefined);
    const [error, setError] = useState<unknown>();
    const [attempt, setAttempt] = useState(0);
    // A further attempt loads again.
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (module) => {
          loaded = module.default;
          setLoaded(true);
        },
        (thrown: unknown) => setError(thrown),
      );
    }, [attempt]);
    const retry = (): void => {
      setError(undefined);
      setAttempt(attempt + 1);
    };
    const Page = loaded;
    if (Page !== undefined) return <Page {...props} />;
    if (error !== undefined) return <ErrorNote what="This page could not be loaded" error={error} retry={retry} />;
    return <Loading />;
  };
}

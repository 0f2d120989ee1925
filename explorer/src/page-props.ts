/** What a page is given. */

/** Where it is, beyond the pattern of its route. */
export interface PageProps {
  /** From the path, decoded; what people typed, so not to be trusted. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

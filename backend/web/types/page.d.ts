// What templates, components and browser events are. For the type checker only: nothing loads it.

/** What an element can contain. */
type Child = object | string | number | boolean | null | undefined;

/** The events that a template listens to, as far as the web app reads them. */
type PageEvent = KeyboardEvent &
  MouseEvent &
  DragEvent & { target: HTMLInputElement; currentTarget: HTMLElement };

/** What a template is filled with: a child, a component, an attribute or a listener. */
type Value = Child | ((event: PageEvent) => unknown);

/** Every page gets this: who is signed in, all centers, their own ones, and a way to reload. */
interface Session {
  me: Me;
  centers: Center[];
  ownCenters: Center[];
  reload: () => Promise<void>;
}

/**
 * Is called once a change of a lead is saved. `undo` takes it back, and calls `then`. `isKept`: it
 * waits in this browser to be sent. `hasMore`: more was typed while it was being saved.
 */
type OnSave = (
  lead: LeadDetail,
  undo?: (then: () => void) => unknown,
  how?: { isKept?: boolean; hasMore?: boolean },
) => void;

/** What the router gives a page. */
interface PageProps {
  params: string[];
  query: Record<string, string>;
  session: Session;
}

/** An answer that is loading, loaded or failed; `again` loads it once more. */
interface Loading<T> {
  data: T | null;
  problem: Error | null;
  again: () => Promise<void>;
  change: (data: T) => void;
}

/** A list that is read page by page: see `ui/paged-list.js`. */
interface PagedList<Item, Page> {
  items: Item[];
  /** The page that was read last, with what the API says beside its items. */
  page: Page | null;
  /** The part of the query that asks for the page after the last one; null at the end. */
  next: Record<string, string | number> | null;
  problem: Error | null;
  /** How often the list was read from its beginning. */
  reads: number;
  /** Whether the items are those of the current query; until its answer they are the old ones. */
  isFresh: boolean;
  isBusy: boolean;
  hasMore: boolean;
  more: () => void;
  again: () => Promise<void>;
  change: (next: (items: Item[]) => Item[]) => void;
}

interface PageSource<Item, Page> {
  path: string;
  limit: number;
  items: (page: Page) => Item[];
  /** The part of the query that asks for the page after this one; null at the end. */
  next: (page: Page, headers: Headers) => Record<string, string | number> | null;
}

/** A chart library, loaded as a script: see `ui/script.js`. */
interface Window {
  uPlot?: UPlotClass;
}

interface UPlotClass {
  new (options: object, data: number[][], element: HTMLElement): UPlotChart;
  paths: { bars: (options: object) => object };
}

interface UPlotChart {
  over: HTMLElement;
  cursor: { idx: number | null; left: number };
  setSize: (size: { width: number; height: number }) => void;
  destroy: () => void;
}

// What the page uses of Preact and htm. For the checker of types alone: nothing loads it.
type Change<T> = (next: T | ((now: T) => T)) => void;

export class Component {
  props: Record<string, any>;
  shouldComponentUpdate(next: Record<string, any>): boolean;
  render(props: Record<string, any>): unknown;
}
export function html(texts: TemplateStringsArray, ...values: unknown[]): unknown;
export function render(element: unknown, into: Element): void;
export function useState<T>(first: T | (() => T)): [T, Change<T>];
export function useEffect(then: () => void | (() => void), given?: unknown[]): void;
export function useLayoutEffect(then: () => void | (() => void), given?: unknown[]): void;
export function useCallback<T>(call: T, given: unknown[]): T;
export function useMemo<T>(make: () => T, given: unknown[]): T;
export function useRef<T = any>(first: T): { current: any };

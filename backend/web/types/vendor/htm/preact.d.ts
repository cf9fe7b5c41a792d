// The parts of Preact and htm that the web app uses. For the type checker only: nothing loads it.
type Change<T> = (next: T | ((now: T) => T)) => void;

export class Component<Props> {
  props: Props;
  shouldComponentUpdate(next: Props): boolean;
  render(props: Props): Child;
}
export function html(texts: TemplateStringsArray, ...values: Value[]): object;
export function render(element: object, into: Element): void;
export function useState<T>(first: T | (() => T)): [T, Change<T>];
export function useEffect(then: () => void | (() => void), given?: unknown[]): void;
export function useLayoutEffect(then: () => void | (() => void), given?: unknown[]): void;
export function useCallback<T>(call: T, given: unknown[]): T;
export function useRef<T>(first: T): { current: T };

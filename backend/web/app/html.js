// What every module builds its elements with.
export {
  Component,
  html,
  render,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "./vendor/htm/preact.js";

/**
 * Return the address of a file that is not a module. The address of this module has the version of
 * all files in it, so what is loaded later has the same version.
 * @param {string} name A path below the folder of this module, such as `icon.svg`.
 */
export const file = (name) => new URL(name, import.meta.url).href;

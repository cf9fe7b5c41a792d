// What every module builds its elements with.
export {
  Component, html, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState,
} from "./vendor/htm/preact.js";

/**
 * Where a file is that is no module. The folder has a name of its own for each version: what is loaded
 * later is of the same version as what is here.
 * @param {string} name  below `/web/`, such as `icon.svg`
 */
export const file = (name) => new URL(name, import.meta.url).href;

// What every module builds its elements with.
export {
  html, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState,
} from "/web/vendor/htm/preact.js";

// Keyboard shortcuts of a page. They are off while someone types, or has a dialog or menu open.
import { useLayoutEffect } from "../html.js";
import { toast } from "./toast.js";

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
/** With the focus on one of these, Enter belongs to it. */
const PRESSABLE = "a, button, summary";
const OPEN = "dialog, .menu:popover-open";
/** Keys that go on while they are held down. Any other would act on one lead after the other. */
const HELD = new Set(["j", "k"]);
/** How long keys are ignored, in milliseconds: about as long as one takes to notice a change. */
const UNNOTICED = 600;

/** Why only these are taken at the moment, if so. */
let ignored = "";
/** How many dialogs are on their way: what is typed meanwhile is for them. */
let opening = 0;

/**
 * Return whether a key isn't for a field, a dialog or a menu.
 * @param {KeyboardEvent} event
 */
export const isFree = ({ target }) =>
  opening === 0 &&
  !(target instanceof Element && target.closest(TYPING)) &&
  !document.querySelector(OPEN);

/** Take no shortcut until a dialog is there, whose module still loads. Returns what ends it. */
export function awaitDialog() {
  opening += 1;
  return () => void (opening -= 1);
}

/** @param {Record<string, (event: KeyboardEvent) => unknown>} keys By `KeyboardEvent.key`. */
export function useKeys(keys) {
  // A layout effect, so that a key never reaches what was on the screen before.
  useLayoutEffect(() => {
    /** @param {KeyboardEvent} event */
    const pressed = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (!isFree(event) || (event.repeat && !HELD.has(event.key))) return;
      if (event.key === "Enter" && target?.closest(PRESSABLE)) return;
      const action = keys[event.key];
      if (!action) return;
      event.preventDefault();
      if (ignored && !HELD.has(event.key)) toast(ignored);
      else action(event);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  });
}

/**
 * Take no shortcut for a moment; a key that is pressed says why. Returns what ends it.
 * @param {string} why
 */
export function ignoreKeys(why) {
  ignored = why;
  const end = () => (ignored = "");
  const timer = setTimeout(end, UNNOTICED);
  return () => {
    clearTimeout(timer);
    end();
  };
}

// The measurements that benchmarks/page.py makes inside the page. Runs before the page's scripts.
globalThis.bench = {
  /** The ms from the navigation until the first lead is drawn and its card responds to a click. */
  usable: new Promise((done, fail) => {
    // Stop when the page changes, or after a while.
    if (!location.hash.startsWith("#/next")) return;
    const look = () => {
      if (performance.now() > 60000) {
        fail(new Error("no lead can be called"));
        return;
      }
      const call = document.querySelector("main a[href^='tel:']");
      const choice = document.querySelector("main form [aria-pressed=false]");
      if (!call || !choice) {
        requestAnimationFrame(look);
        return;
      }
      new MutationObserver((_, observer) => {
        observer.disconnect();
        done(performance.now());
      }).observe(choice, { attributeFilter: ["aria-pressed"] });
      choice.click();
    };
    requestAnimationFrame(look);
  }),

  /** Replaces the app with a plain list without scripts, which repeats the visible rows. */
  freeze(many) {
    const app = document.getElementById("app");
    const still = app.cloneNode(true);
    app.replaceWith(still);
    const shown = [...still.querySelectorAll(".rows .row")].map((row) => row.outerHTML);
    const rows = Array.from({ length: many }, (_, at) => shown[at % shown.length]);
    still.querySelector(".rows").innerHTML = rows.join("");
  },

  /** Records every frame from now on. Returns the position of the list. */
  record() {
    const box = scrolled();
    const { left, top, width, height } = box.getBoundingClientRect();
    const middle = [left + width / 2, (Math.max(top, 0) + Math.min(top + height, innerHeight)) / 2];
    const kept = { frames: [], back: 0, blank: 0, moved: 0 };
    const places = new Map();
    let last = box.scrollTop;
    let before = performance.now();
    const frame = (now) => {
      kept.frames.push(now - before);
      before = now;
      if (box.scrollTop < last) kept.back += 1;
      last = box.scrollTop;
      const row = document.elementFromPoint(...middle)?.closest(".row");
      if (row) {
        const place = Math.round(row.getBoundingClientRect().top - box.getBoundingClientRect().top + last);
        const lead = row.querySelector("a").href;
        if ((places.get(place) ?? lead) !== lead) kept.moved += 1;
        places.set(place, lead);
      } else kept.blank += 1;
      this.going = requestAnimationFrame(frame);
    };
    this.going = requestAnimationFrame((now) => {
      before = now;
      this.going = requestAnimationFrame(frame);
    });
    Object.assign(this, { box, kept, places });
    return middle;
  },

  /** Returns the distance to the end of the loaded list, in pixels. */
  left() {
    return this.box.scrollHeight - this.box.clientHeight - Math.ceil(this.box.scrollTop);
  },

  /** Returns the record, after checking that some earlier positions still show the same lead. */
  async end() {
    cancelAnimationFrame(this.going);
    const { box, kept } = this;
    const all = [...this.places];
    for (let part = 0; part < 20; part += 1) {
      const [place, lead] = all[Math.floor((part * all.length) / 20)];
      box.scrollTop = place;
      await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
      const top = box.getBoundingClientRect().top;
      const here = [...box.querySelectorAll(".row")].find((row) =>
        Math.abs(row.getBoundingClientRect().top - top + box.scrollTop - place) < 2);
      if (here?.querySelector("a").href !== lead) kept.moved += 1;
    }
    return kept;
  },
};

/** Returns the element that scrolls the list: the list, a parent, or the page. */
function scrolled() {
  let box = document.querySelector(".rows .row");
  while (box && !(/auto|scroll/.test(getComputedStyle(box).overflowY) && box.scrollHeight > box.clientHeight)) {
    box = box.parentElement;
  }
  return box ?? document.scrollingElement;
}

// The service worker: it keeps the web app's own files, so that the web app opens without a
// network. Answers of the API never pass through it. The server writes `SHELL` before this text.
//
// - The page comes from the network, so an old worker can't keep an old web app alive. Only if
//   there is no answer, the page of this version is shown.
// - A page names its files with their version. They come from the cache of that version, or from
//   the network if it still has that version: a page never mixes two.

/** @type {{ version: string, files: string[] }} */
const { version: VERSION, files: FILES } = /** @type {any} */ (globalThis).SHELL;
/** @type {any} The types of a worker can't be used beside those of a page. */
const worker = globalThis;
/** @type {string} Where the web app is served. */
const HOME = worker.registration.scope;
/** Installations that share a host keep their files apart. */
const START = `tofa ${new URL(HOME).pathname} `;
const VERSIONS = `${HOME}web/~`;
/** How long the page may take to come from the network, in milliseconds. */
const PATIENCE = 4000;

worker.addEventListener("install", (/** @type {any} */ event) => {
  // Open pages go on with their own version, so this one needn't wait for them.
  worker.skipWaiting();
  event.waitUntil(fill());
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(take());
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const address = request.url.split(/[?#]/)[0];
  if (request.mode === "navigate" && address === HOME) event.respondWith(page(event));
  else if (request.method === "GET" && address.startsWith(VERSIONS)) {
    event.respondWith(file(event, address));
  }
});

worker.addEventListener("push", (/** @type {any} */ event) => {
  const { title = "TOFA", body, tag, place } = event.data?.json() ?? {};
  const icon = `${VERSIONS}${VERSION}/icon.svg`;
  event.waitUntil(worker.registration.showNotification(title, { body, tag, icon, data: place }));
});

worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(HOME + (event.notification.data ?? "")));
});

/**
 * Show a page of the web app in a window that is open already, or in a new one.
 * @param {string} address
 */
async function open(address) {
  const windows = await worker.clients.matchAll({ type: "window" });
  const [first] = windows.filter((/** @type {any} */ one) => one.url.startsWith(HOME));
  if (!first) return worker.clients.openWindow(address);
  await first.navigate(address);
  return first.focus();
}

/** Fill the cache of this version. Fails if the server has another one by now. */
async function fill() {
  const cache = await caches.open(START + VERSION);
  await Promise.all(
    FILES.map(async (name) => {
      const address = `${VERSIONS}${VERSION}/${name}`;
      if (await cache.match(address, { ignoreVary: true })) return;
      const answer = await fetch(address);
      if (!isOfVersion(answer)) throw new Error(`${name} has another version`);
      await cache.put(address, answer);
    }),
  );
  const home = await fetch(HOME, { cache: "no-cache" });
  const text = await home.clone().text();
  if (!text.includes(`"web/~${VERSION}/`)) throw new Error("the page has another version");
  await cache.put(HOME, home);
}

/** Take over the open pages. They may still need the files of the version before. */
async function take() {
  const names = (await caches.keys()).filter((one) => one.startsWith(START));
  const others = names.filter((one) => one !== START + VERSION);
  await Promise.all(others.slice(0, -1).map((one) => caches.delete(one)));
  await worker.registration.navigationPreload?.enable();
  await worker.clients.claim();
}

/** @param {any} event */
async function page(event) {
  const asked = (async () => (await event.preloadResponse) ?? fetch(event.request))();
  const late = new Promise((done) => setTimeout(done, PATIENCE));
  // A proxy without its server answers, too.
  const answer = await Promise.race([asked, late]).catch(() => null);
  if (answer && answer.status < 500) return answer;
  const cache = await caches.open(START + VERSION);
  return (await cache.match(HOME, { ignoreVary: true })) ?? asked;
}

/**
 * @param {any} event
 * @param {string} address
 */
async function file(event, address) {
  const kept = await caches.match(address, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (!answer.ok) return answer;
  // The server has another version, and answers with that: the page is loaded again instead.
  if (!isOfVersion(answer)) return Response.error();
  const [version = ""] = address.slice(VERSIONS.length).split("/");
  const copy = answer.clone();
  event.waitUntil(caches.open(START + version).then((cache) => cache.put(address, copy)));
  return answer;
}

/**
 * Return whether a file has the version that it was asked for with.
 * @param {Response} answer
 */
const isOfVersion = ({ ok, headers }) =>
  ok && (headers.get("cache-control") ?? "").includes("immutable");

// Keeps the site itself, so that it opens without network and without its server: images that are kept, links of pinned
// digests and dropped files work there. Asks the network first, so a site that was updated is never an old one; the
// copy is of one build, whole. Touches nothing but the site's own files: no registry, no proxy.
"use strict";

// The build's name and its files, a file of its own: a browser that finds either of the two altered installs anew.
importScripts("files.js");

const CACHE = `lagvis ${self.registration.scope} ${self.SITE.version}`;
const FOLDER = new URL(self.registration.scope).pathname;
const FILES = new Set(self.SITE.files.map((file) => FOLDER + file));
// How long a server may be silent before the copy is shown, in ms.
const PATIENCE = 4000;

self.addEventListener("install", (event) => {
  // Past the browser's cache, which may hold files of another build.
  const requests = [...FILES].map((path) => new Request(path, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

// A page that is open goes on with its own build: a newer one waits until all its pages are closed.
self.addEventListener("activate", (event) => {
  const others = `lagvis ${self.registration.scope} `;
  const old = (name) => name.startsWith(others) && name !== CACHE;
  const clean = caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(clean.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const path = url.pathname === FOLDER ? `${FOLDER}index.html` : url.pathname;
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  // Files of another build are asked for at the network alone.
  if (FILES.has(path)) event.respondWith(answer(event.request, path));
});

async function answer(request, path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(new URL(path, self.location.href).href);
  if (kept === undefined) return fetch(request);
  // Without an address of its own: a worker's script then keeps the query that it was asked for with.
  const copy = new Response(kept.body, { headers: kept.headers });
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, copy));
  const live = fetch(request).then(
    // A redirect, to a login say, is the browser's to follow.
    (response) => (response.ok || response.type === "opaqueredirect" ? response : copy),
    () => copy,
  );
  return Promise.race([live, late]);
}

// Keeps the site itself, so that it opens without network and without its server: images that are kept, links of pinned
// digests and dropped files work there. Asks the network first, so a site that was updated is never an old one; the
// copy is of one build, whole. Touches nothing but the site's own files: no registry, no proxy.
"use strict";

// The build's name and its files, a file of its own: a browser that finds either of the two altered installs anew.
importScripts("files.js");

const CACHE = `lagvis ${self.registration.scope} ${self.SITE.version}`;
const FOLDER = new URL(self.registration.scope).pathname;
const FILES = new Map(Object.entries(self.SITE.files).map(([name, integrity]) => [FOLDER + name, integrity]));
// Names that hold a hash of the file: what has the name has the content.
const HASHED = /-[0-9a-f]{12,}(_bg)?\.[a-z]+$/;
// How long a server may be silent before the copy is shown, in ms.
const PATIENCE = 4000;
// Pages, and their workers, that were answered from the copy: they get the rest from there too, at once.
const ALONE = new Set();

self.addEventListener("install", (event) => {
  // Past the browser's cache, and held against the list: a site that is being replaced just now is not kept half.
  const requests = [...FILES].map(([path, integrity]) => new Request(path, { cache: "reload", integrity }));
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
  if (FILES.has(path)) event.respondWith(answer(event, path));
});

async function answer(event, path) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(new URL(path, self.location.href).href);
  if (kept === undefined) return fetch(event.request);
  // Without an address of its own: a worker's script then keeps the query that it was asked for with.
  const copy = new Response(kept.body, { headers: kept.headers });
  const response = ALONE.has(event.clientId) || HASHED.test(path) ? copy : await live(event.request, copy);
  const begins = event.request.mode === "navigate" || ALONE.has(event.clientId);
  if (response === copy && begins && event.resultingClientId) ALONE.add(event.resultingClientId);
  return response;
}

// What the network says, unless it says nothing, or not soon. Who is asked to log in has to see that.
function live(request, copy) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, copy));
  const isAway = (response) => response.status === 404 || response.status >= 500;
  const asked = fetch(request).then((response) => (isAway(response) ? copy : response), () => copy);
  return Promise.race([asked, late]);
}

// Keeps the shell of one build, so that a reload works without a network. It answers for the files
// it lists and for the page itself, and for nothing else: never for the relay's socket or its data.
const CACHE = "heqi-{{build}}";
const FILES = {{files}};
const PAGE = "/";

self.addEventListener("install", (event) => {
  const wanted = [...new Set([PAGE, ...FILES])].map((path) => new Request(path, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(wanted)));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("heqi-") && name !== CACHE;
  const tidy = caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(tidy.then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "take-over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  const isPage = request.mode === "navigate" && (url.pathname === PAGE || url.pathname === "/index.html");
  if (isPage) event.respondWith(fromCache(PAGE, request));
  else if (FILES.includes(url.pathname)) event.respondWith(fromCache(url.pathname, request));
});

async function fromCache(path, request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  // A copy has no address of its own, so that a worker keeps the one it was asked for, with its query.
  return kept ? new Response(kept.body, kept) : fetch(request);
}

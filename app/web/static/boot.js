// Starts the interface: theme before the first paint, then the wasm, then the service worker.
// The file names come from the script tag, because names carry hashes and the policy forbids inline scripts.
(() => {
  const boot = document.currentScript.dataset;
  const root = document.documentElement;

  try {
    const theme = localStorage.getItem("heqi.theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch {
    // Storage is blocked: the system's theme it is.
  }

  const fail = (error) => {
    document.getElementById("boot-error").hidden = false;
    document.getElementById("boot-detail").textContent = String(error);
  };

  const parsed = new Promise((resolve) => {
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", resolve, { once: true });
    else resolve();
  });

  // The worker opens the store while the interface is still loading, which then joins it under the same name.
  if (isSecureContext && "SharedWorker" in window) {
    const address = `${boot.workerBoot}?js=${boot.workerJs}&wasm=${boot.workerWasm}`;
    window.heqiWorker = new SharedWorker(address, { type: "module", name: "heqi" });
    window.heqiWorker.addEventListener("error", (event) => (window.heqiWorkerError = event.message ?? ""));
  }

  const module = import(boot.uiJs);
  parsed
    .then(() => module)
    .then((ui) => ui.default({ module_or_path: boot.uiWasm }))
    .then(() => document.getElementById("boot-screen")?.remove())
    .catch(fail);

  if (!("serviceWorker" in navigator)) return;

  // A newer shell waits until the reader agrees: a reload in the middle of an edit would lose it.
  const announce = (worker) => {
    window.addEventListener("heqi-update-now", () => worker.postMessage("take-over"), { once: true });
    root.dataset.update = "ready";
    window.dispatchEvent(new Event("heqi-update"));
  };
  const follow = (registration) => {
    if (registration.waiting && navigator.serviceWorker.controller) announce(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => {
        if (worker.state === "installed" && navigator.serviceWorker.controller) announce(worker);
      });
    });
  };
  const controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) location.reload();
  });
  window.addEventListener("load", () => {
    navigator.serviceWorker.register("/sw.js").then(follow, () => {
      // Without it the page works, only not from a cold start offline.
    });
  });
})();

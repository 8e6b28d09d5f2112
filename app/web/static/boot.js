// Starts the interface: theme before the first paint, then the wasm, then the service worker.
// The file names come from the script tag, because names carry hashes and the policy forbids inline scripts.
(() => {
  const boot = document.currentScript.dataset;
  const root = document.documentElement;
  // Between two looks for a newer build, and how long is waited for a server or a shell that should answer at once.
  const LOOK_MS = 3_600_000;
  const PATIENCE_MS = 10_000;

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

  let shells;
  let isLoading = false;
  // Says so before, because what is saved is then sent by the page that comes. Whoever is asked and stays is asked once.
  const load = () => {
    if (isLoading) return;
    isLoading = true;
    window.dispatchEvent(new Event("heqi-load"));
    location.reload();
  };
  const patience = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const reached = (shell, states) =>
    new Promise((resolve) => {
      const look = () => states.includes(shell.state) && resolve();
      shell.addEventListener("statechange", look);
      look();
    });
  // Has the newest shell answer from now on, however long it takes to come; nothing happens where there is no newer one.
  const takeOver = async () => {
    if (!shells) return;
    if (!shells.installing && !shells.waiting) await Promise.race([shells.update().catch(() => {}), patience()]);
    if (shells.installing) await reached(shells.installing, ["installed", "activating", "activated", "redundant"]);
    const next = shells.waiting;
    if (!next) return;
    next.postMessage("take-over");
    await Promise.race([reached(next, ["activated", "redundant"]), patience()]);
  };
  // Loads the page again by the newest shell: an older one would only take the store back.
  const renew = async () => {
    isLoading = false;
    await takeOver();
    load();
  };
  window.addEventListener("heqi-renew", renew);

  if (!("serviceWorker" in navigator)) return;

  // A newer shell waits until the reader agrees: a reload in the middle of an edit would lose it.
  const announce = () => {
    if (!navigator.serviceWorker.controller) return;
    root.dataset.update = "ready";
    window.dispatchEvent(new Event("heqi-update"));
  };
  const watch = (worker) => {
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed") announce();
    });
  };
  const follow = (registration) => {
    shells = registration;
    if (shells.waiting) announce();
    watch(shells.installing);
    shells.addEventListener("updatefound", () => watch(shells.installing));
    // A page that stays open for weeks loads nothing by itself.
    const look = () => shells.update().catch(() => {});
    setInterval(look, LOOK_MS);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") look();
    });
  };
  // The first shell that a page gets is its own; each later one has been agreed to, here or in another tab.
  let controlled = Boolean(navigator.serviceWorker.controller);
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (controlled) load();
    controlled = true;
  });
  window.addEventListener("load", () => {
    navigator.serviceWorker.register("/sw.js").then(follow, () => {
      // Without it the page works, only not from a cold start offline.
    });
  });
})();

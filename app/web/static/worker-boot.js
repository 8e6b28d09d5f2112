// Runs in the worker: hands the port of every tab to the wasm, also those that knock while it loads.
// A SharedWorker gets ports by `connect`, a dedicated worker by a message that carries one.
self.heqiPorts = [];
const tabs = new Set();

const connect = (port) => {
  tabs.add(port);
  port.addEventListener("close", () => tabs.delete(port));
  if (self.heqiConnect) self.heqiConnect(port);
  else self.heqiPorts.push(port);
};

self.addEventListener("connect", (event) => connect(event.ports[0]));
self.addEventListener("message", (event) => {
  if (event.ports.length > 0) connect(event.ports[0]);
});

// Without the wasm nobody answers: tell every tab in words its boot script reads.
const tell = (error) => (port) => port.postMessage({ boot: String(error) });

// A wasm that trapped must not run on. The worker ends, so that a reload starts a fresh one; `heqiDefect` is what a
// panic said before its trap.
let broken = false;
const broke = (error) => {
  if (broken || !(self.heqiDefect || error instanceof WebAssembly.RuntimeError)) return;
  broken = true;
  self.heqiConnect = tell(self.heqiDefect ?? error);
  tabs.forEach(self.heqiConnect);
  setTimeout(() => self.close());
};
self.addEventListener("error", (event) => broke(event.error));
self.addEventListener("unhandledrejection", (event) => broke(event.reason));

const names = new URL(self.location.href).searchParams;
import(names.get("js"))
  .then((module) => module.default({ module_or_path: names.get("wasm") }))
  .catch((error) => {
    self.heqiConnect = tell(error);
    self.heqiPorts.splice(0).forEach(self.heqiConnect);
  });

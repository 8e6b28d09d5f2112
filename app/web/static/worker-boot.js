// Runs in the worker: hands the port of every tab to the wasm, also those that knock while it loads.
// A SharedWorker gets ports by `connect`, a dedicated worker by a message that carries one.
self.heqiPorts = [];

const connect = (port) => {
  if (self.heqiConnect) self.heqiConnect(port);
  else self.heqiPorts.push(port);
};

self.addEventListener("connect", (event) => connect(event.ports[0]));
self.addEventListener("message", (event) => {
  if (event.ports.length > 0) connect(event.ports[0]);
});

const names = new URL(self.location.href).searchParams;
import(names.get("js"))
  .then((module) => module.default({ module_or_path: names.get("wasm") }))
  .catch((error) => {
    // Without the wasm nobody answers: tell every tab in words its boot script reads.
    const tell = (port) => port.postMessage({ boot: String(error) });
    self.heqiConnect = tell;
    self.heqiPorts.splice(0).forEach(tell);
  });

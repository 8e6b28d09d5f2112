// Opens Automerge files with Automerge's own JavaScript and prints what is in them, as JSON: for each file its heads,
// the number of changes, every value by its key, and the values of each register that holds several.
import { readFileSync } from "node:fs";
import * as Automerge from "@automerge/automerge";

// Texts that are one value, not characters that merge, come as objects of their own.
const plain = (value) => (value !== null && typeof value === "object" ? String(value) : value);

const opened = process.argv.slice(2).map((file) => {
  const document = Automerge.load(new Uint8Array(readFileSync(file)));
  const values = {};
  const conflicts = {};
  for (const [, shard] of Object.entries(document)) {
    for (const key of Object.keys(shard)) {
      values[key] = plain(shard[key]);
      const several = Automerge.getConflicts(shard, key);
      if (several) conflicts[key] = Object.values(several).map(plain).sort();
    }
  }
  // What JavaScript saves is the same document.
  const again = Automerge.load(Automerge.save(document));
  return {
    heads: Automerge.getHeads(document),
    saved: Automerge.getHeads(again),
    changes: Automerge.getAllChanges(document).length,
    values,
    conflicts,
  };
});
console.log(JSON.stringify(opened));

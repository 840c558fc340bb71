/**
 * Runs simulations with one line of core changed, until one finds fault, and prints what it found. Arguments: the
 * file of core, the text to replace, its replacement, and how many seeds to try.
 */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [file = "", text = "", replacement = "", seeds = "0"] = process.argv.slice(2);
const changed = pathToFileURL(path.resolve(import.meta.dirname, "../../../core/src", file)).href;
let isChanged = false;

function print(found: unknown): void {
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (url !== changed) return loaded;
    // TypeScript of this repository, as text or as its bytes.
    const source =
      typeof loaded.source === "string" ? loaded.source : new TextDecoder().decode(loaded.source);
    if (!source.includes(text)) throw new Error(`${file} does not contain: ${text}`);
    isChanged = true;
    return { ...loaded, source: source.replace(text, () => replacement) };
  },
});

const { simulate } = await import("./simulate.ts");
if (!isChanged) throw new Error(`${file} was not loaded`);
// A graph that is broken may throw where nobody listens.
process.on("uncaughtException", (error) => {
  print({ seed: -1, violations: [`uncaught: ${error.message}`] });
  process.exit(0);
});
for (let seed = 1; seed <= Number(seeds); seed++) {
  const { violations } = await simulate({ seed });
  if (violations.length > 0) {
    print({ seed, violations });
    process.exit(0);
  }
}
print({ seed: 0, violations: [] });

/**
 * Builds the packages into their `dist`. TypeScript compiles all of them; of those on every user's way, the JavaScript
 * is bundled, one file an entry and what entries share: Node takes its time to import per file, and core would cost
 * several times as much in fifty. What earlier builds left, and this one would not write, does not stay.
 */
import { spawnSync } from "node:child_process";
import { globSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { rolldown, RolldownMagicString } from "rolldown";
import { removeBundles, startClean } from "./start-clean.ts";

const root = path.resolve(import.meta.dirname, "..");

/** The packages whose JavaScript is bundled; their `tsconfig.json` has `emitDeclarationOnly`. */
const bundled: readonly string[] = ["contracts", "core", "text", "llm", "flow", "http"];

/**
 * Those whose main entry is one file, as each costs an import about as much as a hundred kilobytes. Their other entries take from it, by
 * the package's name, the modules of which it exports all, and have copies of what else they share with it: that must be
 * functions without memory. Elsewhere the other entries are used without the main one: a client of agents should not load the server.
 */
const inOneFile: readonly string[] = ["contracts", "core"];

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string } | string | null>>;
}

/** The source file of each entry, by its name in `dist`: what is exported, and what commands begin with. */
function entriesOf(folder: string): Record<string, string> {
  // The manifests of the workspace have this shape; a wrong one fails right here.
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
  const entries: Record<string, string> = {};
  for (const target of Object.values(manifest.exports)) {
    if (target === null || typeof target === "string") continue;
    const name = path.relative("dist", target.default).replace(/\.js$/, "");
    entries[name] = path.join(folder, "src", `${name}.ts`);
  }
  for (const program of globSync("**/bin.ts", { cwd: path.join(folder, "src") })) {
    entries[program.replace(/\.ts$/, "")] = path.join(folder, "src", program);
  }
  return entries;
}

type Entries = Readonly<Record<string, string>>;

async function bundle(name: string): Promise<void> {
  const folder = path.join(root, "packages", name);
  const entries = entriesOf(folder);
  const { index, ...others } = entries;
  if (!inOneFile.includes(name) || index === undefined) {
    await bundleEntries(folder, entries);
    return;
  }
  const { modules, names } = await bundleEntries(folder, { index });
  const whole = [...modules].filter(
    ([, exported]) => exported.length > 0 && exported.every((each) => names.has(each)),
  );
  await bundleEntries(folder, others, {
    name: `@atomic-agents/${name}`,
    modules: new Set(whole.map(([id]) => id)),
  });
}

/** Modules that are not bundled: the package of the name exports all that they do. */
interface Elsewhere {
  readonly name: string;
  readonly modules: ReadonlySet<string>;
}

/** What was bundled: what each module exports, and what the entries do. */
interface Bundled {
  readonly modules: ReadonlyMap<string, readonly string[]>;
  readonly names: ReadonlySet<string>;
}

async function bundleEntries(folder: string, entries: Entries, elsewhere?: Elsewhere): Promise<Bundled> {
  const modules = new Map<string, readonly string[]>();
  const build = await rolldown({
    input: entries,
    cwd: folder,
    platform: "node",
    external: (id) => !id.startsWith(".") && !path.isAbsolute(id),
    plugins: [
      {
        name: "elsewhere",
        async resolveId(source, importer) {
          const found = await this.resolve(source, importer);
          const isElsewhere = found !== null && elsewhere?.modules.has(found.id) === true;
          return isElsewhere ? { id: elsewhere.name, external: true } : found;
        },
        moduleParsed: ({ id, exports }) => void modules.set(id, exports),
        renderChunk: (code) => (inOneFile.includes(path.basename(folder)) ? { code: inAscii(code) } : null),
      },
    ],
  });
  const { output } = await build.write({
    dir: path.join(folder, "dist"),
    format: "esm",
    sourcemap: true,
    // Even what removes dead code alone would undo `inAscii`.
    minify: false,
    // Documentation is in the declarations; what is not read need not be scanned at each import.
    comments: { annotation: true, jsdoc: false, legal: true },
    entryFileNames: "[name].js",
    chunkFileNames: "shared/[name]-[hash].js",
    codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
  });
  await build.close();
  return {
    modules,
    names: new Set(output.flatMap((file) => (file.type === "chunk" && file.isEntry ? file.exports : []))),
  };
}

/** V8 reads a file in less time, and half the memory, if all of it is ASCII. */
function inAscii(code: string): RolldownMagicString {
  const written = new RolldownMagicString(code);
  for (const { 0: character, index } of code.matchAll(/[^\0-\x7f]/gu)) {
    if (/\\$|String\.raw`[^`]*$/.test(code.slice(0, index))) {
      throw new Error(
        `an escape would be another text: ${JSON.stringify(code.slice(index - 40, index + 1))}`,
      );
    }
    const units = character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    written.update(index, index + character.length, units.join(""));
  }
  return written;
}

for (const name of readdirSync(path.join(root, "packages"))) {
  startClean({ folder: path.join(root, "packages", name), isBundled: bundled.includes(name) });
}
const compiled = spawnSync(process.execPath, [path.join(root, "node_modules/typescript/bin/tsc"), "-b"], {
  cwd: root,
  stdio: "inherit",
});
// The compiler has said what is wrong.
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
for (const name of bundled) {
  removeBundles(path.join(root, "packages", name));
  await bundle(name);
}

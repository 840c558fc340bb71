/**
 * `node scripts/check-exports.ts [--update]`: the public names of every entry are those listed in `api/`, so that a name
 * added or lost is seen in review.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readModule } from "./source-module.ts";
import { root } from "./steps.ts";
import { readWorkspace, sourceEntries, type WorkspacePackage } from "./workspace.ts";

const folder = join(root, "api");
const lists = new Map(
  readWorkspace().packages.map((package_) => [`${package_.folder}.txt`, publicNames(package_)]),
);

if (process.argv.includes("--update")) {
  mkdirSync(folder, { recursive: true });
  for (const stale of readdirSync(folder).filter((name) => !lists.has(name))) rmSync(join(folder, stale));
  for (const [name, lines] of lists) writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  console.log(`api/: ${lists.size} lists written`);
} else {
  const problems = [...lists].flatMap(([name, lines]) => differences(name, lines));
  const committed = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of committed.filter((name) => !lists.has(name)))
    problems.push(`api/${name}: no such package`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) {
    console.error("\nThe public names changed. If that is meant, run `npm run api:update` and commit api/.");
    process.exit(1);
  }
  const count = [...lists.values()].reduce((sum, lines) => sum + lines.length, 0);
  console.log(`${count} public names as listed in api/`);
}

/** One line per name, sorted: `entry: name`, or `entry: type name` for what is gone at run time. */
function publicNames({ manifest, sources }: WorkspacePackage): readonly string[] {
  return [...sourceEntries(manifest)]
    .flatMap(([path, source]) => {
      const text = sources.get(source);
      if (text === undefined)
        throw new Error(`${manifest.name} exports "${path}" from ${source}, which is missing.`);
      const entry = manifest.name + path.slice(1);
      return readModule(source, text).exports.map(
        ({ name, typeOnly }) => `${entry}: ${typeOnly ? "type " : ""}${name}`,
      );
    })
    .sort();
}

function differences(name: string, lines: readonly string[]): readonly string[] {
  const path = join(folder, name);
  const listed = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  return [
    ...lines.filter((line) => !listed.includes(line)).map((line) => `api/${name}: not listed: ${line}`),
    ...listed.filter((line) => !lines.includes(line)).map((line) => `api/${name}: no longer there: ${line}`),
  ];
}

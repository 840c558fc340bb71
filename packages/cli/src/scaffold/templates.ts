import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** What a project can begin with, the default first. Each is a folder in `templates/init`, a project of its own. */
export const projectTemplates = {
  flow: "an agent, and a flow of records through it, from file to file",
  pipeline: "two agents one after the other, without files",
  minimal: "nothing but what every project has",
} as const;
export type ProjectTemplate = keyof typeof projectTemplates;

/** In the place of the project's name. */
const placeholder = "my-project";
/** Where a project says its name. */
const named: readonly string[] = ["package.json", "atomic.yaml", "README.md"];

/** Beside src and dist alike. */
const folder = fileURLToPath(new URL("../../templates/init/", import.meta.url));

/** A template's files for a project of this name: their texts by their paths, which have slashes on any system. */
export function readTemplate(template: ProjectTemplate, name: string): ReadonlyMap<string, string> {
  const cwd = join(folder, template);
  const paths = readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(cwd, join(entry.parentPath, entry.name)).replaceAll("\\", "/"));
  const files = paths.map((path): readonly [string, string] => {
    const text = readFileSync(join(cwd, path), "utf8");
    return [
      // npm would take a file of that name for its own use, and pack neither it nor what it names.
      path === "gitignore" ? ".gitignore" : path,
      named.includes(path) ? text.replaceAll(placeholder, name) : text,
    ];
  });
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Beside src and dist alike. */
const templates = fileURLToPath(new URL("../../templates/", import.meta.url));

/**
 * The files of a folder in `templates`: their texts by their paths, which have slashes on any system.
 *
 * @param words what stands for something else in the files' paths and texts, and what for
 */
export function templateFiles(
  folder: string,
  words: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const cwd = join(templates, folder);
  const placeholders = new RegExp(Object.keys(words).join("|"), "g");
  const replaced = (text: string) => text.replace(placeholders, (word) => words[word] ?? word);
  const files = readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): readonly [string, string] => {
      const path = join(entry.parentPath, entry.name);
      const name = relative(cwd, path).replaceAll("\\", "/");
      // npm would take a file of that name for its own use, and pack neither it nor what it names.
      return [name === "gitignore" ? ".gitignore" : replaced(name), replaced(readFileSync(path, "utf8"))];
    });
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

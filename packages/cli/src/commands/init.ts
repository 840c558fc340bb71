import { readdirSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { toJsonText } from "../output/json.ts";
import { shownPath } from "../output/shown-path.ts";
import { shellWord } from "../output/shell-word.ts";
import { whyNotWritten, writeOutput } from "../output/write-output.ts";
import { addFiles } from "../scaffold/add-files.ts";
import { packageManagerOf } from "../scaffold/package-manager.ts";
import { projectName } from "../scaffold/project-name.ts";
import { type ProjectTemplate, readTemplate } from "../scaffold/project-templates.ts";
import type { CommonOptions } from "../terminal/session.ts";
import { UsageError } from "../usage-error.ts";

/** Options of `atomic init`. */
export interface InitOptions extends CommonOptions {
  readonly template: ProjectTemplate;
}

/** `atomic init`: makes a project in an empty folder. Asks npm for nothing. */
export async function initCommand(path: string, { template, json }: InitOptions): Promise<void> {
  checkPath(path);
  const folder = resolve(path);
  checkEmpty(folder, path);
  // npm refuses a project that has the name of what it installs.
  const name = projectName(folder, Object.keys(manifestOf(readTemplate(template, "any")).dependencies));
  const files = readTemplate(template, name);
  addFiles(folder, files);

  const { scripts } = manifestOf(files);
  const { name: manager, execute } = packageManagerOf(folder);
  const next = [
    ...(folder === process.cwd() ? [] : [`cd ${shellWord(relative(process.cwd(), folder))}`]),
    `${manager} install`,
    ...("start" in scripts
      ? [`${manager} run check`, `${manager} start`, `${manager} test`]
      : [`${execute} atomic create agent my-agent --type function`]),
  ];
  if (json === true) {
    return writeOutput(toJsonText({ name, folder, template, files: [...files.keys()], next }), "-");
  }
  await writeOutput(
    [
      `Made the project ${name} in ${folder === process.cwd() ? "the current folder" : shownPath(folder)}:`,
      ...[...files.keys()].map((file) => `  ${file}`),
      "",
      "Next (README.md says more):",
      ...next.map((command) => `  ${command}`),
    ].join("\n"),
    "-",
  );
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

function manifestOf(files: ReadonlyMap<string, string>): Manifest {
  // Every template has one, with both; a test looks.
  return JSON.parse(files.get("package.json") ?? "") as Manifest;
}

function checkPath(path: string): void {
  if (path !== "" && !path.includes("\0")) return;
  throw new UsageError("The project needs the path of a folder", {
    where: "folder",
    expected: "the path of an empty folder, or of one that is not there yet",
    got: JSON.stringify(path),
  });
}

/** What does no harm in a folder that is otherwise empty: of version control, editors and file managers. */
const harmless: ReadonlySet<string> = new Set([
  ".git",
  ".hg",
  ".jj",
  ".idea",
  ".vscode",
  ".DS_Store",
  "Thumbs.db",
]);
const mostShown = 5;

function checkEmpty(folder: string, path: string): void {
  const expected = "an empty folder, or one that is not there yet";
  const names = namesIn(folder, path, expected).filter((name) => !harmless.has(name));
  if (names.length === 0) return;
  const more = names.length > mostShown ? ` and ${names.length - mostShown} more` : "";
  throw new UsageError(`${folder} is not empty`, {
    where: "folder",
    expected,
    got: `${names.toSorted().slice(0, mostShown).join(", ")}${more}`,
    hint: `Nothing was written. Name another folder: atomic init ${shellWord(`${path.replace(/\/+$/, "")}/my-project`)}`,
  });
}

function namesIn(folder: string, path: string, expected: string): readonly string[] {
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) return [];
    if (found.isDirectory()) return readdirSync(folder);
  } catch (error) {
    throw new UsageError(`${folder} cannot be read: ${whyNotWritten(error)}`, {
      where: "folder",
      expected,
      got: path,
      cause: error,
    });
  }
  throw new UsageError(`${folder} is no folder`, { where: "folder", expected, got: "a file" });
}

import { closest, formatOfName } from "@atomic-agents/project";
import { accessSync, constants, existsSync, globSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { countOf } from "../output/count-text.ts";
import { shellWord } from "../output/shell-word.ts";
import { UsageError } from "../usage-error.ts";

const expected = "a file, or a pattern of files in quotes";
/** So many names fit a line. */
const maxNames = 5;

/**
 * The files of records that a path or a pattern leads to.
 *
 * @param format whether it is said how records stand in them; otherwise their names have to
 * @throws UsageError where it leads to none, to a folder, or to one that says nothing of its format
 */
export function filesOfRecords(file: string, format: string | undefined): readonly string[] {
  // A link that leads nowhere, or in a circle, is no file.
  const isThere = existsSync(file);
  if (isThere && statSync(file).isDirectory()) throw isFolder(file);
  const found = isThere ? [file] : globSync(file).filter(isFile);
  if (found.length === 0) throw /[*?[{(]/.test(file) ? foundNone(file) : isMissing(file);
  const locked = found.find((path) => !isReadable(path));
  if (locked !== undefined) throw isLocked(locked);
  const odd = format === undefined && formatOfName(file) === undefined ? found.find(isOdd) : undefined;
  if (odd === undefined) return found;
  throw new UsageError(`The name of ${odd} does not say how records stand in it`, {
    where: "<file>",
    expected: "a name that ends in .jsonl, .ndjson, .json, .csv, .tsv, .txt or .log, with or without .gz",
    got: odd,
    hint: `--format jsonl, json, csv or text says it: atomic infer ${shellWord(file)} --format jsonl`,
  });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function isLocked(file: string): UsageError {
  return new UsageError(`${file} cannot be read: permission is denied`, {
    where: "<file>",
    expected: "a file that this user may read",
    got: file,
    hint: `ls -l ${shellWord(file)} shows who may.`,
  });
}

function isOdd(path: string): boolean {
  return formatOfName(path) === undefined;
}

function isFile(path: string): boolean {
  return existsSync(path) && !statSync(path).isDirectory();
}

/** As a source of a flow takes no folder either, it is told which files there are in it. */
function isFolder(folder: string): UsageError {
  const names = globSync("*", { cwd: folder }).filter((name) => isFile(join(folder, name)) && !isOdd(name));
  return new UsageError(`${folder} is a folder`, {
    where: "<file>",
    expected,
    got: folder,
    hint: hintFor(folder, names.sort()),
  });
}

function hintFor(folder: string, names: readonly string[]): string {
  const [first] = names;
  if (first === undefined)
    return "There is no file of records in it, such as one whose name ends in .jsonl, .json or .csv.";
  const one = `atomic infer ${shellWord(join(folder, first))}`;
  if (names.length === 1) return one;
  const ending = endingOf(first);
  const alike = names.filter((name) => endingOf(name) === ending).length;
  const all =
    alike < 2
      ? ""
      : `, or of all ${alike} that end so, as one: atomic infer ${shellWord(join(folder, `*${ending}`))}`;
  const shown = names.slice(0, maxNames).join(", ");
  const more = names.length > maxNames ? `, and ${countOf(names.length - maxNames, "other")}` : "";
  return `${one}${all}. In it are: ${shown}${more}`;
}

function endingOf(name: string): string {
  return /\.[^.]+(?:\.gz)?$/i.exec(name)?.[0] ?? "";
}

function foundNone(pattern: string): UsageError {
  return new UsageError(`No file is found by ${JSON.stringify(pattern)}`, {
    where: "<file>",
    expected,
    got: pattern,
    hint: `It is looked for in ${resolve(".")}. A pattern finds no names that begin with a dot.`,
  });
}

function isMissing(file: string): UsageError {
  const folder = dirname(file);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const near = closest(basename(file), names);
  const guess =
    near === undefined
      ? `It is looked for in ${resolve(folder)}.`
      : `Did you mean ${JSON.stringify(join(folder, near))}?`;
  const hint = names.includes(basename(file)) ? "It is a link that leads to no file." : guess;
  return new UsageError(`There is no file ${JSON.stringify(file)}`, {
    where: "<file>",
    expected,
    got: file,
    hint,
  });
}

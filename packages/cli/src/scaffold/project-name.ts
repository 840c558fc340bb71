import { basename } from "node:path";

const fallback = "my-project";
/** npm takes 214, but the name is also said in sentences. */
const maxLength = 60;

/**
 * The name of a project that lies in a folder, as npm takes names: of the folder's own name what is left of it in small
 * Latin letters, digits and hyphens.
 *
 * @param taken names that it must not have: those of the packages that the project installs
 */
export function projectName(folder: string, taken: readonly string[] = []): string {
  const name = basename(folder)
    .normalize("NFKD")
    // What NFKD has taken off its letter.
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, maxLength)
    .replace(/^-+|-+$/g, "");
  if (name === "") return fallback;
  // YAML would read 2024 and 1e3 as numbers.
  if (!Number.isNaN(Number(name))) return `${fallback}-${name}`;
  return reserved.has(name) || taken.includes(name) ? `${name}-project` : name;
}

/** What npm refuses, and what YAML reads as something other than text. */
const reserved: ReadonlySet<string> = new Set(["node-modules", "favicon-ico", "true", "false", "null"]);

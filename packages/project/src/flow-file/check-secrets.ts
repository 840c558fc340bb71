import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { findModuleFile } from "../module-file.ts";
import { isModuleReference, moduleExtensions, parseModuleReference } from "../module-reference.ts";
import type { Project } from "../project/project.ts";
import { isWithin } from "../project/project-paths.ts";
import { secretReferencesIn } from "../project/secret-reference.ts";
import { isObject } from "../schemas/show.ts";
import type { PlanContext } from "./plan-stage.ts";

/**
 * Reports secrets of resources that cannot be had, before an agent asks for them with each record. Which resources a flow
 * uses is said by its agents' code alone: by `projectResource("name")` in their modules and those of the project that
 * these import.
 *
 * @param agents the names of the flow's agents and pipelines
 */
export async function checkSecrets(
  { project, report, isRun }: Pick<PlanContext, "project" | "report" | "isRun">,
  agents: readonly string[],
): Promise<void> {
  const { document } = project;
  // A check warns of all that the project's file names: they may be there where it runs.
  if (!isRun || document === undefined || project.resources.size === 0) return;
  const sections = isObject(document.value) ? document.value["resources"] : undefined;
  for (const name of resourcesAskedFor(codeOf(project, agents), project.directory)) {
    const written = isObject(sections) && Object.hasOwn(sections, name) ? sections[name] : undefined;
    for (const { path, reference } of secretReferencesIn(written, ["resources", name])) {
      try {
        await project.secret(reference, { document, path });
      } catch (thrown) {
        report.thrown([], thrown, "secret");
      }
    }
  }
}

/** A module, or what one of its exports is made of. */
interface Code {
  readonly file: string;
  readonly exportName: string | undefined;
}

/** Where agents are, those of pipelines with them. */
function codeOf(project: Project, names: readonly string[]): readonly Code[] {
  const code: Code[] = [];
  const seen = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const stages = project.pipelines.get(name)?.stages;
    if (stages !== undefined && !project.agents.has(name)) pending.push(...stages.map(({ agent }) => agent));
    const reference = project.agents.get(name)?.use ?? name;
    if (!isModuleReference(reference)) continue;
    try {
      const { path, exportName } = parseModuleReference(reference);
      code.push({ file: findModuleFile(reference, path, project.directory), exportName });
    } catch {
      // Told where it is loaded.
    }
  }
  return code;
}

const maxModules = 200;
const maxBytes = 1_048_576;
const asking = /\bprojectResource\s*(?:<[^;()]{0,500}>)?\s*\(\s*(["'`])(?<name>[^"'`\\\n]{1,200})\1/g;
const importing = /\b(?:from|import)\s*\(?\s*(["'])(?<path>\.{1,2}\/[^"'\n]{1,500})\1/g;

const declaring =
  /^(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:const|let|var|function\*?|class)\s+(?<name>[\w$]+)/gm;

function resourcesAskedFor(code: readonly Code[], directory: string): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<string>();
  const pending = [...code];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { file, exportName } = next;
    const key = JSON.stringify([file, exportName]);
    if (seen.has(key) || seen.size >= maxModules) continue;
    seen.add(key);
    const text = textOf(file);
    for (const { groups } of partFor(text, exportName).matchAll(asking)) names.add(groups?.["name"] ?? "");
    for (const { groups } of text.matchAll(importing)) {
      const imported = resolve(dirname(file), groups?.["path"] ?? "");
      const isOne = isWithin(directory, imported) && moduleExtensions.some((end) => imported.endsWith(end));
      if (isOne) pending.push({ file: imported, exportName: undefined });
    }
  }
  return names;
}

/** What stands at the top of a module and has to do with an export: its own text, and that of what it names. */
function partFor(text: string, exportName: string | undefined): string {
  const begins = [...text.matchAll(declaring)];
  const parts = new Map(
    begins.map(({ index, groups }, at) => [groups?.["name"] ?? "", text.slice(index, begins[at + 1]?.index)]),
  );
  if (exportName === undefined || !parts.has(exportName)) return text;
  const wanted = new Set([exportName]);
  // Those that are added on the way come up as well.
  for (const name of wanted) {
    for (const [word] of (parts.get(name) ?? "").matchAll(/[A-Za-z_$][\w$]*/g)) {
      if (parts.has(word)) wanted.add(word);
    }
  }
  return [...wanted].map((name) => parts.get(name) ?? "").join("\n");
}

function textOf(file: string): string {
  try {
    const stats = statSync(file);
    return stats.isFile() && stats.size <= maxBytes ? readFileSync(file, "utf8") : "";
  } catch {
    return "";
  }
}

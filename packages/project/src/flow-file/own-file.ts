import { join, relative, resolve, sep } from "node:path";
import type { Project } from "../project/project.ts";
import { isWithin } from "../project/project-paths.ts";
import { secretReferencesIn } from "../project/secret-reference.ts";
import { isObject } from "../schemas/show.ts";
import { realFile } from "./check-outputs.ts";
import type { DocumentPath } from "./flow-report.ts";
import type { PlanContext } from "./plan-stage.ts";

const module = /\.[cm]?[jt]sx?$/;
const flowFile = /\.flow\.(?:ya?ml|json)$/;
const settingsFile =
  /^(?:atomic\.(?:ya?ml|json)|package\.json|(?:package-lock|npm-shrinkwrap)\.json|(?:t|j)sconfig(?:\..*)?\.json|deno\.jsonc?|pnpm-(?:lock|workspace)\.yaml|yarn\.lock|bun\.lockb?|\.env(?:\..*)?|\.npmrc|\.gitignore)$/;
const foldersOfTools: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** Whether a file is the project's own, which is reported: one that flows do not write over. */
export function reportOwnFile(
  context: Pick<PlanContext, "project" | "report">,
  file: string,
  { label, path }: { readonly label: string; readonly path: DocumentPath },
): boolean {
  const hint = whyOwn(context, realFile(file));
  if (hint === undefined) return false;
  context.report.error(path, {
    code: "path",
    message: `${JSON.stringify(label)} is a file of the project itself`,
    hint,
  });
  return true;
}

/** @param file absolute, links followed */
function whyOwn(
  { project, report }: Pick<PlanContext, "project" | "report">,
  file: string,
): string | undefined {
  const { directory } = project;
  const isNamed = namedFiles(project, report.document.value).some(
    (each) => realFile(resolve(directory, each)) === file,
  );
  if (isNamed || file === realFile(report.document.path)) return "Write to another file.";
  // What lies elsewhere was named on the command line, by somebody who knows it.
  if (!isWithin(realFile(directory), file)) return undefined;
  const runs = realFile(resolve(directory, project.settings.runs.path));
  if (isWithin(runs, file) || file.startsWith(`${runs}-`)) {
    return `Runs are kept in ${project.settings.runs.path}: write elsewhere.`;
  }
  const parts = relative(realFile(directory), file).toLowerCase().split(sep);
  const tool = parts.find((part) => foldersOfTools.has(part));
  if (tool !== undefined) return `${tool} belongs to a tool: write to another folder.`;
  const name = parts.at(-1) ?? "";
  if (module.test(name)) return "Such files hold code: give the output another ending, such as .jsonl.";
  if (parts[0] === ".atomic" && parts[1] === "runs") return "Runs are kept in .atomic/runs: write elsewhere.";
  return flowFile.test(name) || settingsFile.test(name) ? "Write to another file." : undefined;
}

/** The paths of what the project's file and a flow file name: other files, schemas, databases and secrets. */
function namedFiles(project: Project, flow: unknown): readonly string[] {
  const { file, flows, document } = project;
  const secrets = [document?.value, flow].flatMap((value) =>
    secretReferencesIn(value).flatMap(({ reference }) =>
      "secretFile" in reference ? reference.secretFile : [],
    ),
  );
  return [
    ...(file === undefined ? [] : [join(project.directory, file)]),
    ...[...flows.values()].map(({ path }) => path),
    ...secrets,
    ...textsUnder("file", isObject(document?.value) ? document.value["resources"] : undefined),
    ...textsUnder("schema", flow),
  ];
}

/** The texts that stand under a key, at any depth; without what names a part of a file. */
function textsUnder(key: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => textsUnder(key, item));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([each, inside]) =>
    each === key && typeof inside === "string" ? [inside.replace(/#.*$/, "")] : textsUnder(key, inside),
  );
}

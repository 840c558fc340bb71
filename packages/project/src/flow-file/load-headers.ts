import type { Secret } from "@atomic-agents/core";
import { isSecretReference } from "../project/secret-reference.ts";
import type { ValueOfFile } from "../schemas/project-file.ts";
import type { DocumentPath } from "./flow-report.ts";
import type { PlanContext } from "./plan-stage.ts";

/**
 * The headers of requests, with what environment and secret files hold; undefined where one cannot be had. Where nothing is
 * about to be run, those that cannot are left out, and warned of: they may be there where it is.
 */
export async function loadHeaders(
  { project, report, isRun }: PlanContext,
  headers: Readonly<Record<string, ValueOfFile>> | undefined,
  path: DocumentPath,
): Promise<Readonly<Record<string, string | Secret>> | undefined> {
  const loaded: [string, string | Secret][] = [];
  let isWhole = true;
  for (const [name, value] of Object.entries(headers ?? {})) {
    // What is neither was told when the file's shape was checked.
    if (typeof value !== "string" && !isSecretReference(value)) continue;
    const place = [...path, name];
    try {
      loaded.push([name, await project.secret(value, { document: report.document, path: place })]);
    } catch (thrown) {
      if (isRun) {
        report.thrown(place, thrown, "secret");
        isWhole = false;
      } else report.warned(place, thrown, "secret");
    }
  }
  return isWhole ? Object.fromEntries(loaded) : undefined;
}

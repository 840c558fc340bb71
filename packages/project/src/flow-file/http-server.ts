import { Secret } from "@atomic-agents/core";
import { closest } from "../closest.ts";
import type { HttpOfFile, ValueOfFile } from "../schemas/project-file.ts";
import { isObject } from "../schemas/show.ts";
import type { DocumentPath } from "./flow-report.ts";
import type { PlanContext } from "./plan-stage.ts";

/** Where a server is, and how it is asked. */
export interface HttpServer {
  /** With names in braces. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxBytes?: number | undefined;
}

/** The server that a flow file names, itself or by a resource of the project; undefined where there is none, which is reported. */
export async function serverOf(
  { project, report, isRun }: PlanContext,
  given: string | { readonly resource: string; readonly path: string },
  place: DocumentPath,
): Promise<HttpServer | undefined> {
  if (typeof given === "string") return { url: given };
  const { resource: name, path } = given;
  const at = [...place, "resource"];
  const { document } = project;
  const sections = isObject(document?.value) ? document.value["resources"] : undefined;
  const resource = isObject(sections) && Object.hasOwn(sections, name) ? sections[name] : undefined;
  if (document === undefined || !isHttp(resource)) {
    const names = [...project.resources].flatMap(([each, { type }]) => (type === "http" ? [each] : []));
    const near = closest(name, names);
    report.error(at, {
      code: "unknown-name",
      message: `The project has no resource ${JSON.stringify(name)} of type http`,
      hint: near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`,
    });
    return undefined;
  }
  const { url, headers = {}, timeoutMs, maxResponseBytes } = resource;
  // It would be shown in messages.
  if (typeof url !== "string") {
    report.error(at, {
      code: "wrong-value",
      message: `The address of the resource ${JSON.stringify(name)} is a secret, and a lookup shows the address that it asks`,
      hint: "Write the address in the project's file, and keep what is secret in its headers.",
    });
    return undefined;
  }
  const loaded: Record<string, string | Secret> = {};
  for (const [header, value] of Object.entries<ValueOfFile>(headers)) {
    try {
      loaded[header] = await project.secret(value, {
        document,
        path: ["resources", name, "headers", header],
      });
    } catch (thrown) {
      // A check warns of all that the project's file names.
      if (!isRun) continue;
      report.thrown(at, thrown, "secret");
      return undefined;
    }
  }
  const whole = `${url.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
  return { url: whole, headers: loaded, timeoutMs, maxBytes: maxResponseBytes };
}

function isHttp(resource: unknown): resource is HttpOfFile {
  return isObject(resource) && resource["type"] === "http";
}

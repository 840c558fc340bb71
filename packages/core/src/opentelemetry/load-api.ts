import { createRequire } from "node:module";
import { AtomicError } from "../errors/atomic-error.ts";

/** The API of OpenTelemetry. */
export type OpenTelemetryApi = typeof import("@opentelemetry/api");

const packageName = "@opentelemetry/api";

/**
 * Loads the API, an optional peer; synchronously and when it is called, so that who does not use it does not need it. It
 * need not be the copy that the program's SDK imports: copies of the API share their state.
 *
 * @throws AtomicError `CONFIG` where it is not installed
 */
export function loadApi(neededBy: string): OpenTelemetryApi {
  try {
    // What the package gives is what its types say.
    return createRequire(import.meta.url)(packageName) as OpenTelemetryApi;
  } catch (cause) {
    throw new AtomicError("CONFIG", `${neededBy} needs the package ${packageName}, which cannot be loaded`, {
      details: { path: packageName, expected: "installed", got: "not installed" },
      hint: `npm install ${packageName}`,
      cause,
    });
  }
}

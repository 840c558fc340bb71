import type { LogLevel } from "@atomic-agents/core";
import type { Project } from "@atomic-agents/project";
import type { CommonOptions } from "../terminal/session.ts";

/** What of the log a service writes: requests, too, unless it is said that less is wanted. */
export function serviceLogLevel(
  { logLevel, verbose }: CommonOptions,
  { document, settings }: Pick<Project, "document" | "settings">,
): LogLevel | "silent" {
  if (logLevel !== undefined) return logLevel;
  if (verbose === true) return "debug";
  return isLogLevelWritten(document?.value) ? settings.logLevel : "info";
}

/** Settings have defaults, which are those of commands that end. */
function isLogLevelWritten(file: unknown): boolean {
  const settings = memberOf(file, "settings");
  return memberOf(settings, "logLevel") !== undefined;
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}

import { configError } from "@atomic-agents/core";

/** Checks a text that has to say something. @throws AtomicError `CONFIG` */
export function checkText(what: string, path: string, value: unknown): void {
  if (typeof value !== "string" || value.trim() === "") {
    throw configError(what, path, "a text that is not blank", value);
  }
}

import type { SettingsOfFile } from "../schemas/project-file.ts";
import type { Settings } from "./project.ts";

/** The settings with what is not said by its default, as the schema tells them. */
export function settingsWithDefaults(given: SettingsOfFile): Settings {
  const {
    logLevel = "warn",
    outputFormat = "auto",
    runs = {},
    alerts = {},
    inputFolders = [],
    serve = {},
  } = given;
  const { store = "folder", path = ".atomic/runs", retentionDays = 7, maxBytes = 268_435_456 } = runs;
  return Object.freeze({
    logLevel,
    outputFormat,
    runs: Object.freeze({ store, path, retentionDays, maxBytes }),
    alerts: Object.freeze({ errorRate: alerts.errorRate, deadLetters: alerts.deadLetters }),
    inputFolders: Object.freeze([...inputFolders]),
    serve: Object.freeze({ ...serve }),
  });
}

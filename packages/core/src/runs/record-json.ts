import { AtomicError } from "../errors/atomic-error.ts";
import { configError } from "../errors/config-error.ts";
import { errorFromJson } from "../errors/error-from-json.ts";
import { plainJson } from "../plain-json.ts";
import { redactText } from "../redact.ts";
import type { RunFlow } from "./run-flow.ts";
import { isRunStatus } from "./run-query.ts";
import type { RunRecord } from "./run-store.ts";

/** A record as JSON has it. */
export type RunRecordJson = Readonly<Record<string, unknown>>;

/** Told by records of a form that this one does not know. */
const version = 1;

/** What names things, and is kept to the letter. */
const names: readonly string[] = [
  "type",
  "runId",
  "requestId",
  "agent",
  "stage",
  "id",
  "status",
  "redriveOf",
];

/** How deep stages of stages go; deeper than agents can be nested. */
const maxLevels = 1_000;

/** Where records have errors. */
const errorKeys: readonly string[] = ["error", "undoError"];

/**
 * A record as plain JSON, to be kept as text: `JSON.stringify` takes it without loss. Of errors it has what their `toJSON` has:
 * neither stack nor cause. What agents and callers gave, such as the data of events and the metadata, is kept as far as
 * it is JSON and takes no more than 16 KiB each; what is not has a mark in its place, such as `[circular]`, `[bigint 5]` or
 * `[cut]`. The texts of secrets are replaced, save in the names and ids of what ran.
 *
 * @example
 * ```ts
 * const store = new MemoryRunStore();
 * await clean.run({ text: " a " }, { store, userId: "ada" });
 * const text = JSON.stringify(store.list().map(recordToJson));
 * const [record] = JSON.parse(text).map(recordFromJson);
 * console.log(record.report.status, record.userId, record.events.length); // => success ada 4
 * ```
 */
export function recordToJson(record: RunRecord): RunRecordJson {
  const { report, events, droppedEvents, userId, sessionId } = record;
  const metadata = plainJson(record.metadata ?? null);
  return {
    version,
    report: partsToJson(report),
    events: events.map(partsToJson),
    droppedEvents,
    ...(userId === undefined ? {} : { userId: redactText(userId) }),
    // Whoever knows a session's id may have the session.
    ...(sessionId === undefined ? {} : { sessionId: redactText(sessionId) }),
    ...(isObject(metadata) ? { metadata } : {}),
    ...(record.flow === undefined ? {} : { flow: flowToJson(record.flow) }),
  };
}

/**
 * The record that `recordToJson` made JSON of. Its errors are `AtomicError`s again, without stack, cause and report; one
 * whose code is not known here, because another version wrote it, has the code `EXECUTION`.
 *
 * @throws AtomicError `CONFIG` that names the place, when it is no such record
 */
export function recordFromJson(json: unknown): RunRecord {
  const record = objectOf("record", json);
  if (record["version"] !== version) throw wrong("version", String(version), record["version"]);
  const report = objectOf("report", record["report"]);
  checkReport(report);
  const events = listOf("events", record["events"]);
  for (const [index, event] of events.entries()) checkEvent(`events[${index}]`, event);
  const { droppedEvents, userId, sessionId, metadata } = record;
  if (!Number.isInteger(droppedEvents)) throw wrong("droppedEvents", "a whole number", droppedEvents);
  if (userId !== undefined) checkText("userId", userId);
  if (sessionId !== undefined) checkText("sessionId", sessionId);
  return {
    // What their fields are was checked above; events of a kind that is not known here are handed on.
    report: partsFromJson(report) as unknown as RunRecord["report"],
    events: events.map((event) => partsFromJson(event)) as unknown as RunRecord["events"],
    droppedEvents: droppedEvents as number,
    ...(userId === undefined ? {} : { userId: userId as string }),
    ...(sessionId === undefined ? {} : { sessionId: sessionId as string }),
    ...(metadata === undefined ? {} : { metadata: objectOf("metadata", metadata) }),
    ...(record["flow"] === undefined ? {} : { flow: flowFromJson(record["flow"]) }),
  };
}

/** Stages and sinks may be many, and are kept one by one. */
function flowToJson(flow: RunFlow): RunRecordJson {
  const { name, stages, sinks, ...rest } = flow;
  return {
    name,
    stages: stages.map(partsToJson),
    sinks: sinks.map(partsToJson),
    ...partsToJson(rest),
  };
}

function flowFromJson(json: unknown): RunFlow {
  const flow = objectOf("flow", json);
  for (const key of ["name", "hash", "host", "source"]) checkText(`flow.${key}`, flow[key]);
  for (const key of ["pid", "updatedAtMs", "emitted", "letters"]) checkNumber(`flow.${key}`, flow[key]);
  const counts = objectOf("flow.counts", flow["counts"]);
  for (const key of countKeys) checkNumber(`flow.counts.${key}`, counts[key]);
  if (typeof flow["published"] !== "boolean")
    throw wrong("flow.published", "true or false", flow["published"]);
  for (const [index, stage] of listOf("flow.stages", flow["stages"]).entries()) {
    checkText(`flow.stages[${index}].id`, stage["id"]);
  }
  for (const [index, sink] of listOf("flow.sinks", flow["sinks"]).entries()) {
    checkText(`flow.sinks[${index}].name`, sink["name"]);
  }
  for (const key of ["lettersTo", "redriveOf"]) {
    if (flow[key] !== undefined) checkText(`flow.${key}`, flow[key]);
  }
  if (flow["stoppedBy"] !== undefined) {
    const place = objectOf("flow.stoppedBy", flow["stoppedBy"]);
    checkNumber("flow.stoppedBy.record", place["record"]);
    checkText("flow.stoppedBy.source", place["source"]);
  }
  if (flow["origin"] !== undefined) objectOf("flow.origin", flow["origin"]);
  // What its fields are was checked above.
  return flow as unknown as RunFlow;
}

const countKeys: readonly string[] = ["read", "delivered", "filtered", "deadLettered", "unfinished"];

/** A report, a stage of it or an event. */
function partsToJson(parts: object): RunRecordJson {
  const entries = Object.entries(parts).flatMap(([key, value]: [string, unknown]) => {
    if (value === undefined) return [];
    if (key === "stages" && Array.isArray(value)) return [[key, value.map(partsToJson)]];
    if (AtomicError.isInstance(value)) return [[key, plainJson(AtomicError.prototype.toJSON.call(value))]];
    return [[key, names.includes(key) ? value : plainJson(value)]];
  });
  return Object.fromEntries(entries) as RunRecordJson;
}

function partsFromJson(parts: RunRecordJson): RunRecordJson {
  const entries = Object.entries(parts).map(([key, value]): [string, unknown] => {
    if (key === "stages" && Array.isArray(value)) return [key, value.map(partsFromJson)];
    return [key, errorKeys.includes(key) ? errorFromJson(value) : value];
  });
  return Object.fromEntries(entries);
}

function checkReport(report: RunRecordJson): void {
  for (const key of ["runId", "requestId", "agent"]) checkText(`report.${key}`, report[key]);
  if (!isRunStatus(report["status"])) throw wrong("report.status", "a status of runs", report["status"]);
  for (const key of ["startedAtMs", "durationMs"]) checkNumber(`report.${key}`, report[key]);
  checkStages("report.stages", report["stages"]);
  checkErrors("report", report);
}

function checkStages(path: string, stages: unknown, level = 1): void {
  if (level > maxLevels) throw wrong("report.stages", `nested no deeper than ${maxLevels} levels`, "more");
  for (const [index, stage] of listOf(path, stages).entries()) {
    const place = `${path}[${index}]`;
    for (const key of ["id", "agent", "status"]) checkText(`${place}.${key}`, stage[key]);
    checkErrors(place, stage);
    if (stage["stages"] !== undefined) checkStages(`${place}.stages`, stage["stages"], level + 1);
  }
}

function checkEvent(path: string, event: RunRecordJson): void {
  for (const key of ["type", "runId"]) checkText(`${path}.${key}`, event[key]);
  checkNumber(`${path}.atMs`, event["atMs"]);
  checkErrors(path, event);
}

function checkErrors(path: string, parts: RunRecordJson): void {
  for (const key of errorKeys) {
    if (parts[key] !== undefined)
      checkText(`${path}.${key}.code`, objectOf(`${path}.${key}`, parts[key])["code"]);
  }
}

function listOf(path: string, value: unknown): readonly RunRecordJson[] {
  if (!Array.isArray(value)) throw wrong(path, "an array", value);
  return value.map((one, index) => objectOf(`${path}[${index}]`, one));
}

function objectOf(path: string, value: unknown): RunRecordJson {
  if (!isObject(value)) throw wrong(path, "an object", value);
  return value;
}

/** An object of JSON has any properties. */
function isObject(value: unknown): value is RunRecordJson {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checkText(path: string, value: unknown): void {
  if (typeof value !== "string") throw wrong(path, "a text", value);
}

function checkNumber(path: string, value: unknown): void {
  if (!Number.isFinite(value)) throw wrong(path, "a number", value);
}

function wrong(path: string, expected: string, got: unknown): AtomicError<"CONFIG"> {
  const hint = "Read what JSON.stringify(recordToJson(record)) wrote.";
  return configError("recordFromJson", path, expected, got, hint);
}

import { checkKeys, configError } from "@atomic-agents/core";
import { type AnySchema, describeIssues, isSchema } from "@atomic-agents/contracts";
import { checkMessages } from "./check-messages.ts";
import { type HistoryOptions, historySettings, settingKeys } from "./create-history.ts";
import { loadContent } from "./dump-content.ts";
import type { History } from "./history.ts";
import type { HistoryDump } from "./history-dump.ts";
import type { Message, ToolCall, Turn, UserMessage } from "./message.ts";
import { turnOf } from "./snapshot.ts";
import { TurnHistory } from "./turn-history.ts";

/** The schemas that contents are checked by, by the names that the messages have for them. */
export type SchemaRegistry = Readonly<Record<string, AnySchema>>;

/** How a dump becomes a history. The limits are those of the dump unless said otherwise. */
export interface LoadHistoryOptions extends Omit<HistoryOptions, "initial"> {
  /** A content whose message names a schema becomes what that schema gives for it, so a date is a date again. */
  readonly schemas?: SchemaRegistry | undefined;
}

const what = "loadHistory";

/**
 * Makes a history of a dump, or of its JSON text. Nothing in a dump is code, or names code: contents are data that the
 * caller's schemas check.
 *
 * @throws AtomicError `CONFIG` for what is no dump, a name that `schemas` does not have, and a content that its schema
 *   refuses
 * @example
 * ```ts
 * const history = createHistory();
 * history.add([{ role: "user", content: { due: new Date(0) }, schema: "task" }]);
 * const text = JSON.stringify(history.dump());
 *
 * const Task = z.object({ due: z.coerce.date() });
 * const loaded = await loadHistory(text, { schemas: { task: Task } });
 * console.log(loaded.messages[0]?.content); // => { due: 1970-01-01T00:00:00.000Z }
 * ```
 */
export async function loadHistory(
  dump: HistoryDump | string,
  options: LoadHistoryOptions = {},
): Promise<History> {
  checkKeys(what, options, [...settingKeys, "schemas"]);
  const { schemas = {} } = options;
  checkKeys(what, schemas, Object.keys(schemas));
  for (const [name, schema] of Object.entries(schemas)) {
    if (!isSchema(schema)) throw configError(what, `schemas.${name}`, "a schema", schema);
  }
  const { format, turns, initial, maxTurns, maxTokens } = readDump(dump);
  if (format !== "atomic-agents-history-1") {
    throw configError(what, "format", "atomic-agents-history-1", format);
  }
  const { maxTurns: ownTurns, maxTokens: ownTokens } = options;
  // Limits of a dump are checked like all others.
  const limits = { maxTurns: ownTurns ?? maxTurns, maxTokens: ownTokens ?? maxTokens } as HistoryOptions;
  const settings = historySettings(what, { ...options, ...limits });
  return new TurnHistory(
    settings,
    await loadTurns("initial", initial, schemas),
    await loadTurns("turns", turns, schemas),
  );
}

function readDump(dump: unknown): Readonly<Record<string, unknown>> {
  let value: unknown = dump;
  if (typeof dump === "string") {
    try {
      value = JSON.parse(dump);
    } catch (cause) {
      const error = configError(what, "dump", "the JSON of a history", dump);
      throw error.with({ cause });
    }
  }
  if (typeof value !== "object" || value === null) throw configError(what, "dump", "a history's dump", value);
  // An object may be asked for any key; what is there is checked.
  return value as Readonly<Record<string, unknown>>;
}

async function loadTurns(path: string, dumps: unknown, schemas: SchemaRegistry): Promise<readonly Turn[]> {
  if (!Array.isArray(dumps)) throw configError(what, path, "an array of turns", dumps);
  const turns: Turn[] = [];
  const ids = new Set<string>();
  for (const [index, dump] of dumps.entries()) {
    const place = `${path}[${index}]`;
    const { id, messages } = (typeof dump === "object" && dump !== null ? dump : {}) as Record<
      string,
      unknown
    >;
    if (typeof id !== "string" || id === "" || ids.has(id)) {
      throw configError(what, `${place}.id`, "an id of its own", id);
    }
    ids.add(id);
    checkMessages(`${what}, ${place}`, messages);
    const loaded: Message[] = [];
    // One after the other, for what is wrong first is to be told.
    for (const [at, message] of messages.entries()) {
      loaded.push(await loadMessage(`${place}.messages[${at}]`, message, schemas));
    }
    turns.push(turnOf(id, loaded));
  }
  return Object.freeze(turns);
}

async function loadMessage(place: string, message: Message, schemas: SchemaRegistry): Promise<Message> {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: message.role, content: message.content };
    case "user":
      return { role: "user", ...(await loadValue(place, message, schemas)) };
    case "assistant": {
      const { toolCalls } = message;
      const { content, ...others } = await loadValue(place, message, schemas);
      const load = ({ id, name, input }: ToolCall): ToolCall => ({ id, name, input: loadContent(input) });
      return {
        role: "assistant",
        ...(content !== undefined && { content }),
        ...others,
        ...(toolCalls !== undefined && { toolCalls: toolCalls.map(load) }),
      };
    }
    case "tool": {
      const { toolCallId, toolName, isError } = message;
      return {
        role: "tool",
        ...(await loadValue(place, message, schemas)),
        ...(toolCallId !== undefined && { toolCallId }),
        ...(toolName !== undefined && { toolName }),
        ...(isError !== undefined && { isError }),
      };
    }
  }
}

async function loadValue(
  place: string,
  { content, schema }: { readonly content?: unknown; readonly schema?: string | undefined },
  schemas: SchemaRegistry,
): Promise<Pick<UserMessage, "content" | "schema">> {
  const value = await checked(place, loadContent(content), schema, schemas);
  return { content: value, ...(schema !== undefined && { schema }) };
}

async function checked(
  place: string,
  content: unknown,
  name: string | undefined,
  schemas: SchemaRegistry,
): Promise<unknown> {
  if (name === undefined || content === undefined) return content;
  const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (schema === undefined) {
    const names = Object.keys(schemas);
    const expected =
      names.length === 0 ? "one of schemas, which has none" : `one of schemas: ${names.join(", ")}`;
    throw configError(what, `${place}.schema`, expected, name, "Give the schema under this name.");
  }
  const result = await schema["~standard"].validate(content);
  if (result.issues === undefined) return result.value;
  const [issue] = describeIssues(schema, result.issues, content);
  const at = issue?.path === undefined || issue.path === "" ? "" : `, ${issue.path}`;
  const hint = "A schema has to take what it gives: it checks contents that it gave once.";
  throw configError(what, `${place}.content${at}`, `as ${name} takes it`, issue?.message, hint);
}

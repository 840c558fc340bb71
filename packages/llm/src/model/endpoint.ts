import { checkKeys, configError, Secret } from "@atomic-agents/core";

/** A key, as it is, as a secret, or as a function that gives it when it is needed. */
export type ApiKey = string | Secret | (() => string | Secret);

/** A server of models. Named `openai`, `anthropic` or `groq` it stands in that provider's place and speaks its protocol; others that of OpenAI's chat completions. */
export interface Endpoint {
  /** Up to and with the version: `http://localhost:11434/v1`. */
  readonly baseUrl?: string | undefined;
  readonly apiKey?: ApiKey | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Whether the server heeds the schema that is sent along with a request; true. */
  readonly supportsSchema?: boolean | undefined;
}

/** Checks an endpoint. @throws AtomicError `CONFIG` */
export function checkEndpoint(what: string, endpoint: Endpoint): void {
  checkKeys(what, endpoint, ["baseUrl", "apiKey", "headers", "supportsSchema"]);
  const { baseUrl, headers, supportsSchema } = endpoint;
  if (baseUrl !== undefined && !isHttpUrl(baseUrl)) {
    throw configError(what, "baseUrl", "an address like http://localhost:11434/v1", baseUrl);
  }
  if (baseUrl !== undefined && hasUser(baseUrl)) {
    // Requests cannot be made of such an address, and what says so shows it.
    const hint = "Give the key as apiKey, or in headers.";
    throw configError(what, "baseUrl", "an address without a user and a password", "one with them", hint);
  }
  if (headers !== undefined) checkHeaders(what, headers);
  if (supportsSchema !== undefined && typeof supportsSchema !== "boolean") {
    throw configError(what, "supportsSchema", "true or false", supportsSchema);
  }
}

/** What a header may hold of keys: signs of ASCII, and spaces between them. What is wrong is not shown, for it may be a key. */
const headerValue = /^[\x20-\x7e]*$/;

function checkHeaders(what: string, headers: unknown): void {
  if (typeof headers !== "object" || headers === null) {
    throw configError(what, "headers", "an object of texts", headers);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw configError(what, "headers", "an object with the names of headers", name);
    }
    if (typeof value !== "string" || !headerValue.test(value)) {
      throw configError(what, `headers.${name}`, "a text on one line, in ASCII", `another ${typeof value}`);
    }
  }
}

function hasUser(address: string): boolean {
  const { username, password } = new URL(address);
  return username !== "" || password !== "";
}

function isHttpUrl(text: unknown): boolean {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  return /^https?:$/.test(new URL(text).protocol);
}

/** Held, so that no log and no error shows a key that was given as a text or came from the environment. */
const guardedKeys = new Map<string, Secret>();

/**
 * The key of a server, as text; `envName` is the variable that has it unless one is given.
 *
 * @throws AtomicError `CONFIG`
 */
export function revealKey(
  name: string,
  apiKey: ApiKey | undefined,
  envName: string | undefined,
): string | undefined {
  const given: unknown = typeof apiKey === "function" ? apiKey() : apiKey;
  const key: unknown = given instanceof Object && isSecret(given) ? given.reveal() : given;
  const found = key ?? (envName === undefined ? undefined : process.env[envName]);
  if (found === undefined) return undefined;
  const text = typeof found === "string" ? found.trim() : undefined;
  if (text === "") return undefined;
  if (text === undefined || !headerValue.test(text)) {
    const what = `Models of "${name}"`;
    const place = key === undefined ? `their key in ${envName ?? ""}` : "their key";
    const got = text === undefined ? `a value of type ${typeof found}` : "one with other signs";
    throw configError(what, place, "a text on one line, in ASCII", got, "Was more copied than the key?");
  }
  if (key === given) guard(text);
  return text;
}

/** Headers whose names say that nobody is to read them. */
const secretHeader = /auth|cookie|credential|key|pass|secret|token/i;

/** The headers of a server's requests, of which those that hold keys are guarded like a key. */
export function revealHeaders(headers: Endpoint["headers"] = {}): Record<string, string> {
  for (const [name, value] of Object.entries(headers)) {
    // Behind the name of a scheme, such as Basic.
    if (secretHeader.test(name)) guard(value.trim().replace(/^[\w-]+ +/, ""));
  }
  return { ...headers };
}

function guard(text: string): void {
  // Not labelled by the server's name, which may be the key where any does: lm-studio.
  if (!guardedKeys.has(text)) guardedKeys.set(text, new Secret(text, "API key"));
}

function isSecret(value: object): value is Pick<Secret, "reveal"> {
  return "reveal" in value && typeof value.reveal === "function";
}

import type { Secret } from "@atomic-agents/core";
import { checkKeys, configError } from "../check-options.ts";

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
  if (headers !== undefined && !(typeof headers === "object" && headers !== null)) {
    throw configError(what, "headers", "an object of texts", headers);
  }
  if (supportsSchema !== undefined && typeof supportsSchema !== "boolean") {
    throw configError(what, "supportsSchema", "true or false", supportsSchema);
  }
}

function isHttpUrl(text: unknown): boolean {
  if (typeof text !== "string" || !URL.canParse(text)) return false;
  return /^https?:$/.test(new URL(text).protocol);
}

/** The key, as text; `envName` is the variable that has it unless one is given. @throws AtomicError `CONFIG` */
export function revealKey(apiKey: ApiKey | undefined, envName: string | undefined): string | undefined {
  const given = typeof apiKey === "function" ? apiKey() : apiKey;
  const key = typeof given === "object" ? given.reveal() : given;
  const found = key ?? (envName === undefined ? undefined : process.env[envName]);
  return found === undefined || found.trim() === "" ? undefined : found.trim();
}

import { APICallError } from "@ai-sdk/provider";

/** What a server told of a failure. */
export interface Told {
  readonly name: string;
  readonly message: string;
  /** Undefined when nobody answered. */
  readonly statusCode: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly url: string;
}

/** What a server told, when it is what a call threw; also in the middle of an answer that began well. */
export function toldBy(thrown: unknown): Told | undefined {
  if (APICallError.isInstance(thrown)) {
    const { name, message, statusCode, responseHeaders: headers = {}, url } = thrown;
    const body: unknown = thrown.responseBody ?? "";
    if (typeof body === "string") return { name, message, statusCode, headers, body, url };
    // OpenAI's package tells an error that came with status 200 so, and makes it 400.
    const error = isObject(body) && isObject(body["error"]) ? body["error"] : {};
    return { name, message, statusCode: statusOf(error), headers, body: JSON.stringify(body), url };
  }
  if (thrown instanceof Error || !isObject(thrown) || typeof thrown["message"] !== "string") return undefined;
  const { message, statusCode, type, code } = thrown;
  return {
    name: "ErrorEvent",
    message,
    statusCode: typeof statusCode === "number" ? statusCode : statusOf(thrown),
    headers: {},
    body: JSON.stringify({ type, code }),
    url: "an answer that had begun",
  };
}

/** The status that goes with what servers call their errors; what is not known may pass. */
function statusOf({ type, code }: Readonly<Record<string, unknown>>): number {
  const names = `${String(type)} ${String(code)}`;
  if (/rate_limit|quota|billing/.test(names)) return 429;
  if (/authentication|permission|api_key/.test(names)) return 401;
  if (/invalid|not_found|too_large|context_length/.test(names)) return 400;
  return /overloaded/.test(names) ? 529 : 500;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

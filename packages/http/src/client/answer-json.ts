import { badAnswerError } from "./connection-error.ts";
import type { ServiceAnswer } from "./exchange.ts";
import { errorOfProblem, isProblem } from "./problem-error.ts";

/**
 * The JSON of an answer that went well.
 *
 * @throws AtomicError what a problem tells of; `CONNECTION` for what no service of agents answers
 */
export function readJson(url: string, answer: ServiceAnswer): unknown {
  const { status, headers, body } = answer;
  if (status >= 300 && status < 400) {
    const to = headers["location"];
    const shown = typeof to === "string" ? ` to ${to.replace(/[?#].*$/s, "").slice(0, 200)}` : "";
    throw badAnswerError(url, `redirects${shown}, which is not followed`, answer, "");
  }
  const type = mediaTypeOf(headers["content-type"]);
  if (status >= 400) {
    const problem = type === "application/problem+json" ? parse(body) : undefined;
    if (problem !== undefined && isProblem(problem.value)) throw errorOfProblem(problem.value, headers);
    throw badAnswerError(url, "answered with an error that is not one of an agent's service", answer, body);
  }
  if (status !== 200) throw badAnswerError(url, "answered with another status than 200", answer, body);
  if (type !== "application/json") throw badAnswerError(url, "did not answer with JSON", answer, body);
  const parsed = parse(body);
  if (parsed === undefined) throw badAnswerError(url, "answered with what is not JSON", answer, body);
  return parsed.value;
}

/** A content type without its parameters. */
export function mediaTypeOf(value: unknown): string {
  return typeof value === "string" ? (value.split(";", 1)[0] ?? "").trim().toLowerCase() : "";
}

function parse(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

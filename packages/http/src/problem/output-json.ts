import { AtomicError } from "@atomic-agents/core";
import { notJsonPlace } from "../plain-json.ts";
import { hiddenText } from "./problem.ts";
import { safeDetailsOf } from "./safe-details.ts";

/** What an error becomes in JSON begins with it. */
const mark = '"name":"AtomicError","code":';

type OnHidden = (error: AtomicError) => void;

/**
 * JSON of what holds an output. Outputs may hold errors, as those of slots that are settled do: they say no more to a
 * caller than the error of a whole run would.
 *
 * @param onHidden told of each error that the JSON does not show
 * @throws AtomicError `VALIDATION_OUTPUT` for an output that JSON does not carry, of which it would lose a part
 */
export function outputJson(
  answer: { readonly output?: unknown },
  exposeErrors: boolean,
  onHidden: OnHidden = () => {},
): string {
  if (answer.output !== undefined) checkJson(answer.output);
  return textOf(answer, exposeErrors, onHidden);
}

/**
 * JSON of a draft of an output.
 *
 * @throws AtomicError `VALIDATION_OUTPUT` for one that JSON does not carry
 */
export function draftJson(draft: unknown, exposeErrors: boolean): string {
  checkJson(draft);
  return textOf(draft, exposeErrors, () => {});
}

function checkJson(value: unknown): void {
  const place = notJsonPlace(value);
  if (place === undefined) return;
  const { path, got } = place;
  const at = path === "" ? "" : ` at ${path}`;
  throw new AtomicError("VALIDATION_OUTPUT", `The output is not JSON${at}: got ${got}`, {
    // Callers are told the paths of issues. This one may lead by keys that no contract says.
    details: { issues: [{ path: "", message: `must be JSON${at}`, expected: "JSON", got }] },
    hint: "A service answers with JSON: give strings, numbers, booleans, null, arrays and plain objects.",
  });
}

function textOf(value: unknown, exposeErrors: boolean, onHidden: OnHidden): string {
  const json = JSON.stringify(value);
  // To look into a text costs next to nothing, and hardly any has one.
  if (exposeErrors || !json.includes(mark)) return json;
  return JSON.stringify(value, function (this: unknown, key, shown: unknown) {
    // Whoever holds it: `shown` is what the error has made of itself.
    const error = (this as Readonly<Record<string, unknown>>)[key];
    if (!AtomicError.isInstance(error)) return shown;
    onHidden(error);
    return hiddenJson(error);
  });
}

function hiddenJson(error: AtomicError): Readonly<Record<string, unknown>> {
  return { ...error.toJSON(), ...hiddenText(error.code), details: safeDetailsOf(error) };
}

import { AtomicError } from "@atomic-agents/core";
import { hiddenText } from "./problem.ts";
import { safeDetailsOf } from "./safe-details.ts";

/** What an error becomes in JSON begins with it. */
const mark = '"name":"AtomicError","code":';

/**
 * JSON of what holds an output or a draft of one. Outputs may hold errors, as those of slots that are settled do: they
 * say no more to a caller than the error of a whole run would.
 *
 * @param onHidden told of each error that the JSON does not show
 */
export function outputJson(
  value: unknown,
  exposeErrors: boolean,
  onHidden: (error: AtomicError) => void = () => {},
): string {
  const json = JSON.stringify(value);
  // To look into a text costs next to nothing, and hardly any has one.
  if (exposeErrors || json === undefined || !json.includes(mark)) return json;
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

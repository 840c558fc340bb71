import { AtomicError } from "@atomic-agents/core";

/** Checks that options have no keys but those known. @throws AtomicError `CONFIG` */
export function checkKeys<TOptions extends object>(
  what: string,
  options: TOptions,
  known: readonly (keyof TOptions & string)[],
): void {
  if (typeof options !== "object" || options === null) {
    throw wrong(what, "its options", "an object", options);
  }
  for (const key of Object.keys(options)) {
    if (known.some((name) => name === key)) continue;
    const expected = `one of ${known.join(", ")}`;
    throw new AtomicError("CONFIG", `${what}: there is no option "${key}"; expected ${expected}`, {
      details: { path: key, expected, got: key },
      hint: "Is it misspelt?",
    });
  }
}

/** Checks what is to be read. @throws AtomicError `CONFIG` */
export function checkText(what: string, text: unknown): asserts text is string {
  if (typeof text === "string") return;
  const got = text === null ? "null" : `a value of type ${typeof text}`;
  throw new AtomicError("CONFIG", `${what}: its first argument must be a text, got ${got}`, {
    details: { path: "text", expected: "a text", got },
    hint: "Give the text itself, as a string.",
  });
}

/** Checks a number. @throws AtomicError `CONFIG` */
export function checkNumber(what: string, path: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw wrong(what, path, `a number from ${least} to ${most}`, value);
}

/** Checks a count. @throws AtomicError `CONFIG` */
export function checkCount(what: string, path: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw wrong(what, path, `a whole number from ${least} to ${most}`, value);
  }
}

function wrong(what: string, path: string, expected: string, value: unknown): AtomicError<"CONFIG"> {
  const got = String(value);
  return new AtomicError("CONFIG", `${what}: ${path} must be ${expected}, got ${got}`, {
    details: { path, expected, got },
    hint: "Leave it out for the default.",
  });
}

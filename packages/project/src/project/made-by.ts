import { AtomicError, redacted } from "@atomic-agents/core";
import { kindOf } from "../kind-of.ts";
import type { ModuleOptions } from "./project.ts";
import { withinLimit } from "./within-limit.ts";

/**
 * What a module's function gives for a configuration.
 *
 * @throws AtomicError `CONFIG`, in which no secret stands
 */
export async function madeBy(
  use: string,
  make: unknown,
  config: unknown,
  options: ModuleOptions,
  noun: "agent" | "resource",
): Promise<unknown> {
  if (typeof make !== "function") {
    throw new AtomicError("CONFIG", `${use} is ${kindOf(make)}, and takes no config`, {
      details: { path: use, expected: `a function that makes the ${noun} of a config`, got: kindOf(make) },
      hint: `Export a function (config) => ${noun}, or leave config out.`,
    });
  }
  try {
    const made: unknown = await withinLimit(
      async () => Reflect.apply(make, undefined, [config]) as unknown,
      options,
    );
    return made;
  } catch (error) {
    if (AtomicError.isInstance(error, "CANCELLED")) throw error;
    const why = redacted(error instanceof Error ? error.message : String(error));
    throw new AtomicError("CONFIG", `${use} failed with this config: ${String(why)}`, {
      details: { path: use, expected: `a function that makes the ${noun} of a config`, got: String(why) },
      hint: "Compare the config with what the function takes.",
      cause: error,
    });
  }
}

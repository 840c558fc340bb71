import type { AnyAtomicError } from "@atomic-agents/core";
import { preview } from "../usage-error.ts";
import { type HostileInput, hostileVariants, refusedInputs } from "./hostile-inputs.ts";
import { takes } from "./inputs.ts";
import type { Lab } from "./lab.ts";
import { ensure, passed, type Verdict } from "./verdict.ts";

/** An error is for logs and wires: it shows where and what, not the whole of what was given. */
const maxErrorLength = 64 * 1024;

/** 23. */
export async function survivesHostile(lab: Lab): Promise<Verdict> {
  const inputs = [...(await refusedInputs(lab.agent.input)), ...hostileVariants(lab.valid[0])];
  let refused = 0;
  for (const input of inputs) {
    if (await takes(lab.agent.input, input.value)) continue;
    const result = await lab.tryRun(input.value);
    // A composed agent may make an output of what its parts refuse.
    if (result.ok && lab.isComposed) continue;
    ensure(!result.ok, () => `${input.name} was taken and gave ${result.ok ? preview(result.output) : ""}`);
    checkError(lab, input, result.error);
    refused++;
  }
  await withPrototype(lab);
  return passed(`${refused} refused`);
}

function checkError(lab: Lab, { name }: HostileInput, error: AnyAtomicError): void {
  ensure(error.code === "VALIDATION_INPUT" || lab.isComposed, () => {
    return `${name} gave ${error.code} instead of VALIDATION_INPUT: ${preview(error)}`;
  });
  let text: string;
  try {
    text = JSON.stringify(error);
  } catch (thrown) {
    text = "";
    ensure(false, () => `the error of ${name} cannot be written as JSON: ${preview(thrown)}`);
  }
  ensure(
    text.length <= maxErrorLength,
    () => `the error of ${name} has ${text.length} characters as JSON, more than ${maxErrorLength}`,
  );
}

/** A key that JSON can bring and that objects must not take for their prototype. */
async function withPrototype(lab: Lab): Promise<void> {
  for (const input of lab.valid.slice(0, 3)) {
    if (typeof input !== "object" || input === null || Array.isArray(input)) continue;
    const value = Object.defineProperty({ ...input }, "__proto__", {
      value: { polluted: true },
      enumerable: true,
      configurable: true,
      writable: true,
    });
    const result = await lab.tryRun(value);
    ensure(!("polluted" in {}), () => "an input with __proto__ has changed the prototype of all objects");
    const { output } = result.ok ? result : { output: undefined };
    const isTaken = typeof output === "object" && output !== null && "polluted" in output;
    ensure(!isTaken || Object.hasOwn(output, "polluted"), () => {
      return "the __proto__ of an input has become the prototype of the output";
    });
  }
}

/**
 * A program: `node probe-child.ts <file URL> <limit in ms>` imports a module and says on file descriptor 3 how that
 * went, as one line of JSON. The module's code may do there what it likes; whoever started this ends it.
 */
import { writeSync } from "node:fs";
import type { ImportOutcome, ThrownThere } from "./import-outcome.ts";

const [, , url = "", limitMs = ""] = process.argv;
const maxLength = 4_000;
let said = false;

function say(outcome: ImportOutcome): void {
  if (said) return;
  said = true;
  writeSync(3, `${JSON.stringify(outcome)}\n`);
}

function describeThrown(thrown: unknown): ThrownThere {
  if (thrown instanceof Error) {
    const code = "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
    return {
      name: thrown.name,
      message: thrown.message.slice(0, maxLength),
      code,
      stack: (thrown.stack ?? "").slice(0, maxLength),
    };
  }
  let text: string;
  try {
    text = typeof thrown === "string" ? thrown : (JSON.stringify(thrown) ?? String(thrown));
  } catch {
    text = `a value of type ${typeof thrown}`;
  }
  return { name: "", message: text.slice(0, maxLength), code: undefined, stack: "" };
}

// Should whoever started this be gone, it ends by itself.
setTimeout(() => process.exit(1), Number(limitMs) + 1_000).unref();
process.on("uncaughtExceptionMonitor", (thrown) => {
  say({ outcome: "threw", error: describeThrown(thrown), aside: true });
});
// Reached only when nothing is left to wait for; `process.exit` does not come by here.
process.on("beforeExit", () => say({ outcome: "stuck" }));
process.on("exit", (code) => say({ outcome: "exited", code }));

import(url).then(
  (module: object) => say({ outcome: "loaded", exports: Object.keys(module) }),
  (thrown: unknown) => {
    say({ outcome: "threw", error: describeThrown(thrown), aside: false });
    // Node.js knows the place of a syntax error, but says it only of errors that nobody catches.
    process.nextTick(() => {
      throw thrown;
    });
  },
);

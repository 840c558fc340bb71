/** A service in a process of its own, for tests: `node service-child.ts OPTIONS`, with the options as JSON. */
import { subscribe } from "node:diagnostics_channel";
import { writeSync } from "node:fs";
import { anything } from "@atomic-agents/contracts";
import { createLog, defineAgent, sleep } from "@atomic-agents/core";
import type { ServeOptions } from "../server/options.ts";
import { serve } from "../server/serve.ts";

/** Written at once, so that nothing is lost when the process ends. */
function tell(line: string): void {
  writeSync(1, `${line}\n`);
}

const { promise: released, resolve: release } = Promise.withResolvers<void>();
process.once("message", () => release());

const part = { description: "For tests.", input: anything(), output: anything() };

const brief = defineAgent({
  ...part,
  name: "brief",
  execute: (input, ctx) => sleep(5, ctx).then(() => input),
});

const held = defineAgent({
  ...part,
  name: "held",
  execute: async (input) => {
    tell("held");
    await released;
    return input;
  },
});

let accepted = 0;
subscribe("http.server.request.start", () => {
  accepted++;
});
process.on("exit", () => tell(`accepted ${accepted}`));

// What the test has written there.
const options = JSON.parse(process.argv[2] ?? "{}") as ServeOptions;
await serve([brief, held], {
  port: 0,
  log: createLog({ level: "silent" }),
  onReady: (url) => tell(`ready ${url} as ${process.pid}`),
  onDrain: () => tell("draining"),
  ...options,
});
// The channel to the test is no reason to stay.
process.channel?.unref();

import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { parseArgs } from "node:util";
import { AtomicError } from "@atomic-agents/core";
import { type FaultKind, faultKinds } from "./faults.ts";
import { type SimulatedServer, startSimulatedServer } from "./start-simulated-server.ts";

/** What the command needs of a process. */
interface Host {
  readonly stdout: { readonly write: (text: string) => unknown };
  readonly stderr: { readonly write: (text: string) => unknown };
  readonly once: (signal: "SIGTERM" | "SIGINT", listener: () => void) => unknown;
  readonly off: (signal: "SIGTERM" | "SIGINT", listener: () => void) => unknown;
}

const usage = `Usage: atomic-simulated-model [options]

Starts a server of language models that there are not, on this computer alone. It speaks OpenAI's responses and chat
completions and Anthropic's messages, and answers by the JSON Schema of a request. All that it answers is made up, and says so.

  --port <number>          0, which is the default, for one that is free
  --seed <text>            other seeds, other answers and faults
  --faults <list>          how often what goes wrong, such as rateLimited=0.3,serverError=0.2
  --latency-ms <number>    before each answer
  --retry-after-ms <number>
  --slow-ms <number>       before each part of an answer that is slow
  --api-key <text>         refuses requests without it
  --version

Faults: ${faultKinds.join(", ")}
`;

/** The command `atomic-simulated-model`: runs until it is told to end, and gives its exit code. */
export async function runCommand(args: readonly string[], host: Host): Promise<number> {
  let server: SimulatedServer;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: "string" },
        seed: { type: "string" },
        faults: { type: "string" },
        "latency-ms": { type: "string" },
        "retry-after-ms": { type: "string" },
        "slow-ms": { type: "string" },
        "api-key": { type: "string" },
        version: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) {
      host.stdout.write(usage);
      return 0;
    }
    if (values.version === true) {
      host.stdout.write(`${packageVersion()}\n`);
      return 0;
    }
    server = await startSimulatedServer({
      port: numberOf(values.port),
      seed: values.seed,
      faults: ratesOf(values.faults),
      latencyMs: numberOf(values["latency-ms"]),
      retryAfterMs: numberOf(values["retry-after-ms"]),
      slowMs: numberOf(values["slow-ms"]),
      apiKey: values["api-key"],
    });
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const hint = AtomicError.isInstance(thrown) && thrown.hint !== undefined ? ` ${thrown.hint}` : "";
    host.stderr.write(`${message}.${hint}\nSee atomic-simulated-model --help.\n`);
    return 2;
  }
  const { promise, resolve } = Promise.withResolvers<void>();
  host.once("SIGTERM", resolve);
  host.once("SIGINT", resolve);
  host.stdout.write(`Simulated models at ${server.url}

  Atomic Agents   createModels({ endpoints: { local: { baseUrl: "${server.baseUrl}" } } }), then the model "local/any"
  OpenAI          OPENAI_BASE_URL=${server.baseUrl}
  Anthropic       ANTHROPIC_BASE_URL=${server.url}

Nothing that it answers is of a language model. Ctrl+C ends it.
`);
  await promise;
  host.off("SIGTERM", resolve);
  host.off("SIGINT", resolve);
  const { requests } = server.counts;
  await server.close();
  host.stdout.write(`\n${requests} request${requests === 1 ? "" : "s"} answered.\n`);
  return 0;
}

/** A number as it was written; what is none is for the options' check to refuse. */
function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : text.trim() === "" ? Number.NaN : Number(text);
}

function ratesOf(text: string | undefined): Readonly<Partial<Record<FaultKind, number>>> | undefined {
  if (text === undefined) return undefined;
  const rates = text.split(",").map((part) => {
    const [name = "", rate = ""] = part.split("=");
    return [name.trim(), numberOf(rate)] as const;
  });
  // The names are checked with the rates.
  return Object.fromEntries(rates);
}

function packageVersion(): string {
  const path = findPackageJSON("..", import.meta.url);
  if (path === undefined) throw new Error("unreachable: a package has a manifest");
  // Of this package.
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}

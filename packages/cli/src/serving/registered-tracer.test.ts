import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, expect, test, vi } from "vitest";

const program = join(import.meta.dirname, "../bin.ts");
/** Within the workspace, so that modules find the packages. */
const scratch = join(import.meta.dirname, "../../../../out");
mkdirSync(scratch, { recursive: true });
const cwd = mkdtempSync(join(scratch, "traces-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const files = {
  // As the documentation has it.
  "telemetry.mjs": `import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";

const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })] });
trace.setGlobalTracerProvider(provider);
`,
  "agents.mjs": `import { defineAgent, pipeline } from "atomic-agents";
import * as z from "zod";
const Text = z.object({ text: z.string() });
const shout = defineAgent({
  name: "shout", description: "Turns text into capitals.", input: Text, output: Text,
  execute: ({ text }) => ({ text: text.toUpperCase() }),
});
export const twice = pipeline("twice").stage("first", shout).stage("second", shout);
`,
};
for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);

/** What OTLP has of a span. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

test("a service whose process has an SDK of OpenTelemetry sends its spans over OTLP, in the caller's trace, and the last ones before it ends", async () => {
  const spans: Span[] = [];
  const collector = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url === "/v1/traces") {
        // What the protocol has as JSON.
        const { resourceSpans } = JSON.parse(body) as Exported;
        spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      }
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  collector.listen(0, "127.0.0.1");
  await once(collector, "listening");
  // It listens on a port.
  const { port } = collector.address() as AddressInfo;

  const node = ["--no-warnings", "--conditions=@atomic-agents/source", "--import", "./telemetry.mjs"];
  const serve = ["serve", "./agents.mjs#twice", "--port", "0", "--drain-delay", "0", "--json"];
  const { ATOMIC_TOKEN: _token, ATOMIC_PROFILE: _profile, ...env } = process.env;
  const child = spawn(process.execPath, [...node, program, ...serve], {
    cwd,
    env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  const ended = once(child, "close");
  let said = "";
  child.stdout.on("data", (chunk) => (said += String(chunk)));
  try {
    await vi.waitUntil(() => said.includes("\n") || child.exitCode !== null, { timeout: 40_000 });
    // What `--json` prints.
    const { url } = JSON.parse(said) as { readonly url: string };
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const parent = "b7ad6b7169203331";
    const answer = await fetch(`${url}/execute`, {
      method: "POST",
      headers: { "content-type": "application/json", traceparent: `00-${traceId}-${parent}-01` },
      body: JSON.stringify({ input: { text: "hello" } }),
    });
    expect(answer.status).toBe(200);
    // The SDK by itself would send them five seconds later.
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    const [whole] = spans.filter((span) => span.parentSpanId === parent);
    expect(whole).toMatchObject({ traceId, kind: 2 });
    const inside = spans.filter((span) => span.parentSpanId === whole?.spanId);
    expect(inside.map((span) => span.name)).toEqual([
      expect.stringContaining("first"),
      expect.stringContaining("second"),
    ]);
    expect(spans.every((span) => span.traceId === traceId)).toBe(true);
  } finally {
    child.kill("SIGKILL");
    await ended;
    collector.close();
  }
});

import {
  type AnyAgent,
  AtomicError,
  createLog,
  defineAgent,
  mapItems,
  parallel,
  pipeline,
} from "@atomic-agents/core";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { serve } from "../server/serve.ts";
import { outputJson } from "./output-json.ts";

const canary = "canary-7f3a";

const works = defineAgent({
  name: "works",
  description: "Gives what it is given.",
  input: z.string(),
  output: z.string(),
  execute: (text, ctx) => {
    const error = new AtomicError("EXECUTION", canary, { details: { thrown: canary }, hint: canary });
    ctx.partial({ soFar: text, error });
    return text;
  },
});
const fails = defineAgent({
  name: "fails",
  description: "Fails.",
  input: z.string(),
  output: z.string(),
  execute: (): string => {
    throw new TypeError(canary);
  },
});
const settled = parallel({ fails, works }, { settled: true });

const json = { "content-type": "application/json" };

async function open(exposeErrors: boolean, agent: AnyAgent = settled) {
  const lines: string[] = [];
  const log = createLog({ level: "info", write: (line) => void lines.push(line) });
  const service = await serve(agent, {
    port: 0,
    log,
    handleSignals: false,
    drainDelayMs: 0,
    drainTimeoutMs: 0,
    exposeErrors,
  });
  const post = async (path: string, body: string, headers: Record<string, string> = json) => {
    const response = await fetch(service.url + path, { method: "POST", body, headers });
    return { response, text: await response.text() };
  };
  return { service, post, lines };
}

/** What every route answers with where it tells of an output. */
async function answers({ service, post }: Awaited<ReturnType<typeof open>>) {
  const execute = await post("/execute", '{"input":"a"}');
  const stream = await post("/stream", '{"input":"a"}');
  const records = await post("/records", '"a"\n"b"\n', { "content-type": "application/x-ndjson" });
  const later = await post("/execute", '{"input":"a"}', { ...json, prefer: "respond-async" });
  const place = later.response.headers.get("location") ?? "";
  let run = "";
  for (let turn = 0; turn < 1_000 && !run.includes('"output"'); turn++) {
    run = await (await fetch(service.url + place)).text();
  }
  return { execute: execute.text, stream: stream.text, records: records.text, run };
}

describe("errors that outputs hold", () => {
  it("say no more on any route than an error of a whole run, and the log says it", async () => {
    const opened = await open(false);
    await using _service = opened.service;
    const all = await answers(opened);
    for (const text of Object.values(all)) {
      expect(text).toContain("An agent's code threw. The log of the service has more");
      expect(text).not.toContain(canary);
    }
    const { output, runId } = JSON.parse(all.execute) as Readonly<Record<string, unknown>>;
    expect(output).toEqual({
      fails: {
        ok: false,
        disposition: "stop",
        error: expect.objectContaining({
          code: "EXECUTION",
          agent: "fails",
          stage: "fails",
          runId,
        }) as unknown,
      },
      works: { ok: true, output: "a" },
    });
    const told = opened.lines.filter((line) => line.includes("output holds an error"));
    // One for execute, stream and the run that was asked for later, and one for each record.
    expect(told).toHaveLength(5);
    expect(told.every((line) => line.includes(canary))).toBe(true);
  });

  it("are shown where errors are", async () => {
    const opened = await open(true);
    await using _service = opened.service;
    for (const text of Object.values(await answers(opened))) expect(text).toContain(canary);
    expect(opened.lines.filter((line) => line.includes("output holds an error"))).toEqual([]);
  });

  it("are hidden in drafts as well", async () => {
    const { service, post } = await open(false, works);
    await using _service = service;
    const { text } = await post("/stream", '{"input":"a"}');
    expect(text).toContain('event: partial\ndata: {"soFar":"a","error":{"name":"AtomicError"');
    expect(text).not.toContain(canary);
  });

  it("are found wherever they are", async () => {
    const whole = pipeline("whole").stage(
      mapItems(parallel({ fails, works }, { settled: true }), { name: "each" }),
    );
    const output = await whole.run(["a", "b"]);
    const hidden: string[] = [];
    const text = outputJson({ output: { deep: [output] } }, false, ({ code }) => hidden.push(code));
    expect(text).not.toContain(canary);
    expect(hidden).toEqual(["EXECUTION", "EXECUTION"]);
  });

  it("change nothing where there are none, though a text may look like one", () => {
    const output = { text: '"name":"AtomicError","code":', name: "AtomicError", code: "EXECUTION" };
    const plain = { name: "AtomicError", code: "EXECUTION", message: "a text of the agent's own" };
    for (const value of [output, plain, [output, plain], null, "text"]) {
      expect(outputJson({ output: value }, false)).toBe(JSON.stringify({ output: value }));
    }
  });
});

/** What the checker of Prometheus itself says about metrics. Where it is not installed, these are left out. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { createLog, defineAgent, pipeline } from "@atomic-agents/core";
import { serve } from "../server/serve.ts";
import { PrometheusMetrics } from "./prometheus-metrics.ts";

const isInstalled = spawnSync("promtool", ["--version"]).error === undefined;

function promtool(text: string): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: text,
    encoding: "utf8",
  });
  return { status, said: stdout + stderr };
}

const clean = { status: 0, said: "" };

describe.runIf(isInstalled)("promtool finds nothing wrong", () => {
  test("with what a service gives after all kinds of requests", async () => {
    const shout = defineAgent({
      name: 'shout "loud"',
      description: "Turns text into capitals.",
      input: z.string(),
      output: z.string(),
      execute: (text) => {
        if (text === "bad") throw new Error("no");
        return text.toUpperCase();
      },
    });
    const agent = pipeline("both").stage("one\\", shout).stage("two", shout);
    const service = await serve(agent, {
      port: 0,
      handleSignals: false,
      drainDelayMs: 0,
      log: createLog({ level: "silent" }),
    });
    onTestFinished(() => service.close());
    for (const body of ['{"input":"a"}', '{"input":"bad"}', '{"input":1}', "{"]) {
      const headers = { "content-type": "application/json" };
      await fetch(`${service.url}/execute`, { method: "POST", headers, body });
    }
    await fetch(`${service.url}/none`);
    const scrape = await fetch(`${service.url}/metrics`);
    expect(scrape.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await scrape.text();
    expect(text).toContain('atomic_stage_duration_seconds_count{pipeline="both",stage="one\\\\"} 3');
    expect(promtool(text)).toEqual(clean);
  });

  test("with names of any characters", () => {
    const names = fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })));
    const odd = [
      '"',
      "\\",
      "\n",
      "\r\n",
      "\\n",
      "}",
      "a\u0000b",
      "\u2028",
      "{",
      "#",
      "",
      "\ud800",
      "overflow",
    ];
    return fc.assert(
      fc.asyncProperty(names, async (drawn) => {
        const metrics = new PrometheusMetrics({ maxSeries: 500 });
        for (const [pipelineName, stage] of [...drawn, ...odd.map((name) => [name, name] as const)]) {
          const common = { durationMs: 1, status: "failed", agent: pipelineName } as const;
          metrics.stage({ ...common, pipeline: pipelineName, stage, attempts: 1, code: "TIMEOUT" });
          metrics.run(common);
          metrics.request({ serviceType: stage, status: 200, durationMs: 1 });
          metrics.record(pipelineName, stage, "filtered");
        }
        expect(promtool(await metrics.text())).toEqual(clean);
      }),
      { numRuns: 10 },
    );
  });

  test("and would find what is wrong", () => {
    expect(promtool("# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n").status).toBe(3);
    expect(promtool('a{b="c"} 1\na{b="c"} 2\n').status).not.toBe(0);
  });
});

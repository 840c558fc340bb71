import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommand } from "./command.ts";

function hostOf() {
  const listeners = new Map<string, () => void>();
  let out = "";
  let err = "";
  const host = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
    once: (signal: string, listener: () => void) => listeners.set(signal, listener),
    off: (signal: string) => listeners.delete(signal),
  };
  return { host, listeners, out: () => out, err: () => err };
}

describe("atomic-simulated-model", () => {
  it("runs until it is told to end, and says how to use it", async () => {
    const program = join(import.meta.dirname, "bin.ts");
    const args = ["--conditions=@atomic-agents/source", program, "--seed", "7", "--faults", "rateLimited=1"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const { promise: ended, resolve } = Promise.withResolvers<number | null>();
    child.once("close", resolve);
    let out = "";
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      out += chunk.toString();
      if (!out.includes("Ctrl+C")) continue;
      const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(out) ?? [];
      expect(out).toContain(`OPENAI_BASE_URL=${url}/v1`);
      const response = await fetch(`${url}/v1/responses`, { method: "POST", body: '{"input":"x"}' });
      expect(response.status).toBe(429);
      await response.text();
      child.kill("SIGTERM");
      break;
    }
    expect(await ended).toBe(0);
  });

  it("shows its usage, and refuses what it does not know", async () => {
    const help = hostOf();
    expect(await runCommand(["--help"], help.host)).toBe(0);
    expect(help.out()).toContain("--faults");
    expect(help.out()).toContain("wrongEnum");
    const version = hostOf();
    expect(await runCommand(["--version"], version.host)).toBe(0);
    expect(version.out()).toMatch(/^\d+\.\d+\.\d+\n$/);
    const wrong: readonly [readonly string[], string][] = [
      [["--prot", "1"], "--prot"],
      [["--port", "many"], "port"],
      [["--faults", "rateLimited"], "faults.rateLimited"],
      [["--faults", "nothing=1"], "faults"],
      [["--latency-ms", ""], "latencyMs"],
    ];
    for (const [args, place] of wrong) {
      const { host, err, listeners } = hostOf();
      expect(await runCommand(args, host)).toBe(2);
      expect(err()).toContain(place);
      expect(listeners.size).toBe(0);
    }
  });

  it("takes no signal any more when it has ended", async () => {
    const { host, listeners, out } = hostOf();
    const code = runCommand([], host);
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => (listeners.size === 2 ? resolve() : setImmediate(look));
    look();
    await promise;
    listeners.get("SIGINT")?.();
    expect(await code).toBe(0);
    expect(listeners.size).toBe(0);
    expect(out()).toContain("0 requests answered");
  });
});

import { createLog, defineAgent, pipeline } from "@atomic-agents/core";
import { type Browser, chromium, type Page } from "playwright-core";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import type { ServeOptions } from "../server/options.ts";
import { type RunningService, serve } from "../server/serve.ts";

const executablePath = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

const settings: ServeOptions = {
  port: 0,
  handleSignals: false,
  drainDelayMs: 0,
  log: createLog({ level: "error", write: () => {} }),
};

async function started(
  agents: Parameters<typeof serve>[0],
  options: ServeOptions = {},
): Promise<RunningService> {
  const service = await serve(agents, { ...settings, ...options });
  onTestFinished(service.close);
  return service;
}

/** What would run if it were taken for markup; each would leave a trace in `globalThis.ran`. */
const payloads: readonly string[] = [
  "<script>ran=1</script>",
  "</script><script>ran=1</script>",
  "<img src=x onerror=ran=1>",
  "<svg onload=ran=1>",
  "<svg><script>ran=1</script></svg>",
  "<iframe srcdoc='<script>parent.ran=1</script>'>",
  "<a href=javascript:ran=1 id=trap>x</a>",
  "javascript:ran=1",
  '"><img src=x onerror=ran=1>',
  "' onmouseover='ran=1",
  "--><img src=x onerror=ran=1>",
  "</textarea><img src=x onerror=ran=1>",
  "</title><script>ran=1</script>",
  "</style><script>ran=1</script>",
  "{{constructor.constructor('ran=1')()}}",
  "${ran=1}",
  "<math><mtext><table><mglyph><style><img src=x onerror=ran=1>",
  "<details open ontoggle=ran=1>",
  "<input autofocus onfocus=ran=1>",
  "<meta http-equiv=refresh content='0;url=javascript:ran=1'>",
  "<base href=//example.com>",
  "<object data=javascript:ran=1>",
  "<form action=javascript:ran=1><button id=run>",
  "\u2028<script>ran=1</script>\u2029",
  "&lt;script&gt;ran=1&lt;/script&gt;",
];

const text = z.object({ text: z.string().meta({ examples: ["  a  b "] }) });

const clean = defineAgent({
  name: "clean-text",
  description: "Collapses white space.",
  capabilities: ["data-transformation"],
  input: text,
  output: text,
  execute: (given) => ({ text: given.text.trim().replace(/\s+/g, " ") }),
});

describe.skipIf(!existsSync(executablePath) && process.env["TEST_FULL"] !== "1")(
  "the page in Chromium",
  () => {
    let browser: Browser;

    beforeAll(async () => {
      // Everything is this machine's own: no sandbox is needed, which containers often do not allow.
      browser = await chromium.launch({ executablePath, args: ["--no-sandbox"], timeout: 30_000 });
    }, 40_000);

    // Ends the browser's processes as well.
    afterAll(async () => browser?.close(), 20_000);

    /** The page of a service; asks of other places are failures of the test. */
    async function open(
      url: string,
      hash = "",
    ): Promise<{ page: Page; asked: string[]; complaints: string[] }> {
      const page = await browser.newPage();
      page.setDefaultTimeout(15_000);
      const asked: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        // What a browser says of a status that is meant is no complaint of the page.
        if (message.type() === "error" && !/Failed to load resource/.test(message.text())) {
          complaints.push(message.text());
        }
      });
      await page.goto(`${url}/docs${hash}`);
      return { page, asked, complaints };
    }

    const statusOf = async (page: Page): Promise<string | null> => {
      await page.locator("#status:is(.good, .bad)").waitFor();
      await page.getByRole("button", { name: "Cancel" }).waitFor({ state: "hidden" });
      return page.locator("#status").textContent();
    };

    it("shows an agent and runs it", async () => {
      const service = await started(clean);
      const { page, asked, complaints } = await open(service.url);
      await page.getByRole("heading", { name: "clean-text", level: 2 }).waitFor();
      expect(await page.title()).toBe("clean-text");
      expect(await page.locator("section[aria-label=Input] td").allTextContents()).toEqual([
        "text",
        "string",
      ]);
      expect(JSON.parse(await page.getByLabel("Input, as JSON").inputValue())).toEqual({ text: "  a  b " });

      await page.getByRole("button", { name: "Run" }).click();
      expect(await statusOf(page)).toBe("200 OK");
      const answer = JSON.parse((await page.locator("#result > pre").textContent()) ?? "") as object;
      expect(answer).toMatchObject({ output: { text: "a b" } });
      expect(await page.locator("#result details").textContent()).toContain("x-request-id: ");
      expect(await page.locator("#result .quiet").first().textContent()).toMatch(/^after [\d.]+ ms$/);
      expect(asked.every((url) => url.startsWith(service.url) || url === "data:,")).toBe(true);
      expect(complaints).toEqual([]);
      await page.close();
    });

    it("shows the problem of an input that is not taken, and does not send what is not JSON", async () => {
      const service = await started(clean);
      const { page, asked, complaints } = await open(service.url);
      const input = page.getByLabel("Input, as JSON");
      await input.fill('{ "text": 1 }');
      await input.press("Control+Enter");
      expect(await statusOf(page)).toBe("422 Unprocessable Entity");
      expect(await page.locator("#result > pre").textContent()).toContain("VALIDATION_INPUT");
      const before = asked.length;
      await input.fill('{ "text": ');
      expect(await page.locator("#input-problem").textContent()).toContain("Not JSON yet");
      expect(await page.getByRole("button", { name: "Run" }).isDisabled()).toBe(true);
      await input.press("Control+Enter");
      expect(asked.length).toBe(before);
      expect(complaints).toEqual([]);
      await page.close();
    });

    it("streams a run: what happens in it, drafts and the output", async () => {
      const twice = pipeline("twice").stage("first", clean).stage("second", clean);
      const service = await started([clean, twice]);
      const { page, complaints } = await open(service.url, "#/twice");
      await page.getByRole("button", { name: "Stream" }).click();
      expect(await statusOf(page)).toBe("200 Output");
      const names = await page.locator(".events .name").allTextContents();
      expect(names[0]).toBe("run-start");
      expect(names.filter((name) => name === "stage-end")).toHaveLength(2);
      expect(await page.locator("#result pre").last().textContent()).toContain('"text": "a b"');
      await page.getByRole("link", { name: "clean-text" }).click();
      await page.getByRole("heading", { name: "clean-text", level: 2 }).waitFor();
      await page.getByRole("link", { name: "Routes" }).click();
      expect(await page.locator(".routes").textContent()).toContain("/agents/twice/records");
      expect(complaints).toEqual([]);
      await page.close();
    });

    it("cancels, and the agent hears of it", async () => {
      let begun = Promise.withResolvers<undefined>();
      let aborted = Promise.withResolvers<undefined>();
      const slow = defineAgent({
        name: "slow",
        description: "Waits until it is told to stop.",
        input: z.unknown(),
        output: z.unknown(),
        execute: (_, ctx) =>
          new Promise((_resolve, reject) => {
            ctx.signal.addEventListener("abort", () => {
              aborted.resolve(undefined);
              reject(new Error("aborted"));
            });
            begun.resolve(undefined);
          }),
      });
      const service = await started(slow);
      const { page } = await open(service.url);
      for (const name of ["Stream", "Run"]) {
        begun = Promise.withResolvers();
        aborted = Promise.withResolvers();
        await page.getByRole("button", { name }).click();
        await begun.promise;
        await page.getByRole("button", { name: "Cancel" }).click();
        expect(await statusOf(page)).toBe("Cancelled.");
        await aborted.promise;
      }
      await page.close();
    });

    it("asks for a token, keeps it to itself, and forgets it with the page", async () => {
      const value = "good".repeat(10);
      const tokens = [{ name: "dev", value }];
      const service = await started(clean, { tokens });
      const { page, complaints } = await open(service.url);
      await page.getByLabel("Token").fill("wrong".repeat(10));
      await page.getByRole("button", { name: "Open" }).click();
      await page.getByText("does not know this token").waitFor();
      await page.getByLabel("Token").fill(value);
      await page.getByRole("button", { name: "Open" }).click();
      await page.getByRole("button", { name: "Run" }).click();
      expect(await statusOf(page)).toBe("200 OK");
      expect(await page.content()).not.toContain(value);
      const kept = await page.evaluate(
        "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])",
      );
      expect(kept).toBe('[{},{},""]');
      // A link would go there without the token.
      await page.getByRole("link", { name: "Routes" }).click();
      await page.locator(".routes").waitFor();
      expect(await page.getByRole("link", { name: "openapi.json" }).count()).toBe(0);
      await page.getByRole("button", { name: "Forget token" }).click();
      await page.getByText("This service asks for a token.").waitFor();
      expect(complaints).toEqual([]);
      await page.close();
    });

    it("takes nothing that a service says for markup", async () => {
      const all = payloads.join("\n");
      const trap = z
        .object(
          Object.fromEntries(payloads.map((payload) => [payload, z.string().meta({ description: payload })])),
        )
        .meta({ description: all, title: all });
      const agents = payloads.map((payload, index) =>
        defineAgent({
          name: `${index} ${payload.replaceAll("/", "∕").replaceAll(/[\p{Cc}\u2028\u2029]/gu, " ")}`,
          description: payload,
          version: payload.slice(0, 40),
          capabilities: [payload],
          input: trap.or(z.string().meta({ examples: [payload], pattern: payload })),
          output: z.record(z.string(), z.string()),
          execute: () => {
            if (index % 2 === 1) throw new TypeError(payload);
            return { [payload]: all };
          },
        }),
      );
      const service = await started(agents, { exposeErrors: true });
      const { page, asked, complaints } = await open(service.url);
      const ran = () => page.evaluate(`"ran" in globalThis || document.querySelector("#trap") !== null`);
      await page.getByRole("link", { name: "Routes" }).click();
      await page.locator(".routes").waitFor();
      for (const [index, payload] of payloads.entries()) {
        await page.locator("nav a").nth(index).click();
        await page
          .locator("h2")
          .filter({ hasText: `${index} ` })
          .waitFor();
        expect(await page.locator("main > p.description").textContent()).toBe(payload);
        await page.evaluate(`document.querySelectorAll("details").forEach((one) => (one.open = true))`);
        // Each way for all of them would take its time, and shows no more.
        for (const name of index % 3 === 0 ? ["Run", "Stream"] : ["Run"]) {
          await page.getByLabel("Input, as JSON").fill(JSON.stringify(payload));
          await page.getByRole("button", { name, exact: true }).click();
          expect((await statusOf(page))?.slice(0, 3)).toBe(index % 2 === 1 && name === "Run" ? "500" : "200");
        }
        if (index % 2 === 0)
          expect(await page.locator("#result pre").last().textContent()).toContain("ran=1");
        expect([index, await ran()]).toEqual([index, false]);
      }
      expect(asked.filter((url) => !url.startsWith(service.url) && url !== "data:,")).toEqual([]);
      expect(complaints).toEqual([]);
      await page.close();
    }, 120_000);

    it("would not run what got into it all the same", async () => {
      const service = await started(clean);
      const { page } = await open(service.url);
      await page.getByRole("button", { name: "Run" }).waitFor();
      const outcome = await page.evaluate(`(async () => {
      const outcomes = [];
      const attempt = (what, act) => {
        try {
          act();
          outcomes.push(what + ": let through");
        } catch {
          outcomes.push(what + ": refused");
        }
      };
      attempt("markup", () => { document.body.innerHTML = "<img src=x onerror=ran=1>"; });
      attempt("script", () => {
        const script = document.createElement("script");
        script.textContent = "ran = 1";
        document.body.append(script);
      });
      attempt("handler", () => {
        document.body.setAttribute("onclick", "ran = 1");
        document.body.click();
        if (!("ran" in globalThis)) throw new Error();
      });
      const image = document.createElement("img");
      const loaded = new Promise((resolve) => {
        image.addEventListener("load", () => resolve("let through"));
        image.addEventListener("error", () => resolve("refused"));
      });
      image.src = "/docs-image.png";
      document.body.append(image);
      outcomes.push("image: " + (await loaded));
      outcomes.push("fetch: " + (await fetch("http://127.0.0.1:9/").then(() => "let through", () => "refused")));
      outcomes.push("ran: " + ("ran" in globalThis));
      return outcomes;
    })()`);
      expect(outcome).toEqual([
        "markup: refused",
        "script: refused",
        "handler: refused",
        "image: refused",
        "fetch: refused",
        "ran: false",
      ]);
      await page.close();
    });

    it("can be read on a narrow screen, without scrolling sideways, and with the keyboard alone", async () => {
      const service = await started(clean);
      const { page } = await open(service.url);
      await page.setViewportSize({ width: 360, height: 700 });
      await page.getByRole("button", { name: "Run" }).waitFor();
      const overflow = () =>
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
      expect(await overflow()).toBe(0);
      await page.goto(`${service.url}/docs#routes`);
      await page.locator(".routes").waitFor();
      expect(await overflow()).toBe(0);
      const broken = await page.evaluate(`[...document.querySelectorAll(".routes tr > :first-child")]
      .filter((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return range.getClientRects().length !== 1;
      })
      .map(({ textContent }) => textContent)`);
      expect(broken).toEqual([]);
      await page.goto(`${service.url}/docs#/clean-text`);
      await page.getByRole("button", { name: "Run" }).focus();
      await page.keyboard.press("Enter");
      expect(await statusOf(page)).toBe("200 OK");
      const unnamed = await page.evaluate(`[...document.querySelectorAll("input, textarea, button, section")]
      .filter((one) => !one.labels?.length && !one.getAttribute("aria-label") && !one.textContent)
      .map(({ outerHTML }) => outerHTML)`);
      expect(unnamed).toEqual([]);
      await page.close();
    });
  },
);

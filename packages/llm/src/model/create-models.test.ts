import { redactText } from "@atomic-agents/core";
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createModels } from "./create-models.ts";
import type { ModelChoice } from "./resolved-model.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

const config = (message: string) => ({ code: "CONFIG", message: expect.stringContaining(message) as string });

describe("createModels", () => {
  it("finds models of providers, with their prices, and without loading what is not asked for", async () => {
    for (const name of ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GROQ_API_KEY"])
      vi.stubEnv(name, "key-1234567890");
    const models = createModels();
    const ids = ["openai/gpt-5-mini", "anthropic/claude-haiku-4-5", "groq/llama-3.1-8b-instant"];
    const found = await models.resolve(ids);
    expect(found.map(({ id }) => id)).toEqual(ids);
    expect(found.map(({ model }) => model.provider)).toEqual([
      "openai.responses",
      "anthropic.messages",
      "groq.chat",
    ]);
    expect(found[0]?.price).toMatchObject({ inputPerMillion: 0.25 });
    // The same each time, not made anew.
    expect((await models.resolve("openai/gpt-5-mini"))[0]?.model).toBe(found[0]?.model);
  });

  it("finds those of own servers, also in a provider's place, and by other names", async () => {
    const models = createModels({
      endpoints: {
        vllm: { baseUrl: "http://127.0.0.1:1/v1", supportsSchema: false },
        anthropic: { baseUrl: "http://127.0.0.1:2/v1", apiKey: () => "key-1234567890" },
      },
      aliases: { small: "vllm/qwen/qwen3-4b", both: ["vllm/a", "anthropic/b"] },
      prices: { "vllm/a": { inputPerMillion: 1, outputPerMillion: 2 } },
    });
    const [small] = await models.resolve("small");
    expect(small).toMatchObject({ id: "vllm/qwen/qwen3-4b", supportsSchema: false, price: undefined });
    expect(small?.model.modelId).toBe("qwen/qwen3-4b");
    const both = await models.resolve("both");
    expect(both.map(({ id, price }) => [id, price?.outputPerMillion])).toEqual([
      ["vllm/a", 2],
      ["anthropic/b", undefined],
    ]);
  });

  it("takes model objects, and puts one in the place of all", async () => {
    const models = createModels({ override: "simulated/7" });
    const [stand] = await models.resolve("openai/gpt-5-mini");
    expect(stand).toMatchObject({ id: "simulated/7", price: { inputPerMillion: 0 } });
    if (stand === undefined) throw new Error("none found");
    const [own] = await createModels().resolve(stand.model);
    expect(own).toMatchObject({ id: "simulated/7", model: stand.model });
  });

  it("says of what it cannot find what there is, and which variable a key should be in", async () => {
    vi.stubEnv("OPENAI_API_KEY", " ");
    const models = createModels({ endpoints: { vllm: { baseUrl: "http://127.0.0.1:1/v1" } } });
    await expect(models.resolve("openai/gpt-5")).rejects.toMatchObject({
      ...config("OPENAI_API_KEY"),
      hint: expect.stringContaining("simulated") as string,
    });
    await expect(models.resolve("openia/gpt-5")).rejects.toMatchObject(config("vllm/…"));
    await expect(models.resolve("gpt-5")).rejects.toMatchObject(config('got "gpt-5"'));
    await expect(models.resolve("vllm/")).rejects.toMatchObject(config("vllm/…"));
    for (const wrong of [[], "", 5, { specificationVersion: "v2" }]) {
      await expect(models.resolve(wrong as ModelChoice)).rejects.toMatchObject(config("A model"));
    }
    for (const none of [createModels({ override: [] as never }), createModels({ aliases: { small: [] } })]) {
      await expect(none.resolve("small")).rejects.toMatchObject(config("at least one"));
    }
    // It is looked for again: it may have been set since.
    vi.stubEnv("OPENAI_API_KEY", "key-1234567890");
    expect(await models.resolve("openai/gpt-5")).toHaveLength(1);
  });

  it("takes no key that no header can hold, and shows none of it", async () => {
    vi.stubEnv("OPENAI_API_KEY", "hunter2-of-env\nGROQ=x");
    const wrong = ["hunter2\nX: y", "hunter2✓", 5, () => Promise.resolve("hunter2")] as (
      | string
      | undefined
    )[];
    for (const apiKey of wrong) {
      const models = createModels({
        endpoints: { vllm: { baseUrl: "http://127.0.0.1:1/v1", apiKey }, groq: { apiKey } },
      });
      for (const id of ["vllm/a", "groq/a", "openai/a"]) {
        const thrown: unknown = await models.resolve(id).catch((error: unknown) => error);
        expect(thrown).toMatchObject(config("key"));
        expect(inspect(thrown, { depth: 9 })).not.toContain("hunter2");
      }
    }
    const address = { endpoints: { vllm: { baseUrl: "http://ada:hunter2@127.0.0.1:1/v1" } } };
    expect(() => createModels(address)).toThrow(expect.objectContaining(config("without a user")));
    expect(() => createModels(address)).not.toThrow(/hunter2/);
    for (const headers of [{ "X-Key": "hunter2✓" }, { "X-Key": 5 }, { "X Key": "hunter2" }] as never[]) {
      const options = { endpoints: { vllm: { baseUrl: "http://127.0.0.1:1/v1", headers } } };
      expect(() => createModels(options)).toThrow(expect.objectContaining(config("headers")));
      expect(() => createModels(options)).not.toThrow(/hunter2/);
    }
  });

  it("has logs and errors show no key that it was given, of whatever form", async () => {
    const apiKey = "correct-horse-battery";
    const local = { baseUrl: "http://127.0.0.1:1/v1", apiKey: "lm-studio" };
    const models = createModels({ endpoints: { vllm: { baseUrl: "http://127.0.0.1:1/v1", apiKey } } });
    await models.resolve("vllm/a");
    expect(redactText(`no such key: ${apiKey}`)).not.toContain("horse");
    const headers = {
      "X-Api-Key": "cold-wet-harbour",
      Authorization: "Basic dXNlcjpvdHRlcg==",
      "X-Title": "harbour",
    };
    const guarded = { groq: { apiKey: "none-needed", headers }, own: { baseUrl: local.baseUrl, headers } };
    for (const id of ["groq/a", "own/a"]) {
      await createModels({ endpoints: guarded }).resolve(id);
      const words = redactText("refused cold-wet-harbour, dXNlcjpvdHRlcg== in the harbour");
      expect(words).toBe("refused [secret API key], [secret API key] in the harbour");
    }
    const own = createModels({ endpoints: { "lm-studio": local } });
    expect(await own.resolve("lm-studio/a")).toHaveLength(1);
  });

  it("refuses wrong options", () => {
    const wrong: readonly [unknown, string][] = [
      [{ endpoint: {} }, "endpoint"],
      [{ endpoints: { a: {} } }, "endpoints.a.baseUrl"],
      [{ endpoints: { a: { baseUrl: "localhost:11434" } } }, "baseUrl"],
      [{ endpoints: { a: { baseUrl: "file:///etc/passwd" } } }, "baseUrl"],
      [{ endpoints: { "a/b": { baseUrl: "http://a.example" } } }, "a/b"],
      [{ endpoints: { simulated: { baseUrl: "http://a.example" } } }, "simulated"],
      [{ prices: { a: { inputPerMillion: -1, outputPerMillion: 1 } } }, "prices.a.inputPerMillion"],
      [{ prices: { a: { inputPerMillion: 1 } } }, "prices.a.outputPerMillion"],
      [{ prices: [] }, "prices"],
    ];
    for (const [options, place] of wrong) {
      expect(() => createModels(options as object)).toThrow(expect.objectContaining(config(place)));
    }
  });
});

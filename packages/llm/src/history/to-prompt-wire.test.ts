import { createAnthropic } from "@ai-sdk/anthropic";
import { createGroq } from "@ai-sdk/groq";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { describe, expect, it } from "vitest";
import { audio, image, pdf, video } from "./media.ts";
import type { Message } from "./message.ts";
import { toPrompt } from "./to-prompt.ts";

type Open = (fetch: typeof globalThis.fetch) => LanguageModelV4;

/** What a provider would send for messages. */
async function sent(open: Open, messages: readonly Message[]): Promise<string> {
  let body = "";
  const model = open((_, init) => {
    body = typeof init?.body === "string" ? init.body : "";
    return Promise.reject(new Error("not sent"));
  });
  try {
    await model.doGenerate({ prompt: toPrompt(messages) });
  } catch (thrown) {
    if (body === "") throw thrown;
  }
  return body;
}

const apiKey = "none";
const openAiChat: Open = (fetch) => createOpenAI({ apiKey, fetch }).chat("gpt-5-mini");
const groq: Open = (fetch) => createGroq({ apiKey, fetch })("llama-3.3-70b-versatile");
const providers: readonly (readonly [string, Open])[] = [
  ["OpenAI responses", (fetch) => createOpenAI({ apiKey, fetch }).responses("gpt-5-mini")],
  ["OpenAI chat", openAiChat],
  ["Anthropic", (fetch) => createAnthropic({ apiKey, fetch })("claude-sonnet-4-5")],
  ["Groq", groq],
  [
    "a compatible endpoint",
    (fetch) => createOpenAICompatible({ name: "local", baseURL: "http://127.0.0.1:1", fetch })("m"),
  ],
];

const png = Buffer.from("89504e470d0a1a0a0000000d49484452", "hex");

const conversation: readonly Message[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: { question: "Où?" } },
  { role: "assistant", content: "Wait.", toolCalls: [{ id: "c1", name: "find", input: { place: "東京" } }] },
  { role: "tool", toolCallId: "c1", toolName: "find", content: { found: ["é"] } },
  { role: "assistant", content: { answer: "là" } },
  { role: "tool", toolName: "clock", content: "noon" },
  { role: "developer", content: "Later." },
  { role: "user", content: "And now?" },
];

describe.each(providers)("%s", (_, open) => {
  it("takes a conversation with tools, whatever stands where in it", async () => {
    const body = await sent(open, conversation);
    const found = ["Be brief.", "Où?", "東京", "found", "là", "noon", "Later.", "And now?"].map((text) => [
      text,
      body.indexOf(text),
    ]);
    expect(found.filter(([, at]) => at === -1)).toEqual([]);
    expect(body).toContain("c1");
    JSON.parse(body);
  });

  it("takes images by address and by bytes, with their kind alone", async () => {
    const body = await sent(open, [
      { role: "user", content: { q: "?", photos: [image("https://x.test/é.png"), image(png)] } },
    ]);
    expect(body).toMatch(/https:\/\/x\.test\//);
    expect(body).toContain(png.toString("base64"));
  });
});

describe("other media", () => {
  const paper: Message = { role: "user", content: [pdf(new Uint8Array([1, 2, 3]), { name: "a.pdf" })] };
  const sound = audio(new Uint8Array([1, 2, 3]), { mediaType: "audio/wav" });
  const film = video(new Uint8Array([1, 2, 3]), { mediaType: "video/mp4" });

  it.each(providers.filter(([, open]) => open !== groq))("are taken by %s, a PDF", async (_, open) => {
    expect(await sent(open, [paper])).toContain("AQID");
  });

  it("are taken by OpenAI, a recording", async () => {
    expect(await sent(openAiChat, [{ role: "user", content: { sound } }])).toContain("AQID");
  });

  it("are refused by who cannot do with them", async () => {
    await expect(sent(groq, [paper])).rejects.toThrow(/not supported/);
    await expect(sent(openAiChat, [{ role: "user", content: { film } }])).rejects.toThrow(/not supported/);
  });
});

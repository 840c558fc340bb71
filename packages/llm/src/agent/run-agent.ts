import { AtomicError, type Context } from "@atomic-agents/core";
import { addUsage, noUsage, type Usage } from "../cost/usage.ts";
import type { History } from "../history/history.ts";
import type { Message, ToolCall, Turn } from "../history/message.ts";
import { type AskedAnswer, askModels, type AskObserver, type FailedCalls } from "../model/ask-models.ts";
import { models } from "../model/create-models.ts";
import type { ModelRequest } from "../model/model-request.ts";
import type { ResolvedModel } from "../model/resolved-model.ts";
import { DraftReader } from "../output/draft-reader.ts";
import { hostility } from "../output/json-text.ts";
import { isWrapper } from "../output/provider-dialect.ts";
import { sessionKey, useSession } from "../sessions/use-session.ts";
import { useHistory } from "../sessions/use-history.ts";
import { countTokens, type TokenCount } from "../tokens/count-tokens.ts";
import { trimTurns } from "../tokens/trim-turns.ts";
import { runTools } from "../tools/run-tools.ts";
import { checkAnswer, type CheckedAnswer, wasStopped } from "./check-answer.ts";
import { enterRun } from "./nesting.ts";
import type { Parts } from "./parts.ts";
import { requestOf, systemMessages, systemText, type ThoughtsOf } from "./request-of.ts";

/** Of a useless answer the model is shown no more when it is asked again. */
const maxShownChars = 8_000;

/** Of a useless answer no more is kept with the error. */
const maxRawChars = 4_000;

/** One run of an agent. */
export async function runAgent(parts: Parts, input: unknown, ctx: Context): Promise<unknown> {
  const found = await (await ctx.use(models)).resolve(parts.model);
  const answerWith = (history: History | undefined): Promise<unknown> =>
    new AgentRun(parts, found, ctx).answer(input, history);
  const { history, sessions, sessionOptions } = parts;
  const { maxWaitMs = 120_000, maxWaiting = 100 } = sessionOptions;
  const { sessionId, userId } = ctx;
  if (history !== undefined) {
    enterRun(parts.name, ctx, { owner: history, key: "" });
    return useHistory(history, ctx, answerWith, { maxWaitMs, maxWaiting });
  }
  // An empty id is nobody's: whoever sent none would read what others have said.
  if (sessions === undefined || sessionId === undefined || sessionId === "") {
    enterRun(parts.name, ctx, undefined);
    return answerWith(undefined);
  }
  const key = sessionKey({ agent: parts.name, userId, sessionId });
  enterRun(parts.name, ctx, { owner: sessions, key });
  return useSession(sessions, key, ctx, answerWith, sessionOptions);
}

/** The system prompt, its providers asked. */
export async function systemPromptOf(parts: Parts, ctx: Context, input?: unknown): Promise<string> {
  if (parts.systemRole === "none") return "";
  const providers = await parts.providers.texts(ctx, { input });
  return parts.prompt.generate({ providers, answer: parts.shape.kind });
}

/** Counts what a run would send. */
export function countRequest(
  parts: Parts,
  system: string,
  messages: readonly Message[],
  model: Pick<ResolvedModel, "id" | "supportsSchema">,
): TokenCount {
  const { shape, estimate, maxContextTokens, systemRole, toolDefinitions } = parts;
  const text = systemText(parts, system, model.supportsSchema);
  const isTold = shape.kind === "json" && model.supportsSchema;
  return countTokens(
    {
      ...(systemRole === "none"
        ? { messages: [...systemMessages(parts, text), ...messages] }
        : { system: text, messages }),
      tools: toolDefinitions.plain,
      ...(isTold && { schema: shape.dialect.plain }),
      model: model.id,
      limit: maxContextTokens,
    },
    estimate,
  );
}

class AgentRun {
  readonly #parts: Parts;
  readonly #models: readonly ResolvedModel[];
  readonly #ctx: Context;
  /** Tells of the drafts of one answer. */
  #draft: ((text: string) => void) | undefined;
  #usage: Usage = noUsage;
  #cost: number | undefined = 0;
  #calls = 0;
  #answers = 0;
  #toolRounds = 0;
  #model: string | undefined;
  /** For the answer that is asked for. */
  #failedCalls: FailedCalls = new Map();
  readonly #callIds = new Set<string>();
  readonly #thoughts = new Map<string, ThoughtsOf>();

  constructor(parts: Parts, found: readonly ResolvedModel[], ctx: Context) {
    this.#parts = parts;
    this.#models = found;
    this.#ctx = ctx;
  }

  async answer(input: unknown, history: History | undefined): Promise<unknown> {
    const parts = this.#parts;
    const system = await systemPromptOf(parts, this.#ctx, input);
    const asked: readonly Message[] = input === undefined ? [] : [{ role: "user", content: input }];
    const before = history?.turns ?? [];
    const dropped = this.#countAndTrim(system, asked, history);
    try {
      const { given, turn } = await this.#converse(system, before.slice(dropped.length), asked);
      this.#ctx.signal.throwIfAborted();
      if (history !== undefined) {
        // Nothing is in the history before it is certain that all of it will be.
        const left = new Set(history.turns.map(({ id }) => id));
        for (const id of dropped) if (left.has(id)) history.deleteTurn(id);
        history.add([...asked, ...turn]);
      }
      return given;
    } finally {
      this.#tell();
    }
  }

  /** The ids of the turns for which there is no room. */
  #countAndTrim(system: string, asked: readonly Message[], history: History | undefined): readonly string[] {
    const { maxContextTokens, estimate, hooks } = this.#parts;
    if (hooks.has("tokensCounted")) {
      const messages = [...(history?.messages ?? []), ...asked];
      hooks.tell(this.#ctx.log, "tokensCounted", this.#count(system, messages));
    }
    if (maxContextTokens === undefined) return [];
    const reservedTokens = this.#count(system, asked).total;
    const turns = history?.turns ?? [];
    const { dropped } = trimTurns(turns, { maxTokens: maxContextTokens, reservedTokens, estimate });
    this.#tellLeftOut(dropped);
    return dropped.map(({ id }) => id);
  }

  /** The latest turns for which there is room beside what a run has added. Where there is none for that, it is sent all the same. */
  #fitting(system: string, turns: readonly Turn[], added: readonly Message[]): readonly Turn[] {
    const { maxContextTokens, estimate } = this.#parts;
    if (maxContextTokens === undefined || turns.length === 0) return turns;
    const reservedTokens = Math.min(this.#count(system, added).total, maxContextTokens);
    const { kept, dropped } = trimTurns(turns, { maxTokens: maxContextTokens, reservedTokens, estimate });
    this.#tellLeftOut(dropped);
    return kept;
  }

  /** As the model counts that is sent most. */
  #count(system: string, messages: readonly Message[]): TokenCount {
    const model = this.#models.find(({ supportsSchema }) => !supportsSchema) ?? this.#models[0];
    return countRequest(this.#parts, system, messages, model ?? { id: "unknown", supportsSchema: true });
  }

  #tellLeftOut(turns: readonly Turn[]): void {
    const { maxContextTokens } = this.#parts;
    for (const { id } of turns) {
      this.#ctx.log.warn("A turn was left out, for the conversation does not fit into the context", {
        turn: id,
        maxContextTokens,
      });
    }
  }

  /** Asks until there is an answer that fits: rounds of tools, and again where one does not. */
  async #converse(
    system: string,
    before: readonly Turn[],
    asked: readonly Message[],
  ): Promise<{ readonly given: unknown; readonly turn: readonly Message[] }> {
    const { tools, maxToolRounds } = this.#parts;
    /** What belongs to the turn: what tools were called, and what they gave. */
    const rounds: Message[] = [];
    /** What was said after useless answers, which nobody has to remember. */
    let corrections: readonly Message[] = [];
    let turns = before;
    for (;;) {
      const isLastRound = this.#toolRounds >= maxToolRounds;
      const added = [...asked, ...rounds, ...corrections];
      if (added.length > asked.length) turns = this.#fitting(system, turns, added);
      const said = turns.flatMap(({ messages }) => messages);
      const answer = await this.#ask(system, [...said, ...added], isLastRound);
      if (tools.size > 0 && answer.toolCalls.length > 0 && !wasStopped(answer)) {
        if (isLastRound) throw tooManyRounds(this.#parts.name, maxToolRounds);
        rounds.push(...corrections, ...(await this.#useTools(answer)));
        corrections = [];
        this.#failedCalls = new Map();
        continue;
      }
      const checked = await checkAnswer(this.#parts, answer);
      if ("given" in checked) {
        if (this.#parts.isStreamed) this.#ctx.partial(checked.given);
        return { given: checked.given, turn: [...rounds, { role: "assistant", content: checked.kept }] };
      }
      this.#refuse(answer, checked);
      corrections = [...corrections, ...correctionOf(answer, checked)];
    }
  }

  async #ask(system: string, messages: readonly Message[], isLastRound: boolean): Promise<AskedAnswer> {
    const { policy, isStreamed, reaskAttempts, hooks } = this.#parts;
    const onText = isStreamed ? (text: string) => this.#draft?.(text) : undefined;
    const question = { system, messages, isLastRound, onText, thoughts: this.#thoughts };
    if (reaskAttempts > 0 && this.#answers === reaskAttempts) {
      const event = { model: this.#model ?? "", attempt: this.#answers + 1, of: "answer" } as const;
      hooks.tell(this.#ctx.log, "lastAttempt", event);
    }
    const answer = await askModels(
      this.#models,
      (model) => requestOf(this.#parts, question, model),
      this.#ctx,
      policy,
      this.#observer,
      this.#failedCalls,
    );
    this.#model = answer.modelId;
    return answer;
  }

  readonly #observer: AskObserver = {
    onRequest: (model, request) => {
      // A call that is made again begins its answer anew.
      this.#draft = this.#drafts();
      this.#calls++;
      const { hooks } = this.#parts;
      if (hooks.has("request")) hooks.tell(this.#ctx.log, "request", { model, request: frozen(request) });
    },
    onResponse: (model, answer) => {
      for (const shown of [...answer.toolCalls, answer.toolCalls, answer]) Object.freeze(shown);
      this.#parts.hooks.tell(this.#ctx.log, "response", { model, answer });
    },
    onUsage: (usage, cost) => {
      this.#usage = addUsage(this.#usage, usage);
      this.#cost = this.#cost === undefined || cost === undefined ? undefined : this.#cost + cost;
    },
    onError: (model, error, attempt) =>
      this.#parts.hooks.tell(this.#ctx.log, "error", { model, error, attempt }),
    onLastAttempt: (model, attempt) =>
      this.#parts.hooks.tell(this.#ctx.log, "lastAttempt", { model, attempt, of: "call" }),
  };

  #drafts(): (text: string) => void {
    const { shape } = this.#parts;
    const ctx = this.#ctx;
    if (shape.kind === "text") return (text) => ctx.partial(text);
    const { dialect } = shape;
    const reader = new DraftReader();
    return (text) => {
      const draft = reader.read(text);
      if (draft === undefined || (dialect.isWrapped && !isWrapper(draft))) return;
      ctx.partial(dialect.restore(draft));
    };
  }

  async #useTools({ text, toolCalls, thoughts, modelId }: AskedAnswer): Promise<readonly Message[]> {
    this.#toolRounds++;
    const calls = toolCalls.map((call, index) => ({
      ...call,
      id: this.#ownId(call.id, `call-${this.#toolRounds}-${index + 1}`),
    }));
    const keepsIds = calls.every(({ id }, index) => id === toolCalls[index]?.id);
    const [first] = calls;
    if (thoughts !== undefined && first !== undefined && keepsIds) {
      this.#thoughts.set(first.id, { modelId, thoughts });
    }
    const results = await runTools(this.#parts.tools, calls, this.#ctx);
    return [
      { role: "assistant", ...(text !== "" && { content: text }), toolCalls: calls.map(toldCall) },
      ...results.map((result) => ({ ...result, toolName: nameFor(result.toolName) })),
    ];
  }

  /** An id that ties a result to one call only and that all providers take, whatever the model said. */
  #ownId(id: string, otherwise: string): string {
    const isFit = typeof id === "string" && /^[\w-]{1,64}$/.test(id);
    const own = isFit && !this.#callIds.has(id) ? id : otherwise;
    this.#callIds.add(own);
    return own;
  }

  /** Takes note of a useless answer. @throws AtomicError `VALIDATION_OUTPUT` when it was the last */
  #refuse(
    { text, modelId }: AskedAnswer,
    { issues, isFinal }: Extract<CheckedAnswer, { issues: unknown }>,
  ): void {
    const { hooks, reaskAttempts, name } = this.#parts;
    this.#answers++;
    const event = { model: modelId, text, issues, answer: this.#answers };
    hooks.tell(this.#ctx.log, "parseError", event);
    if (!isFinal && this.#answers <= reaskAttempts) return;
    const times = this.#answers === 1 ? "" : ` after ${this.#answers} answers`;
    const first = issues[0];
    const where = first === undefined || first.path === "" ? "" : `${first.path}: `;
    throw new AtomicError(
      "VALIDATION_OUTPUT",
      `Model "${modelId}" gave agent "${name}" no answer that fits${times}: ${where}${first?.message ?? ""}`,
      {
        details: { issues, rawText: text.slice(0, maxRawChars), answers: this.#answers },
        // It has been asked again as often as it was meant to be.
        retryable: false,
        hint: "Look at details.rawText; a larger model, a simpler schema or more reask.attempts may do.",
      },
    );
  }

  /** What the run took, for whoever reads its events. */
  #tell(): void {
    if (this.#calls === 0) return;
    this.#ctx.emit("llm", {
      model: this.#model,
      calls: this.#calls,
      refusedAnswers: this.#answers,
      toolRounds: this.#toolRounds,
      usage: this.#usage,
      cost: this.#cost,
    });
  }
}

/** Who is told of a request does not change it. */
function frozen(request: ModelRequest): ModelRequest {
  for (const message of request.prompt) {
    if (typeof message.content !== "string") {
      for (const part of message.content) Object.freeze(part);
      Object.freeze(message.content);
    }
    Object.freeze(message);
  }
  Object.freeze(request.prompt);
  Object.freeze(request.settings);
  return Object.freeze(request);
}

/** What is said when an answer is of no use. */
function correctionOf(
  { text }: AskedAnswer,
  { issues }: Extract<CheckedAnswer, { issues: unknown }>,
): readonly Message[] {
  const content = {
    problem: "The answer does not fit. Give the whole answer again, in the shape that was asked for.",
    issues,
  };
  const shown = text.length > maxShownChars ? `${text.slice(0, maxShownChars)}…` : text;
  // A message with nothing in it is refused by providers.
  return [
    ...(shown.trim() === "" ? [] : [{ role: "assistant" as const, content: shown }]),
    { role: "user", content },
  ];
}

/** A call as it is shown to the model again: with what providers refuse, none of them would answer any more. */
function toldCall({ id, name, input }: ToolCall): ToolCall {
  const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
  return { id, name: nameFor(name), input: isObject && hostility(input) === undefined ? input : {} };
}

function nameFor(name = ""): string {
  const own = name.replaceAll(/[^\w-]+/g, "_").slice(0, 64);
  return own === "" ? "unknown" : own;
}

function tooManyRounds(agent: string, maxRounds: number): AtomicError {
  return new AtomicError(
    "LOOP_LIMIT",
    `The model of agent "${agent}" calls tools without end: it has done so in ${maxRounds} rounds`,
    {
      details: { maxRounds },
      hint: "Raise maxToolRounds, or say in the prompt when the tools have told enough.",
    },
  );
}

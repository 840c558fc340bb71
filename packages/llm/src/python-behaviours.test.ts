/**
 * What users of Atomic Agents for Python know, behaviour by behaviour, and where it is tested here. The behaviours are those
 * of its version 2.10.1; where ours is another, the row says how and why.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

/** A behaviour; the tests of it as `file: title`; and what is other than there. */
type Row = readonly [behaviour: string, tests: readonly string[], note?: string];

const agent = "agent/define-llm-agent";
const history = "history/history";
const parts = "history/content-parts";
const prompt = "prompt/system-prompt";
const providers = "prompt/prompt-providers";
const tokens = "tokens/tokens";
const toPrompt = "history/to-prompt";
const hooks = "hooks/hooks";
const talk = "agent/conversations";
const patterns = "agent/patterns";

const agents: readonly Row[] = [
  ["configuration has defaults", [`${agent}: is an agent like any other`]],
  ["a misspelt or wrong part of the configuration is an error", [`${agent}: refuses a wrong %s`]],
  [
    "history defaults to none shared by accident",
    [`${agent}: has none unless told`],
    "There each agent has a history of its own; here a run remembers nothing unless it is given `history` or `sessions`.",
  ],
  [
    "a falsy history of one's own is kept",
    [`${agent}: can have a history of one's own making`],
    "An object is never falsy here; any that has the members of `History` is taken.",
  ],
  ["system prompt generator defaults to the usual one", [`${agent}: sends system prompt, input and schema`]],
  [
    "a system prompt generator of one's own",
    [
      `${agent}: takes a system prompt of one's own making`,
      `${prompt}: may be made by an object of one's own`,
    ],
  ],
  [
    "system_role may be developer",
    [`${agent}: knows roles of the system prompt`],
    "Providers other than OpenAI have no such role: there it is a system message.",
  ],
  [
    "system_role None gives no system message",
    [`${agent}: knows roles of the system prompt`],
    '`systemRole: "none"`.',
  ],
  [
    "assistant_role may be model, for Gemini",
    [`${toPrompt}-wire: takes a conversation with tools, whatever stands where in it`],
    "The provider's own conversion knows its words.",
  ],
  ["model parameters are handed on as they are", [`${agent}: hands its settings on as they are`]],
  [
    "strict is off by default so that enums are coerced from texts",
    [`${agent}: sends system prompt, input and schema`],
    "Values of enums are texts in JSON and in TypeScript alike: nothing has to be coerced.",
  ],
  [
    "an explicit strict wins",
    [`${agent}: tells strict providers not to be strict where a schema has open maps`],
    "`settings.providerOptions` has the last word.",
  ],
  [
    "run gives a validated output",
    [`${agent}: is an agent like any other`, `${agent}: gives what the output schema made of the answer`],
  ],
  [
    "run_async, run_async_stream",
    [`${agent}: show the output while it comes, the last one whole`],
    "Everything is asynchronous; `start` gives drafts.",
  ],
  ["sync methods refuse an async client", [], "There is one kind of client here."],
  ["run adds the user's message before the call", [`${agent}: sends system prompt, input and schema`]],
  ["run without an input adds none", [`${agent}: adds no message of the user's without an input`]],
  [
    "messages are system, user and assistant afterwards",
    [`${agent}: is one conversation with a history, and a failed run leaves nothing in it`],
  ],
  [
    "a failed call leaves its user message (there)",
    [`${agent}: is one conversation with a history, and a failed run leaves nothing in it`],
    "Here it leaves nothing.",
  ],
  [
    "run_stream gives partial objects, the last of which is the output",
    [`${agent}: show the output while it comes, the last one whole`],
  ],
  [
    "partial objects are parsed of incomplete JSON",
    ["output/output: grow with the answer", "output/output: show no half of an escape or a character"],
  ],
  [
    "only the final, validated object goes into the history, once",
    [`${agent}: keeps of a streamed answer the last and validated one, once`],
  ],
  [
    "schemas by generics, subclass or default chat schemas",
    [],
    "Schemas are values here and have to be given; types follow from them.",
  ],
  [
    "subclasses with a constructor of their own keep their schemas",
    [],
    "An agent is made by a function, not by a class.",
  ],
  [
    "a schema has to have a description",
    [`${agent}: refuses a wrong %s`],
    "The agent's own `description` is required; those of schemas are sent where there are some.",
  ],
  [
    "reset_history goes back to the beginning, not to nothing",
    [
      `${agent}: goes back to what its history began with`,
      `${history}: goes back to what it began with, not to nothing`,
    ],
  ],
  ["get_context_provider", [`${providers}: registers, gives and takes away by name`]],
  ["register_context_provider", [`${agent}: asks prompt providers anew, with the input`]],
  ["unregister_context_provider", [`${agent}: asks prompt providers anew, with the input`]],
  [
    "an unknown provider is an error that names it",
    [`${providers}: says which names there are when one is not there`],
  ],
  [
    "an OpenAI-compatible provider by its address",
    [
      "model/create-models: finds those of own servers, also in a provider's place, and by other names",
      "model/over-http: answer in words: $id, $how",
    ],
  ],
  [
    "the output is asked again with the issues",
    [`${agent}: tells the model what is wrong, and sums up all that it took`],
    "There by Instructor, here by the agent; all tokens are counted.",
  ],
  [
    "the schema reaches the model also without structured output",
    [`${agent}: tells models that take no schema of it in the prompt`],
  ],
  [
    "an agent swaps its model",
    [`${agent}: makes the same agent for another model`],
    "`withModel` makes another agent; nothing changes under runs that are under way.",
  ],

  [
    "model has a default",
    [`${agent}: refuses a wrong %s`],
    "Here it has to be said: which model is asked costs money.",
  ],
  [
    "an output is asked for as a call of a tool, or as JSON",
    [`${agent}: sends system prompt, input and schema`],
    "Always by the provider's structured output here, and in the prompt where there is none.",
  ],
  [
    "descriptions of schemas and of their fields reach the model",
    [`${talk}: has the descriptions of schemas and their properties`],
  ],
  ["a schema as text is compact JSON", [`${toPrompt}: writes values as compact JSON and texts as they are`]],
  [
    "optional fields of an output may be left out",
    ["output/output: turns null back where it stands for nothing, and leaves it where it is a value"],
  ],
  [
    "nested models, lists and unions as outputs",
    [
      "output/output: gives back what fits the schema, for any value that fits the dialect (property)",
      "agent/agents-over-http: answer with a rich schema: $id, streamed $stream",
    ],
  ],
  ["an answer between fences or words is read", ["output/output: takes what is %s"]],
  [
    "an answer that reached the limit of tokens is an error",
    [`${agent}: takes %s for none`, "model/over-http: tell that an answer was too long: $id, $how"],
  ],
  [
    "a provider's failure is the caller's to handle",
    ["model/ask-models: gives up after its attempts, and at once for what does not pass"],
    "It is made again first, as often as `calls.attempts` says.",
  ],
  [
    "a wrong key is an error that says so",
    ["model/over-http: say that a key is wrong, and that nobody is there: $id, $how"],
  ],
  [
    "keys come from the environment",
    ["model/create-models: says of what it cannot find what there is, and which variable a key should be in"],
  ],
  [
    "tests of providers over their own wire formats",
    ["model/over-http: are sent the schema, and answer by it: $id, $how"],
  ],
  [
    "a failing stream is an error, and its parts are no output",
    [
      "model/over-http: are cut at any byte, and no cut is taken for an answer",
      "model/ask-models: streams, and takes an answer without an end for none",
    ],
  ],
  [
    "an agent's schema is swapped in its configuration (there in its README alone)",
    [`${agent}: makes the same agent for another model`],
    "Another schema is another agent, for its types are others.",
  ],
];

const hookRows: readonly Row[] = [
  [
    "completion:kwargs",
    [`${hooks}: tell of requests, responses, answers that do not fit, errors and last attempts`],
    "`request`",
  ],
  [
    "completion:response",
    [`${hooks}: tell of requests, responses, answers that do not fit, errors and last attempts`],
    "`response`",
  ],
  [
    "completion:error",
    [`${hooks}: tell of requests, responses, answers that do not fit, errors and last attempts`],
    "`error`",
  ],
  [
    "completion:last_attempt",
    [`${hooks}: tell of requests, responses, answers that do not fit, errors and last attempts`],
    "`lastAttempt`",
  ],
  [
    "parse:error",
    [`${hooks}: tell of requests, responses, answers that do not fit, errors and last attempts`],
    "`parseError`",
  ],
  ["token:counted", [`${agent}: counts tokens, which add up, and tells who listens`], "`tokensCounted`"],
  [
    "handlers of an event run in the order in which they were added",
    [`${hooks}: hear in the order in which they were added`],
  ],
  [
    "a throwing handler is logged and stops no other",
    [`${hooks}: that throw or reject are logged, and stop neither the others nor the call`],
  ],
  ["unregister_hook", [`${hooks}: can be taken away, one by one or all`]],
  ["taking away an unknown handler is no error", [`${hooks}: can be taken away, one by one or all`]],
  [
    "an unknown event is no error (there)",
    [`${hooks}: refuse events that there are not`],
    "Here it is one, and its message names those that there are.",
  ],
  ["clear_hooks of one event, of all", [`${hooks}: can be taken away, one by one or all`]],
  [
    "clear_hooks does not touch those of other agents",
    [`${hooks}: of one agent are not those of another`],
    "There agents share those of a client.",
  ],
  ["disable_hooks, enable_hooks, hooks_enabled", [`${hooks}: are not called while they are disabled`]],

  [
    "hooks hear of streamed answers, too",
    [`${talk}: hear the same of answers that are streamed and of those that are not`],
  ],
  [
    "token:counted is not told while hooks are disabled",
    [`${talk}: hear of tokens that are counted, unless they are disabled`],
  ],
  [
    "handlers may change the arguments of a call (there)",
    [`${hooks}: change neither what is sent nor the agent by changing what they are told`],
    "Here they are told, and change nothing.",
  ],
];

const counting: readonly Row[] = [
  [
    "get_context_token_count names total, system, history, tools, model, limit and utilization",
    [
      `${agent}: counts tokens, which add up, and tells who listens`,
      `${tokens}: names its parts, and they add up`,
    ],
  ],
  ["the parts add up to the total", [`${tokens}: adds up whatever there is`]],
  [
    "framing counts with the system prompt, else with the history",
    [`${tokens}: counts what is around a request with the system prompt, else with the history`],
  ],
  ["without a system prompt", [`${agent}: counts the schema where it stands`]],
  ["the schema of the answer is counted", [`${agent}: counts the schema where it stands`]],
  ["JSON modes count it with the system prompt", [`${agent}: counts the schema where it stands`]],
  ["the model is the agent's", [`${agent}: counts the schema where it stands`]],
  [
    "media are counted",
    [`${agent}: shows media to the model as files`, `${tokens}: counts tool calls, and media by their kind`],
  ],
  [
    "video has a placeholder",
    [`${tokens}: counts tool calls, and media by their kind`],
    "It is counted by its bytes.",
  ],
  ["an unknown limit is None", [`${tokens}: has no limit and no utilization when none is known`]],
  ["no division by zero", [`${tokens}: refuses what makes no sense`]],
  ["an empty model is an error", [`${tokens}: refuses what makes no sense`]],
  [
    "max_input_tokens goes before max_tokens",
    [],
    "There is no table of models' sizes here; the agent says its limit.",
  ],
  ["the counter is a singleton", [], "It is a function here."],
  [
    "counts are those of a tokenizer",
    ["tokens/estimate-tokens: gives no fewer than a tokenizer for %s, and not many more"],
    "Without a tokenizer: rather too many than too few.",
  ],

  [
    "the input that is to come is counted when it is given",
    [`${talk}: is not written by counting its tokens`],
  ],
  ["media of more bytes count for more", [`${tokens}: takes more for media of more bytes`]],
  ["a counter of one's own", [`${tokens}: counts with estimateTokens unless told otherwise`]],
];

const trimming: readonly Row[] = [
  [
    "max_context_tokens drops whole turns, oldest first",
    [
      `${agent}: leaves out the oldest turns when the context is too small, and says so`,
      `${tokens}: leaves out the oldest turns as wholes, until the rest fits beside what is reserved`,
    ],
  ],
  [
    "the new input is not counted (there)",
    [`${tokens}: leaves out the oldest turns as wholes, until the rest fits beside what is reserved`],
    "Here it is.",
  ],
  [
    "a warning for each turn that was dropped",
    [`${agent}: leaves out the oldest turns when the context is too small, and says so`],
  ],
  [
    "too small for one turn is an error with both numbers",
    [
      `${agent}: leaves out the oldest turns when the context is too small, and says so`,
      `${tokens}: says both numbers when what is reserved does not fit alone`,
    ],
  ],
  [
    "no limit, no trimming",
    [`${agent}: is one conversation with a history, and a failed run leaves nothing in it`],
  ],

  [
    "a run that fails has dropped its turns (there)",
    [`${talk}: loses no turn for want of room when the run fails`],
    "Here they are still there.",
  ],
  [
    "as many turns stay as there is room for",
    [`${tokens}: keeps as many of the newest turns as fit, never part of one`],
  ],
];

const promptRows: readonly Row[] = [
  [
    "four sections, their order and headings",
    [`${prompt}: has four sections in order, with a blank line between them and after each provider`],
  ],
  [
    "one blank line between sections and after each provider",
    [`${prompt}: has four sections in order, with a blank line between them and after each provider`],
  ],
  [
    "list items begin with a dash",
    [`${prompt}: has four sections in order, with a blank line between them and after each provider`],
  ],
  [
    "a default background",
    [`${prompt}: has an identity and output instructions when nothing is said`],
    "In our own words.",
  ],
  [
    "an empty background gives the default",
    [`${prompt}: has no steps when there are none, and the usual identity for an empty background`],
  ],
  [
    "no steps, no section of steps",
    [`${prompt}: has no steps when there are none, and the usual identity for an empty background`],
  ],
  [
    "two fixed output instructions come last",
    [`${prompt}: has an identity and output instructions when nothing is said`],
    "In our own words.",
  ],
  [
    "they are appended to a copy",
    [`${prompt}: changes no array of the caller's, and does not follow their changes`],
  ],
  ["extra information only with a provider", [`${prompt}: has no such section without providers`]],
  [
    "title and info of each provider, in the order of registration",
    [`${providers}: asks all at the same time, and keeps their order`],
  ],
  [
    "a provider without info is left out, the heading stays",
    [`${prompt}: leaves out a provider that has nothing, and keeps the heading`],
  ],
  ["the whole text is trimmed", [`${prompt}: is text without blanks around it`]],
  ["repr of providers and generators", [], "They are values here; `agent.systemPrompt()` shows the prompt."],
  [
    "get_info by name",
    [`${providers}: gives providers the run's context and the agent's input`],
    "`info` may be asynchronous, and is told the run's context and input.",
  ],
  [
    "a provider registered again replaces the first",
    [`${providers}: replaces one of the same name in its place`],
  ],
  [
    "texts of providers go into the prompt as they are (there)",
    [
      `${providers}: marks texts as data and cuts them`,
      `${providers}: leave everything outside of their marks as it is`,
    ],
    "Here they are marked as data.",
  ],

  [
    "lines of a section keep the order in which they were given",
    [`${talk}: keeps background, steps and instructions in the order in which they were given`],
  ],
  ["info is asked for anew in each run", [`${agent}: asks prompt providers anew, with the input`]],
  ["a failing provider fails the run", [`${providers}: fails when a provider does, and names it`]],
];

const historyRows: readonly Row[] = [
  ["begins empty, without a turn", [`${history}: is empty at first`]],
  ["initialize_turn makes an id", [`${history}: adds whole turns with ids, given or made`]],
  [
    "add_message begins a turn when there is none",
    [`${history}: appends to the latest turn, and begins one when there is none`],
  ],
  [
    "add_message goes to the current turn",
    [`${history}: appends to the latest turn, and begins one when there is none`],
  ],
  [
    "get_current_turn_id",
    [`${history}: deletes a turn, and names those that are there when the id is not`],
    "`history.turns.at(-1)?.id`",
  ],
  [
    "get_message_count",
    [`${history}: adds whole turns with ids, given or made`],
    "`history.messages.length`",
  ],
  [
    "max_messages drops the oldest",
    [`${history}: keeps no more turns than it may, and none with 0`],
    "`maxTurns`: single messages would leave halves of turns.",
  ],
  ["0 keeps none, None all", [`${history}: keeps no more turns than it may, and none with 0`]],
  ["a limit may cut a turn (there)", [`${history}: never cuts a turn, whatever its limits`], "Here never."],
  ["delete_turn_id", [`${history}: deletes a turn, and names those that are there when the id is not`]],
  [
    "an unknown turn is an error",
    [`${history}: deletes a turn, and names those that are there when the id is not`],
  ],
  [
    "deleting the current turn makes the last one current",
    [`${history}: deletes a turn, and names those that are there when the id is not`],
  ],
  [
    "deleting all leaves no current turn",
    [`${history}: deletes a turn, and names those that are there when the id is not`],
  ],
  [
    "get_history gives roles and compact JSON",
    [`${toPrompt}: writes values as compact JSON and texts as they are`],
  ],
  [
    "letters of all scripts stay as they are",
    [`${parts}: writes compact JSON in which letters of all scripts stand as they are`],
  ],
  ["nested models", [`${parts}: is what JSON.stringify gives, for any JSON without media`]],
  [
    "media follow the JSON, in the order in which they stand",
    [`${toPrompt}: puts media after the text, in their order, as addresses and bytes`],
  ],
  [
    "media at any depth, in lists, tuples and dicts",
    [`${parts}: finds media at any depth, in the order in which they stand`],
  ],
  [
    "no JSON where nothing is left",
    [
      `${parts}: has no text when nothing is left`,
      `${toPrompt}: has no text part for a content that is media alone`,
    ],
  ],
  [
    "a field of media alone goes, of others only the media",
    [`${parts}: takes away fields that hold nothing but media, and of others only the media`],
  ],
  [
    "image, audio, PDF, video",
    ["history/media: have a kind, and a media type that providers take when none is given"],
  ],
  ["an agent shows media to the model", [`${agent}: shows media to the model as files`]],
  [
    "dump and load: turns, limit, content",
    [`${history}: give back what was there: turns, beginning, limits, and media at any depth`],
  ],
  [
    "load imports classes that the data names (there)",
    [
      `${history}: check contents by the schemas that messages name`,
      `${history}: look only at schemas' own names`,
    ],
    "Here only schemas of a registry: data must not choose code.",
  ],
  [
    "load turns paths of media into paths",
    ["history/media: refuse %s as a source"],
    "Media are addresses or bytes; files are read by the caller.",
  ],
  [
    "a loaded history takes new messages",
    [`${history}: give back what was there: turns, beginning, limits, and media at any depth`],
  ],
  ["bad data is an error", [`${history}: refuse %s`]],
  [
    "copy is deep and independent, limits and turns included",
    [`${history}: copies turns, beginning and limits, and the two are independent`],
  ],
  ["a history of one's own drives an agent", [`${agent}: can have a history of one's own making`]],
  [
    "concurrent runs share a history (there)",
    ["sessions/use-history: does work of several runs one after the other"],
    "Here they take turns.",
  ],
  [
    "many users: a history each",
    [
      "agent/many-sessions: never mixes what they said, nor loses any of it",
      `${agent}: is that of the session and the user`,
    ],
  ],
  ["a history in a file", ["sessions/session-stores: is shared by those who open the same folder"]],

  [
    "a greeting stands in the history before the first run",
    [`${talk}: begins with what its history was given`],
  ],
  ["agents share a history", [`${talk}: may be shared by agents with different prompts`]],
  [
    "a run is a turn, whose messages share its id",
    [`${talk}: has a turn for each run, with an id of its own, which all its messages share`],
  ],
  [
    "messages of different schemas in one history",
    [`${history}: check contents by the schemas that messages name`],
  ],
  [
    "the limit of a dump holds when it is loaded",
    [`${history}: take limits of the caller's before those of the dump`],
    "Unless the caller says another one.",
  ],
  [
    "media of addresses, paths, data URLs and base64",
    [
      "history/media: come from addresses, bytes, base64 and data: URLs, and their JSON is a URL that makes them again",
    ],
    "Files are read by the caller.",
  ],
  [
    "a medium that a provider does not take is an error",
    ["history/to-prompt-wire: are refused by who cannot do with them"],
  ],
  [
    "what is given out is a copy",
    [`${history}: does not change with what it was given, nor by who reads it`],
  ],
];

const tools: readonly Row[] = [
  [
    "tool_result_role is user for roles of Gemini, else system",
    [`${toPrompt}: is the user's unless said otherwise, and so are later system messages`],
    "`user` here: a result is data and must not speak as the system.",
  ],
  [
    "an explicit tool_result_role wins",
    [`${toPrompt}: is the system's when that is wanted, and later system messages stay`],
  ],
  [
    "add_tool_result",
    [`${history}: appends to the latest turn, and begins one when there is none`],
    '`history.append([{ role: "tool", content }])`',
  ],
  [
    "later system messages take that role, the first does not",
    [`${toPrompt}: is the user's unless said otherwise, and so are later system messages`],
  ],
  [
    "a tool is a class with input and output schema",
    ["tools/tools: are agents; their results come back as data"],
    "Any agent is a tool.",
  ],
  [
    "a tool's name and description",
    [
      "tools/tools: are agents; their results come back as data",
      "tools/tools: have names that providers take, each its own",
    ],
  ],
  [
    "format_tool_message: id, name, arguments",
    [`${toPrompt}: ties results to the calls they answer, those of one answer in one message`],
  ],
  [
    "an id where one is missing",
    ["tools/tools: run at the same time, some of them, and are cancelled with the run"],
  ],
  [
    "the output is a union of tools' inputs, the program calls them",
    ["output/output: turns it back in the option of a union that was meant"],
    "That works here too; `tools` does it for you.",
  ],

  [
    "a run without an input goes on behind a tool's result",
    [`${talk}: goes on without an input behind a result that the program has put there`],
  ],
  [
    "a tool's parameters are validated",
    ["tools/tools: are never run when they are unknown, or called with other arguments"],
  ],
  [
    "a tool's failure is told with its words",
    ["tools/tools: that fail are told of, without the run failing"],
  ],
  ["media in a tool's result", [`${toPrompt}: gives media of a tool's result beside its text`]],
];

const composition: readonly Row[] = [
  [
    "one's output schema is the other's input schema",
    [`${patterns}: one agent's output schema is the next one's input schema`],
  ],
  [
    "agents one after the other, mapped by hand",
    [`${patterns}: a pipeline with a mapping by hand between its agents`],
  ],
  [
    "agents at the same time, by gather",
    [`${patterns}: agents that work at the same time on the same input`],
  ],
  ["a router of a classifier and specialists", [`${patterns}: a router, whose label chooses the specialist`]],
  [
    "a supervisor's loop with a limit",
    [`${patterns}: a supervisor that goes on until it is content, and not for ever`],
  ],
  ["a chain of fallbacks", [`${patterns}: a chain of agents that stand in for each other`]],
  [
    "a circuit breaker, written by hand (there)",
    [`${patterns}: a circuit breaker around an agent that keeps failing`],
    "Here it is a wrapper.",
  ],
  ["a blackboard of a shared provider", [`${talk}: has the same providers for agents that share them`]],
  [
    "few tools are chosen before their schemas are sent",
    [
      `${patterns}: an agent chooses tools by what they say of themselves, and another one is given those alone`,
    ],
  ],
  [
    "the program runs the tool that an output names",
    [`${patterns}: the model chooses a tool, the program runs it, and the same conversation has the answer`],
  ],
];

const sections = {
  agents,
  hooks: hookRows,
  "token counting": counting,
  trimming,
  "system prompt": promptRows,
  history: historyRows,
  tools,
  composition,
};

describe.each(Object.entries(sections))("what users of the Python framework know: %s", (_, rows) => {
  const named = rows.map(([behaviour, tests, note]) => ({ behaviour, tests, note }));
  it.each(named)("$behaviour", ({ tests, note }) => {
    // What is tested nowhere has a reason.
    if (tests.length === 0) expect(note).toMatch(/\w+ .*\.$/);
    for (const test of tests) {
      const [file = "", ...title] = test.split(": ");
      const source = readFileSync(join(import.meta.dirname, `${file}.test.ts`), "utf8");
      const name = title.join(": ");
      expect(source.includes(JSON.stringify(name)), `${file}.test.ts has no test "${name}"`).toBe(true);
    }
  });
});

it("are as many as that framework's documents and tests name", () => {
  expect(Object.values(sections).flat().length).toBeGreaterThanOrEqual(170);
});

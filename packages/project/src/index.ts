export { loadBuiltInAgents } from "./built-in-agents.ts";
export { findAgent } from "./find-agent.ts";
export { loadAgent, type LoadOptions } from "./load-agent.ts";

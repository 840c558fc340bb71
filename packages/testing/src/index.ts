export { type Behaviour, type BehaviourId, behaviours } from "./conformance/behaviours.ts";
export { type BehaviourResult, conformance } from "./conformance/conformance.ts";
export { expectConforms } from "./conformance/expect-conforms.ts";
export { formatConformance } from "./conformance/format-conformance.ts";
export type { ConformanceOptions } from "./conformance/samples.ts";
export type { BehaviourStatus, Counterexample } from "./conformance/verdict.ts";
export { arbitraryOf } from "./generate/arbitrary-of.ts";
export { type NearMiss, nearMisses } from "./generate/near-misses.ts";
export {
  expectStoreConforms,
  runStoreBehaviours,
  type StoreBehaviour,
  type StoreConformanceOptions,
} from "./run-store-conformance.ts";
export { scriptedAgent, type ScriptedAgent, type ScriptedAgentOptions } from "./scripted-agent.ts";
export type { ScriptedCall } from "./scripted-call.ts";
export type { ScriptLine } from "./script.ts";
export type { SimulatedWrapper } from "./simulation/graph.ts";
export { simulate, type SimulationOptions, type SimulationResult } from "./simulation/simulate.ts";
export type { CancelPlan } from "./simulation/simulated-run.ts";
export {
  createVirtualClock,
  type FireLimits,
  type VirtualClock,
  type VirtualClockOptions,
} from "./virtual-clock.ts";

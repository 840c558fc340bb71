export type { FaultKind, Faults } from "./faults.ts";
export { type SimulatedModel, simulatedModel, type SimulatedModelOptions } from "./simulated-model.ts";
export type { SimulatedReply, SimulatedRequest, SimulatedTool } from "./simulated-request.ts";
export {
  type RecordedRequest,
  type SimulatedServer,
  type SimulatedServerCounts,
  type SimulatedServerOptions,
  startSimulatedServer,
} from "./start-simulated-server.ts";

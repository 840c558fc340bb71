export { checkCount, checkKeys, checkMs, configError } from "@atomic-agents/core";

export { checkCount, checkKeys, configError } from "@atomic-agents/core";

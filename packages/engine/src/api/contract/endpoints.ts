/**
 * Every route of the API by the name of its operation. Kept apart from the schemas because the client, and so the
 * CLI's start, needs no more than this at run time.
 */
export const endpoints = {
  showEngine: "GET /engine",
  examine: "GET /doctor",
  mend: "POST /doctor",
  listTokens: "GET /tokens",
  createToken: "POST /tokens",
  revokeToken: "DELETE /tokens/{id}",
  watchEvents: "GET /events",

  listPlugins: "GET /plugins",
  uploadPlugin: "POST /plugins",
  showPlugin: "GET /plugins/{id}",
  deletePlugin: "DELETE /plugins/{id}",
  readPluginLogs: "GET /plugins/{id}/logs",
  watchPluginLogs: "GET /plugins/{id}/logs/events",

  listPoolDrivers: "GET /pool-drivers",
  listPools: "GET /pools",
  createPool: "POST /pools",
  showPool: "GET /pools/{id}",

  listEnvironments: "GET /environments",
  addEnvironment: "POST /environments",
  showEnvironment: "GET /environments/{id}",
  updateEnvironment: "POST /environments/{id}/update",
  refreshEnvironment: "POST /environments/{id}/refresh",
  removeEnvironment: "DELETE /environments/{id}",
  listEnvironmentPorts: "GET /environments/{id}/ports",

  listRepositories: "GET /repositories",
  showRepository: "GET /repositories/{id}",
  listSourceConfigs: "GET /source-configs",
  showSourceConfig: "GET /source-configs/{id}",
  addSourceConfig: "POST /source-configs",
  removeSourceConfig: "DELETE /source-configs/{id}",

  listDsources: "GET /dsources",
  linkDsource: "POST /dsources",
  showDsource: "GET /dsources/{id}",
  syncDsource: "POST /dsources/{id}/sync",
  enableDsource: "POST /dsources/{id}/enable",
  disableDsource: "POST /dsources/{id}/disable",
  deleteDsource: "DELETE /dsources/{id}",
  showDsourceStatus: "GET /dsources/{id}/status",
  showDsourceUsage: "GET /dsources/{id}/usage",

  listSnapshots: "GET /snapshots",
  showSnapshot: "GET /snapshots/{id}",
  deleteSnapshot: "DELETE /snapshots/{id}",

  listVdbs: "GET /vdbs",
  provisionVdb: "POST /vdbs",
  createEmptyVdb: "POST /vdbs/empty",
  showVdb: "GET /vdbs/{id}",
  startVdb: "POST /vdbs/{id}/start",
  stopVdb: "POST /vdbs/{id}/stop",
  enableVdb: "POST /vdbs/{id}/enable",
  disableVdb: "POST /vdbs/{id}/disable",
  snapshotVdb: "POST /vdbs/{id}/snapshot",
  refreshVdb: "POST /vdbs/{id}/refresh",
  rewindVdb: "POST /vdbs/{id}/rewind",
  deleteVdb: "DELETE /vdbs/{id}",
  showVdbStatus: "GET /vdbs/{id}/status",
  showVdbUsage: "GET /vdbs/{id}/usage",
  showVdbAccess: "GET /vdbs/{id}/access",

  listJobs: "GET /jobs",
  showJob: "GET /jobs/{id}",
  listJobLines: "GET /jobs/{id}/lines",
  cancelJob: "POST /jobs/{id}/cancel",
  watchJob: "GET /jobs/{id}/events",
} as const

export type Operation = keyof typeof endpoints

/** Where all of them begin. */
export const BASE = "/api/v1"

/** The request line of an operation, path parameters in braces. */
export function endpointOf(operation: Operation): { method: string; path: string } {
  const [method = "", path = ""] = endpoints[operation].split(" ")
  return { method, path }
}

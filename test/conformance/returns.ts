const repository = { path: "/a", version: 1 }
const config = { name: "a", port: 1 }
const trace = { source: "a", name: "b", description: "c", action: "d" }
const mounts = (...list: object[]) => ({ mounts: list })

const nothing = ["discovery.removeTrace", "linked.preSnapshot", "linked.startStaging", "linked.stopStaging", "linked.worker", "virtual.unconfigure", "virtual.cleanup", "virtual.start", "virtual.stop", "virtual.preSnapshot"]
const mounted = ["linked.mountSpecification", "virtual.mountSpecification"]
const described = ["linked.postSnapshot", "virtual.postSnapshot"]
const configured = ["virtual.configure", "virtual.reconfigure", "virtual.initialize"]
const published = ["linked.publish", "virtual.publish"]
const healthy = ["linked.status", "virtual.status"]
const sized = ["linked.sourceSize", "virtual.sourceSize"]

/** What each of some operations returns, and where that is wrong; undefined, if it is taken. */
const cases: [what: string, operations: readonly string[], returned: unknown, pointer: string | undefined][] = [
  ["anything where nothing is asked", nothing, { a: 1 }, undefined],
  ["repositories", ["discovery.repositories"], [repository, { ...repository, path: "/b" }], undefined],
  ["no list", ["discovery.repositories", "discovery.sourceConfigs"], { a: 1 }, ""],
  ["nothing where a list is asked", ["discovery.repositories", "discovery.sourceConfigs", "discovery.traces"], undefined, ""],
  ["a repository that lacks a field", ["discovery.repositories"], [repository, { path: "/b" }], "/1/version"],
  ["two repositories of one identity", ["discovery.repositories"], [repository, { ...repository, version: 2 }], "/1"],
  ["source configs", ["discovery.sourceConfigs"], [config, { ...config, port: 2 }], undefined],
  ["two source configs of one identity", ["discovery.sourceConfigs"], [config, { name: "b", port: 1 }, config], "/2"],
  ["traces", ["discovery.traces"], [trace], undefined],
  ["a trace without an action", ["discovery.traces"], [{ ...trace, action: undefined }], "/0/action"],
  ["mounts and whose they are", mounted, { ...mounts({ path: "/a" }, { subdirectory: "wal/now" }, {}), ownership: { uid: 0, gid: 5 } }, undefined],
  ["no mount", mounted, mounts(), "/mounts"],
  ["nothing about mounts", mounted, {}, "/mounts"],
  ["a relative mount", mounted, mounts({ path: "a" }), "/mounts/0/path"],
  ["a mount twice", mounted, mounts({ path: "/a" }, { path: "/b" }, { path: "/a" }), "/mounts/2/path"],
  ["a mount twice, with a slash", mounted, mounts({ path: "/a" }, { path: "/a/" }), "/mounts/1/path"],
  ["a mount of what is outside", mounted, mounts({ subdirectory: "../x" }), "/mounts/0/subdirectory"],
  ["a mount of an absolute subdirectory", mounted, mounts({ subdirectory: "/x" }), "/mounts/0/subdirectory"],
  ["a mount with a mistyped field", mounted, mounts({ paht: "/a" }), "/mounts/0/paht"],
  ["an owner below zero", mounted, { ...mounts({}), ownership: { uid: -1, gid: 0 } }, "/ownership/uid"],
  ["an owner without a group", mounted, { ...mounts({}), ownership: { uid: 1 } }, "/ownership/gid"],
  ["a snapshot", described, { files: 3, more: "is kept" }, undefined],
  ["nothing where a snapshot is asked", described, undefined, ""],
  ["a snapshot of a text", described, { files: "3" }, "/files"],
  ["a snapshot that lacks a field", described, {}, "/files"],
  ["a source config", configured, config, undefined],
  ["null where a source config is asked", configured, null, ""],
  ["a source config with a field too many", configured, { ...config, surplus: 1 }, "/surplus"],
  ["evidence", published, { verified: true }, undefined],
  ["no evidence", published, undefined, undefined],
  ["evidence that does not fit the snapshot", published, { verified: "yes" }, "/verified"],
  ["evidence that spoils the snapshot", published, { files: -1 }, "/files"],
  ["evidence that is a list", published, [], ""],
  ["health with a reason", healthy, { state: "degraded", reason: "It lags.", action: "Wait." }, undefined],
  ["an unknown state", healthy, { state: "fine" }, "/state"],
  ["a text for health", healthy, "active", ""],
  ["a size", sized, 2 ** 40, undefined],
  ["a size below zero", sized, -1, ""],
  ["a size of half a byte", sized, 1.5, ""],
  ["a size as text", sized, "3", ""],
]

/** One line for each operation. */
export const returns = cases.flatMap(([what, operations, returned, pointer]) => operations.map((operation): [string, string, unknown, string | undefined] => [what, operation, returned, pointer]))

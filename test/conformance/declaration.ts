import { sound } from "./sound.ts"

const { linked, virtual, discovery } = sound
const f = () => undefined
const without = <T extends object>(object: T, name: keyof T) => Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))
const migrated = (...migrations: [id: unknown, kind: string][]) => ({ migrations: migrations.map(([id, kind]) => ({ id, kind, migrate: (old: object) => old })) })

/** What is declared, what of a sound plugin is changed for it, and where a fault is found: nowhere, if it is taken. Then its scripts. */
export const declarations: [what: string, change: object, places: string[], scripts?: string[]][] = [
  ["a sound plugin", {}, []],
  ["every operation of a staged plugin", { discovery: { ...discovery, traces: f, removeTrace: f, manualSourceConfigs: false }, linked: { ...linked, preSnapshot: f, publish: f, startStaging: f, stopStaging: f, status: f, worker: f, sourceSize: f }, virtual: { ...virtual, unconfigure: f, cleanup: f, initialize: f, start: f, stop: f, preSnapshot: f, publish: f, status: f, sourceSize: f } }, []],
  ["a direct plugin", { ingestion: "direct", linked: { postSnapshot: f, preSnapshot: f, publish: f, sourceSize: f } }, []],

  ["an id of one letter", { id: "x" }, []],
  ["an id of 63 characters", { id: `a${"-1".repeat(31)}` }, []],
  ["an id of 64 characters", { id: `a${"1".repeat(63)}` }, ["/id"]],
  ["an id that begins with a digit", { id: "1x" }, ["/id"]],
  ["an id with a capital letter", { id: "Files" }, ["/id"]],
  ["an id with a slash", { id: "a/b" }, ["/id"]],
  ["no id", { id: undefined }, ["/id"]],
  ["no name", { name: undefined }, ["/name"]],
  ["a blank name", { name: "  " }, ["/name"]],
  ["a version with a suffix", { version: "1.0.0-beta.1+5" }, []],
  ["a version of two numbers", { version: "1.0" }, ["/version"]],
  ["a version with a v", { version: "v1.0.0" }, ["/version"]],
  ["a build number of one number", { buildNumber: "12" }, []],
  ["a build number with leading zeros", { buildNumber: "01.02.0" }, []],
  ["a build number of zero", { buildNumber: "0" }, ["/buildNumber"]],
  ["a build number of nothing but zeros", { buildNumber: "0.0.00" }, ["/buildNumber"]],
  ["a build number with a letter", { buildNumber: "1.a" }, ["/buildNumber"]],
  ["a build number that ends with a dot", { buildNumber: "1." }, ["/buildNumber"]],
  ["a build number that is a number", { buildNumber: 1 }, ["/buildNumber"]],
  ["no host type", { hostTypes: [] }, ["/hostTypes"]],
  ["an unknown host type", { hostTypes: ["unix", "vms"] }, ["/hostTypes"]],
  ["an unknown ingestion", { ingestion: "mixed" }, ["/ingestion", "/linked/mountSpecification"]],

  ["no discovery", { discovery: undefined }, ["/discovery"]],
  ["no discovery of repositories", { discovery: without(discovery, "repositories") }, ["/discovery/repositories"]],
  ["no discovery of source configs", { discovery: without(discovery, "sourceConfigs") }, ["/discovery/sourceConfigs"]],
  ["no mounts of a staged dSource", { linked: without(linked, "mountSpecification") }, ["/linked/mountSpecification"]],
  ["no description of a snapshot", { linked: without(linked, "postSnapshot") }, ["/linked/postSnapshot"]],
  ["no mounts of a VDB", { virtual: without(virtual, "mountSpecification") }, ["/virtual/mountSpecification"]],
  ["no configure", { virtual: without(virtual, "configure") }, ["/virtual/configure"]],
  ["no reconfigure", { virtual: without(virtual, "reconfigure") }, ["/virtual/reconfigure"]],
  ["no description of a VDB's snapshot", { virtual: without(virtual, "postSnapshot") }, ["/virtual/postSnapshot"]],
  ["a mount in a direct plugin", { ingestion: "direct" }, ["/linked/mountSpecification"]],
  ["a staging that starts in a direct plugin", { ingestion: "direct", linked: { postSnapshot: f, startStaging: f } }, ["/linked/startStaging"]],
  ["a staging that stops in a direct plugin", { ingestion: "direct", linked: { postSnapshot: f, stopStaging: f } }, ["/linked/stopStaging"]],
  ["a status in a direct plugin", { ingestion: "direct", linked: { postSnapshot: f, status: f } }, ["/linked/status"]],
  ["a worker in a direct plugin", { ingestion: "direct", linked: { postSnapshot: f, worker: f } }, ["/linked/worker"]],
  ["an operation there isn't", { virtual: { ...virtual, destroy: f } }, ["/virtual/destroy"]],
  ["an operation of VDBs on dSources", { linked: { ...linked, configure: f } }, ["/linked/configure"]],
  ["an operation that is a text", { virtual: { ...virtual, start: "start.sh" } }, ["/virtual/start"]],

  ["a script in a folder", {}, [], ["deep/er/start-1.sh"]],
  ["a script called as the library", {}, ["scripts/lib.sh"], ["lib.sh"]],
  ["a script with a blank", {}, ["scripts/a b.sh"], ["a b.sh"]],
  ["a script of another language", {}, ["scripts/a.py"], ["a.py"]],
  ["a script that is hidden", {}, ["scripts/.a.sh"], [".a.sh"]],

  ["migrations of every kind", migrated(["1", "repository"], ["2", "sourceConfig"], ["3", "linkedSource"], ["4", "virtualSource"], ["5", "snapshot"]), []],
  ["migrations out of order", migrated(["10", "snapshot"], ["9", "snapshot"]), []],
  ["a migration of zero", migrated(["0.0", "snapshot"]), ["/migrations/0/id"]],
  ["a migration without an id", migrated([undefined, "snapshot"]), ["/migrations/0/id"]],
  ["a migration whose id is a number", migrated([2, "snapshot"]), ["/migrations/0/id"]],
  ["two migrations of one id", migrated(["1", "snapshot"], ["1", "snapshot"]), ["/migrations/1/id"]],
  ["two migrations of one id in two forms", migrated(["1.2", "snapshot"], ["01.02.0", "snapshot"]), ["/migrations/1/id"]],
  ["two migrations of one id and two kinds", migrated(["1.2", "snapshot"], ["1.2", "repository"]), ["/migrations/1/id"]],
  ["a migration of snapshot parameters", migrated(["1", "snapshotParameters"]), ["/migrations/0/kind"]],
  ["a migration of nothing there is", migrated(["1", "vdb"]), ["/migrations/0/kind"]],
  ["a migration that waits", { migrations: [{ id: "1", kind: "snapshot", migrate: async () => ({}) }] }, ["/migrations/0/migrate"]],
]

import { RunBridge, type Bridge } from "@veneer/sdk/contract"
import type { HostCall } from "./host.ts"

/** What differs from host to host. */
interface Parts extends Pick<Bridge, "host" | "programs" | "sync"> {
  /** Paths of the plugin's scripts. */
  scripts: readonly string[]
}

/** The engine's own bridge: requests and answers are held against what it holds them against. */
export function bridgeOf({ plugin, key, signal, log, progress, redactor, validator, ports, credentials }: HostCall, { scripts, ...parts }: Parts): RunBridge {
  const checksums = Object.fromEntries(scripts.map((script) => [`scripts/${script}`, ""]))
  return new RunBridge({ ...parts, plugin: { manifest: { id: plugin.id, checksums }, artifact: plugin.scripts ?? "" }, context: { key, log, progress }, signal, redactor, validator, ports, credentials })
}

/** What the engine itself answers, whatever the host. */
export const isService = (method: string): boolean => method === "reserve" || method === "credentials"

const nobody = () => Promise.reject(new Error("There is no machine behind this host."))

/** Answers it. */
export const serviceOf = (call: HostCall): RunBridge =>
  bridgeOf(call, { scripts: [], host: { run: nobody, runDetached: nobody, artifactPath: nobody }, programs: { files: "", powershell: "" }, sync: undefined })

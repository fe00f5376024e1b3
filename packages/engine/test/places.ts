import { join } from "node:path"
import { Secret } from "@veneer/sdk"
import { createHosts } from "../src/environments/hosts.ts"
import type { Host } from "../src/environments/port.ts"
import { LACKS_SSHD, startSshd, TESTER } from "./sshd.ts"

/** A host that a suite is held against. */
export interface OpenPlace {
  host: Host
  /** The folder of its detached runs. */
  runs: string
  close(): Promise<void>
}

/** A kind of host. */
export interface Place {
  /** With the reason, where it can't be tested here. */
  name: string
  kind: "local" | "ssh"
  lacks: string | undefined
  /** @param folder of the test's own; artifacts lie below it */
  open(folder: string, engineId: string): Promise<OpenPlace>
}

let opened = 0

/** Every kind of host there is: what holds for one holds for all. */
export const PLACES: readonly Place[] = [
  {
    name: "the engine's machine", kind: "local", lacks: undefined,
    open: async (folder, engineId) => {
      const hosts = createHosts({ dataDir: folder, engineId, artifactsDir: join(folder, "artifacts") })
      return { host: hosts.host({ name: "here", kind: "local" }), runs: join(folder, "runs"), close: () => hosts.close() }
    },
  },
  {
    name: LACKS_SSHD === undefined ? "a host over SSH" : `a host over SSH (${LACKS_SSHD})`, kind: "ssh", lacks: LACKS_SSHD,
    open: async (folder, engineId) => {
      const sshd = await startSshd(join(folder, "sshd"))
      const hosts = createHosts({ dataDir: join(folder, "data"), engineId, artifactsDir: join(folder, "artifacts") })
      const id = `t${process.pid}x${opened++}`
      const settings = {
        id, name: "there", kind: "ssh" as const,
        ssh: { host: sshd.address, port: sshd.port, user: TESTER, hostKey: sshd.fingerprint, login: { type: "keyPair" as const, privateKey: new Secret(sshd.key) } },
      }
      return {
        host: hosts.host(settings), runs: `/var/tmp/veneer-${id}-${TESTER}/runs`,
        close: async () => {
          await hosts.leave(settings)
          await hosts.close()
          await sshd.stop()
        },
      }
    },
  },
]

import { execFileSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import type { Newcomers } from "../hosts/local/processes.ts"

const TURNS = 50
const PAUSE_MS = 100

/** Takes down what engines have left below a folder: processes, mounts, loop devices, the folder itself. */
export async function strike(root: string, newcomers: Newcomers): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const left = newcomers.holding([root])
    if (left.length === 0) break
    for (const { pid } of left) quietly(() => process.kill(pid, turn < TURNS / 2 ? "SIGTERM" : "SIGKILL"))
    await delay(PAUSE_MS)
  }
  for (const mount of mountsBelow(root)) quietly(() => execFileSync("umount", ["--", mount], { stdio: "ignore" }))
  for (const device of devicesBelow(root)) quietly(() => execFileSync("losetup", ["--detach", device], { stdio: "ignore" }))
  const engineId = quietly(() => readFileSync(join(root, "engine", "engine-id"), "utf8").trim()) ?? ""
  // Where the folder's path is too long for a socket, the catalog's is elsewhere.
  if (/^\w+$/.test(engineId)) rmSync(`/tmp/veneer-catalog-${engineId}`, { recursive: true, force: true })
  rmSync(root, { recursive: true, force: true })
}

/** The innermost first. */
function mountsBelow(root: string): string[] {
  const lines = quietly(() => readFileSync("/proc/self/mountinfo", "utf8").split("\n")) ?? []
  return lines.map((line) => unescaped(line.split(" ")[4] ?? "")).filter((path) => path.startsWith(`${root}/`)).sort((a, b) => b.length - a.length)
}

function devicesBelow(root: string): string[] {
  const listed = quietly(() => execFileSync("losetup", ["--list", "--noheadings", "--output", "NAME,BACK-FILE"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })) ?? ""
  return listed.split("\n").map((line) => line.trim().split(/\s+/)).flatMap(([device, file]) => (device !== undefined && file?.startsWith(`${root}/`) ? [device] : []))
}

/** The kernel writes spaces, line breaks and backslashes in octal. */
const unescaped = (path: string): string => path.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))

/** What can't be taken down any more is gone already, or somebody else's. */
function quietly<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}

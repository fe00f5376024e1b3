import { accessSync, constants, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { EngineError } from "../errors.ts"

/** An OS account to run a program as. */
export interface Account {
  name: string
  uid: number
  gid: number
}

/**
 * The folder with the newest `postgres` and `initdb` on this machine, for the catalog's private cluster.
 * @throws EngineError `program_missing`
 */
export function findBinaries(): string {
  const packaged = [...entries("/usr/lib/postgresql").map((major) => ({ major, bin: `/usr/lib/postgresql/${major}/bin` })), ...rpmRoots()]
    .sort((a, b) => Number(b.major) - Number(a.major))
    .map(({ bin }) => bin)
  const onPath = (process.env["PATH"] ?? "").split(":")
  const found = [...packaged, ...onPath].find((directory) => runs(join(directory, "initdb")) && runs(join(directory, "postgres")))
  if (!found) {
    throw new EngineError("program_missing", "No PostgreSQL server was found on this machine for the engine's catalog.", {
      action: "Install it (Debian: apt-get install postgresql), or give --database-url.",
    })
  }
  return found
}

function rpmRoots(): { major: string; bin: string }[] {
  const names = entries("/usr").filter((name) => name.startsWith("pgsql-"))
  return names.map((name) => ({ major: name.slice("pgsql-".length), bin: join("/usr", name, "bin") }))
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** An account of this machine by name, from /etc/passwd. */
export function accountOf(name: string): Account | undefined {
  const line = readFileSync("/etc/passwd", "utf8").split("\n").map((entry) => entry.split(":")).find((fields) => fields[0] === name)
  return line && { name, uid: Number(line[2]), gid: Number(line[3]) }
}

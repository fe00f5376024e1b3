import { createHash } from "node:crypto"
import type { BigIntStats } from "node:fs"
import { chmod, chown, link, lstat, lutimes, mkdir, open, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises"
import { execa } from "execa"

/** Names that trip whoever builds a command line, splits lines or trusts an encoding. */
const HOSTILE_NAMES = ["-rf", "--help", "new\nline", " space ", "tab\t", "späß ☃", "back\\slash", "*", "$(id)", "'\"", "..."]

/** Fills a directory with what is easily lost in a copy: hostile names, modes, owners (as root), times, links and holes. */
export async function plantTree(directory: string): Promise<void> {
  const at = (name: string) => `${directory}/${name}`
  for (const name of HOSTILE_NAMES) await writeFile(at(name), `content of ${name}`)
  await writeFile(Buffer.concat([Buffer.from(at("")), Buffer.from([0xff, 0xfe, 0x0a])]), "not UTF-8")
  await mkdir(at("deep/er/and/deeper"), { recursive: true })
  await writeFile(at("deep/er/and/deeper/file"), "x".repeat(200_000))
  await link(at("deep/er/and/deeper/file"), at("deep/hard"))
  await symlink("../plain", at("deep/relative"))
  await symlink("/nowhere/at all", at("dangling"))
  await symlink("deep", at("to-directory"))
  await execa("mkfifo", [at("fifo")])
  await plantHoles(at("holes"))
  await mkdir(at("private"))
  await writeFile(at("private/secret"), "s")
  await mkdir(at("-empty-"))
  if (process.getuid?.() === 0) for (const name of ["private", "private/secret", "-rf"]) await chown(at(name), 1234, 4321)
  for (const [name, mode] of [["private/secret", 0o400], ["-rf", 0o4755], ["*", 0], ["private", 0o2750], ["-empty-", 0o1733]] as const) {
    // Whoever is not root could not read it back.
    if (mode !== 0 || process.getuid?.() === 0) await chmod(at(name), mode)
  }
  await lutimes(at("dangling"), 1, 2)
  await lutimes(at("deep"), 3, 4.5)
}

/** One value for all that a directory holds: equal for equal trees, different after any change anybody could see. */
export async function digestTree(directory: string): Promise<string> {
  const hash = createHash("sha256")
  const firstOf = new Map<bigint, string>()
  const visit = async (path: Buffer, name: Buffer): Promise<void> => {
    const found = await lstat(path, { bigint: true })
    const first = firstOf.get(found.ino) ?? name.toString("hex")
    firstOf.set(found.ino, first)
    hash.update(JSON.stringify([name.toString("hex"), ...attributesOf(found), found.isDirectory() || first]))
    if (found.isSymbolicLink()) hash.update(await readlink(path, { encoding: "buffer" }))
    if (found.isFile()) hash.update(await readFile(path))
    if (!found.isDirectory()) return
    const entries = await readdir(path, { encoding: "buffer" })
    for (const entry of entries.sort((one, other) => one.compare(other))) await visit(below(path, entry), below(name, entry))
  }
  await visit(Buffer.from(directory), Buffer.alloc(0))
  return hash.digest("hex")
}

/** A file of 2 MiB that occupies next to nothing. */
async function plantHoles(path: string): Promise<void> {
  const file = await open(path, "w")
  await file.write("end", 2 * 1024 * 1024)
  await file.close()
}

const below = (path: Buffer, entry: Buffer) => Buffer.concat([path, Buffer.from("/"), entry])

function attributesOf(found: BigIntStats): string[] {
  const size = found.isFile() ? found.size : 0n
  const links = found.isDirectory() ? 0n : found.nlink
  return [found.mode.toString(8), ...[found.uid, found.gid, size, links, found.mtimeNs].map(String)]
}
